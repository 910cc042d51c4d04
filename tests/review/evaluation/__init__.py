"""How good remarks are, measured: labelled files of our own, and models to ask about them.

`cases/` holds files with what a right remark about them is, or why there is none. `make ai-eval` asks
simulated models, one after the other, or with `--ask` the one of the user's own settings, and fails when
fewer than nine in ten remarks with checked evidence are right.
"""
