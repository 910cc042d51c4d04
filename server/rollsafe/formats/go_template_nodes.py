"""The parts of a Go template, each with the place it is written at."""

from typing import TypeAlias

from rollsafe.text.tuples import NamedTuple


class Tag(NamedTuple):
    """A tag: as written, on one line; the line it begins on, 1-based; and its bounds in the text.

    `is_alone` tells that nothing else is on its lines.
    """

    source: str
    line: int
    start: int
    end: int
    is_alone: bool


class Literal(NamedTuple):
    """A value that is written out."""

    value: bool | int | float | str | None


class Field(NamedTuple):
    """`.a.b`; an empty path is the dot itself."""

    path: tuple[str, ...]


class Variable(NamedTuple):
    """`$name.a.b`; the name of `$` is empty."""

    name: str
    path: tuple[str, ...]


class Function(NamedTuple):
    """The name of a function, the first term of its command."""

    name: str


class Chain(NamedTuple):
    """`(…).a.b`."""

    of: "Pipe"
    path: tuple[str, ...]


Term: TypeAlias = "Literal | Field | Variable | Function | Chain | Pipe"


class Pipe(NamedTuple):
    """Commands, each of which gets what the one before it gives; `variables` take the result.

    `declares` tells `:=` from `=`.
    """

    variables: tuple[str, ...]
    declares: bool
    commands: tuple[tuple[Term, ...], ...]


class Text(NamedTuple):
    """Text that is printed as it is; it begins on `line`, 1-based, and at the offset `start`."""

    text: str
    line: int
    start: int


class Print(NamedTuple):
    """An action whose result is printed."""

    pipe: Pipe
    tag: Tag


class Broken(NamedTuple):
    """A tag nobody can read."""

    tag: Tag


class Branch(NamedTuple):
    """A part of a block: what is printed where `pipe` holds, or in the end where it is None."""

    pipe: Pipe | None
    body: "Body"


class Block(NamedTuple):
    """`if`, `with` or `range`, called `word`; `tag` is the one it begins with."""

    word: str
    branches: tuple[Branch, ...]
    tag: Tag


class Insert(NamedTuple):
    """`template "name" pipe`."""

    name: Term
    pipe: Pipe | None
    tag: Tag


Item: TypeAlias = Text | Print | Broken | Block | Insert
Body: TypeAlias = tuple[Item, ...]


class GoTemplate(NamedTuple):
    """A template and those it defines, by name; `sources` are the texts of these."""

    body: Body
    defined: dict[str, Body]
    sources: dict[str, str]
