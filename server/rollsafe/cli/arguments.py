"""The command line's grammar: what a command takes, and reading it.

Small on purpose: long options with `--name value` or `--name=value`, single-letter flags, lists by
repeating or by commas. Every mistake is one line that names the nearest thing that exists.
"""

from collections.abc import Iterable, Sequence

from rollsafe.cli.failures import CommandError
from rollsafe.text.tuples import NamedTuple


class Option(NamedTuple):
    """One option. Without a `metavar` it is a flag; with `choices` it takes one of them.

    A `metavar` such as `[=FILE]` stands for a value that may be left out, and then is empty.
    """

    name: str
    help: str
    metavar: str = ""
    choices: tuple[str, ...] = ()
    short: str = ""

    @property
    def takes_value(self) -> bool:
        """Whether a value follows."""
        return bool(self.metavar or self.choices)

    @property
    def may_stand_alone(self) -> bool:
        """Whether the value may be left out."""
        return self.metavar.startswith("[=")


class Command(NamedTuple):
    """One command: its operands as the usage line shows them, how many it takes, its options."""

    name: str
    summary: str
    operands: str = ""
    most: int | None = 0
    options: tuple[Option, ...] = ()
    actions: tuple[str, ...] = ()


HELP = Option("--help", "Show this text", short="-h")


class Arguments:
    """What was given for one command, checked against its grammar."""

    def __init__(self, command: Command, words: Sequence[str]) -> None:
        self.command = command
        self.operands: list[str] = []
        self._given: dict[str, list[str]] = {}
        self._known = {name: o for o in (*command.options, HELP) for name in (o.name, o.short) if name}
        self._read(list(words))
        self._check_operands()

    def flag(self, name: str) -> bool:
        """Say whether a flag was given."""
        return name in self._given

    def one(self, name: str) -> str | None:
        """Return the value of an option, the last one when it was repeated."""
        given = self._given.get(name)
        return given[-1] if given else None

    def every(self, name: str) -> tuple[str, ...]:
        """Return all values of an option in the order they were given."""
        return tuple(self._given.get(name, ()))

    def listed(self, name: str) -> tuple[str, ...]:
        """Return all values of an option that takes lists, commas split."""
        parts = (part.strip() for value in self.every(name) for part in value.split(","))
        return tuple(part for part in parts if part)

    def _read(self, words: list[str]) -> None:
        words.reverse()
        while words:
            word = words.pop()
            if word == "--":
                self.operands += reversed(words)
                return
            if word == "-" or not word.startswith("-"):
                self.operands.append(word)
            else:
                self._read_option(word, words)

    def _read_option(self, word: str, rest: list[str]) -> None:
        name, assigned, value = word.partition("=")
        option = self._known.get(name)
        if option is None:
            raise CommandError(_unknown("option", name, (o for o in self._known if o.startswith("--"))))
        if not option.takes_value:
            if assigned:
                raise CommandError(f"{name} takes no value")
            self._given.setdefault(option.name, [])
            return
        if not assigned and not option.may_stand_alone:
            if not rest:
                raise CommandError(f"{name} needs a value: {_expected(option)}")
            value = rest.pop()
        if option.choices and value not in option.choices:
            raise CommandError(f"{name}: {_bad_choice(value, option.choices)}")
        self._given.setdefault(option.name, []).append(value)

    def _check_operands(self) -> None:
        command = self.command
        if self.flag(HELP.name):
            return
        if command.actions and (not self.operands or self.operands[0] not in command.actions):
            given = f"no action `{self.operands[0]}`" if self.operands else "an action is missing"
            raise CommandError(f"rollsafe {command.name}: {given}: {_choices(command.actions)}")
        if command.most is not None and len(self.operands) > command.most:
            raise CommandError(f"rollsafe {command.name}: one too many: `{self.operands[command.most]}`")


def check_choice(where: str, value: str, choices: Sequence[str]) -> str:
    """Return `value` when it is one of `choices`.

    Raises:
        CommandError: it is not; the line begins with `where`.
    """
    if value not in choices:
        raise CommandError(f"{where}: {_bad_choice(value, choices)}")
    return value


def unknown_command(name: str, names: Iterable[str]) -> CommandError:
    """Return the error for a first word that is neither a command nor a path."""
    return CommandError(_unknown("command or path", name, names))


def _unknown(kind: str, name: str, names: Iterable[str]) -> str:
    from rollsafe.text import nearest

    close = nearest(name, names)
    return f"no {kind} `{name}`" + (f"; nearest: `{close}`" if close else "")


def _bad_choice(value: str, choices: Sequence[str]) -> str:
    return f"`{value}` is none of {_choices(choices)}"


def _choices(choices: Sequence[str]) -> str:
    return ", ".join(choices)


def _expected(option: Option) -> str:
    return _choices(option.choices) if option.choices else option.metavar
