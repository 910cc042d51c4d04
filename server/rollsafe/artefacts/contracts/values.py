"""What the nodes of a document stand for in JSON: types, plain values, formats of texts."""

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from rollsafe.artefacts.contracts.patterns import longest_text
from rollsafe.artefacts.shapes import letter_of
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, resolve
from rollsafe.text.patterns import lazily

Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"
"""A value of JSON."""

_BOOLEANS: Final = frozenset({"true", "True", "TRUE", "false", "False", "FALSE"})
_TYPES: Final = {"s": "string", "i": "integer", "n": "number", "b": "boolean", "0": "null", "?": ""}
_MOST: Final = 20_000
_DEEPEST: Final = 80
_CHARACTER = r"[^\s<>\"{}|\\^`]"
_URI = lazily(rf"[A-Za-z][A-Za-z0-9+.-]*:{_CHARACTER}*\Z")
_DATE = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?"
_FORMATS: Final = {
    "uri": _URI,
    "iri": re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S*\Z"),
    "uri-reference": re.compile(rf"{_CHARACTER}*\Z"),
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+\Z"),
    "uuid": re.compile(r"(?:urn:uuid:)?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\Z", re.I),
    "date": re.compile(rf"{_DATE}\Z"),
    "time": re.compile(rf"{_TIME}(?:z|[+-]\d\d(?::?\d\d)?)?\Z", re.I),
    "duration": re.compile(
        r"P(?!\Z)(?:\d+W|(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)\Z"
    ),
    "json-pointer": re.compile(r"(?:/(?:[^~/]|~0|~1)*)*\Z"),
    "date-time": re.compile(rf"{_DATE}[t\s]{_TIME}(?:z|[+-]\d\d(?::?\d\d)?)\Z", re.I),
    "ipv4": re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!\Z)|\Z)){4}\Z"),
    "byte": re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\Z"),
    "uri-template": re.compile(
        r"(?:[^\x00-\x20\"'<>%\\^`{|}]|%[0-9a-f]{2}|\{[+#./;?&=,!@|]?[\w%.]+(?::\d+|\*)?(?:,[\w%.]+(?::\d+|\*)?)*\})*\Z",
        re.I,
    ),
    "media-range": re.compile(r"[^/\s]+/[^/\s]+.*\Z"),
}
_LONGEST: Final = 10_000
_LONGEST_PATTERN: Final = 500


def type_of(node: Node) -> str:
    """Return the JSON type of a value; empty for one with a tag of its own, `integer` for whole numbers."""
    if isinstance(node, Mapping):
        return "object"
    if isinstance(node, Sequence):
        return "array"
    return _TYPES[letter_of(node, _BOOLEANS)] if isinstance(node, Scalar) else ""


def number_of(node: Node) -> float | int | None:
    """Return the number a scalar stands for."""
    if not isinstance(node, Scalar) or type_of(node) not in ("integer", "number"):
        return None
    text = node.text.replace("_", "")
    whole = node.as_int()
    if whole is not None:
        return whole
    try:
        return float(text)
    except (ValueError, OverflowError):
        return None


def plain(node: Node | None) -> Value:
    """Return a value without places; what is too large or too deep is cut off."""
    return _Plain(_MOST).of(node, 0)


def whole(node: Node | None, most: int) -> tuple[Value, int]:
    """Return a value without places and how many nodes it took; -1 of them for one that had to be cut off."""
    found = _Plain(most)
    value = found.of(node, 0)
    return value, -1 if found.is_cut else most - found.left


class _Plain:
    """Converts a bounded number of nodes."""

    def __init__(self, most: int) -> None:
        self.left = most
        self.is_cut = False

    def of(self, node: Node | None, depth: int) -> Value:
        """Return a value `depth` levels below the first one."""
        node = resolve(node)
        self.left -= 1
        if self.left < 0 or depth > _DEEPEST:
            self.is_cut = True
        if node is None or self.is_cut:
            return None
        if isinstance(node, Mapping):
            return {name: self.of(value, depth + 1) for name, value in node.pairs()}
        if isinstance(node, Sequence):
            return [self.of(item, depth + 1) for item in node.items]
        return _scalar(node) if isinstance(node, Scalar) else None


def _scalar(node: Scalar) -> Value:
    kind = type_of(node)
    if kind == "null":
        return None
    if kind == "boolean":
        return node.text[0] in "tT"
    number = number_of(node)
    return number if number is not None else node.text


def same(one: Value, other: Value) -> bool:
    """Say whether two values are the same in JSON: `1` is `1.0`, and `true` is no number."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    return one == other


def fits_format(text: str, name: str) -> bool:
    """Say whether a text is of a format of JSON Schema; formats nobody knows fit everything."""
    if len(text) > _LONGEST:
        return True
    if name == "regex":
        return _is_pattern(text)
    pattern = _FORMATS.get(name)
    return pattern is None or pattern.match(text) is not None


def searching(pattern: str) -> Callable[[str], bool] | None:
    """Return what says whether a text matches a pattern of JavaScript; None for one not understood.

    A text that would take long is said to match.
    """
    longest = longest_text(pattern) if len(pattern) <= _LONGEST_PATTERN else 0
    if not longest:
        return None
    try:
        found = re.compile(pattern, re.A)
    except (re.error, OverflowError, RecursionError):
        return None
    return lambda text: len(text) > longest or found.search(text) is not None


def _is_pattern(text: str) -> bool:
    """Say whether brackets and parentheses of a pattern are closed; more differs between languages."""
    bare = re.sub(r"\\.", "", text, flags=re.S)
    bare = re.sub(r"\[\^?\]?[^\]]*\]", "", bare)
    depth = 0
    for letter in bare:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            return False
    return depth == 0 and "[" not in bare
