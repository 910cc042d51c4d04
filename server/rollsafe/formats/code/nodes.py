"""What a program consists of, as far as a declarative one needs it; places are offsets in code points."""

from collections.abc import Iterator
from typing import Final, TypeAlias

from rollsafe.formats.problems import Problem
from rollsafe.text import Span
from rollsafe.text.records import record


@record
class Text:
    """A string, or a Ruby symbol.

    `inner` is the place of its characters without quotes. `is_verbatim` tells that the source has exactly
    the characters of `value` there. `is_partial` tells that parts are computed; `value` has `?` for each.
    """

    start: int
    end: int
    value: str
    inner: Span
    is_verbatim: bool
    is_partial: bool = False
    is_symbol: bool = False


@record
class Literal:
    """A number, a truth value or the absence of a value."""

    start: int
    end: int
    value: int | float | bool | None


@record
class Name:
    """A name with its dots: `models.CharField`, `this.table`, `ActiveRecord::Base`."""

    start: int
    end: int
    path: str


@record
class Items:
    """A list, tuple, array or set."""

    start: int
    end: int
    items: "tuple[Code, ...]"


@record
class Argument:
    """A value under a name: a keyword argument, or an entry of a dict, hash or object.

    `name` is empty for a key that is computed.
    """

    start: int
    end: int
    name: str
    name_at: Span
    value: "Code"


@record
class Pairs:
    """A dict, hash or object."""

    start: int
    end: int
    entries: tuple[Argument, ...]

    def get(self, *names: str) -> "Code | None":
        """Return the value under the first of `names` that is there."""
        return _named(self.entries, names)


@record
class Call:
    """A call: `on.name(arguments, named) { block }`; `on` is None for a plain function."""

    start: int
    end: int
    on: "Code | None"
    name: str
    name_at: Span
    arguments: "tuple[Code, ...]"
    named: tuple[Argument, ...]
    block: "Function | None" = None

    @property
    def path(self) -> str:
        """The dotted name of what is called; what the call is made on counts only if it is a name."""
        return f"{self.on.path}.{self.name}" if isinstance(self.on, Name) else self.name

    def at(self, position: int, *names: str) -> "Code | None":
        """Return the argument at `position`, or the one under one of `names`."""
        if 0 <= position < len(self.arguments):
            return self.arguments[position]
        return _named(self.named, names)

    def get(self, *names: str) -> "Code | None":
        """Return the value under the first of `names`, also in a final object argument."""
        found = _named(self.named, names)
        if found is None and self.arguments and isinstance(last := self.arguments[-1], Pairs):
            return last.get(*names)
        return found


@record
class Function:
    """A function, method, arrow function or Ruby block; `name` is empty for one without."""

    start: int
    end: int
    name: str
    parameters: tuple[str, ...]
    body: "tuple[Code, ...]"


@record
class Class:
    """A class; `bases` are the dotted names it is derived from, interfaces included."""

    start: int
    end: int
    name: str
    bases: tuple[str, ...]
    body: "tuple[Code, ...]"


@record
class Assign:
    """A value that gets a name: `atomic = False`, `exports.up = …`."""

    start: int
    end: int
    name: str
    name_at: Span
    value: "Code"


@record
class Block:
    """Statements under a head: `kind` is `if`, `for`, `with`, `try`, `except` or another keyword.

    `names` are the variables a `with` binds, one for each of `head` and empty without one.
    """

    start: int
    end: int
    kind: str
    head: "tuple[Code, ...]"
    names: tuple[str, ...]
    body: "tuple[Code, ...]"


@record
class Opaque:
    """Anything else, with what was recognised inside of it."""

    start: int
    end: int
    parts: "tuple[Code, ...]" = ()


@record
class Remark:
    """A comment; `body` is its text without the marks."""

    start: int
    end: int
    body: str


Code: TypeAlias = (
    Text | Literal | Name | Items | Pairs | Call | Function | Class | Assign | Block | Opaque | Argument
)


class Program:
    """A source file: its top-level statements, its comments, what its imported names stand for."""

    __slots__ = ("body", "comments", "imports", "problems")

    def __init__(
        self,
        body: tuple[Code, ...] = (),
        comments: tuple[Remark, ...] = (),
        imports: dict[str, str] | None = None,
        problems: tuple[Problem, ...] = (),
    ) -> None:
        self.body = body
        self.comments = comments
        self.imports: dict[str, str] = imports or {}
        self.problems = problems

    def full_name(self, path: str) -> str:
        """Return a dotted name with its first part replaced by what was imported under it."""
        first, dot, rest = path.partition(".")
        return f"{self.imports.get(first, first)}{dot}{rest}"

    def assigned(self, name: str) -> Code | None:
        """Return the value a top-level name is given last."""
        found = [one.value for one in self.body if isinstance(one, Assign) and one.name == name]
        return found[-1] if found else None

    def function(self, name: str) -> Function | None:
        """Return the top-level function of a name."""
        found = (one for one in self.body if isinstance(one, Function) and one.name == name)
        return next(found, None)

    def classes(self) -> Iterator[Class]:
        """Yield the top-level classes."""
        return (one for one in self.body if isinstance(one, Class))


def _named(entries: tuple[Argument, ...], names: tuple[str, ...]) -> Code | None:
    for name in names:
        for one in entries:
            if one.name == name:
                return one.value
    return None


_MAX_DEPTH: Final = 200


def walk(code: Code, depth: int = 0) -> Iterator[Code]:
    """Yield a node and everything in it, in source order of the beginnings where they nest."""
    yield code
    if depth < _MAX_DEPTH:
        for one in children(code):
            yield from walk(one, depth + 1)


def children(code: Code) -> tuple[Code, ...]:
    """Return the nodes right below one."""
    match code:
        case Items():
            return code.items
        case Pairs():
            return code.entries
        case Argument() | Assign():
            return (code.value,)
        case Call():
            on = (code.on,) if code.on is not None else ()
            block = (code.block,) if code.block is not None else ()
            return (*on, *code.arguments, *code.named, *block)
        case Function() | Class():
            return code.body
        case Block():
            return (*code.head, *code.body)
        case Opaque():
            return code.parts
        case _:
            return ()
