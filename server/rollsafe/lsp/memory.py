"""When the garbage collector runs: while nobody types, and never over what stays for the whole session.

An analysis leaves reference cycles, tens of thousands of objects in a long file, and freeing them takes
longer than the analysis. So collections wait for a pause; a threshold is there for who never pauses.
"""

import gc
from typing import Final

_RARELY: Final = (200_000, 50, 1_000)
_OFTEN: Final = (5_000, 10, 10)


def settle_memory() -> None:
    """Collect what starting has left, and from then on rarely."""
    gc.collect()
    collect_rarely()


def collect_rarely() -> None:
    """Leave what has been loaded so far out of every later collection."""
    gc.freeze()
    gc.set_threshold(*_RARELY)


def collect_while_loading() -> None:
    """Collect often what importing leaves behind: it would stay in the process's memory for good."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(*_OFTEN)


def stop_collecting() -> None:
    """Collect nothing while a project is read: all of it stays, and looking at it takes long."""
    gc.disable()


def settle_project() -> None:
    """Leave the project that was read out of later collections."""
    gc.freeze()


def collect_now(*, everything: bool) -> None:
    """Free what analyses have left; `everything` looks at what was left out so far, too, and takes long."""
    if everything:
        gc.unfreeze()
    gc.collect()
    if everything:
        gc.freeze()
