"""What a template leaves unsaid: values and keys that exist only after rendering.

The YAML reader blanks lines that hold nothing but tags, so a key can be missing from the tree
because a tag brings it. A rule about something absent asks here and stays quiet when in doubt.
"""

import re
from collections.abc import Iterator
from enum import Enum
from typing import Final, TypeAlias

from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, walk
from rollsafe.text.patterns import lazily

_PLACEHOLDER = lazily(r"\{\{|\$\{\w|\A\$[A-Za-z_]\w*\Z")
_TAG = lazily(r"(?<!\$)\{\{[-\s]*(?P<action>[^}]*)\}\}", re.S)
_CONTROL = lazily(r"(?:if|else|end|with|range|define|block|break|continue)\b|/\*|\$\w*\s*:?=")
_INDENT = lazily(r"\bn?indent\s+(\d{1,4})\b")
_ARGUMENT = lazily(r"\s*args\.[\w-]+\s*\}\}")
_TEXT_WINDOW: Final = 20_000
"""A tag is looked for at most this far behind a node; real templates need a few lines."""


class Templated(Enum):
    """Stands for a value that only rendering can tell."""

    TEMPLATED = "templated"


TEMPLATED: Final = Templated.TEMPLATED

Amount: TypeAlias = int | Templated | None
"""A whole number; TEMPLATED when rendering decides it; None when absent or not a number."""

Share: TypeAlias = int | str | Templated | None
"""A whole number or a text such as `25%` or a port name; otherwise as `Amount`."""


def is_placeholder(text: str) -> bool:
    """Say whether `text` holds a template tag or an environment placeholder such as `${TAG}`."""
    return ("{" in text or "$" in text) and _PLACEHOLDER.search(text) is not None


def is_rendered(text: str) -> bool:
    """Say whether a file with tags is one that a program renders before a cluster sees it.

    What an analysis of Argo Rollouts fills in itself stands in double braces, too.
    """
    return "{{" not in text or any(_ARGUMENT.match(part) is None for part in text.split("{{")[1:])


def amount_at(node: Node | None, *path: str) -> Amount:
    """Return the whole number at `path`."""
    found = node.at(*path) if node is not None else None
    if not isinstance(found, Scalar):
        return None
    number = found.as_int()
    if number is None and is_placeholder(found.text):
        return TEMPLATED
    return number


def share_at(node: Node | None, *path: str) -> Share:
    """Return the number or text at `path`, as Kubernetes' IntOrString reads it."""
    found = node.at(*path) if node is not None else None
    if not isinstance(found, Scalar) or found.is_null:
        return None
    number = found.as_int()
    if number is not None:
        return number
    return TEMPLATED if is_placeholder(found.text) else found.text


def is_format_field(node: Node | None) -> bool:
    """Say whether a value is what a program fills in: `{name}`, a mapping of one bare word."""
    if not isinstance(node, Mapping) or not node.flow or len(node.entries) != 1:
        return False
    entry = node.entries[0]
    value = entry.value
    is_bare = isinstance(value, Scalar) and value.is_null and value.start == value.end
    return is_bare and entry.name.isidentifier()


def holds_placeholder(node: Node) -> bool:
    """Say whether a scalar in or below `node` holds a placeholder."""
    return any(isinstance(part, Scalar) and is_placeholder(part.text) for part in walk(node))


def may_hold_more(text: str, node: Node) -> bool:
    """Say whether a template tag may add keys or items to `node`, or fill it when it is empty.

    `text` is the whole file. A tag that ends in `nindent 8` belongs to what begins in column 8.
    """
    if isinstance(node, Scalar):
        return node.is_null and bool(_output_indents(_behind(text, node.end)))
    column = _column(text, node.start)
    return any(
        indent is None or indent == column for gap in _gaps(text, node) for indent in _output_indents(gap)
    )


def _column(text: str, offset: int) -> int:
    return offset - _line_start(text, offset)


def _gaps(text: str, node: Node) -> Iterator[str]:
    """Yield the stretches of `text` in and around `node` that are in none of its children."""
    yield _ahead(text, node.start)
    at = node.start
    for child in _children(node):
        if child.start > at:
            yield text[at : child.start]
        at = max(at, child.end)
    yield _behind(text, max(at, node.end))


def _children(node: Node) -> Iterator[Node]:
    if isinstance(node, Mapping):
        for entry in node.entries:
            yield entry.key
            yield entry.value
    elif isinstance(node, Sequence):
        yield from node.items


def _behind(text: str, at: int) -> str:
    """Return what follows `at` up to the next thing that is not blank, a comment or a tag."""
    start, limit = at, min(len(text), at + _TEXT_WINDOW)
    while at < limit:
        if text[at] in " \t\r\n":
            at += 1
        elif text[at] == "#":
            at = _line_end(text, at)
        elif text.startswith("{{", at):
            closing = text.find("}}", at, limit)
            at = closing + 2 if closing >= 0 else limit
        else:
            break
    return text[start:at]


def _ahead(text: str, at: int) -> str:
    """Return the lines before that of `at` that are blank, a comment or a tag."""
    end = begin = _line_start(text, at)
    limit = max(0, begin - _TEXT_WINDOW)
    while begin > limit:
        above = _line_start(text, begin - 1)
        line = text[above:begin].strip().removeprefix("- ").lstrip()
        if line and line[0] != "#" and not (line.startswith("{{") and line.endswith("}}")):
            break
        begin = above
    return text[begin:end]


def _line_start(text: str, at: int) -> int:
    after_feed = text.rfind("\n", 0, at) + 1
    return max(after_feed, text.rfind("\r", after_feed, at) + 1)


def _line_end(text: str, at: int) -> int:
    feed = text.find("\n", at)
    end = feed if feed >= 0 else len(text)
    found = text.find("\r", at, end)
    return found if found >= 0 else end


def _output_indents(gap: str) -> list[int | None]:
    """Return, for every tag in `gap` that prints something, the column it says it prints at."""
    if "{{" not in gap:
        return []
    found: list[int | None] = []
    for tag in _TAG.finditer(gap):
        action = tag["action"]
        is_comment = "#" in gap[_line_start(gap, tag.start()) : tag.start()]
        if not is_comment and not _CONTROL.match(action):
            indent = _INDENT.search(action)
            found.append(int(indent[1]) if indent else None)
    return found
