"""Constraints that a program drops as `None`: Alembic stops there, as it cannot tell which it is."""

from collections.abc import Iterable
from typing import ClassVar

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.migrations.migration import Migration
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.code import Block, Call, Code, Literal, Program, Text, walk
from rollsafe.text import Located, Span
from rollsafe.text.tuples import NamedTuple


class Nameless(NamedTuple):
    """A constraint of `table` dropped as the `None` at `name_at`; `kind` is empty if the program has none."""

    call: Span
    name_at: Span
    table: str
    kind: str
    is_down: bool


class NamelessDrop(Element):
    """A call that drops a constraint without a name; its places are those of the program."""

    family: ClassVar[str] = "migrations"

    def __init__(self, host: SourceFile, migration: Migration, one: Nameless) -> None:
        super().__init__(host, one.call.start, one.call.end)
        self.migration = migration
        self.name_at: Located = one.name_at
        self.table = one.table
        self.kind = one.kind
        self.is_down = one.is_down

    def __repr__(self) -> str:
        return f"NamelessDrop({self.table!r}, {self.kind!r})"


def nameless(call: Call, table: str, kind: Code | None) -> Nameless | None:
    """Return what a call drops as `None`; None for another, and where a naming convention may do without."""
    told = call.at(0, "constraint_name")
    if not isinstance(told, Literal) or told.value is not None:
        return None
    has_kind = kind is not None and not (isinstance(kind, Literal) and kind.value is None)
    if has_kind and (not isinstance(kind, Text) or kind.value == "primary"):
        return None
    named = kind.value if isinstance(kind, Text) else ""
    return Nameless(Span.of(call), Span.of(told), table, named, is_down=False)


def untried(found: Iterable[Nameless], program: Program) -> tuple[Nameless, ...]:
    """Return those that no `try` is around: what stops there may be caught."""
    rows = tuple(found)
    nodes = (each for one in program.body for each in walk(one)) if rows else iter(())
    tried = [one for one in nodes if isinstance(one, Block) and one.kind == "try"]
    return tuple(one for one in rows if not any(each.start <= one.call.start < each.end for each in tried))
