"""Projects whose texts say where names are: `«=a:build»` defines `a`, `«a:build»` names it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

from tests.lsp.conftest import write
from tests.lsp.stdio import Client

_MARK = re.compile(r"«(=?)(\w+):([^»]*)»")


class Mark(NamedTuple):
    """A name in a file; columns count UTF-16 units."""

    path: str
    line: int
    start: int
    end: int
    name: str
    defines: bool

    @property
    def middle(self) -> dict[str, int]:
        return {"line": self.line, "character": (self.start + self.end) // 2}


def read(path: str, marked: str) -> tuple[str, list[Mark]]:
    """Return a text without its marks, and the marks."""
    text, at, marks = "", 0, list[Mark]()
    for found in _MARK.finditer(marked):
        text += marked[at : found.start()]
        line, start = text.count("\n"), len(text) - text.rfind("\n") - 1
        text += found[3]
        marks.append(Mark(path, line, start, start + len(found[3]), found[2], bool(found[1])))
        at = found.end()
    return text + marked[at:], marks


def put(root: Path, project: dict[str, str]) -> list[Mark]:
    """Write a project and return its marks."""
    texts = {path: read(path, marked) for path, marked in project.items()}
    write(root, {"rollsafe.toml": "root = true\n", **{path: text for path, (text, _) in texts.items()}})
    return [mark for _, marks in texts.values() for mark in marks]


def ask(client: Client, method: str, root: Path, path: str, at: dict[str, int], **more: Any) -> list[str]:
    """Return the places of an answer, each as `path:line:start-end`, sorted; lines and columns from 0."""
    params = {"textDocument": {"uri": (root / path).as_uri()}, "position": at, **more}
    answer = client.result(f"textDocument/{method}", params)
    return sorted(map(lambda one: _shown(root, one), answer or []))


def places(marks: list[Mark]) -> list[str]:
    """Return marks as `ask` returns places."""
    return sorted(f"{one.path}:{one.line}:{one.start}-{one.end}" for one in marks)


def _shown(root: Path, location: dict[str, Any]) -> str:
    start, end = location["range"]["start"], location["range"]["end"]
    assert start["line"] == end["line"], location
    path = location["uri"].removeprefix(root.as_uri() + "/")
    return f"{path}:{start['line']}:{start['character']}-{end['character']}"
