"""What the shell reader makes of a script: commands, words, redirects."""

from collections.abc import Callable, Container, Iterable, Sequence
from enum import StrEnum
from typing import Final, TypeAlias

from rollsafe.formats.problems import Problem
from rollsafe.text.tuples import NamedTuple

Offsets: TypeAlias = Callable[[int], int]
"""Maps an offset in a script to one in the file that holds it."""

REMOTE: Final = frozenset(
    {
        "ssh",
        "autossh",
        "gcloud compute ssh",
        "vagrant ssh",
        "fly ssh console",
        "flyctl ssh console",
        "eb ssh",
    }
)
"""Wrappers that run their command on another machine."""


class Dialect(StrEnum):
    """Which shell a script is written for."""

    POSIX = "posix"
    POWERSHELL = "powershell"
    CMD = "cmd"


class ShellWord:
    """A word, quotes and escapes removed from `text`; `quoted` when any part of it was quoted."""

    __slots__ = ("end", "quoted", "start", "text")

    def __init__(self, text: str, start: int, end: int, quoted: bool = False) -> None:
        self.text = text
        self.start = start
        self.end = end
        self.quoted = quoted

    def __repr__(self) -> str:
        return f"ShellWord({self.text!r})"

    def at(self, place: Offsets) -> "ShellWord":
        """Return the word with its offsets mapped by `place`."""
        return ShellWord(self.text, place(self.start), place(self.end), self.quoted)


class Redirect(NamedTuple):
    """`operator` and its target; of a here-document, `target` is the body."""

    operator: str
    target: ShellWord


class Assignment(NamedTuple):
    """`name=value`, before a command or alone; `word` is where it stands."""

    name: str
    value: str
    word: ShellWord


class ShellOptions(NamedTuple):
    """What `set` has said by the time a command runs; None when it has said nothing."""

    errexit: bool | None = None
    pipefail: bool | None = None
    xtrace: bool | None = None


class Surroundings(NamedTuple):
    """Where a command stands.

    `condition`: it is what an `if`, `while` or `until` tests. `branch`: inside `then`, `else` or a
    `case`. `loop`: inside a loop's body. `substitution`: inside `$( )` or backquotes.
    """

    condition: bool = False
    branch: bool = False
    loop: bool = False
    substitution: bool = False


NOWHERE: Final = Surroundings()
NO_OPTIONS: Final = ShellOptions()


class ShellCommand:
    """A simple command without the prefixes that only say how it is run.

    `texts` holds the words' texts, the command's name first; it is empty for a bare assignment.
    `wrappers` names the stripped prefixes, outermost first. `start` and `end` cover the command as
    written, prefixes included. `separator_after` is one of `&&`, `||`, `|`, `;`, `&`, a newline, or
    empty at the end. `or_true` tells that a failure is swallowed by `|| true` or alike.
    """

    __slots__ = (
        "_assignments",
        "_place",
        "_redirects",
        "_words",
        "end",
        "options",
        "or_true",
        "separator_after",
        "start",
        "surroundings",
        "texts",
        "wrappers",
    )

    def __init__(
        self,
        start: int,
        end: int,
        words: Sequence[ShellWord],
        assignments: Sequence[Assignment] = (),
        redirects: Sequence[Redirect] = (),
        wrappers: tuple[str, ...] = (),
        surroundings: Surroundings = NOWHERE,
        options: ShellOptions = NO_OPTIONS,
    ) -> None:
        self.start = start
        self.end = end
        self.texts = [word.text for word in words]
        self.wrappers = wrappers
        self.surroundings = surroundings
        self.options = options
        self.separator_after = ""
        self.or_true = False
        self._words = words
        self._assignments = assignments
        self._redirects = redirects
        self._place: Offsets | None = None

    def __repr__(self) -> str:
        return f"ShellCommand({' '.join(self.texts)!r})"

    def at(self, place: Offsets) -> "ShellCommand":
        """Return the command as a part of the file that `place` maps its offsets to."""
        moved = ShellCommand.__new__(ShellCommand)
        moved.start = place(self.start)
        moved.end = place(self.end)
        moved.texts = self.texts
        moved.wrappers = self.wrappers
        moved.surroundings = self.surroundings
        moved.options = self.options
        moved.separator_after = self.separator_after
        moved.or_true = self.or_true
        moved._words = self._words
        moved._assignments = self._assignments
        moved._redirects = self._redirects
        moved._place = place
        return moved

    def blur(self, start: int, end: int) -> None:
        """Let the command and all its words stand at `start` to `end`, their own places unknown."""
        self.start = start
        self.end = end
        targets = (redirect.target for redirect in self._redirects)
        for word in (*self._words, *targets, *(a.word for a in self._assignments)):
            word.start = start
            word.end = end

    @property
    def name(self) -> str:
        """The first word; empty for a bare assignment."""
        return self.texts[0] if self.texts else ""

    @property
    def words(self) -> list[ShellWord]:
        """All words, the name first."""
        place = self._place
        return [word.at(place) for word in self._words] if place else list(self._words)

    @property
    def args(self) -> list[ShellWord]:
        """The words after the name."""
        return self.words[1:]

    @property
    def assignments(self) -> list[Assignment]:
        """The variables set for this command, or by it when it is nothing else."""
        place = self._place
        if place is None:
            return list(self._assignments)
        return [Assignment(name, value, word.at(place)) for name, value, word in self._assignments]

    @property
    def redirects(self) -> list[Redirect]:
        """The redirections in source order, here-documents included."""
        place = self._place
        if place is None:
            return list(self._redirects)
        return [Redirect(operator, target.at(place)) for operator, target in self._redirects]

    @property
    def remote(self) -> bool:
        """Whether the command runs on another machine, by ssh or alike."""
        return not REMOTE.isdisjoint(self.wrappers)

    def word(self, index: int) -> ShellWord:
        """Return the word at `index`, 0 being the name.

        Raises:
            IndexError: there is no such word.
        """
        word = self._words[index]
        return word.at(self._place) if self._place else word

    def variable(self, name: str) -> str | None:
        """Return the value `name` is set to in front of this command."""
        return next((a.value for a in self._assignments if a.name == name), None)

    def flag(self, *names: str) -> ShellWord | None:
        """Return the word that is one of the flags `names`, alone or as `name=value`."""
        at = _flag_index(self.texts, names)
        return None if at is None else self.word(at)

    def has_flag(self, *names: str) -> bool:
        """Say whether one of the flags `names` is given and not switched off by `=false`."""
        at = _flag_index(self.texts, names)
        return at is not None and not self.texts[at].endswith(("=false", "=none", "=0"))

    def has_letter(self, letter: str) -> bool:
        """Say whether the one-letter flag is given, alone or in a cluster such as `-fsS`."""
        return any(
            text[:1] == "-" and text[1:2] != "-" and letter in text and text[1:].isalpha()
            for text in self.texts[1:]
        )

    def option(self, *names: str) -> str | None:
        """Return the value of the first of the options `names`: `--x=y`, `--x y`; None without."""
        at = _flag_index(self.texts, names)
        if at is None:
            return None
        _, equals, value = self.texts[at].partition("=")
        if equals:
            return value
        return self.texts[at + 1] if at + 1 < len(self.texts) else None

    def option_values(self, *names: str) -> list[str]:
        """Return the values of every occurrence of the options `names`, in order."""
        values: list[str] = []
        for at, text in enumerate(self.texts):
            head, equals, value = text.partition("=")
            if head in names:
                following = self.texts[at + 1 : at + 2]
                values += [value] if equals else following
        return values

    @property
    def operands(self) -> list[str]:
        """The words after the name that are neither flags nor right after a flag without `=`."""
        return self.operands_beside(())

    def operands_beside(self, switches: Container[str]) -> list[str]:
        """Return the operands of a command whose flags `switches` take no value."""
        found: list[str] = []
        after_flag = False
        for text in self.texts[1:]:
            flag = text[:1] == "-" and text != "-"
            if not flag and not after_flag:
                found.append(text)
            after_flag = flag and "=" not in text and text not in switches
        return found

    @property
    def bare_words(self) -> list[str]:
        """The words after the name that are no flags; values of flags are among them."""
        return [text for text in self.texts[1:] if text[:1] != "-"]

    def matches(self, *names: str) -> bool:
        """Say whether the command begins with the words `names`, flags and their values left out.

        A word after a flag counts as the flag's value unless it is the next of `names`.
        """
        return bool(self.texts) and reach(self.texts, 0, names) is not None


class ShellScript(NamedTuple):
    """The commands of a script in source order, those inside `$( )` before the one they feed."""

    commands: list[ShellCommand]
    problems: list[Problem]


def reach(texts: Sequence[str], at: int, names: Sequence[str]) -> int | None:
    """Return the index after the last of `names`, found in order from `at`, only flags between.

    A word after a flag without `=` may be the flag's value and is passed over.
    """
    return reach_any(texts, at, [(name,) for name in names])


def reach_any(texts: Sequence[str], at: int, choices: Iterable[Container[str]]) -> int | None:
    """Do as `reach`, with several words that will do at each place."""
    for wanted in choices:
        found = _next(texts, at, wanted)
        if found is None:
            return None
        at = found
    return at


def _next(texts: Sequence[str], at: int, wanted: Container[str]) -> int | None:
    after_flag = False
    for index in range(at, len(texts)):
        text = texts[index]
        if text in wanted:
            return index + 1
        if text[:1] == "-":
            after_flag = "=" not in text
        elif after_flag:
            after_flag = False
        else:
            return None
    return None


def _flag_index(texts: Sequence[str], names: Sequence[str]) -> int | None:
    for index in range(1, len(texts)):
        text = texts[index]
        if text[:1] == "-" and text.partition("=")[0] in names:
            return index
    return None
