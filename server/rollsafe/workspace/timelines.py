"""What a history amounts to before each of its elements, kept from one edit to the next.

A history is what the elements under one key do one after the other, such as the statements that change a
table. The state is kept before some of them, so that the state before any is a few steps away, and an edit
costs the steps behind it. Who asks depends on the elements before his place alone.
"""

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final, Generic, TypeAlias, TypeVar, cast

from rollsafe.artefacts.base import Element
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.chains import Ranks

E = TypeVar("E", bound=Element)
S = TypeVar("S")

Place: TypeAlias = tuple[tuple[int, ...], str, int]
"""Where an element stands in a history: the order of its file, the file's path, its offset."""

History: TypeAlias = tuple[str, str]
"""The directory of a history, and what it shares with histories in other ones; empty for one by itself."""

_STRIDE: Final = 8
"""Steps between two states that are kept."""


class Story(ABC, Generic[E, S]):
    """How a history of elements of `kind` is told; `prefix` begins the keys they are found under.

    `ranks` tells where files come that name those they follow.
    """

    kind: type[E]
    prefix: str

    @abstractmethod
    def place(self, element: E, ranks: Ranks) -> Place:
        """Return where an element stands."""

    @abstractmethod
    def history(self, element: E, ranks: Ranks) -> History:
        """Return the history an element is part of."""

    @abstractmethod
    def belongs(self, element: E, history: History, ranks: Ranks) -> bool:
        """Say whether an element counts in a history."""

    @abstractmethod
    def subjects(self, element: E) -> Iterable[str]:
        """Return what an element makes one out of several: the old and the new name of a table."""

    @abstractmethod
    def start(self, subjects: Iterable[str]) -> S:
        """Return the state of `subjects` before everything."""

    @abstractmethod
    def step(self, state: S, element: E) -> None:
        """Do to a state what an element does."""

    @abstractmethod
    def copy(self, state: S) -> S:
        """Return a state that can be changed by itself."""


class Asked:
    """Stands for the state of a history at a place in a question."""


Question: TypeAlias = tuple[type[Asked], tuple[int, tuple[int, ...], str]]
"""A history, by its number, and the file before whose elements its state was asked for."""


class Timeline(Generic[E, S]):
    """One history: its elements in order, and the states before some of them."""

    def __init__(
        self, story: Story[E, S], number: int, subjects: frozenset[str], rows: Iterable[E], ranks: Ranks
    ) -> None:
        self.subjects = subjects
        self.asked: set[Question] = set()
        self._story = story
        self._number = number
        self._ranks = ranks
        self._start = story.start(subjects)
        self._rows = sorted(((story.place(row, ranks), row) for row in rows), key=_place)
        self._states: list[S | None] = [None] * len(self._rows)
        self._last: tuple[int, S] | None = None
        self.is_plain = not any(True for _, row in self._rows for _ in story.subjects(row))
        """Whether no element makes one of several subjects."""

    def question(self, place: Place) -> Question:
        """Return the question for the state before a place."""
        question = (Asked, (self._number, place[0], place[1]))
        self.asked.add(question)
        return question

    def before(self, place: Place) -> S:
        """Return the state before a place; it is not to be changed."""
        return self._state(bisect_left(self._rows, place, key=_place))

    def refresh(self, path: str, rows: Iterable[E]) -> None:
        """Put elements in the place of those of a file that are no more, wherever they stand now."""
        fresh = sorted(((self._story.place(row, self._ranks), row) for row in rows), key=_place)
        held = [at for at, (place, _) in enumerate(self._rows) if place[1] == path]
        self._last = None
        if held and len(held) == len(fresh) and held == list(range(held[0], held[0] + len(held))):
            at, end = held[0], held[0] + len(held)
            if self._is_in_order(at, end, fresh):
                self._exchange(at, end, fresh)
                return
        left = [row for row in self._rows if row[0][1] != path]
        self._rows = sorted([*left, *fresh], key=_place)
        self._states = [None] * len(self._rows)

    def forget(self, path: str, rows: Iterable[E]) -> set[Question]:
        """Do the same for elements that mean something else; return the questions whose answers may differ.

        The elements before are no more, so all that was asked behind them counts.
        """
        places = [place for place, _ in self._rows if place[1] == path]
        fresh = list(rows)
        self.refresh(path, fresh)
        places += [self._story.place(row, self._ranks) for row in fresh]
        return {one for one in self.asked if any(one[1][1:] > place[:2] for place in places)}

    def replace(self, path: str, rows: Iterable[E], *, is_changed: bool) -> set[Question] | None:
        """Put elements in the place of those of a file; return the questions whose answers may differ.

        None where everything has to be told from the beginning. Elements that mean the same, so that nothing
        `is_changed`, cost nothing until somebody asks for a state.
        """
        fresh = sorted(((self._story.place(row, self._ranks), row) for row in rows), key=_place)
        held = [at for at, (place, _) in enumerate(self._rows) if place[1] == path]
        old = [self._rows[at] for at in held]
        if not old and not fresh:
            return set()
        if any(True for _, row in (*old, *fresh) for _ in self._story.subjects(row)):
            return None
        self._last = None
        first = (old or fresh)[0][0]
        at = held[0] if held else bisect_left(self._rows, first, key=_place)
        if not self._is_in_order(at, at + len(held), fresh) or held != list(range(at, at + len(held))):
            return None
        if not is_changed:
            self._exchange(at, at + len(held), fresh)
            return set()
        is_same = self._put(at, at + len(held), fresh)
        return set() if is_same else {one for one in self.asked if one[1][1:] > first[:2]}

    def _is_in_order(self, at: int, end: int, fresh: Sequence[tuple[Place, E]]) -> bool:
        """Say whether elements fit in between those around them."""
        if not fresh:
            return True
        is_behind = at == 0 or self._rows[at - 1][0] < fresh[0][0]
        return is_behind and (end == len(self._rows) or fresh[-1][0] < self._rows[end][0])

    def _exchange(self, at: int, end: int, fresh: list[tuple[Place, E]]) -> None:
        """Replace the elements from `at` to `end`; states made of these are to be told anew."""
        self._rows[at:end] = fresh
        kept = self._states[: at + 1] if at < len(self._states) else self._states[:at]
        self._states = [*kept, *[None] * (len(self._rows) - len(kept))]

    def _put(self, at: int, end: int, fresh: list[tuple[Place, E]]) -> bool:
        """Replace the elements from `at` to `end`; say whether all states behind them stay what they were."""
        was, self._last = self._state(end), None
        known = self._states[at] if at < len(self._states) else None
        self._rows[at:end] = fresh
        self._states[at:end] = [None] * len(fresh)
        if at < len(self._states):
            self._states[at] = known
        end = at + len(fresh)
        if fresh and end < len(self._states):
            self._states[end] = None
        if self._state(end) == was:
            return True
        self._states[end + 1 :] = [None] * len(self._states[end + 1 :])
        return False

    def _state(self, index: int) -> S:
        """Return the state before the element at `index`, and keep some on the way."""
        at, known = self._known(index)
        if at == index and known is not None:
            return known
        state = self._story.copy(self._start if known is None else known)
        for step in range(at, index):
            if step > at and step % _STRIDE == 0:
                self._states[step] = self._story.copy(state)
            self._story.step(state, self._rows[step][1])
        self._last = index, state
        if index % _STRIDE == 0 and index < len(self._states):
            self._states[index] = state
        return state

    def _known(self, index: int) -> tuple[int, S | None]:
        """Return the last state that is known before `index` or there, and its place; None for the start.

        A history is mostly asked for in its order, so the state that was told last is often the nearest.
        """
        last = self._last if self._last is not None and self._last[0] <= index else None
        first = last[0] if last is not None else 0
        for at in range(min(index, len(self._states) - 1), first, -1):
            if (known := self._states[at]) is not None:
                return at, known
        if last is not None:
            return last
        return 0, self._states[0] if self._states else None


Find: TypeAlias = Callable[[type[Element], str, "str | None"], Sequence[Element]]
"""Finds the elements of a kind under a key, in all files or in one."""


class _Told(NamedTuple):
    """A history that somebody asked for, and how it is told."""

    story: "Story[Element, object]"
    history: History
    timeline: "Timeline[Element, object]"

    @property
    def keys(self) -> list[str]:
        """The keys under which its elements are found."""
        return [f"{self.story.prefix}{subject}" for subject in self.timeline.subjects]


class Timelines:
    """The histories that were asked for."""

    def __init__(self, find: Find, ranks: Ranks) -> None:
        self._find = find
        self._ranks = ranks
        self._told: dict[int, _Told] = {}
        self._names: dict[tuple[object, History, str], int] = {}
        self._watched: dict[str, dict[int, None]] = {}
        self._dirty: dict[int, dict[str, bool]] = {}
        self._stale: dict[int, dict[str, None]] = {}
        """The files of which a history holds elements that are no more, and mean what those do that are."""
        self._count = 0

    def of(self, story: Story[E, S], subject: str, element: E) -> Timeline[E, S]:
        """Return the history of `subject` that `element` is part of."""
        history = story.history(element, self._ranks)
        number = self._names.get((story, history, subject))
        if number is None:
            number = self._tell(cast("Story[Element, object]", story), subject, history)
        elif number in self._stale:
            told = self._told[number]
            for path in self._stale.pop(number):
                told.timeline.refresh(path, self._elements(told.story, told.history, told.keys, path))
        return cast("Timeline[E, S]", self._told[number].timeline)

    @property
    def watched(self) -> Collection[str]:
        """The keys of whose elements histories are told."""
        return self._watched.keys()

    def note(self, path: str, key: str, *, is_changed: bool) -> None:
        """Take note that a file has other elements under a key; unless it `is_changed` they mean the same."""
        for number in self._watched.get(key, ()):
            if not is_changed and self._told[number].timeline.is_plain:
                self._stale.setdefault(number, {})[path] = None
            else:
                paths = self._dirty.setdefault(number, {})
                paths[path] = paths.get(path, False) or is_changed

    def settle(self) -> set[Question]:
        """Bring all histories up to date; return the questions whose answers may differ."""
        found: set[Question] = set()
        dirty, self._dirty = self._dirty, {}
        for number, paths in dirty.items():
            for path, is_changed in paths.items():
                if number in self._told:
                    found |= self._replace(number, path, is_changed=is_changed)
        return found

    def _replace(self, number: int, path: str, *, is_changed: bool) -> set[Question]:
        told, stale = self._told[number], self._stale.get(number, {})
        rows = self._elements(told.story, told.history, told.keys, path)
        if any(True for row in rows for _ in told.story.subjects(row)):
            affected = None
        elif stale:
            stale.pop(path, None)
            affected = told.timeline.forget(path, rows)
        else:
            affected = told.timeline.replace(path, rows, is_changed=is_changed)
        if affected is not None:
            return affected
        self._stale.pop(number, None)
        del self._told[number]
        self._names = {name: known for name, known in self._names.items() if known != number}
        for key in told.keys:
            del self._watched[key][number]
        return told.timeline.asked

    def _tell(self, story: Story[Element, object], subject: str, history: History) -> int:
        subjects, rows = [subject], dict[int, Element]()
        for one in subjects:
            for row in self._elements(story, history, [f"{story.prefix}{one}"], None):
                rows[id(row)] = row
                subjects += (name for name in dict.fromkeys(story.subjects(row)) if name not in subjects)
        self._count += 1
        number = self._count
        told = _Told(story, history, Timeline(story, number, frozenset(subjects), rows.values(), self._ranks))
        self._told[number] = told
        self._names.update(((story, history, one), number) for one in subjects)
        for key in told.keys:
            self._watched.setdefault(key, {})[number] = None
        return number

    def _elements(
        self, story: Story[Element, object], history: History, keys: Iterable[str], path: str | None
    ) -> Iterable[Element]:
        found = {id(one): one for key in keys for one in self._find(story.kind, key, path)}
        return [one for one in found.values() if story.belongs(one, history, self._ranks)]


def _place(row: tuple[Place, object]) -> Place:
    return row[0]
