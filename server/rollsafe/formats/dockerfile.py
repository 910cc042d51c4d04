"""Dockerfiles and Containerfiles: one pass over the lines.

Knows directives, continuations (with comments and blank lines inside), here-documents and the shape of an
instruction; what arguments mean is not known here. A file that is being typed stays readable: a
continuation or an open here-document that would swallow the next instruction ends before it.
"""

import re
from bisect import bisect_left
from typing import Final

from rollsafe.formats.dockerfile_nodes import (
    KEYWORDS,
    Comment,
    Directive,
    DockerfileTree,
    Heredoc,
    Instruction,
)
from rollsafe.formats.dockerfile_words import FILLER, MAX_BODY, heredoc_marker, raw_words, unquote
from rollsafe.formats.problems import Problem
from rollsafe.text import Span
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily

MAX_CHARS: Final = 1_048_576
MAX_LINES: Final = 10_000
MAX_INSTRUCTIONS: Final = 2_000
_MAX_HEREDOCS: Final = 16

_BLANKS: Final = " \t\f\v"
_SPACE = lazily(r"[ \t\f\v\r\n]*")
_BLANK = lazily(r"[ \t\f\v]*")
_LINE_END = lazily(r"[\r\n]|\Z")
_BREAK = lazily(r"\r\n|\r|\n|\Z")
_LINE = lazily(r"[^\r\n]+")
_KEYWORD = lazily(rf"[^\s{FILLER}]+")
_DIRECTIVE = lazily(r"#[ \t]*([A-Za-z][A-Za-z0-9]*)[ \t]*=[ \t]*([^\r\n]*)")
_DIRECTIVES: Final = frozenset({"escape", "syntax", "check"})
_INSTRUCTION_LINE = lazily(rf"(?:{'|'.join(sorted(KEYWORDS))})[ \t]")
_NEXT_INSTRUCTION = lazily(rf"(?<=[\r\n])(?:{'|'.join(sorted(KEYWORDS))})[ \t]")
_PLAIN = lazily(rf"[ \t\f\v\r\n]*(([A-Za-z]+)[ \t]+(?=[^ \t\f\v\r\n{FILLER}])[^\r\n]*)")
"""An instruction with arguments, up to the end of its first line."""
_HEREDOC_KEYWORDS: Final = frozenset({"RUN", "COPY", "ADD"})


def read_dockerfile(text: str) -> DockerfileTree:
    """Read a Dockerfile; never raises.

    A text with too many characters or lines gives an empty tree and a fatal problem, one with too many
    instructions the first ones and a fatal problem.
    """
    if len(text) > MAX_CHARS:
        return _refused(f"larger than {MAX_CHARS} characters")
    if text.count("\n") + text.count("\r") > MAX_LINES:
        return _refused(f"more than {MAX_LINES} lines")
    return _Reader(text).read()


def _refused(message: str) -> DockerfileTree:
    return DockerfileTree((), (), (Problem(0, 0, message, fatal=True),))


class _Reader:
    """The state of one pass: the next offset, and what was found before it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 1 if text.startswith("\ufeff") else 0
        self._escape = "\\"
        self._instructions: list[Instruction] = []
        self._comments: list[Comment] = []
        self._directives: list[Directive] = []
        self._problems: list[Problem] = []

    def read(self) -> DockerfileTree:
        text = self._text
        self._read_directives()
        while (at := self._read_plain()) < len(text):
            if len(self._instructions) == MAX_INSTRUCTIONS:
                self._problem(at, at, f"more than {MAX_INSTRUCTIONS} instructions", fatal=True)
                break
            if text[at] == "#":
                self._at = self._comment(at)
            else:
                self._instruction(at)
        return DockerfileTree(
            tuple(self._instructions),
            tuple(self._comments),
            tuple(self._problems),
            tuple(self._directives),
            self._escape,
        )

    def _read_directives(self) -> None:
        """Read the directives at the very top; the first other line ends them."""
        seen: set[str] = set()
        while (match := _DIRECTIVE.match(self._text, self._at)) is not None:
            name, value = match[1].lower(), match[2].strip()
            if name not in _DIRECTIVES or name in seen:
                return
            seen.add(name)
            self._directives.append(Directive(match.start(), match.end(), name, value))
            if name == "escape" and value in ("\\", "`"):
                self._escape = value
            elif name == "escape":
                self._problem(match.start(), match.end(), f"`{value[:40]}` cannot be the escape")
            self._at = self._skip(_BREAK, match.end())

    def _comment(self, start: int) -> int:
        """Take the comment line that begins at `start`; return the offset of its end."""
        end = self._line_end(start)
        text = self._text[start:end]
        self._comments.append(Comment(start, start + len(text.rstrip()), text[1:].strip()))
        return end

    def _read_plain(self) -> int:
        """Read instructions of one line that hold nothing special; return where the next content begins."""
        text, escape, found = self._text, self._escape, self._instructions
        while (match := _PLAIN.match(text, self._at)) is not None and len(found) < MAX_INSTRUCTIONS:
            body, name = match[1].rstrip(_BLANKS), match[2]
            if body[-1] == escape or "<<" in body or len(body) > MAX_BODY or name.upper() not in KEYWORDS:
                break
            instruction = Instruction(text, match.start(1), body, name, escape)
            found.append(instruction)
            self._at = instruction.end
        return self._skip(_SPACE, self._at)

    def _instruction(self, start: int) -> None:
        body = self._logical_line(start)
        keyword = _KEYWORD.match(body)
        name = keyword[0] if keyword is not None else self._text[start]
        instruction = Instruction(self._text, start, body, name, self._escape)
        self._instructions.append(instruction)
        self._at = instruction.end
        if not instruction.is_known:
            self._problem(*instruction.keyword_span, f"unknown instruction `{name[:40]}`")
        elif not body[len(name) :].strip(_BLANKS + FILLER):
            self._problem(*instruction.keyword_span, f"`{name}` without arguments")
        if len(body) > MAX_BODY:
            self._problem(*instruction.keyword_span, f"line longer than {MAX_BODY} characters")
        if "<<" in body:
            self._read_heredocs(instruction)

    def _logical_line(self, start: int) -> str:
        """Return the body of the instruction at `start`, as long as its source."""
        end = self._line_end(start)
        escape_at = self._continuation(start, end)
        if escape_at < 0:
            return self._text[start:end].rstrip(_BLANKS)
        parts: list[str] = []
        at = start
        while escape_at >= 0:
            parts.append(self._text[at:escape_at])
            comments = len(self._comments)
            at = self._next_content(end)
            if at >= len(self._text) or self._runs_into(at, end):
                # What was skipped is outside of the instruction and is read again as such.
                del self._comments[comments:]
                parts.append(FILLER)
                return "".join(parts)
            parts.append(FILLER * (at - escape_at))
            end = self._line_end(at)
            escape_at = self._continuation(at, end)
        parts.append(self._text[at:end])
        return "".join(parts).rstrip(_BLANKS)

    def _next_content(self, line_end: int) -> int:
        """Return where the next line begins that is neither blank nor a comment; these are skipped."""
        text = self._text
        while line_end < len(text):
            at = self._skip(_BREAK, line_end)
            content = self._skip(_BLANK, at)
            if content >= len(text):
                return len(text)
            if text[content] == "#":
                line_end = self._comment(content)
            elif text[content] in "\r\n":
                line_end = content
            else:
                return at
        return len(text)

    def _runs_into(self, at: int, end: int) -> bool:
        """Report a continuation that would swallow the instruction beginning at `at`."""
        keyword = _INSTRUCTION_LINE.match(self._text, at)
        if keyword is None:
            return False
        self._problem(end, end, f"line continuation runs into `{keyword[0].strip()}`")
        return True

    def _continuation(self, start: int, end: int) -> int:
        """Return the offset of the escape character that continues the line, or -1."""
        text = self._text
        at = end - 1
        while at >= start and text[at] in " \t":
            at -= 1
        if at < start or text[at] != self._escape:
            return -1
        return at if at == start or text[at - 1] != self._escape else -1

    def _read_heredocs(self, instruction: Instruction) -> None:
        holder = instruction.trigger or instruction
        if holder.keyword not in _HEREDOC_KEYWORDS or holder.exec_form is not None:
            return
        found: list[Heredoc] = []
        body, base = holder.body, holder.start
        for start, end in raw_words(body, len(holder.keyword), self._escape):
            marker = heredoc_marker(body[start:end]) if "<<" in body[start:end] else None
            if marker is not None and len(found) < _MAX_HEREDOCS:
                found.append(self._heredoc(marker, Span(base + start, base + end)))
        if found:
            instruction.heredocs, instruction.end = tuple(found), self._at
            if holder is not instruction:
                holder.heredocs, holder.end = instruction.heredocs, self._at

    def _heredoc(self, opening: re.Match[str], marker: Span) -> Heredoc:
        """Read the here-document whose text begins on the next line; `_at` moves behind it."""
        written = opening["name"]
        name = unquote(written, "\\")
        strips_tabs = opening["chomp"] == "-"
        start = self._skip(_BREAK, self._at)
        closing = self._closing_line(name, start, strips_tabs)
        if closing is not None:
            end, self._at = closing
        else:
            self._problem(*marker, f"here-document `{name[:40]}` is not closed")
            end = self._open_end(start)
            self._at = end if end > start else self._at
        quoted = name != written
        return Heredoc(name, marker, start, end, quoted, strips_tabs, closing is not None)

    def _open_end(self, start: int) -> int:
        """Return where the text of an unclosed here-document ends: before the next instruction."""
        text = self._text
        following = _NEXT_INSTRUCTION.search(text, start)
        end = following.start() if following is not None else len(text)
        while end > start and text[end - 1] in _BLANKS + "\r\n":
            end -= 1
        return end

    def _closing_line(self, name: str, start: int, strips_tabs: bool) -> tuple[int, int] | None:
        """Return where the first line from `start` on that is `name` begins and ends."""
        lines = self._stripped_lines if strips_tabs else self._lines
        candidates = lines.get(name, [])
        at = bisect_left(candidates, (start, 0))
        return candidates[at] if at < len(candidates) else None

    @cached_property
    def _lines(self) -> dict[str, list[tuple[int, int]]]:
        """Where each line text occurs: made once, so that no number of here-documents is slow."""
        found: dict[str, list[tuple[int, int]]] = {}
        for match in _LINE.finditer(self._text):
            found.setdefault(match[0], []).append(match.span())
        return found

    @cached_property
    def _stripped_lines(self) -> dict[str, list[tuple[int, int]]]:
        """The same without leading tabs."""
        found: dict[str, list[tuple[int, int]]] = {}
        for match in _LINE.finditer(self._text):
            found.setdefault(match[0].lstrip("\t"), []).append(match.span())
        return found

    def _line_end(self, at: int) -> int:
        found = _LINE_END.search(self._text, at)
        return found.start() if found is not None else len(self._text)

    def _skip(self, pattern: re.Pattern[str], at: int) -> int:
        found = pattern.match(self._text, at)
        return found.end() if found is not None else at

    def _problem(self, start: int, end: int, message: str, fatal: bool = False) -> None:
        self._problems.append(Problem(start, end, message, fatal))
