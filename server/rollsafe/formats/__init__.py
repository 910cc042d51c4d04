"""Tolerant, positioned readers: one module per format, each returning a tree and its problems.

No reader raises and no reader can be stalled: sizes, depths and event counts are bounded.
"""
