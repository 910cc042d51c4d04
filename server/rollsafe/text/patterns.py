"""Regular expressions that are compiled when they are first used, unless an earlier run has done it.

Compiling all of them takes a quarter of a run over one file, and such a run uses few.
"""

import re
from typing import Final, cast

from rollsafe.shelf import Source, current

made: Final[list[Source]] = []
"""All there are in this process, for those to come."""
compiled: Final[list[Source]] = []
"""Those that had to be compiled."""

_ATTRIBUTES: Final = (
    *("match", "search", "fullmatch", "finditer", "findall", "split", "sub", "subn"),
    *("pattern", "flags", "groups", "groupindex"),
)


class _Lazy:
    """Answers as the compiled pattern does, from the first question on."""

    def __init__(self, pattern: str, flags: int) -> None:
        self._source = pattern, flags
        made.append(self._source)

    def __repr__(self) -> str:
        return repr(self._source)

    def __getattr__(self, name: str) -> object:
        if name not in _ATTRIBUTES:
            raise AttributeError(name)
        found = _found(self._source)
        # From now on each of them is found without coming here.
        vars(self).update({known: getattr(found, known) for known in _ATTRIBUTES})
        return getattr(found, name)


def _found(source: Source) -> re.Pattern[str]:
    shelf = current()
    kept = shelf.pattern(source) if shelf else None
    if kept is None:
        compiled.append(source)
    return kept or re.compile(*source)


def lazily(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Return what behaves like `re.compile(pattern, flags)`; an error in it shows at its first use."""
    return cast("re.Pattern[str]", _Lazy(pattern, int(flags)))
