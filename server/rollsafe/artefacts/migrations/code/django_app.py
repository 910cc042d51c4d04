"""What all operations of a Django migration share: the app's tables, and the names Django makes up."""

from collections.abc import Callable, Iterable
from hashlib import md5
from typing import Final

from rollsafe.artefacts.migrations.code.definitions import Index, Reference, Tables
from rollsafe.artefacts.migrations.code.django_fields import word
from rollsafe.artefacts.migrations.code.script import Part, Script, Written
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.code import Call, Code, Text
from rollsafe.text import Span

_LONGEST: Final = 63


class App:
    """Writes the statements of one migration of an app."""

    def __init__(self, file: SourceFile, script: Script) -> None:
        home = file.directory.rpartition("/")[0] if file.directory.endswith("migrations") else file.directory
        self.label = home.rpartition("/")[2] or "app"
        self.script = script
        self.tables = Tables(script)
        self._named: dict[str, str] = {}
        self._later: list[tuple[Span | None, Callable[[], None]]] = []

    def finish(self) -> None:
        """Write the statements Django keeps for the end of a migration."""
        for unit, write in self._later:
            with self.script.unit(unit):
                write()
        self._later.clear()

    def later(self, write: Callable[[], None]) -> None:
        """Keep a statement for the end of the migration."""
        self._later.append((self.script.current_unit, write))

    def table(self, code: Code | None) -> Part | None:
        """Return the table of a model: told in this file, or by its default name."""
        model = word(code)
        if not model or not isinstance(code, Text):
            return None
        plain = f"{self.label}_{model.lower()}"
        return Written(quoted(self._named.get(model.lower(), plain)), code.inner)

    def call_table(self, model: Code | None, table: str) -> None:
        """Remember the table a model has."""
        if word(model):
            self._named[word(model).lower()] = table


def plain(table: Part) -> str:
    """Return the characters of a name without quotes."""
    return (table.text if isinstance(table, Written) else table).strip('"')


def hashed(table: str, columns: Iterable[str], suffix: str) -> str:
    """Return a name as Django makes one: table, columns, and a digest that tells them apart."""
    names = list(columns)
    digest = md5("".join((table, *names)).encode(), usedforsecurity=False).hexdigest()[:8]
    last, middle = f"{digest}{suffix}", "_".join(names)
    whole = f"{table}_{middle}_{last}"
    if len(whole) <= _LONGEST:
        return whole
    last = last[: _LONGEST // 3]
    room = (_LONGEST - len(last)) // 2 - 1
    return f"{table[:room]}_{middle[:room]}_{last}"


def foreign_key_name(table: Part, column: Part, points: Reference) -> str:
    """Return the name Django gives a foreign key."""
    target = f"_fk_{plain(points.table)}_{plain(points.columns[0])}"
    return quoted(hashed(plain(table), [plain(column)], target))


def index_of(table: Part, *columns: Part) -> Index:
    """Return the index Django makes of columns, under the name it gives it."""
    return Index(quoted(hashed(plain(table), map(plain, columns), "")), table, columns)


Operation = Callable[[App, Call], None]
"""Writes what an operation does, or what undoes it."""
