"""The vocabulary of plans and their renderers.

`model` holds what a finished plan is (and is the only part that imports pydantic), `contribution` what an
agent adds to one, `markdown` how it reads. Nothing here is imported before somebody asks for a plan.
"""
