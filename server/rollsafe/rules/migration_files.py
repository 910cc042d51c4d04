"""Migration files that come after the ones there are: their names, their frames, their way back."""

import re
from collections.abc import Callable, Iterable
from typing import Final

from rollsafe.artefacts.migrations import (
    Migration,
    Statement,
    is_noticed_by_flyway,
    recognise,
)
from rollsafe.artefacts.migrations.down import down_migration
from rollsafe.artefacts.migrations.operations import DetachPartition, DoBlock, Reindex
from rollsafe.artefacts.source import SourceFile
from rollsafe.rules.api import NewFile
from rollsafe.rules.migration_order import can_follow_all
from rollsafe.rules.migration_programs import following_programs
from rollsafe.rules.migration_steps import Step, label_of, last_version, next_version, timeouts_of
from rollsafe.text.patterns import lazily
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import others_with_downs, script_config, way_back

_NOTHING: Final = "-- Nothing to undo.\n"


def following(migration: Migration, graph: Graph, steps: tuple[Step, ...]) -> tuple[NewFile, ...] | None:
    """Return the files of migrations that run `steps` after every migration there is, one file set each.

    None where the tool's files cannot simply be added to, or a step cannot run as it has to.
    """
    if migration.file.host is not migration.file:
        waits = all(_can_wait(step, migration, graph) for step in steps)
        return following_programs(migration, graph, steps) if waits else None
    name = _NAMES.get(migration.convention.name)
    if name is None or not all(_can_wait(step, migration, graph) for step in steps):
        return None
    version = last_version(migration, graph)
    if version is None:
        return None
    found: list[NewFile] = []
    for step in steps:
        version = next_version(version)
        text = _framed(migration, step)
        path = name(migration, version, label_of(step.label))
        if text is None or graph.has_file(path):
            return None
        found += _files(migration, graph, path, text, step)
    return tuple(found)


def _can_wait(step: Step, migration: Migration, graph: Graph) -> bool:
    """Say whether a step can run after the migrations that follow `migration` already."""
    return all(can_follow_all(sql, migration, graph) for sql in step.sql)


def _directory(migration: Migration) -> str:
    return f"{migration.convention.home}/" if migration.convention.home else ""


def _numbered(migration: Migration, version: str, label: str) -> str:
    written = migration.file.name[len(migration.convention.version) :][:1]
    return f"{_directory(migration)}{version}{written if written in '_-.' else '_'}{label}.sql"


def _paired(migration: Migration, version: str, label: str) -> str:
    return f"{_directory(migration)}{version}_{label}.up.sql"


def _flyway(migration: Migration, version: str, label: str) -> str:
    written = version.replace(".", "_") if re.match(r"V\d+_\d", migration.file.name) else version
    return f"{_directory(migration)}V{written}__{label}.sql"


def _prisma(migration: Migration, version: str, label: str) -> str:
    return f"{_directory(migration)}{version}_{label}/migration.sql"


def _folder(migration: Migration, version: str, label: str) -> str:
    return f"{_directory(migration)}{version}_{label}/up.sql"


_NAMES: Final[dict[str, Callable[[Migration, str, str], str]]] = {
    "golang-migrate": _paired,
    "goose": _numbered,
    "dbmate": _numbered,
    "sql-migrate": _numbered,
    "node-pg-migrate": _numbered,
    "supabase": _numbered,
    "plain": _numbered,
    "prisma": _prisma,
    "diesel": _folder,
    "hasura": _folder,
    "flyway": _flyway,
}
"""How the up file of each tool is called; those that keep a list of their migrations are not here."""

_MARKS: Final = {
    "goose": ("-- +goose Up", "-- +goose NO TRANSACTION\n-- +goose Up"),
    "dbmate": ("-- migrate:up", "-- migrate:up transaction:false"),
    "sql-migrate": ("-- +migrate Up", "-- +migrate Up notransaction"),
    "node-pg-migrate": ("-- Up Migration", None),
}
_NEVER_APART: Final = frozenset({"supabase", "diesel", "hasura"})
_SPLIT_AT_SEMICOLONS: Final = {"goose": "goose", "sql-migrate": "migrate"}
"""Tools that cut a file at each `;` that ends a line, bodies of functions included, and their annotations."""
_COMMENT = lazily(r"--[^\n]*")
_INNER_SEMICOLON = lazily(r";[ \t]*$", re.M)
_ONE_BY_ONE: Final = frozenset({"goose", "sql-migrate", "flyway"})
"""Tools that run several statements one by one when they are to run outside of a transaction."""


def can_run_apart(migration: Migration, count: int) -> bool:
    """Say whether the tool can run a file of `count` statements outside of a transaction, as any program."""
    convention = migration.convention
    if migration.file.host is not migration.file:
        return True
    if convention.name in _NEVER_APART or _MARKS.get(convention.name, ("", ""))[1] is None:
        return False
    return count == 1 or convention.name in _ONE_BY_ONE


def _framed(migration: Migration, step: Step) -> str | None:
    """Return the text of an up file, with the file's timeouts; None where the tool cannot run it."""
    name = migration.convention.name
    if step.apart and not can_run_apart(migration, len(step.sql)):
        return None
    # Flyway refuses a file in which only some statements can run in a transaction.
    statements = (*(() if step.apart else timeouts_of(migration)), *step.sql)
    body = "".join(_whole(f"{sql};\n", name) for sql in statements)
    marks = _MARKS.get(name)
    return body if marks is None else f"{marks[1] if step.apart else marks[0]}\n{body}"


def _whole(sql: str, tool: str) -> str:
    """Return a statement as its tool takes it for one, semicolons in it or not."""
    word = _SPLIT_AT_SEMICOLONS.get(tool)
    if word is None or not _INNER_SEMICOLON.search(sql.rstrip().rstrip(";")):
        return sql
    return f"-- +{word} StatementBegin\n{sql}-- +{word} StatementEnd\n"


def _files(migration: Migration, graph: Graph, path: str, text: str, step: Step) -> list[NewFile]:
    """Return the files of a migration: both ways, and what its tool has to be told besides."""
    view = recognise(SourceFile(path, text))
    if view is None:
        return [_written(migration, path, text)]
    told = without_transaction(view.migration, view.migration.up_statements) if step.apart else ()
    extra = [_written(migration, one.path, one.text) for one in told]
    return [*_ways(migration, graph, view.migration, text, step.undo), *extra]


def without_transaction(migration: Migration, statements: Iterable[Statement]) -> tuple[NewFile, ...]:
    """Return the file that makes Flyway leave out the transaction where it does not do that by itself."""
    unnoticed = any(
        isinstance(one, Reindex | DetachPartition | DoBlock) and not is_noticed_by_flyway(one)
        for statement in statements
        for one in statement.operations
    )
    if migration.convention.name != "flyway" or not unnoticed:
        return ()
    return (_written(migration, script_config(migration.file.path), "executeInTransaction=false\n"),)


def _ways(
    migration: Migration, graph: Graph, made: Migration, text: str, undo: tuple[str, ...]
) -> list[NewFile]:
    """Return an up file and, where the project keeps them, its way back."""
    path, down_path = made.file.path, made.convention.down_path
    if down_path is None or (down_path != path and not _keeps_downs(migration, graph)):
        return [_written(migration, path, text)]
    draft = down_migration(made).text
    if undo:
        kept = [line for line in draft.split("\n") if line.startswith(("-- +", "-- migrate:", "-- Down"))]
        draft = "".join(
            f"{line}\n"
            for line in (*kept[:1], *(sql if _COMMENT.fullmatch(sql) else f"{sql};" for sql in undo))
        )
    if down_path == path:
        return [_written(migration, path, f"{text}\n{draft}")]
    return [_written(migration, path, text), _written(migration, down_path, draft.lstrip("\n") or _NOTHING)]


def _keeps_downs(migration: Migration, graph: Graph) -> bool:
    return way_back(migration, graph) is not None or others_with_downs(migration, graph)


def _written(migration: Migration, path: str, text: str) -> NewFile:
    """Return the file with the line ends the project's migrations have."""
    newline = migration.file.told(_line_end)
    return NewFile(path, text.replace("\r\n", "\n").replace("\n", newline))


def _line_end(file: SourceFile) -> str:
    return "\r\n" if "\r\n" in file.text else "\n"
