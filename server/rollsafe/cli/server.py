"""`server`: what the command line has to say about it. Serving itself is the other frontend's business."""

import sys
from collections.abc import Sequence

from rollsafe.cli.arguments import Arguments
from rollsafe.cli.commands import BY_NAME
from rollsafe.cli.console import Console
from rollsafe.cli.failures import CommandError


def check_words(words: Sequence[str]) -> int:
    """Say what is wrong with the words behind `server`; return the exit code, 0 when nothing is."""
    try:
        Arguments(BY_NAME["server"], list(words))
    except CommandError as error:
        Console(sys.stdout, sys.stderr).complain(str(error))
        return 2
    return 0


def run(arguments: Arguments, console: Console) -> int:
    """Refuse: a caller of the command line as a function has no process to serve from."""
    raise CommandError("`server` runs as a program of its own: `rollsafe server`")
