"""The `rollsafe` command. Nothing is imported before it is known which command runs."""

import gc
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TextIO, TypeAlias, cast

from rollsafe.cli.arguments import Arguments, unknown_command
from rollsafe.cli.commands import BY_NAME, PLANS
from rollsafe.cli.console import Console
from rollsafe.cli.failures import CommandError

INTERRUPTED = 130
Run: TypeAlias = Callable[[Arguments, Console], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 1 for findings, 2 for anything that went wrong.

    Without `argv` this is a process of its own: what it makes lives until it ends, so looking for garbage,
    then and at exit, would only take time.
    """
    if argv is not None:
        return _guarded(list(argv), Console(sys.stdout, sys.stderr))
    gc.disable()
    code = _guarded(sys.argv[1:], Console(sys.stdout, sys.stderr))
    gc.freeze()
    return code


def call(words: Sequence[str], out: TextIO, err: TextIO) -> int:
    """Run one command for another program; it writes to the given streams. Return its exit code."""
    return _guarded(list(words), Console(out, err))


def _guarded(words: list[str], console: Console) -> int:
    try:
        code = _run(words, console)
        console.flush()
    except CommandError as error:
        console.complain(str(error))
        return 2
    except KeyboardInterrupt:
        console.abandon()
        return INTERRUPTED
    except Exception as error:
        if os.environ.get("ROLLSAFE_DEBUG"):
            raise
        console.complain(f"internal error: {_one_line(error)} (ROLLSAFE_DEBUG=1 shows where)")
        return 2
    return code


def _run(words: list[str], console: Console) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        from rollsafe.cli.help import overview

        console.write(overview())
        return 0
    if words[0] in ("-V", "--version"):
        words = ["version"]
    command = BY_NAME.get(words[0])
    if command is None:
        _require_path(words[0])
        command, words = BY_NAME["check"], ["", *words]
    if command.name in PLANS:
        from rollsafe.cli.plan import grammar

        command = grammar(command, words[1:])
    arguments = Arguments(command, words[1:])
    if arguments.flag("--help"):
        from rollsafe.cli.help import usage

        console.write(usage(command))
        return 0
    return _command(command.name)(arguments, console)


def _require_path(word: str) -> None:
    """Refuse a first word that is no option and names no file: it is a command, misspelt."""
    if not word.startswith("-") and not os.path.lexists(word):
        raise unknown_command(word, BY_NAME)


def _command(name: str) -> Run:
    """Import and return the function behind a command; `fix` is a kind of `check`."""
    name = "check" if name == "fix" else "plan" if name in PLANS else name
    module = import_module(f"rollsafe.cli.{name}")
    return cast("Run", module.run)


def _one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".partition("\n")[0]
