"""The signals that `STOPSIGNAL` knows: those of Linux, by number or name."""

import re
from typing import Final

_NAMES: Final = frozenset(
    (
        *("ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL"),
        *("PIPE", "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP"),
        *("TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ"),
    )
)
_REAL_TIME: Final = re.compile(r"RTMIN(?:\+(?:[1-9]|1[0-5]))?\Z|RTMAX(?:-(?:[1-9]|1[0-4]))?\Z")
_NUMBER: Final = re.compile(r"-?0*[1-9]\d*\Z")


def is_signal(text: str) -> bool:
    """Say whether a builder takes this as a signal, with or without `SIG`, in any case."""
    if _NUMBER.match(text) is not None:
        return True
    name = text.upper().removeprefix("SIG")
    return name in _NAMES or _REAL_TIME.match(name) is not None
