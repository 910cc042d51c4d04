"""The databases that Prisma and Drizzle write down beside their migrations.

Many a statement of SQLite is one of PostgreSQL as well, and quotes alone do not tell SQLite from MySQL.
"""

import re
from typing import Final

from rollsafe.artefacts.migrations.dialect import Dialect, ToldDialect
from rollsafe.text.patterns import lazily
from rollsafe.workspace.told_beside import ToldBeside, home_of

_PROVIDER = lazily(r"^[ \t]*provider[ \t]*=[ \t]*\"(\w+)\"", re.M)
_DIALECT = lazily(r"\"dialect\"\s*:\s*\"(\w+)\"")
_HEAD: Final = 4_000
_DIALECTS: Final = {
    "mysql": Dialect.MYSQL,
    "postgresql": Dialect.POSTGRES,
    "sqlite": Dialect.SQLITE,
    "sqlserver": Dialect.MSSQL,
    "turso": Dialect.SQLITE,
}


class ToldDialects(ToldBeside[ToldDialect]):
    """The migrations in SQL of a workspace, and the databases that are written down for their directories."""

    def tells(self, path: str) -> bool:
        """Say whether a file speaks of migrations; it is one otherwise."""
        return not path.endswith(".sql")

    def said(self, path: str, text: str) -> tuple[str, ToldDialect] | None:
        """Return a directory of migrations, and the database that a file beside them tells."""
        home = home_of(path)
        pattern = _PROVIDER if path.endswith(".toml") else _DIALECT
        match = pattern.search(text[:_HEAD])
        dialect = _DIALECTS.get(match[1].lower()) if match is not None else None
        if dialect is None:
            return None
        return home_of(home) if home.endswith("meta") else home, ToldDialect(dialect)

    def found(self, path: str, told: dict[str, ToldDialect]) -> ToldDialect | None:
        """Return the database of a migration, whose directory or the one above it is known."""
        return told.get(home_of(path)) or told.get(home_of(home_of(path)))
