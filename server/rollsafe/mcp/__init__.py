"""The MCP server: what rollsafe knows, as read-only tools for assistants. Needs the extra `mcp`."""

import sys
from collections.abc import Sequence
from importlib.util import find_spec


def serve(words: Sequence[str]) -> int:
    """Serve on standard input and output until the client goes away; return the exit code."""
    problem = None
    if words:
        problem = f"rollsafe mcp: one too many: `{words[0]}`"
    elif find_spec("mcp") is None:
        problem = "the MCP server is not installed: `pip install 'rollsafe[mcp]'`"
    if problem is not None:
        print(f"rollsafe: {problem}", file=sys.stderr)
        return 2
    from rollsafe.mcp.server import run

    run()
    return 0
