"""Reading the commands of a RUN; imported for the first RUN of a run."""

from collections.abc import Iterator, Sequence
from typing import Final

from rollsafe.artefacts.dialects import dialect_of
from rollsafe.artefacts.dockerfile.commands import NO_READING, Reading
from rollsafe.artefacts.dockerfile.packages import Invocation, invocations_of
from rollsafe.formats.dockerfile_nodes import Instruction
from rollsafe.formats.dockerfile_words import Word
from rollsafe.formats.shell import Dialect, ShellCommand, ShellWord, read_shell

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


def read(node: Instruction, shell: Sequence[str] | None) -> Reading:
    """Read the commands of a RUN under the SHELL `shell`; `start` counts from where it begins."""
    if node.exec_form is not None:
        words = [Word(word.text, word.start - node.start, word.end - node.start) for word in node.exec_form]
        return _told(0, [_of_words(words)]) if words else NO_READING
    script = node.script
    if script is None:
        return NO_READING
    named = script.interpreter or (shell[0] if shell else "sh")
    if dialect_of(_program(named), windows=False) is not Dialect.POSIX:
        return NO_READING
    return _told(script.start - node.start, read_shell(script.text).commands)


def _program(named: str) -> str:
    """Return the program of a `#!` line or of a SHELL's first word."""
    words = named.split()
    program = words[1] if len(words) > 1 and words[0].endswith("/env") else next(iter(words), "")
    name = program.rpartition("/")[2]
    return "sh" if name in ("ash", "dash", "ksh", "busybox") else name


def _told(start: int, commands: Sequence[ShellCommand]) -> Reading:
    invocations = tuple(invocations_of(commands))
    return Reading(start, tuple(commands), invocations, frozenset(_tools(commands, invocations)))


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
