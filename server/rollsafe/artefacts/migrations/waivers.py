"""Comments by which other tools are told to be quiet: whoever wrote one has looked at the statement."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from rollsafe.formats.sql import SqlComment

_HINTS: Final = ("ignore", "suppress", "noqa", "nolint", "disable-next")
_NAME = re.compile(r"[\w/-]+")
_LISTED = r"(?P<rules>(?:[ \t]*,?[ \t]*\[?[\w/-]+\]?)*)"
_FORMS: Final = (
    ("squawk", True, re.compile(rf"squawk-ignore-file\b:?{_LISTED}", re.I)),
    ("squawk", False, re.compile(rf"squawk-ignore\b(?!-):?{_LISTED}", re.I)),
    ("pgls", True, re.compile(r"pgls-ignore-all\b[ \t]*(?P<rules>[\w/]*)", re.I)),
    ("pgls", False, re.compile(r"pgls-ignore\b(?!-)[ \t]*(?P<rules>[\w/]*)", re.I)),
    ("pgfence", False, re.compile(rf"pgfence(?:-ignore\b|:[ \t]*ignore\b):?{_LISTED}", re.I)),
    ("pg-migration-lint", True, re.compile(rf"pgm-lint:suppress-file\b{_LISTED}", re.I)),
    ("pg-migration-lint", False, re.compile(rf"pgm-lint:suppress\b(?!-){_LISTED}", re.I)),
    ("eugene", False, re.compile(rf"eugene:[ \t]*ignore\b:?{_LISTED}", re.I)),
    ("pgrubic", True, re.compile(rf"pgrubic:[ \t]*noqa\b:?{_LISTED}", re.I)),
    ("pgrubic", False, re.compile(rf"noqa\b:?{_LISTED}", re.I)),
    ("atlas", False, re.compile(rf"atlas:nolint\b{_LISTED}", re.I)),
    (
        "drizzle-migration-lint",
        False,
        re.compile(r"drizzle-migration-lint:disable-next-statement\b[ \t]*(?P<rules>[\w-]*)", re.I),
    ),
    ("pandadoc-migration-lint", False, re.compile(r"migration-lint:[ \t]*ignore\b(?P<rules>)", re.I)),
)


class Waiver(NamedTuple):
    """What one comment switches off: `tool:rule` names, or `tool:*`; for the whole file or one statement."""

    comment: SqlComment
    names: frozenset[str]
    is_for_file: bool


def waivers_of(comments: Iterable[SqlComment]) -> list[Waiver]:
    """Return the comments that speak to another tool, in order."""
    found = (_waiver(comment) for comment in comments if any(hint in comment.text for hint in _HINTS))
    return [one for one in found if one is not None]


def _waiver(comment: SqlComment) -> Waiver | None:
    body = comment.body
    for tool, is_for_file, form in _FORMS:
        match = form.match(body)
        if match is not None:
            listed = (name.rpartition("/")[2] for name in _NAME.findall(match["rules"]))
            names = frozenset(f"{tool}:{name}" for name in listed)
            return Waiver(comment, names or frozenset({f"{tool}:*"}), is_for_file)
    return None
