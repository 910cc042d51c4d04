"""The `rollsafe` program: hands over to the command line, the language server or the MCP server.

This is the one place that knows all frontends; each is imported only when it runs.
"""

import atexit
import os
import sys


def command() -> int:
    """Run the program as a process of its own, and end it.

    Taking modules and objects apart one by one takes a sixth of a run over one file; the system takes all
    at once. What has been registered for the end is run, and a process with other threads ends by itself.
    """
    code = main()
    threads = sys.modules.get("threading")
    if threads is not None and threads.active_count() > 1:
        return code
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        return code
    os._exit(code)


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
