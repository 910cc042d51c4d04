"""The signals that `STOPSIGNAL` knows: those of Linux, by number or name."""

import re
from typing import Final

_NAMES: Final = frozenset(
    (
        *("ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL"),
        *("PIPE", "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP"),
        *("TTIN", "TTOU", "UNUSED", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ"),
    )
)
_REAL_TIME: Final = re.compile(r"RTM(?:IN(?:\+\d{1,2})?|AX(?:-\d{1,2})?)\Z")


def is_signal(text: str) -> bool:
    """Say whether a builder takes this as a signal, with or without `SIG`, in any case."""
    if text.isdecimal():
        return int(text) > 0
    name = text.upper().removeprefix("SIG")
    return name in _NAMES or _REAL_TIME.match(name) is not None
