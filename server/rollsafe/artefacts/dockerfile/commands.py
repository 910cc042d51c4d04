"""The commands of a RUN: shell form, exec form or here-document, as the shell in force reads them."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from rollsafe.artefacts.dockerfile.packages import Invocation, invocations_of
from rollsafe.artefacts.recognition.scripts import dialect_of
from rollsafe.formats.dockerfile_nodes import Instruction
from rollsafe.formats.dockerfile_words import Word
from rollsafe.formats.shell import Dialect, ShellCommand, ShellWord, read_shell

_CACHED: Final = 1_024
_NAMED: Final = frozenset(
    {
        *(
            "sudo",
            "cd",
            "curl",
            "wget",
            "aria2c",
            "tar",
            "unzip",
            "gunzip",
            "ln",
            "useradd",
            "adduser",
            "chpasswd",
        ),
        *("ssh", "vim", "shutdown", "service", "ps", "free", "top", "kill", "mount", "ifconfig", "nano"),
        *("rpm", "git", "npm", "yum", "dnf", "export", "env", "yum-config-manager"),
    }
)
"""Commands that rules ask for by name, package managers left out."""


class Reading(NamedTuple):
    """What a RUN does. Offsets of the commands count from `start` in the file."""

    start: int
    commands: tuple[ShellCommand, ...]
    invocations: tuple[Invocation, ...]
    tools: frozenset[str]


NO_READING: Final = Reading(0, (), (), frozenset())


class _Read(NamedTuple):
    commands: tuple[ShellCommand, ...]
    invocations: tuple[Invocation, ...]
    tools: frozenset[str]


def read_run(node: Instruction, shell: Sequence[str] | None) -> Reading:
    """Read the commands of a RUN under the SHELL `shell`.

    What another interpreter reads, such as PowerShell or Python, has none.
    """
    if node.exec_form is not None:
        return Reading(0, *_told([_of_words(node.exec_form)] if node.exec_form else []))
    script = node.script
    if script is None:
        return NO_READING
    named = script.interpreter or (shell[0] if shell else "sh")
    if dialect_of(_program(named), windows=False) is not Dialect.POSIX:
        return NO_READING
    return Reading(script.start, *_read(script.text))


def _program(named: str) -> str:
    """Return the program of a `#!` line or of a SHELL's first word."""
    words = named.split()
    program = words[1] if len(words) > 1 and words[0].endswith("/env") else next(iter(words), "")
    name = program.rpartition("/")[2]
    return "sh" if name in ("ash", "dash", "ksh", "busybox") else name


@lru_cache(maxsize=_CACHED)
def _read(text: str) -> _Read:
    return _told(read_shell(text).commands)


def _told(commands: Sequence[ShellCommand]) -> _Read:
    invocations = tuple(invocations_of(commands))
    return _Read(tuple(commands), invocations, frozenset(_tools(commands, invocations)))


def _tools(commands: Sequence[ShellCommand], invocations: Sequence[Invocation]) -> Iterator[str]:
    for command in commands:
        if command.name.rpartition("/")[2] in _NAMED:
            yield command.name.rpartition("/")[2]
        if "sudo" in command.wrappers:
            yield "sudo"
        if command.separator_after == "|":
            yield "|"
    yield from (one.manager for one in invocations)


def _of_words(words: Sequence[Word]) -> ShellCommand:
    """Return the command of the exec form: what `sh -c` gets is read as a script."""
    found = [ShellWord(word.text, word.start, word.end, quoted=True) for word in words]
    return ShellCommand(found[0].start, found[-1].end, found)
