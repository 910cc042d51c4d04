"""Write the table of which texts of GitHub's contexts somebody can choose.

    python tools/generate_github_contexts.py path/to/context-capabilities.csv

The argument is the file of that name in the source of zizmor (github.com/zizmorcore/zizmor, under the MIT
licence), which is made from GitHub's published schemas of webhooks: one context and `fixed`, `structured` or
`arbitrary` a line. What can be anything is left out of the table; parts that repeat are written once.
"""

import csv
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any, TypeGuard

_OUT = Path(__file__).parent.parent / "server/rollsafe/artefacts/recognition/data/github_contexts.json"
_LEAF = ""
_WORTH_SHARING = 20


def main(source: str) -> None:
    """Read the list, write the table."""
    root: dict[str, Any] = {}
    with Path(source).open(encoding="utf-8", newline="") as rows:
        for path, capability in csv.reader(rows):
            if capability != "arbitrary":
                node = root
                for part in path.lower().split("."):
                    node = node.setdefault(part, {})
                node[_LEAF] = capability[0]
    uses: Counter[str] = Counter()
    _count(root, uses)
    shared = [text for text, times in uses.items() if times > 1 and len(text) > _WORTH_SHARING]
    names = {text: index for index, text in enumerate(sorted(shared))}
    table = {
        "about": {"origin": "github.com/zizmorcore/zizmor, data/context-capabilities.csv", "licence": "MIT"},
        "root": _inside(root, names),
        "parts": [_inside(json.loads(text), names) for text in names],
    }
    _OUT.parent.mkdir(exist_ok=True)
    _OUT.write_text(json.dumps(table, separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8")


def _is_node(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _written(node: dict[str, Any]) -> str:
    return json.dumps(node, sort_keys=True)


def _count(node: dict[str, Any], uses: "Counter[str]") -> None:
    for below in node.values():
        if _is_node(below):
            uses[_written(below)] += 1
            _count(below, uses)


def _inside(node: dict[str, Any], names: dict[str, int]) -> dict[str, Any]:
    """Return `node` with what is shared below it replaced by its number."""
    found: dict[str, Any] = {}
    for key, below in node.items():
        if _is_node(below):
            number = names.get(_written(below))
            found[key] = number if number is not None else _inside(below, names)
        else:
            found[key] = below
    return found


if __name__ == "__main__":
    main(sys.argv[1])
