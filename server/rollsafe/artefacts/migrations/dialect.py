"""Which database a migration is written for, as far as path and text tell."""

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import Final

from rollsafe.formats.sql_tokens import BODY, STRING, tokens
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_MAX_LOOKED_AT: Final = 10
_MAX_LENGTH: Final = 4_000


class Dialect(StrEnum):
    """A database's SQL; PostgreSQL's is read, of MySQL's and SQLite's as much as they share with it."""

    POSTGRES = "postgres"
    MYSQL = "mysql"
    SQLITE = "sqlite"
    CLICKHOUSE = "clickhouse"
    MSSQL = "mssql"
    ORACLE = "oracle"
    COCKROACH = "cockroach"

    @property
    def database(self) -> str:
        """The database's name in prose."""
        return _TITLES[self]


class ToldDialect(NamedTuple):
    """The database that a file beside a migration tells (`SourceFile.around`)."""

    dialect: Dialect


_TITLES: Final = {
    Dialect.POSTGRES: "PostgreSQL",
    Dialect.MYSQL: "MySQL",
    Dialect.SQLITE: "SQLite",
    Dialect.CLICKHOUSE: "ClickHouse",
    Dialect.MSSQL: "SQL Server",
    Dialect.ORACLE: "Oracle",
    Dialect.COCKROACH: "CockroachDB",
}
_FOLDERS: Final = {
    "clickhouse": Dialect.CLICKHOUSE,
    "cockroach": Dialect.COCKROACH,
    "cockroachdb": Dialect.COCKROACH,
    "crdb": Dialect.COCKROACH,
    "d1": Dialect.SQLITE,
    "libsql": Dialect.SQLITE,
    "mariadb": Dialect.MYSQL,
    "mssql": Dialect.MSSQL,
    "mysql": Dialect.MYSQL,
    "oracle": Dialect.ORACLE,
    "pg": Dialect.POSTGRES,
    "pgsql": Dialect.POSTGRES,
    "postgres": Dialect.POSTGRES,
    "postgresql": Dialect.POSTGRES,
    "sqlite": Dialect.SQLITE,
    "sqlite3": Dialect.SQLITE,
    "sqlserver": Dialect.MSSQL,
    "turso": Dialect.SQLITE,
}
_MARKS: Final = (
    (Dialect.CLICKHOUSE, lazily(r"MergeTree\b|\bON\s+CLUSTER\b|\bLowCardinality\(|\bNullable\(", re.I)),
    (Dialect.SQLITE, lazily(r"\bAUTOINCREMENT\b|^\s*PRAGMA\b|\bWITHOUT\s+ROWID\b", re.I | re.M)),
    (
        Dialect.MYSQL,
        lazily(r"\bAUTO_INCREMENT\b|\bENGINE\s*=|\bALGORITHM\s*=|\bLOCK\s*=|\bUNSIGNED\b|\bMODIFY\b|`", re.I),
    ),
    (Dialect.MSSQL, lazily(r"^\s*GO\s*$|\bNVARCHAR\b|\[dbo\]|\bIDENTITY\s*\(\d", re.I | re.M)),
    (Dialect.ORACLE, lazily(r"\bVARCHAR2\b|\bNUMBER\s*\(", re.I)),
)


def folder_dialect(path: str) -> Dialect | None:
    """Return the dialect named by an ending (`a.mysql.up.sql`), or by a directory, the innermost first."""
    for ending in path.lower().rpartition("/")[2].split(".")[1:-1]:
        if ending in _FOLDERS:
            return _FOLDERS[ending]
    for folder in reversed(path.lower().split("/")[:-1]):
        if folder in _FOLDERS:
            return _FOLDERS[folder]
    return None


def foreign_dialect(texts: Iterable[str]) -> Dialect | None:
    """Return the dialect that statements PostgreSQL does not take are written in, if one is evident."""
    return next(filter(None, map(_marked, islice(texts, _MAX_LOOKED_AT))), None)


@lru_cache(maxsize=512)
def _marked(statement: str) -> Dialect | None:
    """Return the dialect a statement's words give away, comments and strings left out."""
    found = tokens(statement[:_MAX_LENGTH])
    code = " ".join(token.word for token in found if token.kind not in (STRING, BODY))
    return next((dialect for dialect, mark in _MARKS if mark.search(code)), None)
