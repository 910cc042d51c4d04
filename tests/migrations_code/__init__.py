"""Migrations in programming languages, compared with what their own tools send to PostgreSQL."""

from importlib import import_module
from typing import Any, NamedTuple

from rollsafe.artefacts.migrations import MigrationFile
from rollsafe.artefacts.registry import read
from rollsafe.artefacts.source import SourceFile

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
    migration = read_migration(path, text).migration
    return Ways(
        [one for statement in migration.up_statements for one in plain(statement.sql.text)],
        [one for statement in migration.down_statements for one in plain(statement.sql.text)],
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
