"""What rollsafe says of statements to somebody who points at them in an editor."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.lsp.stdio import running

_FACT = re.compile(
    r"^- (?:`(?P<mode>[A-Z ]+)`|No lock)(?: on `(?P<table>[^`]+)`)?(?: · (?P<rest>.*))?$", re.M
)
_OTHER = re.compile(r"also `(?P<mode>[A-Z ]+)` on `(?P<table>[^`]+)`")
_RANGE = re.compile(r"\(so in (?P<range>[^)]+)\)")
_WORK = {"rewrites the table": "rewrite", "reads the whole table": "scan"}


@dataclass(frozen=True)
class Stated:
    """One line of facts: the lock on a table, what is done under it, and all of its words.

    `mode` and `table` are None where no lock and no table is named.
    """

    mode: str | None
    table: str | None
    work: str
    others: dict[str, str]
    blocks: str
    words: str

    def holds_on(self, version: int) -> bool:
        """Say whether the versions named are such that `version` is among them."""
        named = _RANGE.search(self.words)
        assert named is not None
        listed = {int(one) for one in re.findall(r"\d+", named["range"])}
        return version in listed or ("+" in named["range"] and version >= min(listed))


def facts_of(directory: Path, version: int, history: str, statements: list[str]) -> list[list[Stated]]:
    """Return the facts shown for each of `statements`, alone in a migration that follows `history`."""
    files = {"rollsafe.toml": f'root = true\n[migrations]\npostgres-version = "{version}"\n'}
    for number, statement in enumerate(statements):
        files[f"case{number}/migrations/0001_base.sql"] = history
        files[f"case{number}/migrations/0002_change.sql"] = f"{statement};\n"
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    with running(directory) as client:
        client.initialize(directory)
        client.settled()
        uris = [(directory / name).as_uri() for name in files if name.endswith("change.sql")]
        return [_read(client.result("textDocument/hover", _start_of(uri))) for uri in uris]


def _start_of(uri: str) -> dict[str, object]:
    return {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}


def _read(hover: dict[str, dict[str, str]] | None) -> list[Stated]:
    text = hover["contents"]["value"] if hover else ""
    return [_line(match) for match in _FACT.finditer(text)]


def _line(match: re.Match[str]) -> Stated:
    rest = match["rest"] or ""
    parts = rest.split(" · ")
    others = {one["table"]: one["mode"] for one in _OTHER.finditer(rest)}
    work = next((_WORK[part] for part in parts if part in _WORK), "nothing")
    blocks = next((part for part in parts if part.startswith("blocks ")), "")
    return Stated(match["mode"], match["table"], work, others, blocks, rest)
