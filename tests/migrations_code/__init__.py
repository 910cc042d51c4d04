"""Migrations in programming languages, compared with what their own tools send to PostgreSQL."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

from rollsafe.artefacts.migrations import MigrationFile
from rollsafe.artefacts.registry import is_candidate, read
from rollsafe.artefacts.source import SourceFile
from rollsafe.workspace.surroundings import all_placed

_LIBRARY: Any = import_module("postgast")
_NODES: Any = import_module("postgast.pg_query_pb2")


class Ways(NamedTuple):
    """The statements of both ways, each as PostgreSQL would write it."""

    up: list[str]
    down: list[str]


def read_migration(path: str, text: str) -> MigrationFile:
    """Return the view of a file that some tool would run."""
    found = read(SourceFile(path, text))
    assert isinstance(found, MigrationFile), path
    return found


def translated(path: str, text: str) -> Ways:
    """Return the statements rollsafe reads in a file."""
    return _ways(read_migration(path, text))


def translated_all(files: Mapping[str, str]) -> dict[str, Ways]:
    """Return the statements rollsafe reads in the migrations of a project, by path."""
    sources = [SourceFile(path, text) for path, text in files.items() if is_candidate(path)]
    views = ((one.path, read(one)) for one in all_placed(sources))
    return {path: _ways(view) for path, view in views if isinstance(view, MigrationFile)}


def _ways(view: MigrationFile) -> Ways:
    up, down = view.migration.up_statements, view.migration.down_statements
    return Ways(
        [one for statement in up for one in plain(statement.sql.text)],
        [one for statement in down for one in plain(statement.sql.text)],
    )


def plain(sql: str) -> list[str]:
    """Return statements as PostgreSQL writes them, without what makes no difference."""
    tree = _LIBRARY.parse(sql)
    for column in _LIBRARY.find_nodes(tree, _NODES.ColumnDef):
        kept = [one for one in column.constraints if one.constraint.contype != _NODES.CONSTR_NULL]
        kept.sort(key=lambda one: one.constraint.contype)
        del column.constraints[:]
        column.constraints.extend(kept)
    whole = (_NODES.ParseResult(version=tree.version, stmts=[one]) for one in tree.stmts)
    return [str(_LIBRARY.deparse(one)).replace("public.", "") for one in whole]
