"""Words of a script: plain, quoted, escaped and expanded parts put together."""

from abc import ABC, abstractmethod
from typing import Final

from rollsafe.formats.problems import Problem
from rollsafe.formats.shell_characters import (
    ALPHABETS,
    STOPS,
    after_line_end,
    ansi_quoted,
    braced,
    single_quoted,
    variable,
)
from rollsafe.formats.shell_nodes import Dialect, ShellWord

MAX_DEPTH: Final = 8
"""How deep substitutions and command lines passed as words are read."""

MAX_PIECES: Final = 10_000
"""How many words, parts of words and operators are read of one script; a command counts as three."""

_EXPRESSION_LIMIT: Final = 8_192
_STOPS_IN_BACKQUOTES: Final = STOPS | {"`"}


class WordReader(ABC):
    """A cursor over a script that reads words; `commands` reads what `$( )` holds.

    `pieces` counts against the budget: when it is used up the rest of the text is passed over.
    """

    def __init__(self, text: str, base: int, dialect: Dialect, depth: int) -> None:
        self.text = text
        self.base = base
        self.depth = depth
        self.dialect = dialect
        self.at = 0
        self.pieces = 0
        self.problems: list[Problem] = []
        self._searched: dict[str, int] = {}
        self._backquoting = False
        self._alphabet = ALPHABETS[dialect]

    @abstractmethod
    def commands_up_to(self, closer: str) -> None:
        """Read commands up to `closer`, which is passed over."""

    def gap(self) -> bool:
        """Pass blanks and continued line ends; False at the end of the text or of the budget."""
        match = self._alphabet.gap.match(self.text, self.at)
        if match:
            self.at = match.end()
        if self.pieces > MAX_PIECES:
            self._give_up()
        return self.at < len(self.text)

    def word(self) -> ShellWord:
        """Read the word at the cursor; it is empty when none begins there."""
        text, start = self.text, self.at
        self.pieces += 1
        match = self._alphabet.plain.match(text, start)
        at = match.end() if match else start
        self.at = at
        if at > start and (at >= len(text) or text[at] in STOPS):
            return ShellWord(text[start:at], self.base + start, self.base + at)
        parts = [text[start:at]]
        quoted = False
        stops = _STOPS_IN_BACKQUOTES if self._backquoting else STOPS
        while self.at < len(text) and text[self.at] not in stops and self.pieces <= MAX_PIECES:
            quoted |= text[self.at] in "'\""
            parts.append(self._part())
        return ShellWord("".join(parts), self.base + start, self.base + self.at, quoted)

    def plain_words(self) -> list[ShellWord]:
        """Read the words that follow on this line up to the first that is more than plain text.

        Most words of most scripts are plain: this loop is what makes reading fast.
        """
        words: list[ShellWord] = []
        text, base, read = self.text, self.base, self._alphabet.argument.match
        while self.pieces <= MAX_PIECES and (match := read(text, self.at)):
            start, self.at = match.span(1)
            words.append(ShellWord(match[1], base + start, base + self.at))
            self.pieces += 1
        return words

    def substitution(self, start: int) -> str:
        """Read the commands of a `$(` or `<(` that begins at `start` and was passed; its raw text.

        Beyond the depth limit the parenthesis is left to be read as an operator.
        """
        self._nest(")")
        return self.text[start : self.at]

    def _nest(self, closer: str) -> None:
        if self.depth < MAX_DEPTH:
            outer, self._backquoting = self._backquoting, closer == "`"
            self.depth += 1
            self.commands_up_to(closer)
            self.depth -= 1
            self._backquoting = outer

    def _give_up(self) -> None:
        at = self.base + self.at
        message = f"more than {MAX_PIECES} words; the rest is not read"
        self.problems.append(Problem(at, at, message, fatal=True))
        self.at = len(self.text)
        self.pieces = 0

    def _part(self) -> str:
        """Read one quoted, escaped, expanded or plain part of a word; always moves on."""
        text, at = self.text, self.at
        self.pieces += 1
        char = text[at]
        if char == "'":
            content, self.at, closed = single_quoted(text, at)
            if not closed:
                self._unclosed(at)
            return content
        if char == '"':
            return self._double_quoted()
        if char == "$":
            return self._dollar()
        if char == "`" and self._alphabet.backquotes:
            return self._backquoted()
        if char == self._alphabet.escape:
            return self._escaped()
        match = self._alphabet.plain.match(text, at)
        self.at = match.end() if match else at + 1
        return text[at : self.at]

    def _escaped(self) -> str:
        start = self.at + 1
        if start >= len(self.text):
            self.at = start
            return self._alphabet.escape
        self.at = after_line_end(self.text, start)
        escaped = self.text[start : self.at]
        return "" if escaped[0] in "\r\n" else escaped

    def _double_quoted(self) -> str:
        text, start = self.text, self.at
        if text.find('"', start + 1) < 0:
            content, self.at, _ = single_quoted(text.replace('"', "'"), start)
            self._unclosed(start)
            return content
        self.at = start + 1
        parts: list[str] = []
        while self.at < len(text) and self.pieces <= MAX_PIECES:
            match = self._alphabet.in_quotes.match(text, self.at)
            if match:
                parts.append(match.group())
                self.at = match.end()
                continue
            if text[self.at] == '"':
                self.at += 1
                return "".join(parts)
            self.pieces += 1
            parts.append(self._inside_quotes(text[self.at]))
        self._unclosed(start)
        return "".join(parts)

    def _inside_quotes(self, char: str) -> str:
        if char == "$":
            return self._dollar()
        if char == "`" and self._alphabet.backquotes:
            return self._backquoted()
        following = self.text[self.at + 1 : self.at + 2]
        if char == self._alphabet.escape and following in self._alphabet.escaped_in_quotes:
            return self._escaped()
        self.at += 1
        return char

    def _dollar(self) -> str:
        text, at = self.text, self.at
        if text.startswith("$(", at) and not text.startswith("$((", at):
            self.at = at + 2
            return self.substitution(at)
        if text.startswith("$'", at):
            end = ansi_quoted(text, at + 1)
            if end is not None:
                self.at = end
                return text[at + 2 : end - 1]
        if text.startswith("${{", at):
            self.at = self._closed(at + 3, "}}")
        elif text.startswith("$((", at):
            self.at = self._closed(at + 3, "))")
        else:
            self.at = braced(text, at) if text.startswith("${", at) else variable(text, at)
        return text[at : self.at]

    def _closed(self, at: int, closer: str) -> int:
        """Return the offset after the next `closer`, or `at`; what was searched once is not again."""
        begin = max(at, self._searched.get(closer, 0))
        limit = min(len(self.text), at + _EXPRESSION_LIMIT)
        found = self.text.find(closer, begin, limit)
        if found >= 0:
            return found + len(closer)
        self._searched[closer] = max(begin, limit - 1)
        return at

    def _backquoted(self) -> str:
        text, at = self.text, self.at
        self.at = at + 1
        if not self._backquoting and text.find("`", at + 1) >= 0:
            self._nest("`")
        return text[at : self.at]

    def _unclosed(self, at: int) -> None:
        place = self.base + at
        self.problems.append(Problem(place, place + 1, "unclosed quote"))
