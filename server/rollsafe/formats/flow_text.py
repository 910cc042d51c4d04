"""Writing a YAML value in flow style or as JSON: what a block becomes inside of braces."""

from typing import Final

from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, resolve
from rollsafe.text.patterns import lazily

_JSON = lazily(r"[\ufeff\s]*(?:\{\s*\"|\[)")
_LITERAL = lazily(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")
_SPECIAL: Final = frozenset(",[]{}")
_STEP = lazily(r"[{\[][ \t]*\r?\n([ \t]+)\S")


def is_json(text: str) -> bool:
    """Say whether a file is written as JSON, whatever its name is."""
    return _JSON.match(text) is not None


def step_of(text: str) -> str:
    """Return by how much a JSON file moves what is inside of braces to the right."""
    found = _STEP.search(text)
    return found[1] if found is not None else "  "


def as_flow(value: str) -> str:
    """Return the YAML `value` in flow style on one line; flow style stays as it is."""
    node = None if _is_flow(value) else _read(value)
    return value if node is None else _flow(node)


def as_json(value: str, line: str | None, step: str) -> str:
    """Return the YAML `value` as JSON; flow style on one line stays as it is.

    `line` is the line break and the indentation of the line that the value begins on, and `step` how much
    deeper entries stand; without `line` everything is on one line.
    """
    node = None if _is_flow(value) else _read(value)
    return value if node is None else _json(node, line, step)


def _is_flow(value: str) -> bool:
    return "\n" not in value and value.startswith(("{", "[", '"'))


def _read(value: str) -> Node | None:
    from rollsafe.formats.yaml import read_yaml  # many rules write YAML, and few runs get there

    return next(iter(read_yaml(value).documents), None)


def _flow(node: Node | None) -> str:
    node = resolve(node)
    if isinstance(node, Mapping):
        return "{" + ", ".join(f"{entry.name}: {_flow(entry.value)}" for entry in node.entries) + "}"
    if isinstance(node, Sequence):
        return "[" + ", ".join(map(_flow, node.items)) + "]"
    if not isinstance(node, Scalar):
        return "null"
    return node.text if node.plain and _SPECIAL.isdisjoint(node.text) else _quoted(node.text)


def _json(node: Node | None, line: str | None, step: str) -> str:
    node = resolve(node)
    deeper = None if line is None else line + step
    if isinstance(node, Mapping):
        parts = [f"{_quoted(entry.name)}: {_json(entry.value, deeper, step)}" for entry in node.entries]
        return _braced("{}", parts, line, step)
    if isinstance(node, Sequence):
        return _braced("[]", [_json(item, deeper, step) for item in node.items], line, step)
    if not isinstance(node, Scalar):
        return "null"
    return node.text if node.plain and _LITERAL.fullmatch(node.text) else _quoted(node.text)


def _quoted(text: str) -> str:
    from json import dumps  # many rules write YAML, and few runs get there

    return dumps(text)


def _braced(braces: str, parts: list[str], line: str | None, step: str) -> str:
    if line is None or not parts:
        return braces[0] + ", ".join(parts) + braces[1]
    return braces[0] + ",".join(f"{line}{step}{part}" for part in parts) + line + braces[1]
