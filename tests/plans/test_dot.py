"""What plans draw for Graphviz is what they say, as Graphviz itself reads it."""

import json
from pathlib import Path

import pytest

from rollsafe.engine.planning import kind_named
from tests.plans.graphviz import DotError, read
from tests.plans.kinds import KINDS, asked, found, made
from tests.plans.repositories import CHANGES, EXAMPLE, repository, write

DRAWN = [kind for kind in KINDS if "dot" in kind_named(kind).forms]
FLOW = "on: push\njobs:\n  {name}:\n    runs-on: x\n    steps: [{{run: make}}]\n  b:\n    needs: {name}\n    runs-on: x\n    steps: [{{run: make}}]\n"


@pytest.mark.parametrize("name", ["compose", "release", "shop"])
@pytest.mark.parametrize("kind", DRAWN)
def test_graphviz_reads_what_is_drawn(kind: str, name: str, tmp_path: Path) -> None:
    change = EXAMPLE if name == "shop" else CHANGES[name]
    plan = made(repository(tmp_path / "repository", change), kind, change)
    if plan is not None:
        drawing = read(plan.again("dot"))
        assert {end for edge in drawing.edges for end in edge} <= drawing.nodes.keys()


def test_every_node_and_edge_of_the_graph_is_drawn(tmp_path: Path) -> None:
    root = repository(tmp_path / "repository", EXAMPLE)
    plan, drawing = found(root, "graph"), read(asked(root, "graph", "--format", "dot"))
    assert len(drawing.nodes) == sum(len(one["nodes"]) for one in plan["processes"])
    assert len(drawing.edges) == sum(
        len({(edge["source"], edge["target"]) for edge in one["edges"]}) for one in plan["processes"]
    )
    assert len(drawing.clusters) == len(plan["processes"])


@pytest.mark.parametrize(
    "name", ['a"b', "a\\", "a\\nb", "<b>x</b>", "x; y", "end", "]", "\\N", "é\u2028z", "{a|b}", "a%%b"]
)
def test_hostile_names_stay_names(name: str, tmp_path: Path) -> None:
    write(
        tmp_path,
        {"rollsafe.toml": "root = true\n", ".github/workflows/ci.yml": FLOW.format(name=json.dumps(name))},
    )
    drawing = read(asked(tmp_path, "graph", "--format", "dot"))
    shown = " ".join(name.split()) if not name.isprintable() else name
    assert shown.replace("\\", "\\\\") in drawing.nodes.values()
    assert len(drawing.edges) == 1


def test_what_graphviz_refuses_is_an_error() -> None:
    with pytest.raises(DotError):
        read("digraph { a -> }")
