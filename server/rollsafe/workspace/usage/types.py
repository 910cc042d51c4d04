"""The forms in which code names a type of messages: as a word of its own."""

import re
from typing import Final

from rollsafe.artefacts.source import SourceFile
from rollsafe.text import Span
from rollsafe.text.patterns import lazily
from rollsafe.workspace.usage.model import Named, Use

_COMMENT = lazily(r"\s*(?://|#|\*|/\*|--|<!--|\"\"\"|''')")
_HUMPS = lazily(r"[A-Z][a-z0-9]+")
_CLIENTS: Final = "Client|AsyncClient|BlockingStub|FutureStub|Stub|Grpc|GrpcClient|ClientImpl"
"""What generators put behind the name of a service for those who call it."""
_DISTINCTIVE: Final = 8
"""Letters from which on a name of several words is seldom something else."""


class TypeForms:
    """What to look for to find one type, and where it stands."""

    def __init__(self, named: Named) -> None:
        self.named = named
        name = re.escape(named.type)
        self._form = re.compile(rf"(?<![\w$])(?:New)?{name}(?:{_CLIENTS})?(?![\w$])")

    @property
    def words(self) -> tuple[str, ...]:
        """The name itself; none for one that may be anything, such as `Order`."""
        name = self.named.type
        return (name,) if len(name) >= _DISTINCTIVE and len(_HUMPS.findall(name)) > 1 else ()

    def first_in(self, file: SourceFile) -> Use | None:
        """Return the first place in `file` that names it, comments left out."""
        for match in self._form.finditer(file.text):
            begin = file.text.rfind("\n", 0, match.start()) + 1
            if not _COMMENT.match(file.text, begin):
                return Use(file, Span(*match.span()), is_model=False)
        return None
