"""Reading a rule's docstring: its sections, its examples, its equivalents.

A docstring has a first line and these headings in this order: What it does, Why it matters, Bad, Good,
Fix, References, Equivalent rules. Under Bad and Good every fenced block with a `title` is one file; a
trailing comment `<-` marks a line that is flagged, and is not part of the file. `line-ends="crlf"` after the
title gives the file those line ends; `at="base"` says that it was so at the revision that is compared with.
"""

import re
from typing import Final

from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

SECTIONS: Final = (
    "What it does",
    "Why it matters",
    "Bad",
    "Good",
    "Fix",
    "References",
    "Equivalent rules",
)

_HEADING = lazily(rf"^## ({'|'.join(SECTIONS)})$", re.M)
_FENCE = lazily(
    r'^```\w* title="(?P<path>[^"]+)"(?P<crlf> line-ends="crlf")?(?P<base> at="base")?\n(?P<body>.*?)^```$',
    re.M | re.S,
)
_MARK = lazily(r"[ \t]*(?:#|--|//|<!--) <-.*$", re.M)
_EQUIVALENT = lazily(r"^- `([a-z][\w-]*:[^`]+)`", re.M)


class Example(NamedTuple):
    """One file of an example, marks removed; `marked` holds the 1-based lines to be flagged.

    `is_base`: it is as it was at the revision that is compared with.
    """

    path: str
    text: str
    marked: tuple[int, ...]
    is_base: bool


def sections(doc: str) -> dict[str, str]:
    """Split a docstring at the headings it is to have; others belong to examples."""
    parts = _HEADING.split(doc)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def examples(doc: str, heading: str) -> list[Example]:
    """Return the files shown under `heading`."""
    found: list[Example] = []
    for match in _FENCE.finditer(sections(doc).get(heading, "")):
        body = match["body"]
        marked = tuple(n for n, line in enumerate(body.split("\n"), 1) if _MARK.search(line))
        text = _MARK.sub("", body)
        ends = text.replace("\n", "\r\n") if match["crlf"] else text
        found.append(Example(match["path"], ends, marked, match["base"] is not None))
    return found


def equivalents_of(doc: str) -> tuple[str, ...]:
    """Return the `tool:rule` names listed under Equivalent rules."""
    return tuple(_EQUIVALENT.findall(sections(doc).get("Equivalent rules", "")))
