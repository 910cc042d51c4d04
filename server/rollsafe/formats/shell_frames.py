"""Compound commands as the shell reader keeps track of them, and which failures they swallow."""

from collections.abc import Sequence
from enum import Enum
from typing import Final

from rollsafe.formats.shell_nodes import (
    Redirect,
    ShellCommand,
    ShellOptions,
    ShellWord,
    Surroundings,
)

_SILENT: Final = frozenset({"true", ":", "echo", "printf"})
_LEAVING: Final = frozenset({"exit", "return"})


class Phase(Enum):
    """Which part of a compound command is being read."""

    HEADER = 1
    CONDITION = 2
    PATTERN = 3
    BODY = 4


OPENING: Final = {
    "if": ("if", Phase.CONDITION),
    "while": ("loop", Phase.CONDITION),
    "until": ("loop", Phase.CONDITION),
    "for": ("loop", Phase.HEADER),
    "select": ("loop", Phase.HEADER),
    "case": ("case", Phase.HEADER),
    "{": ("{", Phase.BODY),
}
CONTINUING: Final = {
    "elif": ("if", Phase.CONDITION),
    "then": ("if", Phase.BODY),
    "else": ("if", Phase.BODY),
    "do": ("loop", Phase.BODY),
}
CLOSING: Final = {"fi": "if", "done": "loop", "esac": "case", "}": "{"}


class Unit:
    """A part of an and-or list: commands `first` up to `last`, and the operator `before` them."""

    __slots__ = ("before", "first", "last")

    def __init__(self, first: int, last: int, before: str) -> None:
        self.first = first
        self.last = last
        self.before = before


class Frame:
    """A compound command, a subshell (`(`) or, with an empty `kind`, a whole list of commands.

    `chain` is the and-or list being read, `before` the operator before its next unit, `state` what
    surrounds the commands of the phase.
    """

    __slots__ = ("before", "chain", "first", "kind", "outer", "phase", "state")

    def __init__(self, kind: str, phase: Phase, first: int, outer: Surroundings) -> None:
        self.kind = kind
        self.first = first
        self.outer = outer
        self.chain: list[Unit] = []
        self.before = ""
        self.phase = phase
        self.state = outer
        self.enter(phase)

    def enter(self, phase: Phase) -> None:
        """Go on to `phase`."""
        self.phase = phase
        if phase is Phase.CONDITION:
            self.state = self.outer._replace(condition=True)
        elif phase is Phase.BODY and self.kind in ("if", "case"):
            self.state = self.outer._replace(branch=True)
        elif phase is Phase.BODY and self.kind == "loop":
            self.state = self.outer._replace(loop=True)
        else:
            self.state = self.outer


class Draft:
    """A command being read, its substitutions beginning at command `first`.

    `test`: inside `[[ ]]`. `unit`: the commands of a compound command that has just been closed.
    """

    __slots__ = ("first", "redirects", "test", "unit", "words")

    def __init__(self, first: int) -> None:
        self.first = first
        self.words: list[ShellWord] = []
        self.redirects: list[Redirect] = []
        self.test = False
        self.unit: tuple[int, int] | None = None


def settle(chain: Sequence[Unit], commands: Sequence[ShellCommand]) -> None:
    """Mark the commands of an and-or list whose failure its last `|| true` swallows."""
    for index in range(len(chain) - 1, 0, -1):
        unit = chain[index]
        if unit.before == "||" and _swallows(unit, commands) and not _fails(chain, index, commands):
            for command in commands[chain[0].first : unit.first]:
                command.or_true = True
            return


def _swallows(unit: Unit, commands: Sequence[ShellCommand]) -> bool:
    if unit.first >= unit.last:
        return False
    texts = commands[unit.last - 1].texts
    if not texts:
        return False
    return texts[0] in _SILENT or (texts[0] in _LEAVING and texts[1:] == ["0"])


def _fails(chain: Sequence[Unit], index: int, commands: Sequence[ShellCommand]) -> bool:
    """Say whether the unit after `index` fails on purpose, as in `|| echo no && exit 1`."""
    if index + 1 >= len(chain) or chain[index + 1].before != "&&":
        return False
    unit = chain[index + 1]
    texts = commands[unit.first].texts if unit.first < unit.last else []
    return texts[:1] == ["false"] or (texts[:1] != [] and texts[0] in _LEAVING and texts[1:] != ["0"])


def inside_substitution(state: Surroundings) -> Surroundings:
    """Return `state` for the commands of a `$( )`."""
    return Surroundings(state.condition, state.branch, state.loop, True)


def options_after(options: ShellOptions, texts: Sequence[str]) -> ShellOptions:
    """Return what holds after `set` with the words `texts`."""
    for index, text in enumerate(texts):
        if text[:1] not in ("-", "+") or text[:2] == "--":
            continue
        on = text[0] == "-"
        if "e" in text:
            options = options._replace(errexit=on)
        if "x" in text:
            options = options._replace(xtrace=on)
        if text.endswith("o"):
            options = _long_option(options, "".join(texts[index + 1 : index + 2]), on)
    return options


def _long_option(options: ShellOptions, name: str, on: bool) -> ShellOptions:
    if name in ("errexit", "pipefail", "xtrace"):
        return options._replace(**{name: on})
    return options
