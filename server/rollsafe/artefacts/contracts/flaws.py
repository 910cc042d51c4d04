"""What can be wrong with a value, and what schemas say apart from any value."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from rollsafe.artefacts.contracts.values import Value
from rollsafe.formats.nodes import Mapping, Node, resolve

Schema: TypeAlias = "bool | dict[str, Value]"

_HOPS: Final = 20
_SMALL: Final = 120
"""Characters below which a part is not remembered."""
_NOTHING: Final[frozenset[str]] = frozenset()


class FlawKind(StrEnum):
    """What is wrong at a place."""

    UNKNOWN = "unknown key"
    MISSING = "missing key"
    TYPE = "wrong type"
    WORD = "not one of the words"
    PATTERN = "not of the pattern"
    FORMAT = "not of the format"
    RANGE = "too small or too large"
    COUNT = "too few or too many"
    DUPLICATE = "the same again"
    REFERENCE = "no reference is read here"
    OTHER = "told by the schema"


class Flaw(NamedTuple):
    """A value that is not what its schema says.

    `where` is the key that is unknown, the value that is wrong, or the mapping that lacks a key. `names` are
    the keys, words or types there may be, `limit` the bound or pattern. `path` leads to the value (of a
    missing key to where it would be).
    """

    kind: FlawKind
    where: Node
    key: str
    path: tuple[str, ...]
    holder: Mapping | None = None
    names: tuple[str, ...] = ()
    limit: str = ""
    alternative: tuple[str, ...] | None = None
    """The way to the nearest value around that fits none of the alternatives there are."""


class Known(NamedTuple):
    """Parts of texts that were found without fault before, by schema and hash of the part.

    A part is judged alike wherever it stands, as long as it is indented alike, which decides what its lines
    mean, and nothing in it stands for something else. `has_aliases` says that something in the text may.
    """

    text: str
    good: dict[tuple[int, int], frozenset[str]]
    has_aliases: bool

    def key(self, node: Node, schema: object) -> tuple[int, int] | None:
        """Return what a part is known by; None for one that is judged as fast as it is looked up."""
        if node.end - node.start < _SMALL:
            return None
        start = node.start
        part = self.text[start : node.end]
        if self.has_aliases and "*" in part:
            return None
        column = start - self.text.rfind("\n", 0, start)
        return id(schema), hash((column, part))


class Options(NamedTuple):
    """How schemas are read. `null` is the keyword that lets a value be null beside its type."""

    find: "Callable[[str], Schema | None]"
    lead: Callable[[str], Node | None] | None = None
    """Follows the references of the value, which are then no part of it."""
    null: str = ""
    is_reference_alone: bool = False
    """Whether what stands beside `$ref` in a schema is ignored."""
    known: Known | None = None
    optional: frozenset[str] = _NOTHING
    """Words such as `readOnly`: properties that are marked so may be left out."""


def schemas_in(value: Value) -> Iterator[Schema]:
    """Yield the schemas of a list."""
    for one in value if isinstance(value, list) else ():
        if isinstance(one, bool | dict):
            yield one


def reworded(flaws: list[Flaw], schema: Schema, node: Node, path: tuple[str, ...]) -> list[Flaw]:
    """Return the flaws as a schema words them itself: one for all that are about the value as a whole."""
    message, own = (
        (schema.get("errorMessage"), schema.get("required")) if isinstance(schema, dict) else (0, 0)
    )
    required: list[Value] = []
    if isinstance(message, dict):
        message = next((one for key, one in message.items() if key in ("not", "anyOf")), None)
        required = own if isinstance(own, list) else []
    if not isinstance(message, str):
        return flaws
    about = [one for one in flaws if one.where is node and one.key not in required]
    if not about:
        return flaws
    names = tuple(one.key for one in about if one.kind is FlawKind.MISSING)
    told = Flaw(FlawKind.OTHER, node, "", path, None, names, message)
    return [*(one for one in flaws if one not in about), told]


def takes_reference(schema: Schema, find: "Callable[[str], Schema | None]", depth: int) -> bool:
    """Say whether a mapping may be a reference where this schema holds."""
    if isinstance(schema, bool) or depth > _HOPS:
        return True
    properties, target = schema.get("properties"), schema.get("$ref")
    if isinstance(properties, dict) and "$ref" in properties:
        return True
    if schema.get("additionalProperties") is False:
        return False
    if isinstance(target, str) and not takes_reference(find(target) or True, find, depth + 1):
        return False
    either = [*schemas_in(schema.get("oneOf")), *schemas_in(schema.get("anyOf"))]
    if either and not any(takes_reference(one, find, depth + 1) for one in either):
        return False
    return all(takes_reference(one, find, depth + 1) for one in schemas_in(schema.get("allOf")))


def names_in(schema: Schema, find: "Callable[[str], Schema | None]", depth: int) -> set[str]:
    """Return the keys that a schema and those it is made of know."""
    if isinstance(schema, bool) or depth > 6:
        return set()
    properties, target = schema.get("properties"), schema.get("$ref")
    names = set(properties) if isinstance(properties, dict) else set[str]()
    inner = [
        *schemas_in(schema.get("allOf")),
        *schemas_in(schema.get("oneOf")),
        *schemas_in(schema.get("anyOf")),
    ]
    inner += [one for word in ("then", "else") if isinstance(one := schema.get(word), dict)]
    dependent = schema.get("dependentSchemas")
    inner += (
        [one for one in dependent.values() if isinstance(one, dict)] if isinstance(dependent, dict) else []
    )
    found = find(target) if isinstance(target, str) else None
    for one in [*inner, *([found] if found is not None else [])]:
        names |= names_in(one, find, depth + 1)
    return names


def told_word(word: Value) -> str:
    """Return a word of an enum as it is written."""
    if isinstance(word, bool):
        return "true" if word else "false"
    return "null" if word is None else str(word)


def distance(flaws: list[Flaw], node: Node) -> tuple[int, ...]:
    """Return how far a value is from an alternative: whether it is another kind of thing, then how wrong."""
    is_reference = any(one.kind is FlawKind.MISSING and one.key == "$ref" for one in flaws)
    is_other = any(one.kind in (FlawKind.TYPE, FlawKind.OTHER) and one.where is node for one in flaws)
    children = {id(resolve(one.value)) for one in node.entries} if isinstance(node, Mapping) else set[int]()
    told_apart = any(one.kind is FlawKind.WORD and id(one.where) in children for one in flaws)
    near = sum(one.holder is node for one in flaws)
    return is_reference, is_other, told_apart, near, len(flaws)
