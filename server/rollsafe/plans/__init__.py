"""The vocabulary of plans and how they are written.

`model` holds what a finished plan is (and is the only part that imports pydantic), `kind` what a kind of plan
is, `contribution` what agents are given and add, `writing` the words in Markdown, `markdown` how the
deployment plan reads. Nothing here is imported before somebody asks for a plan.
"""
