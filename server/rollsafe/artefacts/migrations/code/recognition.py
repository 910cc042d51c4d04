"""Which framework would run a program as a migration; each is imported when a file may be its own."""

import re
from collections.abc import Callable
from importlib import import_module
from typing import Final, cast

from rollsafe.artefacts.migrations.code.migration import Translation, view_of
from rollsafe.artefacts.migrations.dialect import folder_dialect
from rollsafe.artefacts.migrations.file import MigrationFile
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.code import Program
from rollsafe.formats.problems import Problem
from rollsafe.text.patterns import lazily

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


_READERS: Final = (
    (re.compile(r"\.py$"), "rollsafe.formats.code.python", "read_python"),
    (re.compile(r"\.rb$"), "rollsafe.formats.code.ruby", "read_ruby"),
    (re.compile(r"\.[cm]?[jt]s$"), "rollsafe.formats.code.javascript", "read_javascript"),
)
_ANY: Final = lazily(
    r"^def upgrade\(|\(migrations\.Migration\)|< *ActiveRecord::Migration\b|\bexports\.up\b|\bup *[:=(]"
    r"|\bexport [^\n]{0,60}\bup\b",
    re.M,
)
"""What some migration of each framework has, wherever it stands."""


def recognise(file: SourceFile) -> MigrationFile | None:
    """Return the view of `file` if some framework would run it as a migration, else None."""
    for module, pattern in _FRAMEWORKS:
        if pattern.search(file.path):
            made = _translate(module)(file)
            if made is not None:
                named = folder_dialect(file.path)
                return view_of(file, made if named is None else made._replace(dialect=named))
    return None


def refused(file: SourceFile) -> Problem | None:
    """Return why a program that looks like a migration is not read at all; None for any other file."""
    for pattern, language, reader in _READERS:
        if pattern.search(file.path) and _ANY.search(file.text):
            program = cast("Callable[[str], Program]", getattr(import_module(language), reader))(file.text)
            return next((one for one in program.problems if one.fatal), None)
    return None


def translate(file: SourceFile, tool: str) -> Translation | None:
    """Return what `file` sends if `tool`, one of those that know programs, would run it."""
    return _translate(tool.replace("-", "_"))(file)


def _translate(module: str) -> Callable[[SourceFile], Translation | None]:
    found = getattr(import_module(f"rollsafe.artefacts.migrations.code.{module}"), "translate")  # noqa: B009
    return cast("Callable[[SourceFile], Translation | None]", found)
