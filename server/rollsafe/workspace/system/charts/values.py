"""Values of a chart: trees that remember where each of their leaves is written."""

from collections.abc import Iterator
from enum import Enum
from itertools import islice
from typing import Final, TypeAlias

from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, resolve
from rollsafe.formats.yaml import read_yaml
from rollsafe.text.patterns import lazily
from rollsafe.text.records import field, open_record, state
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.system.facts import Place, place_of

Plain: TypeAlias = bool | int | float | str | None
_MOST: Final = 20_000
_DEEPEST: Final = 60


class Unknown(Enum):
    """Stands for what only a rendering by Helm itself can tell."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN


class Leaf(NamedTuple):
    """A value without parts, and where it is written; None for one that a template makes."""

    value: Plain
    place: Place | None = None


class Piece(NamedTuple):
    """A stretch of rendered text, and where what it says is written."""

    text: str
    place: Place | None


@open_record
class Rendered:
    """A text that a template has made, in pieces."""

    pieces: tuple[Piece, ...]


@state
class Table:
    """Values by key; `places` tells where a key is written."""

    entries: "dict[str, Value]" = field(default_factory=dict[str, "Value"])
    places: dict[str, Place] = field(default_factory=dict[str, Place])


@open_record
class Items:
    """A list."""

    items: "tuple[Value, ...]" = ()


Value: TypeAlias = Leaf | Rendered | Table | Items | Unknown

NOTHING: Final = Leaf(None)


def read_values(file: SourceFile) -> Table:
    """Return the values a file holds; those of the first document, as Helm reads it."""
    documents = read_yaml(file.text).documents
    root = documents[0] if documents else None
    found = _Reader(file).value(root, 0) if isinstance(root, Mapping) else None
    return found if isinstance(found, Table) else Table()


class _Reader:
    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.left = _MOST

    def value(self, node: Node | None, depth: int) -> Value:
        """Return a node as a value; aliases are written out as long as the sum stays small."""
        self.left -= 1
        node = resolve(node)
        if self.left < 0 or depth > _DEEPEST:
            return UNKNOWN
        if isinstance(node, Mapping):
            found, own = Table(), {entry.name: entry.key for entry in node.entries}
            for name, inner in node.pairs():
                found.entries[name] = self.value(inner, depth + 1)
                found.places[name] = place_of(self.file, own.get(name, node))
            return found
        if isinstance(node, Sequence):
            return Items(tuple(self.value(item, depth + 1) for item in node.items))
        return Leaf(plain_of(node), place_of(self.file, node)) if isinstance(node, Scalar) else NOTHING


def plain_of(node: Scalar) -> Plain:
    """Return a scalar as YAML 1.1 reads it."""
    if node.is_null:
        return None
    whole, truth = node.as_int(), node.as_bool()
    if whole is not None:
        return whole
    return truth if truth is not None else node.text


def merged(over: Table, under: Table, depth: int = 0) -> Table:
    """Return `under` with what `over` says put over it; a null there takes the key away."""
    found = Table(dict(under.entries), dict(under.places))
    for key, value in over.entries.items():
        below = found.entries.get(key)
        if isinstance(value, Leaf) and value.value is None and below is not None:
            found.entries.pop(key)
            continue
        both = isinstance(value, Table) and isinstance(below, Table) and depth < _DEEPEST
        found.entries[key] = merged(value, below, depth + 1) if both else value  # type: ignore[arg-type]
        if key in over.places and not both:
            found.places[key] = over.places[key]
    return found


def at(value: Value, path: tuple[str, ...]) -> Value:
    """Return the value at a path; nothing where a step is not there."""
    for step in path:
        if value is UNKNOWN:
            return UNKNOWN
        if not isinstance(value, Table):
            return NOTHING
        value = value.entries.get(step, NOTHING)
    return value


def put(table: Table, path: tuple[str, ...], value: Value) -> Table:
    """Return a table with `value` at a path."""
    first, *rest = path
    below = table.entries.get(first)
    inner = put(below if isinstance(below, Table) else Table(), tuple(rest), value) if rest else value
    return Table({**table.entries, first: inner}, table.places)


def holds(value: Value) -> bool | None:
    """Say whether a value counts as true; None where that is not known."""
    match value:
        case Leaf(plain):
            return bool(plain)
        case Rendered():
            return any(piece.text for piece in value.pieces)
        case Table():
            return bool(value.entries)
        case Items():
            return bool(value.items)
        case _:
            return None


def pieces_of(value: Value) -> tuple[Piece, ...]:
    """Return what printing a value writes; a structure is written as Go would not be read back."""
    match value:
        case Leaf(plain, place):
            return (Piece(spelled(plain), place),) if plain is not None else ()
        case Rendered():
            return value.pieces
        case _:
            return (Piece("{{ }}", None),)


def text_of(value: Value) -> str:
    """Return what printing a value writes, without its places."""
    return "".join(piece.text for piece in pieces_of(value))


def spelled(plain: Plain) -> str:
    """Return a value without parts as Go prints it."""
    if plain is None:
        return ""
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, float) and plain.is_integer():
        return str(int(plain))
    return str(plain)


def first_place(value: Value) -> Place | None:
    """Return where the first part of a value is written that is written anywhere."""
    match value:
        case Leaf():
            return value.place
        case Rendered():
            return next((piece.place for piece in value.pieces if piece.place is not None), None)
        case _:
            return None


def is_known(value: Value) -> bool:
    """Say whether a value is known with all its parts; not for one of very many parts."""
    pending, left = [value], _MOST
    while pending:
        one = pending.pop()
        left -= 1
        if left < 0 or one is UNKNOWN:
            return False
        if isinstance(one, Table):
            pending += one.entries.values()
        elif isinstance(one, Items):
            pending += one.items
        elif isinstance(one, Rendered) and any("{{" in piece.text for piece in one.pieces):
            return False
    return True


# Writing YAML ------------------------------------------------------------------------------------


def yaml_of(value: Value) -> Value:
    """Return a value as YAML, each line with the place of what it says; UNKNOWN for very many lines."""
    lines = list(islice(_lines(value, ""), _MOST))
    if len(lines) == _MOST:
        return UNKNOWN
    pieces = [piece for line in lines for piece in line]
    while pieces and pieces[-1].text == "\n":
        pieces.pop()
    return Rendered(tuple(pieces))


def _lines(value: Value, indent: str) -> Iterator[tuple[Piece, ...]]:
    match value:
        case Table() if value.entries:
            for key, inner in value.entries.items():
                place = first_place(inner) or value.places.get(key)
                yield from _entry(f"{indent}{_quoted(key)}:", inner, indent, place)
        case Items() if value.items:
            for inner in value.items:
                yield from _item(inner, indent)
        case _:
            yield (Piece(f"{indent}{_scalar(value)}", first_place(value)), Piece("\n", None))


def _entry(head: str, inner: Value, indent: str, place: Place | None) -> Iterator[tuple[Piece, ...]]:
    if isinstance(inner, Table) and inner.entries:
        yield (Piece(head, place), Piece("\n", None))
        yield from _lines(inner, f"{indent}  ")
    elif isinstance(inner, Items) and inner.items:
        yield (Piece(head, place), Piece("\n", None))
        yield from _lines(inner, indent)
    else:
        yield (Piece(f"{head} {_scalar(inner)}", place), Piece("\n", None))


def _item(inner: Value, indent: str) -> Iterator[tuple[Piece, ...]]:
    """Yield an item of a list: its lines, the first with the dash."""
    for number, line in enumerate(_lines(inner, f"{indent}  ")):
        first = line[0]
        text = f"{indent}- {first.text[len(indent) + 2 :]}" if number == 0 else first.text
        yield (first._replace(text=text), *line[1:])


def _scalar(value: Value) -> str:
    match value:
        case Leaf(str() as text):
            return _quoted(text)
        case Leaf(None):
            return "null"
        case Leaf(plain):
            return spelled(plain)
        case Rendered():
            return _quoted(text_of(value))
        case Table():
            return "{}"
        case Items():
            return "[]"
        case _:
            return '"{{ }}"'


def _quoted(text: str) -> str:
    """Return a text as a YAML scalar; in quotes unless it is plainly a name."""
    if _PLAIN.fullmatch(text) and not _NUMBER.fullmatch(text) and text.lower() not in _WORDS:
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


_PLAIN = lazily(r"[A-Za-z0-9./_](?:[\w./@+%=,~-]|:(?=\S))*")
_NUMBER = lazily(r"[-+.\d][\d_.,:xoA-Fa-f+-]*(?:[eE][-+]?\d+)?")
"""What is, or may be, a number or a date."""

_WORDS: Final = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
