"""Facts about a run that no file holds: the date, and the state of the git base."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date


@dataclass(frozen=True)
class Today:
    """The date a run counts as, injected so that rules stay deterministic."""

    date: date


@dataclass(frozen=True)
class Checkout:
    """What is checked out while a run compares with a base.

    `head` is the full commit, None before the first one. `uncommitted` are the project paths that differ
    from it. `lacks` counts the commits the base has and `head` has not.
    """

    head: str | None = None
    uncommitted: frozenset[str] = frozenset()
    lacks: int = 0


@dataclass(frozen=True)
class Base:
    """The git revision a run compares with; `ref` is None when there is none.

    `ref` is what it was asked for as, `commit` the full hash of the commit it was then: branches and tags
    move on. `read` returns the text a project path had at the revision, None when it was not there;
    `list_paths` names the files the project had, `checkout` tells what stands against it. They are asked
    only when somebody wants to know.
    """

    ref: str | None = None
    read: Callable[[str], str | None] = field(default=lambda _path: None, repr=False)
    list_paths: Callable[[], frozenset[str]] = field(default=frozenset, repr=False)
    commit: str | None = None
    checkout: Callable[[], Checkout] = field(default=Checkout, repr=False)

    @property
    def known(self) -> bool:
        """Whether there is a revision to compare with."""
        return self.ref is not None

    def is_same(self, other: "Base") -> bool:
        """Say whether the base of the same project is surely the same state of it."""
        return self.commit == other.commit and (self.commit is not None or not (self.known or other.known))

    def below(self, prefix: str) -> "Base":
        """Return the base of the nested project at `prefix`, a directory of this one."""
        inside = prefix.rstrip("/") + "/"

        def paths() -> frozenset[str]:
            return _below(inside, self.list_paths())

        def checkout() -> Checkout:
            found = self.checkout()
            return replace(found, uncommitted=_below(inside, found.uncommitted))

        return Base(self.ref, lambda path: self.read(inside + path), paths, self.commit, checkout)


def _below(inside: str, paths: Iterable[str]) -> frozenset[str]:
    return frozenset(path[len(inside) :] for path in paths if path.startswith(inside))
