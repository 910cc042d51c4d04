"""Migrations run as their tools run them: which files, in which order, in whose transaction.

It knows the tools by their own documentation and shares nothing with how rollsafe recognises them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from tests.postgres.server import Database, Refused


class How(Enum):
    """In one transaction, as one message, or each statement on its own."""

    WRAPPED = auto()
    MESSAGE = auto()
    APART = auto()


@dataclass(frozen=True)
class Script:
    """SQL and how its tool runs it."""

    text: str
    how: How

    def run(self, database: Database) -> None:
        """Run it; an error is `Refused`."""
        if self.how is How.WRAPPED:
            database.wrapped(self.text)
        elif self.how is How.MESSAGE:
            database.send(self.text)
        else:
            database.run(self.text)


@dataclass(frozen=True)
class Step:
    """A migration: its files' common name, and both ways."""

    name: str
    up: Script
    down: Script | None = None


_SECTIONS = {
    "goose": re.compile(r"^-- \+goose (?P<way>Up|Down)(?P<rest>.*)\n", re.M),
    "sql-migrate": re.compile(r"^-- \+migrate (?P<way>Up|Down)(?P<rest>.*)\n", re.M),
    "dbmate": re.compile(r"^-- migrate:(?P<way>up|down)(?P<rest>.*)\n", re.M),
    "node-pg-migrate": re.compile(r"^-- (?P<way>Up|Down) Migration(?P<rest>.*)\n", re.M),
}
_OUTSIDE = re.compile(
    r"^\s*(?:VACUUM|ALTER SYSTEM|(?:CREATE|DROP) (?:(?:UNIQUE )?INDEX CONCURRENTLY|DATABASE|TABLESPACE)"
    r"|REINDEX (?:SCHEMA|DATABASE|SYSTEM))\b"
)
"""What Flyway leaves out the transaction for by itself."""
_COMMENT = re.compile(r"^--.*\n", re.M)


def steps(files: Mapping[str, str]) -> list[Step]:
    """Return the migrations among `files` in the order their tool runs them."""
    found = [_step(path, files) for path in sorted(files, key=_place) if path.endswith(".sql")]
    return [one for one in found if one is not None]


def run_all(files: Mapping[str, str], database: Database) -> None:
    """Run the way up of all migrations."""
    for step in steps(files):
        try:
            step.up.run(database)
        except Refused as refused:
            raise Refused(f"{step.name}: {refused}\n{step.up.text}") from refused


def _place(path: str) -> tuple[str, list[int], str]:
    """Return where a file comes in its history: by the numbers of its version."""
    directory, _, name = path.rpartition("/")
    if name in ("migration.sql", "up.sql", "down.sql"):
        directory, _, name = directory.rpartition("/")
    version = re.match(r"[VU]?([\d._]*)", name)
    return directory, [int(one) for one in re.findall(r"\d+", version[1] if version else "")], path


def _step(path: str, files: Mapping[str, str]) -> Step | None:
    directory, _, name = path.rpartition("/")
    text = files[path]
    for tool, marks in _SECTIONS.items():
        if marks.search(text):
            return _sections(tool, name, text, marks)
    if name.endswith("down.sql") or name.startswith("U"):
        return None
    if name.endswith(".up.sql"):
        return Step(name, _message(text), _paired(path.removesuffix("up.sql") + "down.sql", files))
    if name == "up.sql":
        back = files.get(f"{directory}/down.sql")
        return Step(path, Script(text, How.WRAPPED), Script(back, How.WRAPPED) if back else None)
    if name == "migration.sql":
        return Step(path, _message(text))
    if name.startswith("V"):
        back = files.get(f"{directory}/U{name[1:]}")
        apart = files.get(f"{path}.conf") == "executeInTransaction=false\n"
        up = Script(text, How.APART) if apart else _by_flyway(text)
        return Step(name, up, _by_flyway(back) if back else None)
    wrapped = "/supabase/" in f"/{path}"
    return Step(name, Script(text, How.WRAPPED if wrapped else How.APART))


def _paired(path: str, files: Mapping[str, str]) -> Script | None:
    return _message(files[path]) if path in files else None


def _message(text: str) -> Script:
    return Script(text, How.MESSAGE)


def _by_flyway(text: str) -> Script:
    """Flyway leaves out the transaction if a statement needs that, and then wants all of them to."""
    statements = [one for one in re.split(r";\s*$", _COMMENT.sub("", text), flags=re.M) if one.strip()]
    outside = [_OUTSIDE.search(one) is not None for one in statements]
    if any(outside) and not all(outside):
        raise Refused(
            "Detected both transactional and non-transactional statements within the same migration"
        )
    return Script(text, How.APART if any(outside) else How.WRAPPED)


def _sections(tool: str, name: str, text: str, marks: re.Pattern[str]) -> Step:
    parts: dict[str, Script] = {}
    found = list(marks.finditer(text))
    for at, mark in enumerate(found):
        end = found[at + 1].start() if at + 1 < len(found) else len(text)
        parts[mark["way"].lower()] = Script(text[mark.end() : end], _how(tool, mark["rest"], text))
    return Step(name, parts["up"], parts.get("down"))


def _how(tool: str, options: str, text: str) -> How:
    if tool == "goose":
        return How.APART if "-- +goose NO TRANSACTION" in text else How.WRAPPED
    if tool == "sql-migrate":
        return How.APART if "notransaction" in options else How.WRAPPED
    if tool == "dbmate":
        return How.MESSAGE if "transaction:false" in options else How.WRAPPED
    return How.WRAPPED
