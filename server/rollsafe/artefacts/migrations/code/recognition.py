"""Which framework would run a program as a migration; each is imported when a file may be its own."""

import re
from collections.abc import Callable
from importlib import import_module
from typing import Final, cast

from rollsafe.artefacts.migrations.code.migration import Translation, view_of
from rollsafe.artefacts.migrations.dialect import folder_dialect
from rollsafe.artefacts.migrations.migration import MigrationFile
from rollsafe.artefacts.source import SourceFile

_FRAMEWORKS: Final = (
    ("alembic", re.compile(r"\.py$")),
    ("django", re.compile(r"/migrations/[^/]+\.py$")),
    ("rails", re.compile(r"\.rb$")),
    ("liquibase", re.compile(r"\.xml$")),
    ("typeorm", re.compile(r"\.[cm]?[jt]s$")),
    ("sequelize", re.compile(r"\.[cm]?[jt]s$")),
    ("mikro_orm", re.compile(r"\.[cm]?[jt]s$")),
    ("db_migrate", re.compile(r"\.[cm]?[jt]s$")),
    ("node_pg_migrate", re.compile(r"\.[cm]?[jt]s$")),
    ("knex", re.compile(r"\.[cm]?[jt]s$")),
)
"""Modules with a `translate`, in the order they are asked, and the names of files they are asked about."""


def recognise(file: SourceFile) -> MigrationFile | None:
    """Return the view of `file` if some framework would run it as a migration, else None."""
    for module, pattern in _FRAMEWORKS:
        if pattern.search(file.path):
            made = _translate(module)(file)
            if made is not None:
                named = folder_dialect(file.path)
                return view_of(file, made if named is None else made._replace(dialect=named))
    return None


def translate(file: SourceFile, tool: str) -> Translation | None:
    """Return what `file` sends if `tool`, one of those that know programs, would run it."""
    return _translate(tool.replace("-", "_"))(file)


def _translate(module: str) -> Callable[[SourceFile], Translation | None]:
    found = getattr(import_module(f"rollsafe.artefacts.migrations.code.{module}"), "translate")  # noqa: B009
    return cast("Callable[[SourceFile], Translation | None]", found)
