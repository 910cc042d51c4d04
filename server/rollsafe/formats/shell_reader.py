"""The shell reader's state machine: from words to commands, compound ones kept as surroundings.

One pass over the text; only `$( )`, backquotes and command lines passed as words are read by
recursion, to a fixed depth. Reserved words that do not fit (a stray `done`) are passed over.
"""

from typing import Final

from rollsafe.formats.shell_characters import (
    OPERATOR,
    STOPS,
    after_blank_lines,
    after_line_end,
    here_document,
    line_end,
)
from rollsafe.formats.shell_frames import (
    CLOSING,
    CONTINUING,
    OPENING,
    Draft,
    Frame,
    Phase,
    Unit,
    inside_substitution,
    options_after,
    settle,
)
from rollsafe.formats.shell_nodes import (
    NO_OPTIONS,
    NOWHERE,
    Assignment,
    Dialect,
    Redirect,
    ShellCommand,
    ShellWord,
)
from rollsafe.formats.shell_words import MAX_DEPTH, WordReader
from rollsafe.formats.shell_wrappers import Stripped, strip
from rollsafe.text.patterns import lazily

_MAX_FRAMES: Final = 64
_CHAINING: Final = frozenset({"&&", "||", "|"})
_TAKES_SCRIPT: Final = frozenset({"bash", "sh", "zsh", "dash", "ash", "ksh", "ssh"})
"""Commands that run a here-document as a script."""


_VARIABLE: Final = lazily(r"\$(?:(?P<plain>\w+)|\{(?P<braced>\w+)(?:\[[@*]\])?\})")
_LONGEST_VALUE: Final = 200
_MAX_ARRAY: Final = 8


def _takes_script(command: ShellCommand) -> bool:
    """Say whether the command runs its standard input as a script."""
    if command.name in _TAKES_SCRIPT:
        return True
    return command.name[:1] == "$" and not _TAKES_SCRIPT.isdisjoint(command.texts)


class ScriptReader(WordReader):
    """Reads one script; `commands` and `problems` are its result, offsets count from `base`."""

    def __init__(self, text: str, base: int, dialect: Dialect, depth: int = 0) -> None:
        super().__init__(text, base, dialect, depth)
        self.commands: list[ShellCommand] = []
        self.options = NO_OPTIONS
        self.state = NOWHERE
        self._frames: list[Frame] = []
        self._draft = Draft(0)
        self._after_body: dict[int, int] = {}
        self._variables: dict[str, str] = {}
        self._steps = {
            "\n": self._newline,
            "\r": self._newline,
            "#": self._comment,
            **dict.fromkeys("|&;()<>", self._operator),
        }

    def commands_up_to(self, closer: str) -> None:
        """Read commands up to `closer`, which is passed over; an empty one means to the end."""
        frames, floor = self._frames, len(self._frames)
        state = inside_substitution(frames[-1].state) if frames else self.state
        frames.append(Frame("", Phase.BODY, len(self.commands), state))
        draft, self._draft = self._draft, Draft(len(self.commands))
        while self.gap():
            char = self.text[self.at]
            if char == closer and not (char == ")" and self._inside_parentheses(floor)):
                break
            self._steps.get(char, self._take_word)()
        self._end_command("")
        while len(frames) > floor + 1:
            self._close_frame()
        self._end_command("")
        settle(frames.pop().chain, self.commands)
        self._draft = draft
        self.at = min(len(self.text), self.at + len(closer))

    def _inside_parentheses(self, floor: int) -> bool:
        if self._frames[-1].phase is Phase.PATTERN:
            return True
        return any(frame.kind == "(" for frame in self._frames[floor + 1 :])

    def _newline(self) -> None:
        body = self._after_body.pop(self.at, None)
        self.at = after_blank_lines(self.text, self.at) if body is None else body
        self._draft.test = False
        self._end_command("\n")

    def _comment(self) -> None:
        self.at = line_end(self.text, self.at)

    # -- operators

    def _operator(self) -> None:
        start = self.at
        match = OPERATOR.match(self.text, start)
        operator = match.group() if match else self.text[start]
        self.at = start + len(operator)
        self.pieces += 1
        if self._draft.test and operator not in (";", "&"):
            self._draft.words.append(ShellWord(operator, self.base + start, self.base + self.at))
        elif operator == "(":
            self._open_parenthesis(start)
        elif operator == ")":
            self._close_parenthesis()
        elif "<" in operator or ">" in operator:
            self._redirect(operator, start)
        elif self._frames[-1].phase is not Phase.PATTERN:
            self._separator(operator)

    def _separator(self, operator: str) -> None:
        if operator.startswith((";;", ";&")):
            self._end_command(";")
            if self._frames[-1].kind == "case":
                self._frames[-1].enter(Phase.PATTERN)
        elif operator != "&" or self._draft.words or self._draft.unit:
            self._end_command("|" if operator == "|&" else operator)

    def _open_parenthesis(self, start: int) -> None:
        words, phase = self._draft.words, self._frames[-1].phase
        if phase is Phase.PATTERN:
            return
        if self.text.startswith("(", self.at) and (not words or phase is Phase.HEADER):
            close = self.text.find("))", self.at, self.at + 1_024)
            if close >= 0:
                self.at = close + 2
                return
        if not words:
            self._open_frame("(", Phase.BODY)
        elif words[-1].text[-1:] == "=" and words[-1].end == self.base + start:
            self._skip_array(words[-1].text)
        elif len(words) == 1 and self.gap() and self.text[self.at] == ")":
            self.at += 1
            self._draft = Draft(len(self.commands))

    def _skip_array(self, name: str) -> None:
        """Pass the values of `name=( … )`; the first ones are what `"${name[@]}"` begins with."""
        values: list[str] = []
        while self.gap() and self.text[self.at] != ")":
            char = self.text[self.at]
            if char == "#":
                self._comment()
            elif char in STOPS:
                self.at += 1
            else:
                values.append(self.word().text)
        self.at = min(len(self.text), self.at + 1)
        if values and name[-2:-1] != "+":
            self._variables[name[:-1]] = " ".join(values[:_MAX_ARRAY])

    def _close_parenthesis(self) -> None:
        frame = self._frames[-1]
        if frame.phase is Phase.PATTERN:
            self._draft = Draft(len(self.commands))
            frame.enter(Phase.BODY)
        else:
            self._end_command("")
            self._close("(")

    def _redirect(self, operator: str, start: int) -> None:
        posix = self.dialect is Dialect.POSIX
        if operator in ("<", ">") and posix and self.text.startswith("(", self.at):
            self.at += 1
            text = self.substitution(start)
            self._draft.words.append(ShellWord(text, self.base + start, self.base + self.at))
        elif self.gap() and self.text[self.at] not in STOPS:
            target = self.word()
            if operator in ("<<", "<<-") and posix:
                target = self._body(target.text)
            self._draft.redirects.append(Redirect(operator, target))

    def _body(self, delimiter: str) -> ShellWord:
        """Read the here-document that begins on the next line, or after this line's last one."""
        line = line_end(self.text, self.at)
        after = self._after_body.get(line, after_line_end(self.text, line))
        body = here_document(self.text, min(after, len(self.text)), delimiter)
        self._after_body[line] = body.after
        text = self.text[body.start : body.end]
        return ShellWord(text, self.base + body.start, self.base + body.end, quoted=True)

    # -- compound commands

    def _open_frame(self, kind: str, phase: Phase) -> None:
        if len(self._frames) < _MAX_FRAMES:
            self._frames.append(Frame(kind, phase, len(self.commands), self._frames[-1].state))
        self._draft = Draft(len(self.commands))

    def _close(self, kind: str) -> None:
        """Close the innermost `kind` of this list and what is open inside it; none is no matter."""
        at = len(self._frames) - 1
        while self._frames[at].kind and self._frames[at].kind != kind:
            at -= 1
        if self._frames[at].kind:
            while len(self._frames) > at:
                self._close_frame()

    def _close_frame(self) -> None:
        self._end_command("")
        frame = self._frames.pop()
        settle(frame.chain, self.commands)
        self._draft = Draft(len(self.commands))
        self._draft.unit = (frame.first, len(self.commands))

    def _reserved(self, text: str) -> bool:
        """Act on a reserved word at the place of a command's name; False when it is none."""
        if text in CLOSING:
            self._end_command("")
            self._close(CLOSING[text])
        elif self.dialect is not Dialect.POSIX:
            return self._is_brace(text)
        elif text in CONTINUING:
            kind, phase = CONTINUING[text]
            if self._frames[-1].kind == kind:
                self._frames[-1].enter(phase)
        elif text in OPENING:
            self._open_frame(*OPENING[text])
        elif text == "function":
            if self.gap():
                self.word()
        else:
            return text == "!"
        return True

    def _is_brace(self, text: str) -> bool:
        if text == "{":
            self._open_frame("{", Phase.BODY)
        return text == "{"

    # -- words and commands

    def _take_word(self) -> None:
        word = self.word()
        if word.text.isdigit() and self.text[self.at : self.at + 1] in ("<", ">"):
            return
        frame = self._frames[-1]
        if frame.phase is Phase.PATTERN:
            if word.text == "esac":
                self._close("case")
        elif frame.phase is Phase.HEADER:
            self._header_word(word, frame)
        else:
            self._command_word(word)

    def _header_word(self, word: ShellWord, frame: Frame) -> None:
        if word.text == "in" and frame.kind == "case":
            frame.enter(Phase.PATTERN)
            self._draft = Draft(len(self.commands))
        elif word.text == "do" and frame.kind == "loop" and not self._draft.words:
            frame.enter(Phase.BODY)
        else:
            self._draft.words.append(word)

    def _command_word(self, word: ShellWord) -> None:
        draft = self._draft
        if word.text in ("{", "}") and self.dialect is Dialect.POWERSHELL:
            self._end_command("")
            self._reserved(word.text)
            return
        if not draft.words and not word.quoted:
            if self._reserved(word.text):
                return
            if self.dialect is Dialect.CMD and word.text.lower() in ("rem", "::"):
                self._comment()
                return
            draft.test = word.text == "[["
        elif draft.test and word.text == "]]":
            draft.test = False
        draft.words.append(word)
        if not draft.test and self.dialect is not Dialect.POWERSHELL:
            draft.words += self.plain_words()

    def _end_command(self, separator: str) -> None:
        draft, frame = self._draft, self._frames[-1]
        self._draft = Draft(len(self.commands))
        if frame.phase in (Phase.HEADER, Phase.PATTERN):
            return
        if draft.unit:
            frame.chain.append(Unit(*draft.unit, frame.before))
        if draft.words:
            self._emit(draft, separator)
            frame.chain.append(Unit(draft.first, len(self.commands), frame.before))
        elif not draft.unit and separator == "\n" and frame.before in _CHAINING:
            return
        self._draft = Draft(len(self.commands))
        frame.before = separator
        if separator and separator not in _CHAINING:
            settle(frame.chain, self.commands)
            frame.chain = []

    def _emit(self, draft: Draft, separator: str) -> None:
        self._put_variable(draft)
        stripped = strip([word.text for word in draft.words])
        line = stripped.script
        if line is None or not self._run(draft.words[line], stripped.names):
            self._append(draft, stripped)
        last = self.commands[-1]
        if draft.redirects and _takes_script(last):
            body = next((r.target for r in draft.redirects if r.operator[:2] == "<<"), None)
            if body is not None and self._run(body, (*last.wrappers, last.name)):
                self.commands.remove(last)
        self.commands[-1].separator_after = separator

    def _put_variable(self, draft: Draft) -> None:
        """Put the words of `$X` in its place where a command's name should be: `$COMPOSE up -d`."""
        match = _VARIABLE.fullmatch(draft.words[0].text) if self._variables else None
        value = self._variables.get(match["plain"] or match["braced"]) if match else None
        if value:
            at = draft.words[0]
            words = [ShellWord(text, at.start, at.end, True) for text in value.split()]
            self.pieces += len(words)
            draft.words[:1] = words

    def _append(self, draft: Draft, stripped: Stripped) -> None:
        words = draft.words[stripped.at :]
        if stripped.tool:
            words[0] = ShellWord(stripped.tool, words[0].start, words[0].end)
        assignments: list[Assignment] = []
        for index in stripped.assigned:
            name, _, value = draft.words[index].text.partition("=")
            if value and not words and "$(" not in value and len(value) <= _LONGEST_VALUE:
                self._variables[name] = value
            assignments.append(Assignment(name.rstrip("+"), value, draft.words[index]))
        self.pieces += 2
        command = ShellCommand(
            draft.words[0].start,
            draft.words[-1].end,
            words,
            assignments,
            draft.redirects,
            stripped.names,
            self._frames[-1].state,
            self.options,
        )
        self.commands.append(command)
        if command.name == "set":
            self.options = options_after(self.options, command.texts[1:])

    def _run(self, line: ShellWord, wrappers: tuple[str, ...]) -> bool:
        """Read `line` as a script of its own; False when it holds no command."""
        if self.depth >= MAX_DEPTH:
            return False
        raw = self.text[line.start - self.base : line.end - self.base]
        shift = raw.find(line.text)
        inner = ScriptReader(line.text, line.start + max(shift, 0), Dialect.POSIX, self.depth + 1)
        inner.state, inner.pieces = self._frames[-1].state, self.pieces
        inner._variables = dict(self._variables)
        if wrappers[-1] == "eval":
            inner.options = self.options
        inner.commands_up_to("")
        self.pieces = inner.pieces
        self.problems += inner.problems
        for command in inner.commands:
            command.wrappers = (*wrappers, *command.wrappers)
            if shift < 0:
                command.blur(line.start, line.end)
        self.commands += inner.commands
        return bool(inner.commands)
