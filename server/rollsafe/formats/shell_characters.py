"""The characters of a script: blanks, quotes, escapes, expansions, here-documents.

Each function is given the text and an offset and answers the offset after what it read. Nothing
here knows words or commands.
"""

import re
from typing import Final

from rollsafe.formats.shell_nodes import Dialect
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

STOPS: Final = frozenset(" \t\n\r\f\v|&;()<>")
"""Characters that end a word when they are not quoted."""

OPERATOR: Final = lazily(r"&&|\|\||;;&|;;|;&|\|&|&>>|&>|<<<|<<-|<<|<>|<&|>>|>&|>\||[|&;()<>]")
_EXPANSION_LIMIT: Final = 160
_EXPANSION_DEPTH: Final = 4
_NAME: Final = lazily(r"[A-Za-z_]\w*|[0-9@*#?$!-]")
_SIMPLE_EXPANSION: Final = lazily(r"\$\{[^{}'\"$`\\\n]*\}")
_ANSI: Final = lazily(r"'[^'\\]*(?:\\.[^'\\]*)*'", re.S)
_BLANK_LINES: Final = lazily(r"[ \t\r\n]+")
_LINE_END: Final = lazily(r"[\r\n]")


class Alphabet(NamedTuple):
    """What differs between shells at the level of characters."""

    escape: str
    gap: re.Pattern[str]
    argument: re.Pattern[str]
    plain: re.Pattern[str]
    in_quotes: re.Pattern[str]
    escaped_in_quotes: str
    backquotes: bool


def _alphabet(escape: str, *, backquotes: bool) -> Alphabet:
    e = re.escape(escape)
    tick = "`" if backquotes else ""
    special = rf" \t\n\r\f\v'\"{e}{tick}$|&;()<>"
    return Alphabet(
        escape,
        lazily(rf"(?:[ \t\f\v]+|{e}\r?\n)+"),
        lazily(rf"[ \t]+([^{special}#][^{special}]*+)(?=[ \t\n\r]|\Z)"),
        lazily(rf"[^{special}]+"),
        lazily(rf"[^\"{e}{tick}$]+"),
        f'{escape}"$`\n' if backquotes else f'{escape}"$',
        backquotes,
    )


ALPHABETS: Final = {
    Dialect.POSIX: _alphabet("\\", backquotes=True),
    Dialect.POWERSHELL: _alphabet("`", backquotes=False),
    Dialect.CMD: _alphabet("^", backquotes=False),
}


def line_end(text: str, at: int) -> int:
    """Return the offset of the line end at or after `at`, or the text's end."""
    match = _LINE_END.search(text, at)
    return match.start() if match else len(text)


def after_line_end(text: str, at: int) -> int:
    """Return the offset after the line end that begins at `at`."""
    return at + 2 if text.startswith("\r\n", at) else at + 1


def after_blank_lines(text: str, at: int) -> int:
    """Return the offset of the first character after `at` that is no blank and no line end."""
    match = _BLANK_LINES.match(text, at)
    return match.end() if match else at


def single_quoted(text: str, at: int) -> tuple[str, int, bool]:
    """Read `'…'` at `at`: its content, the offset after it, whether it was closed.

    An unclosed quote reaches to the end of its line, so that the lines below keep their meaning.
    """
    close = text.find("'", at + 1)
    if close < 0:
        close = line_end(text, at)
        return text[at + 1 : close], close, False
    return text[at + 1 : close], close + 1, True


def ansi_quoted(text: str, at: int) -> int | None:
    """Return the offset after `$'…'` whose quote is at `at`; None when it is not closed."""
    match = _ANSI.match(text, at)
    return match.end() if match else None


def braced(text: str, at: int) -> int:
    """Return the offset after the `${…}` that begins at `at`, or after its `${` without an end."""
    simple = _SIMPLE_EXPANSION.match(text, at)
    if simple:
        return simple.end()
    depth, begin, limit = 1, at + 2, at + _EXPANSION_LIMIT
    while (close := text.find("}", begin, limit)) >= 0:
        depth += text.count("{", begin, close) - 1
        if not depth:
            return close + 1
        if depth > _EXPANSION_DEPTH:
            break
        begin = close + 1
    return at + 2


def variable(text: str, at: int) -> int:
    """Return the offset after the `$name` that begins at `at`; a lone `$` is one character."""
    name = _NAME.match(text, at + 1)
    return name.end() if name else at + 1


class HereDocument(NamedTuple):
    """The body between `start` and `end`; `after` is where the line after the delimiter begins."""

    start: int
    end: int
    after: int


def here_document(text: str, start: int, delimiter: str) -> HereDocument:
    """Find the body that begins at `start` and ends before a line that is `delimiter`.

    Blanks around the delimiter are allowed. A body that is not closed reaches to the end.
    """
    at = start
    while delimiter and (at := text.find(delimiter, at)) >= 0:
        begin = at
        while begin > start and text[begin - 1] in " \t":
            begin -= 1
        at += len(delimiter)
        if begin == start or text[begin - 1] in "\r\n":
            end = line_end(text, at)
            if not text[at:end].strip(" \t"):
                return HereDocument(start, begin, min(len(text), after_line_end(text, end)))
    return HereDocument(start, len(text), len(text))
