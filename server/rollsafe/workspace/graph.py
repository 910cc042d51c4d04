"""What refers to what: elements of all files, found by key.

An element says under which keys it can be found (`Element.graph_keys`). A rule asks a `Graph`, which
notes every question; when a file changes, `GraphStore.update` answers with the questions whose answers
may differ, and only the files that asked one of them are looked at again.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar, cast

from rollsafe.artefacts.base import Element
from rollsafe.workspace.chains import Chains, Rank
from rollsafe.workspace.contributed import Answer, Key, LocalKeys, contributed
from rollsafe.workspace.questions import (
    ALL,
    Answers,
    Paths,
    Question,
    Ranks,
    asked_as,
    bases,
    group_of,
)
from rollsafe.workspace.timelines import Story, Timeline, Timelines
from rollsafe.workspace.usage.model import Named, Uses
from rollsafe.workspace.usage.store import Usage

E = TypeVar("E", bound=Element)
S = TypeVar("S")
T = TypeVar("T")


class GraphStore:
    """Holds the elements of a project's files; updated file by file."""

    def __init__(self) -> None:
        self._tables: dict[type[Element], dict[str, dict[str, list[Element]]]] = {}
        self._kinds: dict[type[Element], list[type[Element]]] = {}
        self._by_path: dict[str, dict[Key, Answer]] = {}
        self._keys: dict[str, LocalKeys] = {}
        self._standings: dict[str, object] = {}
        self._paths: frozenset[str] = frozenset()
        self._lists: dict[Question, dict[str, list[str]]] = {}
        self._groups: dict[tuple[type, str], tuple[frozenset[str], tuple[Element, ...]]] = {}
        self._derived: dict[tuple[object, ...], tuple[object, object]] = {}
        self._own: set[tuple[type[Element], str]] | None = None
        """The keys whose rows no other store shares; None while there is no other store."""
        self._chains = Chains()
        self._timelines = Timelines(self._elements, self.rank)
        self.usage = Usage()
        """Where the application's code names what."""

    def branch(self) -> "GraphStore":
        """Return a store that holds the same; from then on each is updated by itself.

        Rows are shared until one of the two changes them; histories are told anew.
        """
        branch = GraphStore()
        branch._tables = {kind: table.copy() for kind, table in self._tables.items()}
        branch._kinds = {kind: kinds.copy() for kind, kinds in self._kinds.items()}
        branch._by_path = self._by_path.copy()
        branch._keys = self._keys.copy()
        branch._standings = self._standings.copy()
        branch._paths = self._paths
        branch._lists = self._lists.copy()
        branch._groups = self._groups.copy()
        branch._derived = self._derived.copy()
        branch._chains = self._chains.copy()
        branch.usage = self.usage
        branch._own, self._own = set(), set()
        return branch

    def set_paths(self, paths: frozenset[str]) -> set[Question]:
        """Take the names of all files; return the questions about names whose answers change."""
        if paths is self._paths:
            return set()
        changed: set[Question] = {(Paths, path) for path in self._paths ^ paths}
        if changed:
            changed.add((Paths, ALL))
            self.usage.forget()
        self._paths = paths
        return changed

    def update(self, path: str, elements: Iterable[Element]) -> set[Question]:
        """Replace what `path` contributes; return the questions whose answers change.

        Those about histories and chains come with the next `settle`.
        """
        elements = tuple(elements)
        old = self._by_path.get(path, {})
        new = self._answers(path, elements)
        self._chains.put(path, elements[0].link if elements else None)
        changed: set[Question] = set()
        is_elsewhere, watched = self._stands_elsewhere(path, elements), self._timelines.watched
        tables = self._tables if self._own is None else {}
        for question, answer in new.items():
            kind, key = question
            before = old.get(question)
            if before is not None and before[0] == answer[0]:
                if kind in tables:
                    tables[kind][key][path] = answer[1]
                else:
                    self._rows(kind, key)[0][path] = answer[1]
                if key in watched:
                    self._timelines.note(path, key, is_changed=is_elsewhere)
                continue
            self._timelines.note(path, key, is_changed=True)
            changed |= asked_as(kind, key, group_of(key) + ALL)
            rows, is_new_key = self._rows(kind, key)
            if is_new_key:
                changed |= asked_as(kind, group_of(key))
            rows[path] = answer[1]
        for kind, key in old.keys() - new.keys():
            self._timelines.note(path, key, is_changed=True)
            changed |= asked_as(kind, key, group_of(key) + ALL)
            rows, _ = self._rows(kind, key)
            del rows[path]
            if not rows:
                del self._tables[kind][key]
                changed |= asked_as(kind, group_of(key))
        self._remember(path, new)
        self._let_go_of(path, changed)
        return changed

    def _let_go_of(self, path: str, changed: set[Question]) -> None:
        """Forget the lists that a file was part of."""
        for asked in changed:
            self._lists.pop(asked, None)
        # Elements that were replaced are not to be handed out again, equal as they may be.
        fresh = {group: held for group, held in self._groups.items() if path not in held[0]}
        self._groups = {
            group: held
            for group, held in fresh.items()
            if (group[0], group_of(group[1]) + ALL) not in changed
        }

    def load(self, path: str, elements: Iterable[Element]) -> None:
        """Take what a new file contributes while nobody has asked anything yet."""
        elements = tuple(elements)
        new = self._answers(path, elements)
        self._chains.put(path, elements[0].link if elements else None)
        self._stands_elsewhere(path, elements)
        watched = self._timelines.watched
        for (kind, key), answer in new.items():
            self._rows(kind, key)[0][path] = answer[1]
            if key in watched:
                self._timelines.note(path, key, is_changed=True)
        self._remember(path, new)

    def _stands_elsewhere(self, path: str, elements: tuple[Element, ...]) -> bool:
        """Take note of where a file stands in histories; say whether that is not where it stood."""
        old, new = self._standings.pop(path, None), elements[0].standing if elements else None
        if new is not None:
            self._standings[path] = new
        return old != new

    def settle(self) -> set[Question]:
        """Bring chains and histories up to date; return the questions about them whose answers may differ."""
        moved = self._chains.settle()
        for path in moved:
            for _, key in self._by_path.get(path, {}):
                self._timelines.note(path, key, is_changed=True)
        used = ((Uses, named) for named in self.usage.settle())
        return {*self._timelines.settle(), *((Ranks, path) for path in moved), *used}

    def rank(self, element: Element) -> Rank | None:
        """Return the place of an element's file in its chain."""
        return self._chains.rank(element.file.path) if element.link is not None else None

    def timeline(self, story: Story[E, S], subject: str, element: E) -> Timeline[E, S]:
        """Return the history of `subject` that `element` is part of."""
        return self._timelines.of(story, subject, element)

    def rows(self, kind: type[E], key: str) -> list[E]:
        """Return the elements of `kind` under `key`, ordered by path and place."""
        found: list[Element] = []
        for concrete in self._kinds.get(kind, ()):
            for elements in self._tables[concrete].get(key, _NOBODY).values():
                found += elements
        if len(found) > 1:
            found.sort(key=lambda element: (element.file.path, element.start))
        return cast("list[E]", found)

    def keys(self, kind: type[Element], prefix: str) -> list[str]:
        """Return the keys under which elements of `kind` are found and that begin with `prefix`, sorted."""
        lists = self._lists.setdefault((kind, group_of(prefix)), {})
        known = lists.get(prefix)
        if known is None:
            tables = (self._tables[concrete] for concrete in self._kinds.get(kind, ()))
            known = lists[prefix] = sorted(
                {key for table in tables for key in table if key.startswith(prefix)}
            )
        return known

    def every(self, kind: type[E], prefix: str) -> tuple[E, ...]:
        """Return the elements under keys that begin with `prefix`, each once, by path and place."""
        held = self._groups.get((kind, prefix))
        if held is None:
            rows = (element for key in self.keys(kind, prefix) for element in self.rows(kind, key))
            found: dict[int, Element] = {id(element): element for element in rows}
            ordered = tuple(sorted(found.values(), key=lambda e: (e.file.path, e.start)))
            held = frozenset(element.file.path for element in ordered), ordered
            self._groups[kind, prefix] = held
        return cast("tuple[E, ...]", held[1])

    def derive(self, kind: type[E], prefix: str, make: Callable[[tuple[E, ...]], T]) -> T:
        """Return what `make` makes of `every`, made once while that is the same."""
        key, found = (kind, prefix, make), self.every(kind, prefix)
        held = self._derived.get(key)
        if held is None or held[0] is not found:
            held = self._derived[key] = found, make(found)
        return cast("T", held[1])

    def has_path(self, path: str) -> bool:
        """Say whether the project has a file of that name."""
        return path in self._paths

    @property
    def paths(self) -> frozenset[str]:
        """The names of all files of the project."""
        return self._paths

    def _elements(self, kind: type[Element], key: str, path: str | None) -> list[Element]:
        if path is None:
            return self.rows(kind, key)
        tables = (self._tables[concrete].get(key, _NOBODY) for concrete in self._kinds.get(kind, ()))
        return [element for table in tables for element in table.get(path, ())]

    def _rows(self, kind: type[Element], key: str) -> tuple[dict[str, list[Element]], bool]:
        """Return the rows of a key, to be changed, and whether it is new."""
        table = self._tables.get(kind)
        if table is None:
            table = self._tables[kind] = {}
            for base in bases(kind):
                self._kinds.setdefault(base, []).append(kind)
        rows = table.get(key)
        is_new = rows is None
        if rows is None or not (self._own is None or (kind, key) in self._own):
            rows = table[key] = {} if rows is None else rows.copy()
            if self._own is not None:
                self._own.add((kind, key))
        return rows, is_new

    def _remember(self, path: str, answers: dict[Key, Answer]) -> None:
        if answers:
            self._by_path[path] = answers
        else:
            self._by_path.pop(path, None)
            self._keys.pop(path, None)

    def _answers(self, path: str, elements: Iterable[Element]) -> dict[Key, Answer]:
        """Return what the elements of a file answer to which question."""
        answers, self._keys[path] = contributed(elements, self._keys.get(path, {}))
        return answers


_NOBODY: dict[str, list[Element]] = {}


class Graph:
    """A rule's view of the project. Every question is noted in `asked`."""

    def __init__(self, store: GraphStore) -> None:
        self._store = store
        self._remembered: dict[tuple[object, ...], object] = {}
        self.asked: set[Question] = set()

    @property
    def is_built(self) -> bool:
        """Whether objects are as they are built, with all that kustomizations change in them."""
        return False

    def remember(self, key: tuple[object, ...], compute: Callable[[], T]) -> T:
        """Return what `compute` answers, computed once per view for each `key`.

        For answers that several rules want and that rest on this view's questions alone.
        """
        if key not in self._remembered:
            self._remembered[key] = compute()
        return cast("T", self._remembered[key])

    def find(self, kind: type[E], key: str) -> tuple[E, ...]:
        """Return the elements of `kind` (subclasses too) under `key`, ordered by path and place."""
        self.asked.add((kind, key))
        return tuple(self._store.rows(kind, key))

    def state_before(self, story: Story[E, S], subject: str, element: E) -> S:
        """Return what the history of `subject` amounts to before `element`; it is not to be changed."""
        timeline, place = self._store.timeline(story, subject, element), story.place(element, self.rank)
        self.asked.add(timeline.question(place))
        return timeline.before(place)

    def rank(self, element: Element) -> Rank | None:
        """Return the place of an element's file among those that name what they follow.

        None where nothing says what comes before it, and for what is in no chain.
        """
        if element.link is None:
            return None
        self.asked.add((Ranks, element.file.path))
        return self._store.rank(element)

    def first(self, kind: type[E], key: str) -> E | None:
        """Return the first element of `kind` under `key`, or None."""
        return next(iter(self.find(kind, key)), None)

    def keys(self, kind: type[Element], prefix: str) -> list[str]:
        """Return the keys of `kind` that begin with `prefix`, sorted; prefix included."""
        self.asked.add((kind, group_of(prefix)))
        return self._store.keys(kind, prefix)

    def every(self, kind: type[E], prefix: str) -> tuple[E, ...]:
        """Return all elements of `kind` found under keys with `prefix`, each once, by path and place."""
        self.asked.add((kind, group_of(prefix) + ALL))
        return self._store.every(kind, prefix)

    def derive(self, kind: type[E], prefix: str, make: Callable[[tuple[E, ...]], T]) -> T:
        """Return what `make` makes of the elements that `every` returns; shared by all views of a state."""
        self.asked.add((kind, group_of(prefix) + ALL))
        return self._store.derive(kind, prefix, make)

    def has_file(self, path: str) -> bool:
        """Say whether the project has a file at `path` (relative to the project)."""
        self.asked.add((Paths, path))
        return self._store.has_path(path)

    def paths(self) -> frozenset[str]:
        """Return the names of all files of the project."""
        self.asked.add((Paths, ALL))
        return self._store.paths

    def uses(self, named: Named) -> Uses:
        """Return where the application's code names a table or a column, as far as that is known by now."""
        self.asked.add((Uses, named))
        return self._store.usage.ask(named)

    def noting(self) -> "NotingGraph":
        """Return a fresh view of the same project that notes answers."""
        return NotingGraph(self._store)


class NotingGraph(Graph):
    """A view that notes the answers, too: while they hold, what was made of them would be made again."""

    def __init__(self, store: GraphStore) -> None:
        super().__init__(store)
        self.answers = Answers()

    def find(self, kind: type[E], key: str) -> tuple[E, ...]:
        """Return and note what `Graph.find` answers."""
        return self._noted("find", (kind, key), super().find(kind, key))

    def state_before(self, story: Story[E, S], subject: str, element: E) -> S:
        """Return and note what `Graph.state_before` answers."""
        found = super().state_before(story, subject, element)
        return self._noted("state_before", (story, subject, element), found)

    def rank(self, element: Element) -> Rank | None:
        """Return and note what `Graph.rank` answers."""
        return self._noted("rank", (element,), super().rank(element))

    def keys(self, kind: type[Element], prefix: str) -> list[str]:
        """Return and note what `Graph.keys` answers."""
        return self._noted("keys", (kind, prefix), super().keys(kind, prefix))

    def every(self, kind: type[E], prefix: str) -> tuple[E, ...]:
        """Return and note what `Graph.every` answers."""
        return self._noted("every", (kind, prefix), super().every(kind, prefix))

    def derive(self, kind: type[E], prefix: str, make: Callable[[tuple[E, ...]], T]) -> T:
        """Note what it is made of, too."""
        self.every(kind, prefix)
        return super().derive(kind, prefix, make)

    def has_file(self, path: str) -> bool:
        """Return and note what `Graph.has_file` answers."""
        return self._noted("has_file", (path,), super().has_file(path))

    def paths(self) -> frozenset[str]:
        """Return and note what `Graph.paths` answers."""
        return self._noted("paths", (), super().paths())

    def uses(self, named: Named) -> Uses:
        """Return and note what `Graph.uses` answers."""
        return self._noted("uses", (named,), super().uses(named))

    def _noted(self, name: str, asked: tuple[object, ...], answer: T) -> T:
        self.answers.given[name, asked] = answer
        return answer
