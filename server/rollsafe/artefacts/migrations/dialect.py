"""Which database a migration is written for, as far as path and text tell."""

import re
from enum import StrEnum
from typing import Final


class Dialect(StrEnum):
    """A database's SQL; only PostgreSQL's is read."""

    POSTGRES = "postgres"
    MYSQL = "mysql"
    SQLITE = "sqlite"
    CLICKHOUSE = "clickhouse"
    MSSQL = "mssql"
    ORACLE = "oracle"

    @property
    def title(self) -> str:
        """The database's name in prose."""
        return _TITLES[self]


_TITLES: Final = {
    Dialect.POSTGRES: "PostgreSQL",
    Dialect.MYSQL: "MySQL",
    Dialect.SQLITE: "SQLite",
    Dialect.CLICKHOUSE: "ClickHouse",
    Dialect.MSSQL: "SQL Server",
    Dialect.ORACLE: "Oracle",
}
_FOLDERS: Final = {
    "clickhouse": Dialect.CLICKHOUSE,
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
    (Dialect.CLICKHOUSE, re.compile(r"MergeTree\b|\bON\s+CLUSTER\b|\bLowCardinality\(|\bNullable\(", re.I)),
    (Dialect.SQLITE, re.compile(r"\bAUTOINCREMENT\b|^\s*PRAGMA\b|\bWITHOUT\s+ROWID\b", re.I | re.M)),
    (
        Dialect.MYSQL,
        re.compile(r"\bAUTO_INCREMENT\b|\bENGINE\s*=|\bALGORITHM\s*=|\bLOCK\s*=|\bUNSIGNED\b|\bMODIFY\b|`", re.I),
    ),
    (Dialect.MSSQL, re.compile(r"^\s*GO\s*$|\bNVARCHAR\b|\[dbo\]|\bIDENTITY\s*\(\d", re.I | re.M)),
    (Dialect.ORACLE, re.compile(r"\bVARCHAR2\b|\bNUMBER\s*\(|^\s*/\s*$", re.I | re.M)),
)


def folder_dialect(path: str) -> Dialect | None:
    """Return the dialect named by a directory of `path`, the innermost one counting."""
    for folder in reversed(path.lower().split("/")[:-1]):
        if folder in _FOLDERS:
            return _FOLDERS[folder]
    return None


def foreign_dialect(texts: list[str]) -> Dialect | None:
    """Return the dialect that statements PostgreSQL does not take are written in, if one is evident."""
    for dialect, mark in _MARKS:
        if any(mark.search(text) for text in texts):
            return dialect
    return None
