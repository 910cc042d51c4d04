"""The order in which Sqitch deploys changes, as `sqitch.plan` lists them.

A change that was reworked is listed again. Its last script has its name, those before have that of a tag as
well: `users@v1.sql` is what `users` was at the tag `v1`.
"""

import re
from typing import Final

from rollsafe.artefacts.migrations.conventions import Placed
from rollsafe.artefacts.source import SourceFile
from rollsafe.text.patterns import lazily

_LINE = lazily(r"[ \t]*(?:\+[ \t]*)?(?P<name>@?[^\s%@#:\[\]+-][^\s@#:\[\]]{0,400})(?=\s|\Z)")
_REVERTS = lazily(r"^[ \t]*-[ \t]*[^\s-]", re.M)
_PLAN: Final = "sqitch.plan"
_DEPLOY: Final = "/deploy/"
_MOST: Final = 5_000


class _Plan:
    """The changes of a plan in order, and how many of them are listed before each tag."""

    def __init__(self, text: str) -> None:
        self.changes: list[str] = []
        self.tags: dict[str, int] = {}
        for line in () if _REVERTS.search(text) else text.splitlines()[:_MOST]:
            match = _LINE.match(line)
            if match is not None and match["name"].startswith("@"):
                self.tags.setdefault(match["name"][1:], len(self.changes))
            elif match is not None:
                self.changes.append(match["name"])
        self._last = {name: at for at, name in enumerate(self.changes)}

    def place(self, script: str) -> Placed | None:
        """Return the place of a script, by its name below `deploy` without its ending."""
        name, _, tag = script.partition("@")
        at = self._last.get(name)
        if at is None or (tag and tag not in self.tags):
            return None
        if tag:
            before = [one for one, other in enumerate(self.changes[: self.tags[tag]]) if other == name]
            if not before or before[-1] == at:
                return None
            at = before[-1]
        return Placed(self._called(at), (self._called(at - 1),) if at else ())

    def _called(self, at: int) -> str:
        """Return a name for a change that no other one has."""
        name = self.changes[at]
        return name if self._last[name] == at else f"{name}@{self.changes[at:].count(name) - 1}"


class SqitchPlans:
    """The changes of a workspace, each after the one that is listed before it."""

    def __init__(self) -> None:
        self._plans: dict[str, _Plan] = {}
        self._sources: dict[str, SourceFile] = {}
        self._placed: dict[str, SourceFile] = {}
        self._edited: set[str] = set()

    def put(self, path: str, source: SourceFile | None) -> None:
        """Take a file as it is now; None for one that is gone."""
        home, _, name = path.rpartition("/")
        if name == _PLAN:
            self._plans.pop(home, None)
            self._plans.update({home: _Plan(source.text)} if source is not None else {})
            self._edited |= {one for one in self._sources if _home(one) == home}
            return
        self._edited.add(path)
        if source is not None:
            self._sources[path] = source
        else:
            self._sources.pop(path, None)
            self._placed.pop(path, None)

    def settle(self) -> set[str]:
        """Place what was edited, or whose plan was; return the paths of changes with a new place."""
        edited, self._edited = self._edited & self._sources.keys(), set()
        moved: set[str] = set()
        for path in edited:
            known, source = self._placed.pop(path, None), self._sources[path]
            plan = self._plans.get(_home(path))
            script = f"/{path}".rpartition(_DEPLOY)[2].removesuffix(".sql")
            place = plan.place(script) if plan is not None else None
            if place is not None:
                self._placed[path] = SourceFile(path, source.text, place)
            if place != (known.around if known is not None else None):
                moved.add(path)
        return moved

    def placed(self, path: str) -> SourceFile | None:
        """Return a change with its place; None for one without."""
        return self._placed.get(path)


def _home(path: str) -> str:
    """Return the directory of the project that a change is of."""
    return f"/{path}".rpartition(_DEPLOY)[0].removeprefix("/")
