"""Facts about a run that no file holds: the date, and the state of the git base."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from typing import Final, TypeVar, cast

from rollsafe.text.cached import cached_property
from rollsafe.text.records import field, open_record, replace

_SHA1_DIGITS: Final = 40

T = TypeVar("T")


@open_record
class Today:
    """The date a run counts as, injected so that rules stay deterministic."""

    date: date


@open_record
class Checkout:
    """What is checked out while a run compares with a base.

    `head` is the full commit, None before the first one. `uncommitted` are the project paths that differ
    from it. `lacks` counts the commits the base has and `head` has not.
    """

    head: str | None = None
    uncommitted: frozenset[str] = frozenset()
    lacks: int = 0


@open_record
class Base:
    """The git revision a run compares with; `ref` is None when there is none.

    `ref` is what it was asked for as, `commit` the full hash of the commit it was then: branches and tags
    move on. `read` returns the text a project path had at the revision, None when it was not there;
    `list_paths` names the files the project had, `identify` says as which git object each was kept,
    `checkout` tells what stands against it. They are asked only when somebody wants to know.
    """

    ref: str | None = None
    read: Callable[[str], str | None] = field(default=lambda _path: None, repr=False)
    list_paths: Callable[[], frozenset[str]] = field(default=frozenset, repr=False)
    commit: str | None = None
    checkout: Callable[[], Checkout] = field(default=Checkout, repr=False)
    identify: Callable[[], Mapping[str, str]] = field(default=dict[str, str], repr=False)

    def had(self, path: str) -> bool:
        """Say whether the project had a file of that path; no without a base."""
        return self.known and path in self.list_paths()

    def is_unchanged(self, path: str, text: str) -> bool:
        """Say whether a file is byte for byte what it was; no without a base."""
        kept = self.identify().get(path) if self.known else None
        return kept is not None and kept == git_object(text, len(kept))

    def named(self, text: str) -> list[str]:
        """Return the paths of the files that had exactly this text."""
        digits = len(next(iter(self._by_object), ""))
        return self._by_object.get(git_object(text, digits), []) if digits else []

    @cached_property
    def _by_object(self) -> dict[str, list[str]]:
        """The paths of the files that were kept as one object."""
        found: dict[str, list[str]] = {}
        for path, name in self.identify().items() if self.known else ():
            found.setdefault(name, []).append(path)
        return found

    @cached_property
    def _remembered(self) -> dict[object, object]:
        return {}

    def remember(self, key: object, compute: Callable[[], T]) -> T:
        """Return what `compute` answers, computed once for each `key` from the revision alone."""
        if key not in self._remembered:
            self._remembered[key] = compute()
        return cast("T", self._remembered[key])

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

        def identify() -> Mapping[str, str]:
            return {
                path[len(inside) :]: one for path, one in self.identify().items() if path.startswith(inside)
            }

        return Base(
            self.ref, lambda path: self.read(inside + path), paths, self.commit, checkout, cache(identify)
        )


def git_object(text: str, digits: int) -> str:
    """Return the name git gives a file with this text, in as many hexadecimal digits as the others have."""
    from hashlib import new  # loads OpenSSL, and most runs compare with nothing

    data = text.encode("utf-8", "surrogatepass")
    algorithm = "sha1" if digits == _SHA1_DIGITS else "sha256"
    return new(algorithm, b"blob %d\0%b" % (len(data), data), usedforsecurity=False).hexdigest()


def _below(inside: str, paths: Iterable[str]) -> frozenset[str]:
    return frozenset(path[len(inside) :] for path in paths if path.startswith(inside))
