"""Whether a value is of the kind its field takes."""

import re
from typing import Final

from rollsafe.artefacts.shapes import letter_of
from rollsafe.artefacts.step_functions.fields import Number, Takes, Value, Words
from rollsafe.artefacts.step_functions.open_values import is_placeholder
from rollsafe.artefacts.step_functions.paths import PathKind, path_fault
from rollsafe.formats.nodes import Mapping, Node, Scalar

_BOOLEANS: Final = frozenset({"true", "false", "True", "False", "TRUE", "FALSE"})
_NUMBER = re.compile(r"-?\d+(\.\d+)?\Z")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)\Z")
_ARN = re.compile(
    r"arn:(aws|aws-cn|aws-us-gov|aws-iso[\w-]*):[^:\n]+:[^:\n]*:\d*:[^:/*]+([:/].*[^:/]+)?\Z", re.I
)


def letter(node: Node) -> str:
    """Return the type of a scalar as in shapes; `m` for an object, `l` for a list."""
    if isinstance(node, Scalar):
        return letter_of(node, _BOOLEANS)
    return "m" if isinstance(node, Mapping) else "l"


def value_fault(node: Node, takes: Takes, *, is_embedded: bool = False) -> str | None:
    """Return in words what a field takes instead of a value; None where the value is of that kind.

    Paths and templates are looked at by others. In a template of its own, CloudFormation turns numbers and
    texts into each other.
    """
    kind = letter(node)
    text = node.text if isinstance(node, Scalar) else ""
    if is_embedded and isinstance(node, Scalar) and kind in "sinb":
        kind = _converted(text, takes, kind)
    if isinstance(takes, Number):
        return None if _fits(kind, text, takes) else told_number(takes)
    if isinstance(takes, Words):
        is_one = kind == "s" and text in takes.words
        return None if is_one else "one of " + ", ".join(f"`{word}`" for word in takes.words)
    if takes is Value.TIME:
        return None if kind == "s" and _TIME.match(text) else takes
    if takes is Value.RESOURCE:
        return None if kind == "s" and (_ARN.match(text) or is_placeholder(text)) else takes
    wanted = {Value.TEXT: "s", Value.BOOLEAN: "b", Value.LIST: "l", Value.ERRORS: "l", Value.MAPPING: "m"}
    return takes if isinstance(takes, Value) and takes in wanted and kind != wanted[takes] else None


def told_number(takes: Number) -> str:
    """Return in words which numbers a field takes."""
    name = "a whole number" if takes.is_whole else "a number"
    if takes.least == float("-inf"):
        return name
    if takes.most == float("inf") or takes.most >= 1_000_000:
        return f"{name} from {takes.least:g}"
    return f"{name} from {takes.least:g} to {takes.most:g}"


def _fits(kind: str, text: str, takes: Number) -> bool:
    if kind not in "in":
        return False
    try:
        number = float(text.replace("_", ""))
    except ValueError:
        return True
    return takes.least <= number <= takes.most and (not takes.is_whole or number.is_integer())


def _converted(text: str, takes: Takes, kind: str) -> str:
    if isinstance(takes, Number):
        return "n" if _NUMBER.match(text) else kind
    if takes is Value.BOOLEAN:
        return "b" if text in _BOOLEANS else kind
    return "s"


def could_take(takes: Takes, node: Node) -> bool:
    """Say whether a value is of the kind a field takes, as far as a look at it tells."""
    if isinstance(takes, PathKind):
        return isinstance(node, Scalar) and path_fault(node.text, takes) is None
    if takes is Value.TEMPLATE:
        return letter(node) == "m"
    return value_fault(node, takes) is None
