"""Columns, keys and indexes as programs describe them, written as SQL whose parts know their places."""

from collections.abc import Iterable, Sequence
from typing import Final

from rollsafe.artefacts.migrations.code.script import Part, Script, Written
from rollsafe.text import Located, Span
from rollsafe.text.records import record


@record
class Reference:
    """What a foreign key points at; `columns` may be empty for the primary key. `actions` is SQL as is."""

    table: Part
    columns: tuple[Part, ...] = ()
    actions: str = ""
    name: Part | None = None

    def parts(self) -> list[Part]:
        """Return the clause that begins with `REFERENCES`."""
        columns = ["(", *separated(self.columns), ")"] if self.columns else []
        actions = f" {self.actions}" if self.actions else ""
        return ["REFERENCES ", self.table, *columns, *([actions] if actions else [])]


@record
class Column:
    """A column. `required` is None where the program leaves it to the database.

    `default` is an SQL expression, `suffix` anything that comes after the other parts, such as a
    GENERATED clause or a CHECK.
    """

    name: Part
    type: Part
    required: bool | None = None
    default: Part | None = None
    is_primary: bool = False
    is_unique: bool = False
    references: Reference | None = None
    suffix: tuple[Part, ...] = ()

    def parts(self) -> list[Part]:
        """Return the column as CREATE TABLE and ADD COLUMN take it."""
        found: list[Part] = [self.name, " ", self.type]
        if self.default is not None:
            found += [" DEFAULT ", self.default]
        if self.required:
            found.append(" NOT NULL")
        for part in self.suffix:
            found += [" ", part]
        if self.is_primary:
            found.append(" PRIMARY KEY")
        if self.is_unique:
            found.append(" UNIQUE")
        if self.references is not None:
            found += [" ", *self.references.parts()]
        return found


@record
class Index:
    """An index to be built.

    `keys` are columns or expressions in parentheses, `where` an SQL condition, `nulls` such as
    `NULLS NOT DISTINCT`.
    """

    name: Part | None
    table: Part
    keys: tuple[Part, ...]
    is_unique: bool = False
    concurrently: bool = False
    method: str = ""
    where: Part | None = None
    includes: tuple[Part, ...] = ()
    if_not_exists: bool = False
    nulls: str = ""

    def parts(self) -> list[Part]:
        """Return the statement that builds it."""
        words = ["CREATE"]
        words += ["UNIQUE"] if self.is_unique else []
        words.append("INDEX")
        words += ["CONCURRENTLY"] if self.concurrently else []
        words += ["IF NOT EXISTS"] if self.if_not_exists and self.name is not None else []
        found: list[Part] = [" ".join(words)]
        found += [" ", self.name] if self.name is not None else []
        found += [" ON ", self.table]
        found += [f" USING {self.method}"] if self.method else []
        found += [" (", *separated(self.keys), ")"]
        found += [" INCLUDE (", *separated(self.includes), ")"] if self.includes else []
        found += [f" {self.nulls}"] if self.nulls else []
        return found if self.where is None else [*found, " WHERE ", self.where]


@record
class Key:
    """A constraint of a table: `kind` is `UNIQUE`, `PRIMARY KEY`, `FOREIGN KEY`, `CHECK` or `EXCLUDE`.

    `body` stands in parentheses after it.
    """

    kind: str
    name: Part | None
    body: tuple[Part, ...]
    references: Reference | None = None
    suffix: str = ""

    def parts(self) -> list[Part]:
        """Return the constraint as CREATE TABLE and ADD take it."""
        found: list[Part] = ["CONSTRAINT ", self.name, " "] if self.name is not None else []
        found += [self.kind, " (", *self.body, ")"]
        found += [" ", *self.references.parts()] if self.references is not None else []
        return [*found, f" {self.suffix}"] if self.suffix else found


def placed(parts: Sequence[Part], place: Located) -> list[Part]:
    """Return parts that all have a place: their own, or else `place`."""
    at = Span.of(place)
    return [one if isinstance(one, Written) else Written(one, at) for one in parts]


def separated(parts: Sequence[Part]) -> list[Part]:
    """Return parts with commas between them."""
    found: list[Part] = []
    for part in parts:
        found += [", ", part] if found else [part]
    return found


def joined(rows: Iterable[Sequence[Part]]) -> list[Part]:
    """Return rows of parts with commas between the rows."""
    found: list[Part] = []
    for row in rows:
        found += [", ", *row] if found else row
    return found


class Tables:
    """Writes statements about tables to a script."""

    def __init__(self, script: Script) -> None:
        self.script = script

    def create(
        self, table: Part, rows: Iterable[Sequence[Part]], place: Located, *, words: str = "TABLE"
    ) -> None:
        """Write a CREATE TABLE of columns and constraints; `words` may say IF NOT EXISTS."""
        self.script.statement([f"CREATE {words} ", table, " (", *joined(rows), ")"], place)

    def drop(self, table: Part, place: Located, *, cascade: bool = False, if_exists: bool = False) -> None:
        """Write a DROP TABLE."""
        words = f"DROP TABLE {'IF EXISTS ' if if_exists else ''}"
        self.script.statement([words, table, *([" CASCADE"] if cascade else [])], place)

    def alter(self, table: Part, action: Sequence[Part], place: Located, *, apart: bool = False) -> None:
        """Write an ALTER TABLE with one action."""
        self.script.statement(["ALTER TABLE ", table, " ", *action], place, apart=apart)

    def add_column(self, table: Part, column: Column, place: Located, *, words: str = "") -> None:
        """Write an ADD COLUMN."""
        self.alter(table, [f"ADD COLUMN {words}", *column.parts()], place)

    def drop_column(self, table: Part, column: Part, place: Located, *, words: str = "") -> None:
        """Write a DROP COLUMN."""
        self.alter(table, [f"DROP COLUMN {words}", column], place)

    def alter_column(self, table: Part, column: Part, action: Sequence[Part], place: Located) -> None:
        """Write an ALTER COLUMN."""
        self.alter(table, ["ALTER COLUMN ", column, " ", *action], place)

    def add(self, table: Part, key: Key, place: Located) -> None:
        """Write an ADD of a constraint."""
        self.alter(table, ["ADD ", *key.parts()], place)

    def drop_constraint(self, table: Part, constraint: Part, place: Located, *, words: str = "") -> None:
        """Write a DROP CONSTRAINT."""
        self.alter(table, [f"DROP CONSTRAINT {words}", constraint], place)

    def rename(self, table: Part, new: Part, place: Located) -> None:
        """Write a RENAME of a table."""
        self.alter(table, ["RENAME TO ", new], place)

    def rename_column(self, table: Part, column: Part, new: Part, place: Located) -> None:
        """Write a RENAME of a column."""
        self.alter(table, ["RENAME COLUMN ", column, " TO ", new], place)

    def index(self, index: Index, place: Located, *, apart: bool = False) -> None:
        """Write a CREATE INDEX."""
        self.script.statement(index.parts(), place, apart=apart)

    def drop_index(self, index: Part, place: Located, *, words: str = "", apart: bool = False) -> None:
        """Write a DROP INDEX; `words` may say CONCURRENTLY and IF EXISTS."""
        self.script.statement([f"DROP INDEX {words}", index], place, apart=apart)


class Gathered(Tables):
    """Keeps the actions of ALTER TABLE, each with its place, instead of writing them."""

    def __init__(self, script: Script) -> None:
        super().__init__(script)
        self.actions: list[list[Part]] = []

    def alter(self, table: Part, action: Sequence[Part], place: Located, *, apart: bool = False) -> None:
        """Keep an action."""
        self.actions.append(placed(action, place))


def text_of(part: Part) -> str:
    """Return the characters of a part."""
    return part.text if isinstance(part, Written) else part


ACTIONS: Final = {
    "cascade": "CASCADE",
    "restrict": "RESTRICT",
    "set null": "SET NULL",
    "set default": "SET DEFAULT",
    "no action": "NO ACTION",
}
"""What a foreign key may do when the row it points at goes, by its lower-case words."""
