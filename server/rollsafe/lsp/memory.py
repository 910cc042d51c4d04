"""When the garbage collector runs: seldom, and never over what stays for the whole session."""

import gc
from typing import Final

_RARELY: Final = (100_000, 50, 1_000)
_OFTEN: Final = (5_000, 10, 10)


def settle_memory() -> None:
    """Leave what has been loaded out of every later collection, and collect rarely.

    What an analysis makes is freed by its reference count; collections would only look at the engine's
    long-lived objects again and again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_RARELY)


def collect_while_loading() -> None:
    """Collect often what importing leaves behind: it would stay in the process's memory for good."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(*_OFTEN)
