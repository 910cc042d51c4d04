"""The graph of a repository's system: services and what they rest on, with the line that says so.

Each file has an outline, read once per version of its text. Outlines are joined when somebody asks; where
all of them equal those of an earlier question, the answer is the same object. Nothing runs on a keystroke.
"""

from rollsafe.workspace.system.facts import Place
from rollsafe.workspace.system.jobs import JobFact, Stage
from rollsafe.workspace.system.layers import Layer
from rollsafe.workspace.system.memo import described, system_of
from rollsafe.workspace.system.model import Connection, Edge, Node, NodeKind, Relation, System
from rollsafe.workspace.system.outline import Outline, outline_of

__all__ = [
    "Connection",
    "Edge",
    "JobFact",
    "Layer",
    "Node",
    "NodeKind",
    "Outline",
    "Place",
    "Relation",
    "Stage",
    "System",
    "described",
    "outline_of",
    "system_of",
]
