"""What refers to what: elements of all files, found by key.

An element says under which keys it can be found (`Element.graph_keys`). A rule asks a `Graph`, which
notes every question; when a file changes, `GraphStore.update` answers with the questions whose answers
may differ, and only the files that asked one of them are looked at again.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias, TypeVar, cast

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.source import SourceFile

E = TypeVar("E", bound=Element)


class Question(NamedTuple):
    """What was asked: elements of `kind` under `key`, the set of keys (None), or a file's existence."""

    kind: type
    key: str | None


_Row: TypeAlias = tuple[type[Element], str, Element]
_Answers: TypeAlias = Mapping[Question, list[tuple[int, int]]]


class _Paths:
    """Stands for the set of file names in a `Question`."""


class GraphStore:
    """Holds the elements of a project's files; updated file by file."""

    def __init__(self) -> None:
        self._tables: dict[type[Element], dict[str, list[Element]]] = {}
        self._by_path: dict[str, list[_Row]] = {}
        self._answers: dict[str, _Answers] = {}
        self._paths: frozenset[str] = frozenset()

    def set_paths(self, paths: frozenset[str]) -> set[Question]:
        """Take the names of all files; return the questions about names whose answers change."""
        if paths is self._paths:
            return set()
        changed = {Question(_Paths, path) for path in self._paths ^ paths}
        if changed:
            changed.add(Question(_Paths, None))
            self._paths = paths
        return changed

    def update(self, path: str, elements: Iterable[Element]) -> set[Question]:
        """Replace what `path` contributes; return the questions whose answers change."""
        old = self._by_path.get(path, [])
        new = [(kind, key, e) for e in elements for key in e.graph_keys() for kind in _kinds(type(e))]
        before, after = self._answers.get(path, {}), _answers(new)
        changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
        for kind, key in dict.fromkeys((kind, key) for kind, key, _ in old):
            rows = self._tables[kind][key]
            rows[:] = [row for row in rows if row.file.path != path]
            if not rows:
                del self._tables[kind][key]
                changed.add(Question(kind, None))
        for kind, key, element in new:
            table = self._tables.setdefault(kind, {})
            if key not in table:
                changed.add(Question(kind, None))
            table.setdefault(key, []).append(element)
        if new:
            self._by_path[path], self._answers[path] = new, after
        else:
            self._by_path.pop(path, None)
            self._answers.pop(path, None)
        return _without_kept_keys(changed, old, new)

    def rows(self, kind: type[E], key: str) -> list[E]:
        """Return the elements of `kind` under `key`, ordered by path and place."""
        rows = cast("list[E]", self._tables.get(kind, {}).get(key, []))
        return sorted(rows, key=lambda e: (e.file.path, e.start)) if len(rows) > 1 else list(rows)

    def keys(self, kind: type[Element]) -> frozenset[str]:
        """Return all keys under which elements of `kind` are found."""
        return frozenset(self._tables.get(kind, ()))

    def has_path(self, path: str) -> bool:
        """Say whether the project has a file of that name."""
        return path in self._paths

    @property
    def paths(self) -> frozenset[str]:
        """The names of all files of the project."""
        return self._paths


class Graph:
    """A rule's view of the project. Every question is noted in `asked`."""

    def __init__(self, store: GraphStore) -> None:
        self._store = store
        self.asked: set[Question] = set()

    def find(self, kind: type[E], key: str) -> tuple[E, ...]:
        """Return the elements of `kind` (subclasses too) under `key`, ordered by path and place."""
        self.asked.add(Question(kind, key))
        return tuple(self._store.rows(kind, key))

    def first(self, kind: type[E], key: str) -> E | None:
        """Return the first element of `kind` under `key`, or None."""
        return next(iter(self.find(kind, key)), None)

    def keys(self, kind: type[Element], prefix: str = "") -> list[str]:
        """Return the keys of `kind` that begin with `prefix`, sorted; prefix included."""
        self.asked.add(Question(kind, None))
        return sorted(key for key in self._store.keys(kind) if key.startswith(prefix))

    def every(self, kind: type[E], prefix: str) -> tuple[E, ...]:
        """Return all elements of `kind` found under keys with `prefix`, each once, by path and place."""
        found: dict[int, E] = {}
        for key in self.keys(kind, prefix):
            found.update((id(element), element) for element in self.find(kind, key))
        return tuple(sorted(found.values(), key=lambda e: (e.file.path, e.start)))

    def has_file(self, path: str) -> bool:
        """Say whether the project has a file at `path` (relative to the project)."""
        self.asked.add(Question(_Paths, path))
        return self._store.has_path(path)

    def paths(self) -> frozenset[str]:
        """Return the names of all files of the project."""
        self.asked.add(Question(_Paths, None))
        return self._store.paths


_KINDS: dict[type[Element], tuple[type[Element], ...]] = {}


def _kinds(cls: type[Element]) -> tuple[type[Element], ...]:
    """Return the element types an element of `cls` is listed under."""
    known = _KINDS.get(cls)
    if known is None:
        known = _KINDS[cls] = tuple(_element_bases(cls))
    return known


def _element_bases(cls: type[Element]) -> Iterator[type[Element]]:
    yield from (base for base in cls.__mro__ if issubclass(base, Element) and base is not Element)


def _answers(rows: list[_Row]) -> _Answers:
    """Return what the rows of one file answer: two sets of rows answer the same when this is equal.

    An element answers the same when its source text and its line are the same; where a file uses
    anchors, an element may depend on text outside of itself, so the whole file counts.
    """
    signatures: dict[int, tuple[int, int]] = {}
    answers: dict[Question, list[tuple[int, int]]] = {}
    is_whole = bool(rows) and _has_anchors(rows[0][2].file)  # all rows are of one file
    for kind, key, element in rows:
        signature = signatures.get(id(element))
        if signature is None:
            signature = signatures[id(element)] = _signature(element, is_whole=is_whole)
        answers.setdefault(Question(kind, key), []).append(signature)
    return answers


def _signature(element: Element, *, is_whole: bool) -> tuple[int, int]:
    file = element.file
    text = file.text if is_whole else file.slice(element)
    return hash(text), file.line_number(element)


def _has_anchors(file: SourceFile) -> bool:
    return "<<:" in file.text or ": *" in file.text


def _without_kept_keys(changed: set[Question], old: list[_Row], new: list[_Row]) -> set[Question]:
    """Drop "the set of keys changed" where a file gave up a key and took it back."""
    kept: dict[type[Element], bool] = {}
    old_keys = {(kind, key) for kind, key, _ in old}
    new_keys = {(kind, key) for kind, key, _ in new}
    for kind, _ in old_keys ^ new_keys:
        kept[kind] = False
    return {q for q in changed if q.key is not None or q.kind in kept}
