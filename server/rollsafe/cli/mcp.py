"""`mcp`: what the command line has to say about it. Serving itself is the other frontend's business."""

from rollsafe.cli.arguments import Arguments
from rollsafe.cli.console import Console
from rollsafe.cli.failures import CommandError


def run(arguments: Arguments, console: Console) -> int:
    """Refuse: a caller of the command line as a function has no process to serve from."""
    raise CommandError("`mcp` runs as a program of its own: `rollsafe mcp`")
