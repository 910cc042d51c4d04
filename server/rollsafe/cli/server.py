"""`server`: the language server, imported only when it runs."""

import gc
from importlib import import_module

from rollsafe.cli.arguments import Arguments
from rollsafe.cli.console import Console


def run(arguments: Arguments, console: Console) -> int:
    """Serve on standard input and output until the client leaves."""
    # By name: the two frontends know nothing of each other but this.
    server = import_module("rollsafe.lsp.server")
    gc.enable()
    server.serve()
    return 0
