"""The order in which Liquibase runs change logs: as the log that includes all others lists them."""

import re
from itertools import islice
from posixpath import normpath
from typing import TYPE_CHECKING, Final

from rollsafe.artefacts.migrations.conventions import Placed
from rollsafe.artefacts.migrations.liquibase_filters import is_for_practice
from rollsafe.artefacts.source import SourceFile
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

if TYPE_CHECKING:
    from rollsafe.artefacts.migrations.code.liquibase_items import Item

_INCLUDES: Final = ("include", "includeAll")
_FORMATTED = lazily(r"\A\s*--[ \t]*liquibase[ \t]+formatted[ \t]+sql\b", re.I)
_MAX_DEPTH: Final = 12
_MOST: Final = 2_000
"""So many logs, and so many of what one includes, are put in order."""
_BACK: Final = 8
"""So many of those before it are named as what a log follows: some may hold nothing for PostgreSQL."""
_CHOOSING: Final = ("filter", "resourceFilter", "resourceComparator", "minDepth", "maxDepth")
"""Options of `includeAll` that a program decides, or that nobody uses."""


class Include(NamedTuple):
    """What a log includes: a file, or all logs below a directory; `path` is None where it is not told."""

    path: str | None
    is_relative: bool
    is_directory: bool
    ending: str = ""


class Log(NamedTuple):
    """A change log: whether it has change sets itself, and before the first of what it includes.

    `is_list` tells that it includes anything, also for tests alone, which is not among `includes`.
    """

    includes: tuple[Include, ...]
    has_sets: bool
    begins: bool
    is_list: bool = False


def log_of(path: str, text: str) -> Log | None:
    """Return what a change log includes; None for another file."""
    if path.endswith(".sql"):
        return Log((), has_sets=True, begins=True) if _FORMATTED.match(text) else None
    if "databaseChangeLog" not in text:
        return None
    if "include" not in text:
        return Log((), has_sets=True, begins=True)
    item = _read(path, text)
    if item is None:
        return None
    names = [one.name for one in item.items if one.name in ("changeSet", *_INCLUDES)]
    rows = (one for one in item.items if one.name in _INCLUDES)
    kept = (one for one in rows if not is_for_practice(one.text("contextFilter", "context")))
    return Log(
        tuple(_include(one) for one in islice(kept, _MOST)),
        has_sets="changeSet" in names,
        begins=names[:1] == ["changeSet"],
        is_list=bool({*names} - {"changeSet"}),
    )


def _read(path: str, text: str) -> "Item | None":
    from rollsafe.artefacts.migrations.code.liquibase_items import from_entry, from_tag
    from rollsafe.formats.nodes import Mapping
    from rollsafe.formats.xml import read_xml
    from rollsafe.formats.yaml import read_yaml

    if path.endswith(".xml"):
        tag = read_xml(text)
        return from_tag(tag) if tag is not None else None
    root = next(iter(read_yaml(text).documents), None)
    entry = root.entry("databaseChangeLog") if isinstance(root, Mapping) else None
    return from_entry(entry, text) if entry is not None else None


def _include(item: "Item") -> Include:
    told = item.text("file", "path").removeprefix("classpath:").lstrip("/")
    is_open = not told or "${" in told or item.get(*_CHOOSING) is not None
    return Include(
        None if is_open else told,
        item.is_true("relativeToChangelogFile"),
        is_directory=item.name == "includeAll",
        ending=item.text("endsWithFilter"),
    )


class LiquibaseLogs:
    """The change logs of a workspace, each after the one that is run before it."""

    def __init__(self) -> None:
        self._logs: dict[str, Log] = {}
        self._sources: dict[str, SourceFile] = {}
        self._places: dict[str, Placed] = {}
        self._placed: dict[str, SourceFile] = {}
        self._edited: set[str] = set()
        self._is_told_anew = False

    def put(self, path: str, source: SourceFile | None) -> None:
        """Take a file as it is now; None for one that is gone."""
        log = log_of(path, source.text) if source is not None else None
        if log != self._logs.get(path):
            self._is_told_anew = True
            self._logs.pop(path, None)
            self._logs.update({path: log} if log is not None else {})
        if log is None or source is None:
            self._sources.pop(path, None)
            self._placed.pop(path, None)
            return
        self._sources[path] = source
        self._edited.add(path)

    def settle(self) -> set[str]:
        """Place what was edited, or all where the order is another; return those with a new place."""
        edited, self._edited = self._edited & self._sources.keys(), set()
        paths = set(self._sources) if self._is_told_anew else edited
        if self._is_told_anew:
            self._places = _places(self._logs)
        self._is_told_anew = False
        moved: set[str] = set()
        for path in paths:
            known, place = self._placed.pop(path, None), self._places.get(path)
            if place is not None:
                self._placed[path] = SourceFile(path, self._sources[path].text, place)
            if place != (known.around if known is not None else None):
                moved.add(path)
        return moved

    def placed(self, path: str) -> SourceFile | None:
        """Return a log with its place; None for one without."""
        return self._placed.get(path)


def _places(logs: dict[str, Log]) -> dict[str, Placed]:
    """Return the places of logs that are included, and of those beside them that are not."""
    if len(logs) > _MOST:
        return {}
    tree = _Tree(logs)
    roots = [path for path in sorted(logs) if logs[path].is_list and path not in tree.included]
    found: dict[str, Placed] = {}
    for root in roots:
        order = [one for one in tree.run(root) if logs[one].has_sets and one not in found]
        for at, path in enumerate(order):
            found[path] = Placed(path, tuple(order[max(0, at - _BACK) : at]), _home(root))
    below = {_home(root) for root in roots if not tree.is_open}
    for path in logs.keys() - found.keys() - set(roots):
        if logs[path].has_sets and any(f"{path}/".startswith(f"{home}/" if home else "") for home in below):
            found[path] = Placed(path, (), path)
    return found


class _Tree:
    """Which log includes which; `is_open` where one includes what is not known, or not there."""

    def __init__(self, logs: dict[str, Log]) -> None:
        self._logs = logs
        self._named: dict[str, list[str]] = {}
        self.is_open = False
        for path in sorted(logs):
            self._named.setdefault(path.rpartition("/")[2], []).append(path)
        self._below = {
            path: [each for one in log.includes for each in self._meant(path, one)]
            for path, log in logs.items()
            if log.includes
        }
        self.included = {one for path, rows in self._below.items() for one in rows if one != path}

    def run(self, root: str) -> list[str]:
        """Return a log and what it includes, in the order in which they are run; each is run once."""
        found: dict[str, None] = {}
        self._run(root, set(), found, 0)
        return [*found]

    def _run(self, path: str, seen: set[str], found: dict[str, None], depth: int) -> None:
        if path in seen or depth > _MAX_DEPTH:
            return
        seen.add(path)
        if self._logs[path].begins:
            found[path] = None
        for one in self._below.get(path, ()):
            self._run(one, seen, found, depth + 1)
        found.setdefault(path)

    def _meant(self, path: str, include: Include) -> list[str]:
        if include.path is None:
            self.is_open = True
            return []
        told = normpath(f"{_home(path)}/{include.path}".lstrip("/") if include.is_relative else include.path)
        if include.is_directory:
            found = self._directory(path, told, include)
        else:
            every = self._named.get(told.rpartition("/")[2], ())
            found = _nearest(path, [one for one in every if _is(one, told, include)])
        self.is_open |= not found
        return found

    def _directory(self, path: str, told: str, include: Include) -> list[str]:
        if told == ".":
            return [one for one in sorted(self._logs) if one != path and one.endswith(include.ending)]
        mark = f"/{told}/"
        homes = {f"/{one}".partition(mark)[0][1:] for one in self._logs if mark in f"/{one}"}
        rows = [f"{one}/{told}".lstrip("/") for one in sorted(homes)]
        near = _nearest(path, [one for one in rows if _is(one, told, include)])
        below = f"{near[0]}/" if near else ""
        every = (one for one in sorted(self._logs) if one.startswith(below) and one != path)
        return [one for one in every if near and one.endswith(include.ending)]


def _is(path: str, told: str, include: Include) -> bool:
    """Say whether a path is the one that is told: from the log that tells it, or below any root of paths."""
    return path == told or (not include.is_relative and path.endswith(f"/{told}"))


def _nearest(path: str, found: list[str]) -> list[str]:
    """Return the one that shares most of its path with a log."""

    def shared(one: str) -> int:
        pairs = zip(path.split("/"), one.lstrip("/").split("/"), strict=False)
        return next((at for at, (a, b) in enumerate(pairs) if a != b), len(path))

    return [max(found, key=shared)] if found else []


def _home(path: str) -> str:
    return path.rpartition("/")[0]
