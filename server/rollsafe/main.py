"""The `rollsafe` program: hands over to the command line, the language server or the MCP server.

This is the one place that knows all frontends; each is imported only when it runs.
"""

import atexit
import os
import sys

from rollsafe import shelf


def command() -> int:
    """Run the program as a process of its own; return its exit code.

    Taking modules and objects apart one by one takes a tenth of a run over one file; the system takes all
    at once. What is registered first for the end of a process runs last, when other threads have ended.
    """
    codes: list[int] = []
    atexit.register(_leave, codes)
    kept = shelf.use()
    codes.append(main())
    shelf.renew(kept)
    return codes[0]


def _leave(codes: list[int]) -> None:
    """End the process with the code of its command, unless it came to another end or has closed streams."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (AttributeError, OSError, ValueError):
        return
    if codes:
        os._exit(codes[0])


def main() -> int:
    """Run the program with the words of the command line; return its exit code."""
    words = sys.argv[1:]
    if words[:1] == ["server"] and not {"-h", "--help"} & set(words):
        from rollsafe.cli.server import check_words
        from rollsafe.lsp.server import serve

        refused = check_words(words[1:])
        return refused if refused else serve()
    if words[:1] == ["mcp"] and not {"-h", "--help"} & set(words):
        from rollsafe.mcp import serve as serve_mcp

        return serve_mcp(words[1:])
    from rollsafe.cli import main as run

    return run()
