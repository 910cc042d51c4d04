"""Where an ignore comment goes, and how it is written in each kind of file."""

import re
from datetime import date
from typing import Final, NamedTuple

from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.found import Found
from rollsafe.formats.nodes import Scalar, walk
from rollsafe.formats.yaml import read_yaml

PLACEHOLDER: Final = "reason"

_SQL = re.compile(r"\.(sql|pgsql|lua)$")
_MARKUP = re.compile(r"\.(md|markdown|html|xml)$")
_SLASHES = re.compile(r"\.(prisma|js|ts|go|proto|jsonc)$")
_YAML = re.compile(r"\.ya?ml$")


class IgnoreComment(NamedTuple):
    """A line to insert at `offset`: `before`, a reason, `after`."""

    offset: int
    before: str
    after: str

    @property
    def text(self) -> str:
        """The line with a placeholder for the reason."""
        return f"{self.before}{PLACEHOLDER}{self.after}"


def ignore_comment(found: Found, until: date | None = None) -> IgnoreComment | None:
    """Return the comment that silences a finding; None where the format has no comments."""
    marks = _comment_marks(found.path)
    if marks is None:
        return None
    opening, closing = marks
    lines = found.file.lines
    line = lines.line_of(_place(found))
    start = lines.line_start(line)
    text = lines.line_text(line)
    indent = text[: len(text) - len(text.lstrip(" \t"))]
    expiry = f" until={until.isoformat()}" if until is not None else ""
    ends = "\r\n" if "\r\n" in found.file.text else "\n"
    before = f"{indent}{opening} rollsafe: ignore[{found.rule.name}]{expiry} -- "
    return IgnoreComment(start, before, f"{closing}{ends}")


def _comment_marks(path: str) -> tuple[str, str] | None:
    if path.endswith(".json"):
        return None
    if _SQL.search(path):
        return "--", ""
    if _MARKUP.search(path):
        return "<!--", " -->"
    return ("//", "") if _SLASHES.search(path) else ("#", "")


def _place(found: Found) -> int:
    """Return an offset on the line that the comment goes above."""
    if _YAML.search(found.path):
        return _before_text(found.file, found.span.start)
    return found.span.start


def _before_text(file: SourceFile, offset: int) -> int:
    """Return where the text that holds `offset` begins: a comment inside of it would be part of it."""
    line = file.lines.line_of(offset)
    for document in read_yaml(file.text).documents:
        for node in walk(document):
            if isinstance(node, Scalar) and node.start <= offset < node.end:
                return node.start if file.lines.line_of(node.start) < line else offset
    return offset
