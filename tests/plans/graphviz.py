"""Graphviz's own reader, by which tests read the DOT of plans back."""

import json
import shutil
import subprocess
from dataclasses import dataclass

from tests.installed import missing

_NAME = "\\N"
"""The label of a node without one: its name."""


@dataclass(frozen=True)
class Drawing:
    """What Graphviz made of a text: labels of nodes by name, edges by names, members of clusters by label."""

    nodes: dict[str, str]
    edges: list[tuple[str, str]]
    clusters: dict[str, list[str]]


class DotError(Exception):
    """Why Graphviz does not accept a text, a warning included."""


def read(text: str) -> Drawing:
    """Read a digraph with the real parser."""
    dot = shutil.which("dot")
    if dot is None:
        missing("Graphviz (the package `graphviz`)")
    done = subprocess.run([dot, "-Tdot_json"], input=text, capture_output=True, encoding="utf-8")
    if done.returncode or done.stderr:
        raise DotError(done.stderr)
    found = json.loads(done.stdout)
    parts = found.get("objects", [])
    nodes = {one["_gvid"]: one for one in parts if "nodes" not in one and "subgraphs" not in one}
    names = {number: one["name"] for number, one in nodes.items()}
    clusters = {one["label"]: [names[number] for number in one["nodes"]] for one in parts if "nodes" in one}
    edges = [(names[one["tail"]], names[one["head"]]) for one in found.get("edges", [])]
    labels = {one["name"]: one.get("label", _NAME) for one in nodes.values()}
    labels = {name: name if label == _NAME else label for name, label in labels.items()}
    return Drawing(labels, edges, clusters)
