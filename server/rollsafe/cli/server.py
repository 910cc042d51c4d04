"""`server`: the language server, imported only when it runs."""

import gc

from rollsafe.cli.arguments import Arguments
from rollsafe.cli.console import Console


def run(arguments: Arguments, console: Console) -> int:
    """Serve on standard input and output until the client leaves."""
    from rollsafe.lsp.server import serve

    gc.enable()
    serve()
    return 0
