"""GNU make's rules: which lines are targets, which are their recipes.

Conditionals are read through as if both branches held, and nothing is computed: a variable whose value
is one plain word is put in its place, every other one stays as text.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from rollsafe.artefacts.recognition import EnvironmentKind, environment_of
from rollsafe.formats.scalar_text import Piece
from rollsafe.text import Span
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

MAX_CHARS: Final = 524_288
MAX_LINES: Final = 10_000
_MAX_RULES: Final = 2_000

_LINE: Final = lazily(r"(?P<text>[^\r\n]*+)(?P<end>\r\n|\n|\r|\Z)")
_ASSIGNMENT: Final = lazily(
    r"[ ]*(?:export[ ]+|override[ ]+)?(?P<name>[\w.-]+)[ ]*(?:::?:?|(?P<open>\?)|\+|!)?=[ ]*(?P<value>[^#]*)"
)
_TARGET: Final = lazily(r"[^\s:#=]+")
_WORD: Final = lazily(r"[\w./-]+")
_PREFIX: Final = "@+- \t"
_DIRECTIVE: Final = lazily(r"[ ]*(ifeq|ifneq|ifdef|ifndef|else|endif)\b")
_VARIABLE: Final = lazily(r"\$(?:\$|[({](?P<name>[\w.-]+)[)}])")
_BUILT_IN: Final = {"MAKE": "make", "SHELL": "sh", "RM": "rm"}


class MakeRule(NamedTuple):
    """A rule: the places of its targets, its prerequisites, and its recipe as a shell script.

    `pieces` says where the characters of `recipe` stand; `end` is the offset after the rule.
    """

    keys: list[Span]
    prerequisites: list[str]
    recipe: str
    pieces: list[Piece]
    end: int


class _Line(NamedTuple):
    start: int
    text: str


def read_rules(text: str) -> list[MakeRule]:
    """Return the rules of a Makefile that have literal targets, at most a fixed number."""
    lines = [_Line(match.start(), match["text"]) for match in _LINE.finditer(text)]
    variables = {**_variables(lines), **_BUILT_IN}
    rules: list[MakeRule] = []
    at = 0
    while at < len(lines) and len(rules) < _MAX_RULES:
        header = _header(lines[at])
        at += 1
        if header is None:
            continue
        first = at
        while at < len(lines) and _belongs(lines, at):
            at += 1
        rules.append(_rule(header, lines[first:at], variables))
    return [rule for rule in rules if rule.keys]


class _Header(NamedTuple):
    keys: list[Span]
    prerequisites: list[str]
    inline: _Line | None
    end: int


def _variables(lines: list[_Line]) -> dict[str, str]:
    """Return the variables whose value is one plain word, the last assignment counting.

    The environment that a target goes to unless it is told another one is left open.
    """
    found: dict[str, str] = {}
    for line in lines:
        if "=" in line.text and line.text[:1] != "\t":
            match = _ASSIGNMENT.match(line.text)
            value = match["value"].strip() if match else ""
            if match and _WORD.fullmatch(value) and not (match["open"] and _tells_environment(value)):
                found[match["name"]] = value
    return found


def _tells_environment(value: str) -> bool:
    return environment_of(value) is not EnvironmentKind.UNKNOWN


def _header(line: _Line) -> _Header | None:
    """Read a line `targets: prerequisites ; command`; None for every other line."""
    text = line.text
    colon = text.find(":")
    if colon <= 0 or text[0] in "\t#" or _is_assignment(text, colon):
        return None
    names = [
        Span(line.start + match.start(), line.start + match.end())
        for match in _TARGET.finditer(text, 0, colon)
        if not set(match.group()) & set("%$()") and match.group()[0] != "."
    ]
    rest = text[colon + 1 :].lstrip(":")
    wanted, semicolon, command = rest.partition(";")
    wanted = wanted.partition("#")[0]
    inline = _Line(line.start + len(text) - len(command), command) if semicolon else None
    prerequisites = [word for word in wanted.split() if _WORD.fullmatch(word)]
    return _Header(names, prerequisites, inline, line.start + len(text))


def _is_assignment(text: str, colon: int) -> bool:
    equals = text.find("=")
    return 0 <= equals < colon or text.startswith((":=", "::=", ":::="), colon)


def _belongs(lines: list[_Line], at: int) -> bool:
    """Say whether a line is part of the recipe: indented by a tab, continued, or between such."""
    text = lines[at].text
    if text[:1] == "\t" or lines[at - 1].text.endswith("\\") or _DIRECTIVE.match(text):
        return True
    blank = not text.strip() or text.lstrip()[:1] == "#"
    return blank and at + 1 < len(lines) and lines[at + 1].text[:1] == "\t"


def _rule(header: _Header, lines: list[_Line], variables: Mapping[str, str]) -> MakeRule:
    body = [header.inline, *lines] if header.inline is not None else lines
    parts: list[str] = []
    pieces: list[Piece] = []
    length = 0
    continued = False
    for line in body:
        if _DIRECTIVE.match(line.text):
            continue
        skip = 0 if continued else len(line.text) - len(line.text.lstrip(_PREFIX))
        for piece in _expanded(line.text[skip:], line.start + skip, variables):
            pieces.append(Piece(length, piece[0]))
            parts.append(piece[1])
            length += len(piece[1])
        parts.append("\n")
        length += 1
        continued = line.text.endswith("\\")
    end = max(header.end, body[-1].start + len(body[-1].text)) if body else header.end
    return MakeRule(header.keys, header.prerequisites, "".join(parts), pieces, end)


def _expanded(text: str, start: int, variables: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Yield the parts of a recipe line as the shell sees it, each with where it stands."""
    at = 0
    for match in _VARIABLE.finditer(text):
        if match.start() > at:
            yield start + at, text[at : match.start()]
        name = match["name"]
        value = "$" if name is None else variables.get(name, f"${{{name}}}")
        yield start + match.start(), value
        at = match.end()
    if at < len(text) or not at:
        yield start + at, text[at:]
