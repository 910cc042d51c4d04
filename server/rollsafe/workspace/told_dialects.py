"""The databases that Prisma and Drizzle write down beside their migrations.

Many a statement of SQLite is one of PostgreSQL as well, and quotes alone do not tell SQLite from MySQL.
"""

import re
from typing import Final

from rollsafe.artefacts.migrations.dialect import Dialect, ToldDialect
from rollsafe.artefacts.source import SourceFile
from rollsafe.text.patterns import lazily

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


class ToldDialects:
    """The migrations in SQL of a workspace, and what is written down about each."""

    def __init__(self) -> None:
        self._sources: dict[str, SourceFile] = {}
        self._told: dict[str, tuple[str, Dialect]] = {}
        self._placed: dict[str, SourceFile] = {}
        self._edited: set[str] = set()
        self._is_told_anew = False

    def put(self, path: str, source: SourceFile | None) -> None:
        """Take a file as it is now; None for one that is gone."""
        if not path.endswith(".sql"):
            told = _told(path, source.text[:_HEAD]) if source is not None else None
            if told != self._told.get(path):
                self._is_told_anew = True
                self._told.pop(path, None)
                self._told.update({path: told} if told is not None else {})
            return
        self._edited.add(path)
        if source is not None:
            self._sources[path] = source
        else:
            self._sources.pop(path, None)
            self._placed.pop(path, None)

    def placed(self, path: str) -> SourceFile | None:
        """Return a migration with its database; None for one of which nothing is written down."""
        return self._placed.get(path)

    def settle(self) -> set[str]:
        """Look at what is written down; return the paths of the migrations it tells something else of."""
        paths = [*self._sources] if self._is_told_anew else self._edited & self._sources.keys()
        edited, self._edited, self._is_told_anew = self._edited, set(), False
        homes = dict(self._told.values())
        changed: set[str] = set()
        for path in paths if homes or self._placed else ():
            dialect = homes.get(_home(path)) or homes.get(_home(_home(path)))
            before = self._placed.get(path)
            if dialect is None:
                if self._placed.pop(path, None) is not None:
                    changed.add(path)
            elif before is None or path in edited or before.around != ToldDialect(dialect):
                self._placed[path] = SourceFile(path, self._sources[path].text, ToldDialect(dialect))
                changed.add(path)
        return changed


def _told(path: str, text: str) -> tuple[str, Dialect] | None:
    """Return a directory of migrations, and the database that a file beside them tells."""
    home = _home(path)
    pattern = _PROVIDER if path.endswith(".toml") else _DIALECT
    match = pattern.search(text)
    dialect = _DIALECTS.get(match[1].lower()) if match is not None else None
    return (_home(home) if home.endswith("meta") else home, dialect) if dialect is not None else None


def _home(path: str) -> str:
    return path.rpartition("/")[0]
