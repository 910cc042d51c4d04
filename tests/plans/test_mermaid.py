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


def test_what_mermaid_refuses_is_an_error() -> None:
    with pytest.raises(MermaidError, match="line 2"):
        read('flowchart LR\n  a[x" --> b\n')


def test_the_lock_pins_every_package_and_names_no_host() -> None:
    packages: dict[str, dict[str, Any]] = json.loads((HERE / "package-lock.json").read_text())["packages"]
    dependencies = {key: package for key, package in packages.items() if key}
    assert [key for key, package in dependencies.items() if "resolved" in package] == []
    assert [key for key, package in dependencies.items() if "integrity" not in package] == []
