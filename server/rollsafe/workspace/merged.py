"""Migrations that are merged: databases may have run them, so what they say is no longer theirs to change."""

from functools import lru_cache
from typing import Final

from rollsafe.artefacts.migrations import Migration, Statement
from rollsafe.artefacts.registry import read
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.sql_tokens import tokens
from rollsafe.workspace.facts import Base
from rollsafe.workspace.graph import Graph

_SUMMED: Final = {"flyway": "Flyway", "prisma": "Prisma"}
"""Tools that keep a checksum of the whole file, comments included."""

_BY_FILE: Final = frozenset(
    {"flyway", "prisma", "knex", "sequelize", "django", "node-pg-migrate", "sql-migrate"}
)
"""Tools that tell migrations apart by the names of their files."""


def is_repeatable(migration: Migration) -> bool:
    """Say whether the tool runs a migration again when it differs."""
    if migration.convention.name == "flyway":
        return not migration.convention.version
    return migration.convention.name == "liquibase" and "runOnChange:true" in migration.file.text


def checksum_of(migration: Migration) -> str | None:
    """Return the tool that keeps a checksum of a migration's file; None for tools that keep none."""
    return _SUMMED.get(migration.convention.name)


def merged_state(migration: Migration, base: Base) -> Migration | None:
    """Return a migration as the base has it, where that differs; None otherwise."""
    path, text = migration.file.path, _text(migration)
    if not base.had(path) or base.is_unchanged(path, text):
        return None
    old = base.read(path)
    return (
        _migration(path, old, migration.file.host.around)
        if old is not None and _lines(old) != _lines(text)
        else None
    )


def differing_statement(migration: Migration, merged: Migration) -> Statement | None:
    """Return the first statement of the way up that is not what it was, the last one where some are gone.

    None where all are the same, and where there are none to show.
    """
    now, then = migration.up_statements, merged.up_statements
    for one, old in zip(now, then, strict=False):
        if one.text != old.text and _words(one) != _words(old):
            return one
    if len(now) == len(then):
        return None
    return now[min(len(then), len(now) - 1)] if now else None


def merged_as(migration: Migration, base: Base, graph: Graph) -> str | None:
    """Return the path a migration is merged under, where its tool takes the new name for a new migration."""
    if not base.known or base.had(migration.file.path):
        return None
    same = (path for path in base.named(_text(migration)) if not graph.has_file(path))
    return min((path for path in same if _is_another(path, migration)), default=None)


def _is_another(path: str, migration: Migration) -> bool:
    """Say whether a tool takes the same text under the path that is merged for another migration."""
    then = _migration(path, _text(migration), None)
    if then is None or then.convention.name != migration.convention.name:
        return False
    if migration.convention.name in _BY_FILE:
        return True
    return then.convention.version != migration.convention.version


def _text(migration: Migration) -> str:
    """Return the text of the file, which is a program where statements are read from one."""
    return migration.file.host.text


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


@lru_cache(maxsize=64)
def _migration(path: str, text: str, around: object) -> Migration | None:
    artefact = read(SourceFile(path, text, around))
    found = artefact.elements if artefact is not None else ()
    return next((one for one in found if isinstance(one, Migration)), None)


def _words(statement: Statement) -> list[str]:
    """Return a statement without spaces and comments; a bare word is the same in any case."""
    return [one.word for one in tokens(statement.file.text, statement.start, statement.end)]
