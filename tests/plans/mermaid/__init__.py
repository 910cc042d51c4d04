"""Mermaid's own parser, by which tests read the diagrams of plans back.

`install.sh` installs it; without it a test that asks for it is skipped, in CI it fails.
"""

import html
import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.installed import cache, missing

_READER = Path(__file__).with_name("read.mjs")


@dataclass(frozen=True)
class Diagram:
    """What the parser made of a text: texts of nodes by id, edges as (start, end, label), members of groups."""

    type: str
    nodes: dict[str, str]
    edges: list[tuple[str, str, str]]
    groups: dict[str, list[str]]


class MermaidError(Exception):
    """Why the parser does not accept a text."""


def read_all(texts: Sequence[str]) -> list[Diagram]:
    """Read diagrams with the real parser, all in one process."""
    installed, node = cache() / "mermaid", shutil.which("node")
    if not (installed / ".installed").is_file() or node is None:
        missing("Mermaid's parser (run tests/plans/mermaid/install.sh)")
    done = subprocess.run(
        [node, str(_READER), str(installed)],
        input=json.dumps(texts), capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    return [_diagram(one) for one in json.loads(done.stdout)]


def read(text: str) -> Diagram:
    """Read one diagram with the real parser."""
    return read_all([text])[0]


def _plain(text: str) -> str:
    """Return a text as it is shown; the parser keeps `#quot;` and `#35;` in signs of its own until then."""
    numbers = re.sub("ﬂ°°([0-9]+)¶ß", r"&#\1;", text)
    return html.unescape(re.sub("ﬂ°([a-z]+)¶ß", r"&\1;", numbers))


def _diagram(found: dict[str, Any]) -> Diagram:
    if "error" in found:
        raise MermaidError(found["error"])
    return Diagram(
        found["type"],
        {one["id"]: _plain(one["text"]) for one in found["nodes"]},
        [(one["start"], one["end"], _plain(one["text"])) for one in found["edges"]],
        {_plain(one["title"]): one["nodes"] for one in found["groups"]},
    )
