"""Migrations: what a file is to its runner, and what its statements do."""

from rollsafe.artefacts.migrations.conventions import (
    Convention,
    Direction,
    DownStyle,
    Transactions,
)
from rollsafe.artefacts.migrations.dialect import Dialect
from rollsafe.artefacts.migrations.file import MigrationFile, recognise
from rollsafe.artefacts.migrations.foreign import ForeignStatement
from rollsafe.artefacts.migrations.migration import Migration
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.sql_conventions import convention_of
from rollsafe.artefacts.migrations.statement import Statement
from rollsafe.artefacts.migrations.transactions import is_noticed_by_flyway, refuses_transaction

__all__ = [
    "Convention",
    "Dialect",
    "Direction",
    "DownStyle",
    "ForeignStatement",
    "Migration",
    "MigrationFile",
    "Statement",
    "TableName",
    "Transactions",
    "convention_of",
    "is_noticed_by_flyway",
    "recognise",
    "refuses_transaction",
]
