"""`server`: the language server, imported only when it runs."""

from rollsafe.cli.arguments import Arguments
from rollsafe.cli.console import Console


def run(arguments: Arguments, console: Console) -> int:
    """Serve on standard input and output until the client leaves."""
    from rollsafe.lsp.server import serve

    serve()
    return 0
