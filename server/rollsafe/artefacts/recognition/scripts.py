"""Scripts read and classified: once per text, however often the file around them changes."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from rollsafe.artefacts.recognition.commands import classify
from rollsafe.artefacts.recognition.production import Hint, command_hints, selection_hints
from rollsafe.artefacts.recognition.references import Reference, references_of
from rollsafe.artefacts.recognition.roles import Classification, Role
from rollsafe.formats.problems import Problem
from rollsafe.formats.shell import Dialect, ShellCommand, read_shell
from rollsafe.text.tuples import NamedTuple

_CACHED: Final = 512
_SHIPPING: Final = frozenset({Role.DEPLOY, Role.MIGRATE})


class Script(NamedTuple):
    """A script's commands, offsets counting in its text.

    `classified` pairs the index of a command with what it is for; `references` is what the script
    calls, seen from the directory it starts in; `hints` pairs the index of a command with what it
    says about the environment it works on.
    """

    commands: tuple[ShellCommand, ...]
    problems: tuple[Problem, ...]
    classified: tuple[tuple[int, Classification], ...]
    references: tuple[Reference, ...]
    hints: tuple[tuple[int, Hint], ...]


@lru_cache(maxsize=_CACHED)
def read_script(text: str, dialect: Dialect, wrappers: tuple[str, ...] = ()) -> Script:
    """Read and classify a script; `wrappers` is how all of it is run, such as `("ssh",)`."""
    commands, problems = read_shell(text, 0, dialect)
    for command in commands if wrappers else ():
        command.wrappers = (*wrappers, *command.wrappers)
    pairs = ((index, classify(command)) for index, command in enumerate(commands))
    classified = {index: found for index, found in pairs if found is not None}
    return Script(
        tuple(commands),
        tuple(problems),
        tuple(classified.items()),
        tuple(references_of(commands, "")),
        tuple(_hints(commands, classified)),
    )


def _hints(
    commands: Sequence[ShellCommand], classified: Mapping[int, Classification]
) -> Iterator[tuple[int, Hint]]:
    for index, command in enumerate(commands):
        found = classified.get(index)
        shipping = found is not None and not _SHIPPING.isdisjoint(found.roles)
        for hint in command_hints(command) if shipping else selection_hints(command):
            yield index, hint
