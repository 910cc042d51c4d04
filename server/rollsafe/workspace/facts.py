"""Facts about a run that no file holds: the date, and the state of the git base."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Today:
    """The date a run counts as, injected so that rules stay deterministic."""

    date: date


@dataclass(frozen=True)
class Base:
    """The git revision a run compares with; `ref` is None when there is none.

    `read` returns the text a project path had at the revision, None when it was not there; `list_paths`
    names the files the project had. Both are asked only when a rule wants to know.
    """

    ref: str | None = None
    read: Callable[[str], str | None] = field(default=lambda _path: None, repr=False)
    list_paths: Callable[[], frozenset[str]] = field(default=frozenset, repr=False)

    @property
    def known(self) -> bool:
        """Whether there is a revision to compare with."""
        return self.ref is not None

    def below(self, prefix: str) -> "Base":
        """Return the base of the nested project at `prefix`, a directory of this one."""
        inside = prefix.rstrip("/") + "/"

        def paths() -> frozenset[str]:
            named = (path for path in self.list_paths() if path.startswith(inside))
            return frozenset(path[len(inside) :] for path in named)

        return Base(self.ref, lambda path: self.read(inside + path), paths)
