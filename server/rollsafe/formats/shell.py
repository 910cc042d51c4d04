"""Shell scripts as lists of simple commands, for reading what a pipeline does.

Not an interpreter: variables and GitHub's `${{ … }}` stay as text, functions are read where they
are defined, and nothing is expanded.
"""

from typing import Final

from rollsafe.formats.problems import Problem
from rollsafe.formats.shell_nodes import (
    Assignment,
    Dialect,
    Offsets,
    Redirect,
    ShellCommand,
    ShellOptions,
    ShellScript,
    ShellWord,
    Surroundings,
    reach,
    reach_any,
)
from rollsafe.formats.shell_reader import ScriptReader

__all__ = [
    "MAX_CHARS",
    "Assignment",
    "Dialect",
    "Offsets",
    "Redirect",
    "ShellCommand",
    "ShellOptions",
    "ShellScript",
    "ShellWord",
    "Surroundings",
    "reach",
    "reach_any",
    "read_shell",
]

MAX_CHARS: Final = 131_072


def read_shell(text: str, base: int = 0, dialect: Dialect = Dialect.POSIX) -> ShellScript:
    """Read the commands of a script; never raises.

    Offsets count from `base`. A text longer than `MAX_CHARS` is refused with a fatal problem; of
    one with too many words the first ones are read.
    """
    if len(text) > MAX_CHARS:
        problem = Problem(base, base, f"larger than {MAX_CHARS} characters", fatal=True)
        return ShellScript([], [problem])
    reader = ScriptReader(text, base, dialect)
    reader.commands_up_to("")
    return ShellScript(reader.commands, reader.problems)
