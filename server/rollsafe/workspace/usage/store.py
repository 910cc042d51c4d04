"""What was asked about the application's code, and what is known of it by now."""

from collections.abc import Iterable, Mapping
from typing import Final

from rollsafe.workspace.usage.model import NOWHERE, Named, Uses

_MAX_ASKED: Final = 2_000
"""Names that are looked for in one project."""


class Usage:
    """Answers from what is known; what is not is looked for by somebody else, and told afterwards.

    Reading the code takes longer than a keystroke may, and one pass over it answers everything that was
    asked. Until then the answer is that nothing names it.
    """

    def __init__(self) -> None:
        self._known: dict[Named, Uses] = {}
        self._asked: dict[Named, None] = {}
        self._new: set[Named] = set()

    def ask(self, named: Named) -> Uses:
        """Return what is known of a name, and remember that it was asked for."""
        known = self._known.get(named)
        if known is None and named not in self._asked and len(self._asked) < _MAX_ASKED:
            self._asked[named] = None
        return known or NOWHERE

    @property
    def asked(self) -> tuple[Named, ...]:
        """The names to look for, in the order they were asked for."""
        return tuple(self._asked)

    def take(self, found: Mapping[Named, Uses]) -> None:
        """Take in what was found."""
        for named, uses in found.items():
            self._asked.pop(named, None)
            if self._known.get(named, NOWHERE) != uses:
                self._new.add(named)
            self._known[named] = uses

    def forget(self) -> None:
        """Look for everything once more: the code has changed. Answers stay as they are until then."""
        self._asked.update(dict.fromkeys(self._known))

    def settle(self) -> Iterable[Named]:
        """Return the names whose answer is another one since this was asked last."""
        new, self._new = self._new, set()
        return new
