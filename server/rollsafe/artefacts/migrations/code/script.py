"""What a migration in a programming language sends to the database, as one SQL text with places."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import TypeAlias

from rollsafe.artefacts.migrations.conventions import Direction
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.artefacts.migrations.operations import COMPUTED
from rollsafe.artefacts.translated import Segment
from rollsafe.formats.code import Code, Text
from rollsafe.text import Located, Span
from rollsafe.text.tuples import NamedTuple


class Written(NamedTuple):
    """A part of a statement, and the place in the program it comes from."""

    text: str
    place: Span
    is_verbatim: bool = False


Part: TypeAlias = str | Written


class Step(NamedTuple):
    """One statement: `[start, end)` of the script.

    `is_apart` tells that it runs outside of the transaction. `is_restating` tells that the program states
    all of a thing, and that the statement is sent only if that part of it was different before. `unit` is
    the statement of the program it comes of, which may send others too; `cut` the part without which the
    program would send all but this one. `is_partial` tells that the program computes parts of it. `old_type`
    is the type that a column had before it, as far as the program says so.
    """

    start: int
    end: int
    direction: Direction
    is_apart: bool
    is_restating: bool
    unit: Span | None = None
    cut: Span | None = None
    is_partial: bool = False
    old_type: str = ""


class Script:
    """Statements written one after the other, both ways, each with the place it comes from.

    The way up is written first. A statement that is not SQL at all once it is written does no harm: the
    reader of the script rejects that one.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = 0
        self._direction = Direction.UP
        self._restating = False
        self._old_type = ""
        self._unit: Span | None = None
        self._cut: Span | None = None
        self.steps: list[Step] = []
        self.segments: list[Segment] = []

    @property
    def current_unit(self) -> Span | None:
        """The statement of the program that what is written now comes of."""
        return self._unit

    @property
    def text(self) -> str:
        """The script so far."""
        return "".join(self._parts)

    def begin(self, direction: Direction) -> None:
        """Go on with the statements of a way."""
        self._direction = direction
        self._write(f"-- {direction} migration\n")

    @contextmanager
    def restating(self) -> Generator[None]:
        """Mark the statements written meanwhile as sent only where they change something."""
        self._restating = True
        try:
            yield
        finally:
            self._restating = False

    @contextmanager
    def retyping(self, old_type: str) -> Generator[None]:
        """Note which type the program says a column has before what is written meanwhile; empty for none."""
        self._old_type = old_type
        try:
            yield
        finally:
            self._old_type = ""

    @contextmanager
    def unit(self, place: Located | None) -> Generator[None]:
        """Note that what is written meanwhile comes of the statement at `place`, None for of several."""
        outer = self._unit
        self._unit = None if place is None else Span.of(place)
        try:
            yield
        finally:
            self._unit = outer

    @contextmanager
    def cutting(self, place: Located | None) -> Generator[None]:
        """Note that without what is at `place` the program would not send what is written meanwhile."""
        self._cut = None if place is None else Span.of(place)
        try:
            yield
        finally:
            self._cut = None

    def remark(self, body: str, place: Located) -> None:
        """Write a comment of the program above what follows."""
        for line in body.splitlines():
            self._place(f"-- {line}", Span.of(place), is_verbatim=False)
            self._write("\n")

    def statement(
        self, parts: Iterable[Part], place: Located, *, apart: bool = False, partial: bool = False
    ) -> None:
        """Write one statement that the program makes at `place`, parts of which it computes if `partial`."""
        start = self._size
        for part in parts:
            if isinstance(part, Written):
                self._place(part.text, part.place, part.is_verbatim)
            else:
                self._place(part, Span.of(place), is_verbatim=False)
        where = (self._unit, self._cut)
        how = (partial, self._old_type)
        self.steps.append(Step(start, self._size, self._direction, apart, self._restating, *where, *how))
        self._write(";\n")

    def sql(self, text: Text, place: Located, *, apart: bool = False) -> None:
        """Write SQL that the program has as a string; it may be several statements."""
        if text.is_partial and not text.value.strip("? \n"):
            return
        part = Written(text.value, text.inner, text.is_verbatim)
        self.statement([part], place, apart=apart, partial=text.is_partial)

    def opaque(self, place: Located, *, apart: bool = False) -> None:
        """Write that the program does something that only running it would tell."""
        self.statement([COMPUTED], place, apart=apart)

    def _place(self, text: str, place: Span, is_verbatim: bool) -> None:
        if text:
            self.segments.append(Segment(self._size, self._size + len(text), place, is_verbatim))
            self._write(text)

    def _write(self, text: str) -> None:
        self._parts.append(text)
        self._size += len(text)


def name(code: Code | None) -> Part | None:
    """Return a name the program has as a string, quoted where SQL asks for it; None if it is computed."""
    if not isinstance(code, Text) or code.is_partial or not code.value:
        return None
    text = quoted(code.value)
    return Written(text, code.inner, is_verbatim=text == code.value and code.is_verbatim)


def literal(value: str) -> str:
    """Return a string as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"
