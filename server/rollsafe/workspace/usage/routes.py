"""The forms in which code names a path of an interface: in quotes, and up to its first parameter."""

import re
from itertools import dropwhile, takewhile
from typing import Final

from rollsafe.artefacts.source import SourceFile
from rollsafe.text import Span
from rollsafe.text.patterns import lazily
from rollsafe.workspace.usage.model import Named, Use

_PREFIX = lazily(r"(?:api|rest|v\d[\w.]*)\Z", re.I)
"""Parts of a path that clients commonly keep apart, with the address of the server."""
_DISTINCTIVE: Final = 4
"""Letters from which on a path is seldom something else."""
_LONGEST_ADDRESS: Final = 120
_QUOTED = lazily(r"[\"'`][^\"'`\s]*\Z")
_COMMENT = lazily(r"\s*(?://|#|\*|/\*|--|<!--)")


class RouteForms:
    """What to look for to find one path, and where it stands."""

    def __init__(self, named: Named) -> None:
        self.named = named
        parts = [part for part in named.route.split("/") if part]
        common = list(takewhile(_PREFIX.match, parts))
        fixed = list(takewhile(lambda part: "{" not in part, dropwhile(_PREFIX.match, parts)))
        self._word = max(fixed, key=len, default="")
        is_whole = len(common) + len(fixed) == len(parts)
        prefix = "".join(f"(?:/{re.escape(part)})?" for part in common)
        path = "".join(f"/{re.escape(part)}" for part in fixed)
        end = r"/?(?=[\"'`?#])" if is_whole else "/"
        self._form = re.compile(rf"(?P<path>{prefix}{path}){end}")

    @property
    def words(self) -> tuple[str, ...]:
        """The word that stands in every file that names it; none for a path that may be anything."""
        return (self._word,) if len(self._word) >= _DISTINCTIVE else ()

    def first_in(self, file: SourceFile) -> Use | None:
        """Return the first place in `file` that names it, comments left out."""
        for match in self._form.finditer(file.text):
            begin = file.text.rfind("\n", 0, match.start()) + 1
            before = file.text[max(begin, match.start() - _LONGEST_ADDRESS) : match.start()]
            if _QUOTED.search(before) and not _COMMENT.match(file.text, begin):
                return Use(file, Span(*match.span("path")), is_model=False)
        return None
