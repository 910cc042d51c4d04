"""Where an ignore comment goes, and how it is written in each kind of file."""

import re
from datetime import date
from typing import Final

from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.found import Found
from rollsafe.formats.nodes import Scalar, walk
from rollsafe.formats.yaml import read_yaml
from rollsafe.text.tuples import NamedTuple

PLACEHOLDER: Final = "reason"

_SQL = re.compile(r"\.(sql|pgsql|lua)$")
_MARKUP = re.compile(r"\.(md|markdown|html|xml)$")
_SLASHES = re.compile(r"\.(prisma|js|ts|go|proto|jsonc)$")
_YAML = re.compile(r"\.ya?ml$")


class IgnoreComment(NamedTuple):
    """What to insert at `offset`: `before`, a reason, `after`."""

    offset: int
    before: str
    after: str

    @property
    def text(self) -> str:
        """The comment with a placeholder for the reason."""
        return f"{self.before}{PLACEHOLDER}{self.after}"


def ignore_comment(found: Found, until: date | None = None) -> IgnoreComment | None:
    """Return the comment that silences a finding; None where the format has no comments."""
    if found.path.endswith(".json"):
        return None
    expiry = f" until={until.isoformat()}" if until is not None else ""
    words = f"rollsafe: ignore[{found.rule.name}]{expiry} -- "
    if _MARKUP.search(found.path):
        return _behind(found, words)
    return _above(found, f"{_comment_mark(found.path)} {words}")


def _behind(found: Found, words: str) -> IgnoreComment:
    """Put the comment at the end of the line: above a heading it would be part of another section."""
    lines = found.file.lines
    end = lines.line_end(lines.line_of(found.span.start))
    return IgnoreComment(end, f" <!-- {words}", " -->")


def _above(found: Found, words: str) -> IgnoreComment:
    lines = found.file.lines
    line = lines.line_of(_place(found))
    text = lines.line_text(line)
    indent = text[: len(text) - len(text.lstrip(" \t"))]
    ends = "\r\n" if "\r\n" in found.file.text else "\n"
    return IgnoreComment(lines.line_start(line), indent + words, ends)


def _comment_mark(path: str) -> str:
    if _SQL.search(path):
        return "--"
    return "//" if _SLASHES.search(path) else "#"


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
