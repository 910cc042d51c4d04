"""The process: reads standard input until the client is gone, and keeps the two tiers apart.

Until the first documents have been answered nothing but the engine is loaded: no event loop, no protocol
library. Both take longer to import than those documents take to check.
"""

import gc
import os
import sys
from typing import Final, NoReturn

from rollsafe.lsp.connection import Connection
from rollsafe.lsp.memory import settle_memory
from rollsafe.lsp.transport import Inbox, Outbox

_PATIENCE_S: Final = 0.03
_SWITCH_S: Final = 0.001


def serve() -> NoReturn:
    """Serve one client on standard input and output, and end the process.

    The exit code is 0 after `shutdown` and `exit` or when the client closed its end, 1 after `exit` alone.
    """
    gc.disable()
    inbox = Inbox(sys.stdin.buffer)
    outbox = Outbox(sys.stdout.buffer)
    # A stray `print` would end up between two messages.
    sys.stdout = sys.stderr
    inbox.start()
    connection = Connection(outbox)
    _answer_first_documents(inbox, connection)
    if connection.exit_code is None:
        settle_memory()
        # Threads that read projects must not keep a keystroke waiting.
        sys.setswitchinterval(_SWITCH_S)
        from rollsafe.lsp.loop import run

        run(inbox, connection)
    # A thread that waits for input or reads a project must not keep the process alive.
    sys.stderr.flush()
    os._exit(connection.exit_code or 0)


def _answer_first_documents(inbox: Inbox, connection: Connection) -> None:
    """Handle messages until a document has been answered, or nothing comes for a moment."""
    while connection.exit_code is None and not connection.has_answered:
        frame = inbox.take(_PATIENCE_S if connection.is_running else None)
        if frame is None:
            return
        connection.receive([frame, *inbox.drain()])
