"""What the Dockerfile reader makes of a text: instructions, comments, directives.

An instruction keeps its source and takes it apart when asked: most rules ask for little. All offsets are
those of the file. Variables are left as written everywhere.
"""

from functools import lru_cache
from typing import Final

from rollsafe.formats.dockerfile_words import (
    FILLER,
    MAX_BODY,
    Word,
    json_words,
    raw_words,
    word_at,
)
from rollsafe.formats.problems import Problem
from rollsafe.text import Span
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

KEYWORDS: Final = frozenset(
    {
        *("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK"),
        *("LABEL", "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME"),
        "WORKDIR",
    }
)
_WITH_JSON: Final = frozenset({"ADD", "CMD", "COPY", "ENTRYPOINT", "HEALTHCHECK", "RUN", "SHELL", "VOLUME"})
_WITH_SCRIPT: Final = frozenset({"CMD", "ENTRYPOINT", "HEALTHCHECK", "RUN"})
_WITH_PAIRS: Final = frozenset({"ARG", "ENV", "LABEL"})
_INTERPRETER = lazily(r"#!([^\r\n]*)")
_KEYWORD_OF = lazily(rf"[^\s{FILLER}]+")
_SHORT: Final = 500
"""Bodies with more characters than this are not remembered."""
_BLANKS: Final = f" \t\f\v{FILLER}"


class Comment(NamedTuple):
    """A comment line from its `#` on; `text` is what follows the `#`, blanks around it left out."""

    start: int
    end: int
    text: str


class Directive(NamedTuple):
    """A parser directive such as `# syntax=docker/dockerfile:1`; `name` in lower case."""

    start: int
    end: int
    name: str
    value: str


class Flag(NamedTuple):
    """A `--name=value` before the arguments; `value` is None for a flag without `=`."""

    name: str
    value: str | None
    start: int
    end: int

    @property
    def value_span(self) -> Span:
        """Where the value is written, its quotes included; empty at the end when there is none."""
        written = 0 if self.value is None else self.end - self.start - len(self.name) - len("--=")
        return Span(self.end - written, self.end)


class Heredoc(NamedTuple):
    """A here-document: opened by the word `marker`, with its text between `start` and `end`.

    `quoted` tells that variables in it are left alone, `strips_tabs` that it was opened by `<<-`.
    `is_closed` is False when no line holds the delimiter; the text then ends at the next instruction.
    """

    name: str
    marker: Span
    start: int
    end: int
    quoted: bool
    strips_tabs: bool
    is_closed: bool

    def moved(self, by: int) -> "Heredoc":
        """Return the same, `by` characters further on."""
        marker = Span(self.marker.start + by, self.marker.end + by)
        return self._replace(marker=marker, start=self.start + by, end=self.end + by)


class Pair(NamedTuple):
    """A `name=value` of ENV, LABEL or ARG, or the old form `ENV name value`.

    The repr leaves the value out, as it may be a credential.
    """

    name: Word
    value: Word | None

    def __repr__(self) -> str:
        return f"Pair({self.name.text!r})"


class Script(NamedTuple):
    """Shell text that begins at offset `start` of the file and is as long as its source.

    Continuations, and comments inside them, are blanks; here-documents follow as written.
    `interpreter` is what a here-document's `#!` line names instead of the shell.
    """

    text: str
    start: int
    interpreter: str | None = None


class Instruction:
    """One instruction from its keyword to the end of its last line or here-document.

    `keyword` is in upper case whatever the source says; an unknown one is kept. `body` is the logical
    line: the source with continuations replaced by filler, so that offsets stay.
    """

    def __init__(
        self,
        source: str,
        start: int,
        body: str,
        keyword: str,
        escape: str = "\\",
    ) -> None:
        self.start = start
        self.end = start + len(body)
        self.keyword = keyword.upper()
        self.body = body
        self.heredocs: tuple[Heredoc, ...] = ()
        self._source = source
        self._escape = escape
        self._after_keyword = len(keyword)

    def __repr__(self) -> str:
        return f"Instruction({self.keyword}, {self.start}, {self.end})"

    @property
    def is_known(self) -> bool:
        """Whether the keyword is one of Dockerfile's."""
        return self.keyword in KEYWORDS

    @property
    def keyword_span(self) -> Span:
        """Where the keyword is written."""
        return Span(self.start, self.start + self._after_keyword)

    @property
    def said(self) -> "Said":
        """What it says, without where it stands."""
        if not self.heredocs:
            return Said(self.body, "", self._escape, ())
        bodies = self._source[self.start + len(self.body) : self.end]
        heredocs = tuple(one.moved(-self.start) for one in self.heredocs)
        return Said(self.body, bodies, self._escape, heredocs)

    @cached_property
    def flags(self) -> tuple[Flag, ...]:
        """The `--name=value` words before the arguments."""
        return tuple(self._flag(start, end) for start, end in self._head if end - start > len("--"))

    def flag(self, name: str) -> Flag | None:
        """Return the last flag called `name` (without dashes)."""
        return next((flag for flag in reversed(self.flags) if flag.name == name), None)

    @cached_property
    def exec_form(self) -> tuple[Word, ...] | None:
        """The items of the JSON form; None in shell form."""
        if self.keyword not in _WITH_JSON or "[" not in self.body:
            return None
        return json_words(self.body, self._command_at, self.start)

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """The arguments: the JSON form's items, else the words behind the flags, quotes removed."""
        if self.exec_form is not None:
            return self.exec_form
        return tuple(self._word(start, end) for start, end in self._raw_words)

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of `words`; cheaper than these, as an edit leaves most of them as they were."""
        if self.heredocs or len(self.body) > _SHORT:
            return tuple(word.text for word in self.words)
        return _remembered_texts(self.body, self._escape)

    @cached_property
    def argument(self) -> Word | None:
        """Everything behind the flags as one word; None when there is nothing."""
        return self._rest(self._arguments_at)

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """What ENV, LABEL or ARG sets, in source order; empty for other instructions."""
        spans = self._raw_words
        if self.keyword not in _WITH_PAIRS or not spans:
            return ()
        start, end = spans[0]
        if self.keyword != "ARG" and "=" not in self.body[start:end]:
            return (self._old_pair(start, end),)
        return tuple(self._pair(start, end) for start, end in spans)

    @property
    def health_kind(self) -> str | None:
        """`NONE` or `CMD` of a HEALTHCHECK; None when neither is written."""
        if self.keyword != "HEALTHCHECK" or not self._raw_words:
            return None
        start, end = self._raw_words[0]
        kind = self._word(start, end).text.upper()
        return kind if kind in ("NONE", "CMD") else None

    @cached_property
    def trigger(self) -> "Instruction | None":
        """The instruction an ONBUILD holds; ONBUILD itself cannot be held."""
        if self.keyword != "ONBUILD" or not self._raw_words:
            return None
        start, end = self._raw_words[0]
        keyword = self.body[start:end]
        if keyword.upper() == "ONBUILD":
            return None
        body = self.body[start:]
        held = Instruction(self._source, self.start + start, body, keyword, self._escape)
        held.heredocs, held.end = self.heredocs, self.end
        return held

    @cached_property
    def script(self) -> Script | None:
        """The shell text of RUN, CMD, ENTRYPOINT or HEALTHCHECK CMD; None for the JSON form."""
        if self.keyword not in _WITH_SCRIPT or self.exec_form is not None:
            return None
        if self.keyword == "HEALTHCHECK" and self.health_kind != "CMD":
            return None
        if self.heredocs and len(self._raw_words) == 1:
            return self._heredoc_script(self.heredocs[0])
        at = self.start + self._command_at
        header_end = self.start + len(self.body)
        header = self.body[self._command_at :].replace(FILLER, " ")
        return Script(header + self._source[header_end : self.end], at)

    @cached_property
    def _head(self) -> tuple[tuple[int, int], ...]:
        """The spans of the flags in the body, a closing `--` among them."""
        found: list[tuple[int, int]] = []
        if "--" in self.body:
            for start, end in raw_words(self.body, self._after_keyword, self._escape):
                if not self.body.startswith("--", start):
                    break
                found.append((start, end))
                if end - start == len("--"):
                    break
        return tuple(found)

    @property
    def _arguments_at(self) -> int:
        return self._head[-1][1] if self._head else self._after_keyword

    @cached_property
    def _command_at(self) -> int:
        """Where the command begins in the body: the first word, of a HEALTHCHECK the second."""
        at = self._arguments_at
        words = raw_words(self.body, at, self._escape)
        first = next(words, None)
        if first is None:
            return len(self.body)
        if self.keyword == "HEALTHCHECK":
            second = next(words, None)
            return second[0] if second is not None else len(self.body)
        return first[0]

    @cached_property
    def _raw_words(self) -> tuple[tuple[int, int], ...]:
        cut = _remembered_words if len(self.body) <= _SHORT else _cut
        return cut(self.body, self._arguments_at, self._escape)

    def _word(self, start: int, end: int) -> Word:
        return word_at(self.body, start, end, self.start, self._escape)

    def _flag(self, start: int, end: int) -> Flag:
        name, equals, _ = self.body[start + len("--") : end].partition("=")
        at = start + len("--") + len(name) + len(equals)
        value = self._word(at, end).text if equals else None
        return Flag(name, value, self.start + start, self.start + end)

    def _pair(self, start: int, end: int) -> Pair:
        equals = self.body.find("=", start, end)
        if equals < 0:
            return Pair(self._word(start, end), None)
        return Pair(self._word(start, equals), self._word(equals + 1, end))

    def _old_pair(self, start: int, end: int) -> Pair:
        return Pair(self._word(start, end), self._rest(end))

    def _rest(self, at: int) -> Word | None:
        """Return the body from `at` on as one word, blanks around it left out."""
        rest = self.body[at:MAX_BODY]
        start = at + len(rest) - len(rest.lstrip(_BLANKS))
        end = at + len(rest.rstrip(_BLANKS))
        return self._word(start, end) if start < end else None

    def _heredoc_script(self, heredoc: Heredoc) -> Script:
        text = self._source[heredoc.start : heredoc.end]
        named = _INTERPRETER.match(text)
        return Script(text, heredoc.start, named[1].strip() if named is not None else None)


def _cut(body: str, at: int, escape: str) -> tuple[tuple[int, int], ...]:
    return tuple(raw_words(body, at, escape))


_remembered_words = lru_cache(maxsize=4_096)(_cut)
"""Where the words of a body are: an edit leaves all instructions but one as they were."""


@lru_cache(maxsize=4_096)
def _remembered_texts(body: str, escape: str) -> tuple[str, ...]:
    return tuple(word.text for word in Said(body, "", escape, ()).read().words)


class Said(NamedTuple):
    """What an instruction says, wherever it stands: its `body`, and its here-documents as written.

    The places of `heredocs` count from where it begins.
    """

    body: str
    bodies: str
    escape: str
    heredocs: tuple[Heredoc, ...]

    def read(self) -> Instruction:
        """Return the instruction as the only one of a text."""
        keyword = _KEYWORD_OF.match(self.body)
        text = self.body + self.bodies
        node = Instruction(text, 0, self.body, keyword[0] if keyword else self.body[:1], self.escape)
        node.heredocs, node.end = self.heredocs, len(text)
        return node


class DockerfileTree:
    """What the Dockerfile reader made of a text.

    `instructions`, `comments` and `directives` are in source order; comments inside an instruction are
    listed with the others. `escape` is the escape character in force.
    """

    __slots__ = ("comments", "directives", "escape", "instructions", "problems")

    def __init__(
        self,
        instructions: tuple[Instruction, ...],
        comments: tuple[Comment, ...],
        problems: tuple[Problem, ...],
        directives: tuple[Directive, ...] = (),
        escape: str = "\\",
    ) -> None:
        self.instructions = instructions
        self.comments = comments
        self.problems = problems
        self.directives = directives
        self.escape = escape
