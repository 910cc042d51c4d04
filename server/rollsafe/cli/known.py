"""What was there before the check, and is therefore not spoken of."""

import os
from collections.abc import Iterator
from typing import TypeAlias

from rollsafe.cli.output.text import plural
from rollsafe.cli.report import Reported
from rollsafe.cli.session import Opened, Session
from rollsafe.engine.baseline import BASELINE_NAME

_Key: TypeAlias = tuple[str, str, str]


class Known:
    """Findings of one source, by project, path and fingerprint; remembers which were met again."""

    def __init__(self, description: str) -> None:
        self._description = description
        self._keys: set[_Key] = set()
        self._met: set[_Key] = set()

    def add(self, root: str, path: str, fingerprint: str) -> None:
        """Take in a finding; `path` is relative to the project."""
        self._keys.add((root, path, fingerprint))

    def holds(self, one: Reported) -> bool:
        """Say whether a finding was there before."""
        if not self._keys:
            return False
        key = (one.snapshot.root, one.found.path, one.fingerprint)
        if key in self._keys:
            self._met.add(key)
        return key in self._keys

    def lines(self) -> Iterator[str]:
        """Yield what to say about the findings that were met again."""
        if self._met:
            yield f"{plural(len(self._met), 'finding')} {self._description}, not shown."


class Hidden:
    """Everything that is not spoken of, from all sources."""

    def __init__(self, sources: list[Known]) -> None:
        self._sources = sources

    def holds(self, one: Reported) -> bool:
        """Say whether a finding was there before, in any sense."""
        return any(known.holds(one) for known in self._sources)

    def lines(self) -> Iterator[str]:
        """Yield a line per source that hides something."""
        for known in self._sources:
            yield from known.lines()


def hidden_from(session: Session, opened: list[Opened]) -> Hidden:
    """Return what the options and the projects' baselines say was there before.

    Raises:
        CommandError: a revision does not exist, or a baseline cannot be read.
    """
    filters = session.options.filters
    sources: list[Known] = []
    if filters.diff_base is not None:
        from rollsafe.cli.revision import at_revision

        sources.append(at_revision(session, opened, filters.diff_base))
    if not filters.update_baseline and (filters.baseline or any(map(_has_baseline, opened))):
        from rollsafe.cli.baselines import in_baselines

        sources.append(in_baselines(session, opened))
    return Hidden(sources)


def _has_baseline(opened: Opened) -> bool:
    return os.path.exists(os.path.join(opened.root, BASELINE_NAME))
