"""Typed views of one file: what a rule is given instead of text and trees.

Each module knows one kind of artefact: how to recognise it by path and content, and which elements
(workloads, jobs, statements …) a rule may ask for. No module knows another file than the one it reads.
"""
