"""The Django projects of a workspace: their apps, and the models before each migration.

Migrations are gone through in the order in which `migrate` applies all of them: each after those it depends
on. A squashed migration beside those it was made of changes nothing; one that stands alone has their names.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from rollsafe.artefacts.migrations.code import django
from rollsafe.artefacts.migrations.code.django_app import Place
from rollsafe.artefacts.migrations.code.django_state import State
from rollsafe.artefacts.source import SourceFile
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_MIGRATION = lazily(r"(^|/)migrations/[^/]+\.py$")
_CONFIG = lazily(r"(^|/)apps\.py$")
_SETTINGS = lazily(r"(^|/)(\w*settings\w*\.py|settings/(\w+/)*\w+\.py)$")
_LIST = lazily(r"^[ \t]+(?P<name>dependencies|run_before|replaces)\b[^=\n]*=\s*\[(?P<rows>[^\]]*)\]", re.M)
_PAIR = lazily(r"\(\s*[\"'](\w+)[\"']\s*,\s*[\"'](\w+)[\"']\s*,?\s*\)")
_REMARK = lazily(r"#[^\n]*")
_LABEL = lazily(r"^[ \t]+label[ \t]*(?::[^=\n]+)?=[ \t]*[\"'](\w+)[\"']", re.M)
_APP = lazily(r"^[ \t]+name[ \t]*(?::[^=\n]+)?=[ \t]*[\"']([\w.]+)[\"']", re.M)
_USER = lazily(r"^AUTH_USER_MODEL[ \t]*(?::[^=\n]+)?=[ \t]*[\"'](\w+\.\w+)[\"']", re.M)
_MOST: Final = 5_000

Name = tuple[str, str]
"""A migration: its app, which is a directory, and the name of its file."""


class _Told(NamedTuple):
    """What a migration says of its place; the pairs are labels and names."""

    dependencies: tuple[Name, ...]
    run_before: tuple[Name, ...]
    replaces: tuple[Name, ...]


class _Step(NamedTuple):
    """A migration with the models before and after it."""

    placed: SourceFile
    place: Place
    after: State


class DjangoProjects:
    """The migrations of a workspace, in order, and what each of them rests on."""

    def __init__(self) -> None:
        self._sources: dict[str, SourceFile] = {}
        self._told: dict[str, _Told] = {}
        self._steps: dict[str, _Step] = {}
        self._labels: dict[str, str] = {}
        self._users: dict[str, str] = {}
        self._edited: set[str] = set()
        self._order: list[tuple[str, bool]] | None = None
        self._around: dict[str, Mapping[str, str]] = {}
        """The apps that labels mean to those in a directory, as long as the order stays."""

    def put(self, path: str, source: SourceFile | None) -> None:
        """Take a file as it is now; None for one that is gone."""
        if not path.endswith(".py"):
            return
        if _MIGRATION.search(path):
            self._put_migration(path, source)
        elif _CONFIG.search(path):
            self._note(self._labels, path.rpartition("/")[0], _label(source.text) if source else None)
        elif _SETTINGS.search(path):
            self._note(self._users, path, _user(source.text) if source else None)

    def _note(self, into: dict[str, str], key: str, value: str | None) -> None:
        if into.get(key) == value:
            return
        if value is None:
            del into[key]
        else:
            into[key] = value
        self._order = None
        self._edited.add(key)

    def _put_migration(self, path: str, source: SourceFile | None) -> None:
        is_one = source is not None and "django.db" in source.text and "operations" in source.text
        told = _read_told(source.text) if source is not None and is_one else None
        if told != self._told.get(path):
            self._order = None
        if source is None or told is None:
            known = self._sources.pop(path, None)
            self._told.pop(path, None)
            self._steps.pop(path, None)
            if known is not None:
                self._edited.add(path)
            return
        self._sources[path], self._told[path] = source, told
        self._edited.add(path)

    def placed(self, path: str) -> SourceFile | None:
        """Return a migration with the models before it; None for a file that is none."""
        step = self._steps.get(path)
        return step.placed if step is not None else None

    def settle(self) -> set[str]:
        """Go through the migrations; return the paths of those with another state before them than before."""
        if not self._edited:
            return set()
        edited, self._edited = self._edited, set()
        if self._order is None:
            self._around.clear()
            self._order = _Order(self._told, self._apps).found() if len(self._told) <= _MOST else []
        user, apps = self._user(), self._around
        changed: set[str] = set()
        state: State = {}
        for path, counts in self._order:
            home = _home(path)
            if home not in apps:
                apps[home] = self._apps(home)
            place = Place(self._home_label(home), apps[home], state, user)
            step = self._steps.get(path)
            if step is None or path in edited or not place.is_like(step.place):
                step = self._steps[path] = self._step(path, place, step)
                changed.add(path)
            if counts:
                state = step.after
        return changed

    def _step(self, path: str, place: Place, before: _Step | None) -> _Step:
        placed = SourceFile(path, self._sources[path].text, place)
        made, after = django.translate_between(placed)
        place.keep(placed, made)
        # Where nothing differs the old object stays, by which those behind know that nothing differs.
        return _Step(placed, place, before.after if before is not None and before.after == after else after)

    def _home_label(self, home: str) -> str:
        return self._labels.get(home) or home.rpartition("/")[2] or "app"

    def _apps(self, home: str) -> dict[str, str]:
        """Return the apps that labels mean to those in `home`: of several the nearest."""
        found: dict[str, str] = {}
        for other in sorted({_home(path) for path in self._told}):
            label = self._home_label(other).lower()
            known = found.get(label)
            if known is None or _shared(home, other) > _shared(home, known):
                found[label] = other
        return found

    def _user(self) -> str | None:
        """Return what AUTH_USER_MODEL names; None if nothing tells."""
        said = set(self._users.values())
        named = said - {""}
        if len(named) == 1:
            return named.pop()
        return "auth.User" if said == {""} else None


class _Order:
    """Puts migrations in the order in which Django applies all of them.

    Of each it is found out whether it counts: what another file stands for does not.
    """

    def __init__(self, told: Mapping[str, _Told], apps: Callable[[str], Mapping[str, str]]) -> None:
        self._told = told
        self._apps = apps
        self._paths = {(_home(path), _stem(path)): path for path in sorted(told)}
        self._known: dict[str, Mapping[str, str]] = {}
        self._beside: set[str] = set()
        self._replaced: set[str] = set()
        self._named = self._paths.copy()
        for path in sorted(told):
            self._take_name(path)
        self._parents = {path: [*self._above(path)] for path in sorted(told)}
        for path in sorted(told):
            self._come_first(path)

    def _take_name(self, path: str) -> None:
        names = [self._name(path, one) for one in self._told[path].replaces]
        there = [self._paths[one] for one in names if one in self._paths]
        if names and len(there) == len(names):
            self._beside.add(path)
            return
        self._replaced.update(there)
        for one in names:
            self._named.setdefault(one, path)

    def _name(self, path: str, one: Name) -> Name:
        home = _home(path)
        if home not in self._known:
            self._known[home] = self._apps(home)
        return self._known[home].get(one[0], one[0]), one[1]

    def _above(self, path: str) -> Iterator[str]:
        for one in self._told[path].dependencies:
            app, name = self._name(path, one)
            if name in ("__first__", "__latest__"):
                own = [each for each in self._paths if each[0] == app and app != _home(path)]
                found = self._paths[min(own) if name == "__first__" else max(own)] if own else None
            else:
                found = self._named.get((app, name))
            if found is not None and found != path:
                yield found
                if found in self._beside:
                    names = (self._name(found, each) for each in self._told[found].replaces)
                    yield from (self._paths[each] for each in names if self._paths[each] != path)

    def _come_first(self, path: str) -> None:
        """Put a migration before those it says it runs before, a squashed one before what it was made of."""
        rows = self._told[path].run_before + (self._told[path].replaces if path in self._beside else ())
        for one in rows:
            later = self._named.get(self._name(path, one))
            if later is not None and later != path:
                self._parents[later].append(path)

    def found(self) -> list[tuple[str, bool]]:
        """Return the migrations in order, and whether each counts."""
        seen: set[str] = set()
        order: list[str] = []
        for path in self._parents:
            stack = [(path, False)]
            while stack:
                one, is_done = stack.pop()
                if is_done:
                    order.append(one)
                elif one not in seen:
                    seen.add(one)
                    stack.append((one, True))
                    stack += [(each, False) for each in reversed(self._parents[one]) if each not in seen]
        skipped = self._beside | self._replaced
        return [(path, path not in skipped) for path in order]


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".py")


def _home(path: str) -> str:
    """Return the directory of the app that a migration is of."""
    return path.rpartition("/")[0].rpartition("/")[0]


def _shared(one: str, other: str) -> int:
    """Return how many directories two paths share from the beginning."""
    pairs = zip(one.split("/"), other.split("/"), strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(one.count("/"), other.count("/")) + 1)


def _read_told(text: str) -> _Told:
    found = {m["name"]: m["rows"] for m in _LIST.finditer(_REMARK.sub("", text))}

    def pairs(name: str) -> tuple[Name, ...]:
        return tuple((m[1].lower(), m[2]) for m in _PAIR.finditer(found.get(name, "")))

    return _Told(pairs("dependencies"), pairs("run_before"), pairs("replaces"))


def _label(text: str) -> str | None:
    """Return the label that a config says; None if it says none, or several."""
    if "AppConfig" not in text:
        return None
    said = {m[1] for m in _LABEL.finditer(text)} or {m[1].rpartition(".")[2] for m in _APP.finditer(text)}
    return said.pop() if len(said) == 1 else None


def _user(text: str) -> str | None:
    """Return what a file of settings says of AUTH_USER_MODEL: empty for the default, None for nothing."""
    said = {m[1] for m in _USER.finditer(text)}
    if len(said) == 1:
        return said.pop()
    return "" if not said and "INSTALLED_APPS" in text and "AUTH_USER_MODEL" not in text else None
