"""The reader of diagrams sees what Mermaid sees."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.plans.mermaid import Diagram, MermaidError, read

HERE = Path(__file__).parent / "mermaid"


def test_a_diagram_is_read_back() -> None:
    found = read(
        'flowchart LR\n  subgraph "one"\n    a["A #quot;b#quot; #35;1"]\n  end\n  a -->|"calls"| b\n'
    )
    assert found == Diagram(
        "flowchart-v2", {"a": 'A "b" #1', "b": "b"}, [("a", "b", "calls")], {"one": ["a"]}
    )


def test_a_state_diagram_is_read_back() -> None:
    found = read(
        'stateDiagram-v2\n  state "A #35;1" as s0\n  state "B" as s1\n  state s1 {\n    state "C" as s2\n    [*] --> s2\n  }\n'
        "  [*] --> s0 : start\n  s0 --> s1 : a#58; b\n  s0 --> s0 : again\n  note right of s0 : said\n"
    )
    assert found.type == "stateDiagram"
    assert {id_: text for id_, text in found.nodes.items() if id_.startswith("s") and "_" not in id_} == {
        "s0": "A #1", "s1": "B", "s2": "C",
    }  # fmt: skip
    assert sorted(found.edges) == [
        ("root_start", "s0", "start"), ("s0", "s0", "again"), ("s0", "s1", "a: b"), ("s1_start", "s2", ""),
    ]  # fmt: skip


def test_what_mermaid_refuses_is_an_error() -> None:
    with pytest.raises(MermaidError, match="line 2"):
        read('flowchart LR\n  a[x" --> b\n')


def test_the_lock_pins_every_package_and_names_no_host() -> None:
    packages: dict[str, dict[str, Any]] = json.loads((HERE / "package-lock.json").read_text())["packages"]
    dependencies = {key: package for key, package in packages.items() if key}
    assert [key for key, package in dependencies.items() if "resolved" in package] == []
    assert [key for key, package in dependencies.items() if "integrity" not in package] == []
