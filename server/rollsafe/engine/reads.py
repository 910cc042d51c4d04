"""What a rule looks at while it is called for an element, beyond the element itself.

While a watch is on, the element's file takes note of what is read of it, and the view of the project of
what it is asked. What the element has cached is set aside, since a cached value does not tell what it was
made of.
"""

from collections.abc import Callable, Generator, Hashable, Mapping
from contextlib import contextmanager
from functools import partial
from types import MethodType
from typing import ClassVar, Final, TypeAlias, TypeVar, cast

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.shifting import Shift
from rollsafe.formats.nodes import Scalar
from rollsafe.text import LineIndex, Located, Span
from rollsafe.text.lines import end_of_line
from rollsafe.workspace.graph import Graph, GraphStore, NotingGraph
from rollsafe.workspace.questions import Question
from rollsafe.workspace.timelines import Story

E = TypeVar("E", bound=Element)
S = TypeVar("S")
T = TypeVar("T")
Hub: TypeAlias = tuple[Element, frozenset[str]]
"""An element that several others lead to, and what may be read of it: no other of those changes that."""


class Reads:
    """Everything that answers rest on: while it is the same, so are they.

    `is_open` says that something was read of which this cannot be told, `leads_out` that it rests on all of
    the text of an element's holder, `of_value` that it rests on the value that is being edited.
    """

    __slots__ = ("_reach", "asked", "is_open", "leads_out", "lines", "of_hub", "of_value", "places", "told")

    def __init__(self) -> None:
        self.asked: set[Question] = set()
        self.places: set[Span] = set()
        self.lines: dict[Span, int] = {}
        self.told: dict[Callable[[SourceFile], object], object] = {}
        self.of_hub: dict[tuple[Callable[..., object], tuple[Hashable, ...]], object] = {}
        self.is_open = False
        self.leads_out = False
        self.of_value = False
        self._reach: int | None = None

    def add(self, other: "Reads") -> None:
        """Take in what somebody else has read."""
        self.asked |= other.asked
        self.places |= other.places
        self.lines |= other.lines
        self.told |= other.told
        self.of_hub |= other.of_hub
        self.is_open |= other.is_open
        self.leads_out |= other.leads_out
        self.of_value |= other.of_value

    def further(self, by: int) -> "Reads":
        """Return the same as it is read `by` characters further on."""
        if not by or not (self.places or self.lines):
            return self
        found = Reads()
        found.asked, found.told, found.of_hub = self.asked, self.told, self.of_hub
        found.is_open = self.is_open
        found.places = {Span(start + by, end + by) for start, end in self.places}
        found.lines = {Span(start + by, end + by): line for (start, end), line in self.lines.items()}
        return found

    def moved(self, shift: Shift, file: SourceFile) -> "Reads | None":
        """Return the same as it is read in an edited file; None where something of it is different.

        All is noted by then, and it is moved again and again, so how far it reaches is looked up once.
        """
        for tell, known in self.told.items():
            if file.told(tell) != known:
                return None
        if self._reach is None:
            self._reach = max([place.end for some in (self.places, self.lines) for place in some], default=-1)
        if self._reach < shift.low:
            return self
        found = Reads()
        found.asked, found.told, found.of_hub = self.asked, self.told, self.of_hub
        for place in self.places:
            now = shift.moved(*place)
            if now is None:
                return None
            found.places.add(now)
        for place, line in self.lines.items():
            now = shift.moved(*place) or shift.grown(*place)
            if now is None or file.line_number(now) != line:
                return None
            found.lines[now] = line
        return found


class Watch:
    """Where what is read is noted: `reads` is what is being read now."""

    def __init__(self, store: GraphStore) -> None:
        """Watch what is asked of a store."""
        self.reads = Reads()
        self.value: Span | None = None
        """Where the value stands that is being edited."""
        self.graph: Graph = _WatchedGraph(store, self)

    def begin(self, reads: Reads) -> None:
        """Note what is read from now on in `reads`."""
        self.reads = reads
        self.graph.asked = reads.asked

    def note(self, place: Span) -> None:
        """Note that the text of a place was read."""
        self.reads.places.add(place)
        if self.value is not None and self.value.touches(place):
            self.reads.of_value = True

    def during(self, compute: Callable[[], T]) -> tuple[T, Reads]:
        """Return what `compute` answers, and what it read, which is noted nowhere else."""
        outer, inner = self.reads, Reads()
        self.begin(inner)
        try:
            return compute(), inner
        finally:
            self.begin(outer)

    @contextmanager
    def over(
        self,
        file: SourceFile,
        bare: Mapping[Element, dict[str, object]],
        hub: Hub | None,
        holder: Hub | None = None,
        value: Scalar | None = None,
    ) -> Generator[None]:
        """Watch what is read of a file; `bare` is what some of its elements were made with.

        What is read of `hub` beyond what may be is noted as something that cannot be compared; of `holder`
        and of `value` it is noted that something was.
        """
        cached = {element: element.__dict__ for element in bare}
        _ = file.lines
        for element, attributes in bare.items():
            element.__dict__ = attributes.copy()
        vars(file)[_WATCH] = self
        file.__class__ = _WatchedFile
        guarded = [
            self._guard(one, noted)
            for one, noted in ((holder, "leads_out"), (hub, "is_open"))
            if one is not None
        ]
        if value is not None:
            self.value, _WatchedScalar.watch = Span(value.start, value.end), self
            value.__class__ = _WatchedScalar
        try:
            yield
        finally:
            if value is not None:
                value.__class__, self.value = Scalar, None
            for element, kind in guarded:
                element.__class__ = kind
                del vars(element)[_WATCH]
            file.__class__ = SourceFile
            del vars(file)[_WATCH]
            for element, attributes in cached.items():
                element.__dict__ = {**element.__dict__, **attributes}

    def _guard(self, hub: Hub, noted: str) -> tuple[Element, type[Element]]:
        """Have it noted under that name when more is read of an element than may be; return what it was."""
        element, names = hub
        kind = type(element)
        vars(element)[_WATCH] = self
        made = _made.get((kind, names, noted))
        if made is None:
            made = _made[kind, names, noted] = _watched(kind, names, noted)
        element.__class__ = made
        return element, kind


_made: Final[dict[tuple[type[Element], frozenset[str], str], type[Element]]] = {}


def _watched(kind: type[Element], names: frozenset[str], noted: str) -> type[Element]:
    """Return what an element is made meanwhile: `names` may be read, of all else it is noted."""

    def tells(self: Element, tell: Callable[..., object], *given: Hashable) -> object:
        watch = cast("Watch", object.__getattribute__(self, "__dict__")[_WATCH])
        self.__class__ = kind
        try:
            found, _ = watch.during(lambda: self.tells(tell, *given))
        finally:
            self.__class__ = made
        watch.reads.of_hub[tell, given] = found
        return found

    def read(self: Element, name: str) -> object:
        if name == "tells" and name in names:
            return partial(tells, self)
        if name in names:
            self.__class__ = kind
            try:
                value = getattr(self, name)
            finally:
                self.__class__ = made
            return partial(_unwatched, self, value) if isinstance(value, MethodType) else value
        if not name.startswith("__"):
            setattr(cast("Watch", object.__getattribute__(self, "__dict__")[_WATCH]).reads, noted, True)
        return object.__getattribute__(self, name)

    def _unwatched(self: Element, method: Callable[..., object], *given: object, **named: object) -> object:
        self.__class__ = kind
        try:
            return method(*given, **named)
        finally:
            self.__class__ = made

    made = type(kind.__name__, (kind,), {"__getattribute__": read})
    return made


class _WatchedGraph(Graph):
    """A view that notes what each answer rests on, those it remembers included."""

    def __init__(self, store: GraphStore, watch: Watch) -> None:
        super().__init__(store)
        self._watch = watch
        self._known: dict[tuple[object, ...], tuple[object, Reads]] = {}

    def remember(self, key: tuple[object, ...], compute: Callable[[], T]) -> T:
        """Return what `compute` answers, computed once, and note what that read."""
        held = self._known.get(key)
        if held is None:
            held = self._known[key] = self._watch.during(compute)
        self._watch.reads.add(held[1])
        return cast("T", held[0])

    def state_before(self, story: Story[E, S], subject: str, element: E) -> S:
        """Return the state, and note what it rests on: elements before it in its own file count as well."""
        timeline = self._store.timeline(story, subject, element)
        self.asked |= {(story.kind, f"{story.prefix}{one}") for one in timeline.subjects}
        return super().state_before(story, subject, element)

    def noting(self) -> NotingGraph:
        """Return a view whose questions are not noted here."""
        self._watch.reads.is_open = True
        return super().noting()


_SAID: Final = frozenset({"text", "plain", "block", "tag", "end"})


class _WatchedScalar(Scalar):
    """A value of which it is noted that somebody looked at what it says: a `Scalar` is made one and back."""

    __slots__ = ()
    watch: ClassVar[Watch]

    def __getattribute__(self, name: str) -> object:
        if name in _SAID:
            _WatchedScalar.watch.reads.of_value = True
        return super().__getattribute__(name)


_WATCH: Final = "_watch"
_WHOLE: Final = frozenset({"text", "lines"})


class _WatchedFile(SourceFile):
    """A file that notes what is read of it: a `SourceFile` is made one and back."""

    def __getattribute__(self, name: str) -> object:
        if name in _WHOLE:
            vars(self)[_WATCH].reads.is_open = True
        return super().__getattribute__(name)

    def text_for(self, place: Located) -> str:
        """Return all characters and note a place."""
        self._watch.note(Span.of(place))
        text: str = vars(self)["text"]
        return text

    def rest_of_line(self, offset: int) -> str:
        """Return and note what stands behind an offset, the end of its line as well."""
        text: str = vars(self)["text"]
        end = end_of_line(text, offset)
        self._watch.note(Span(offset, end + 1))
        return text[offset:end]

    def slice(self, place: Located) -> str:
        """Return and note the characters of a place."""
        self._watch.note(Span.of(place))
        text: str = vars(self)["text"]
        return text[place.start : place.end]

    def line_number(self, place: Located) -> int:
        """Return and note the line of a place."""
        lines: LineIndex = vars(self)["lines"]
        found = self._watch.reads.lines[Span.of(place)] = lines.line_of(place.start) + 1
        return found

    def told(self, tell: Callable[[SourceFile], T]) -> T:
        """Return and note what `tell` makes of the file."""
        found, _ = self._watch.during(lambda: SourceFile.told(self, tell))
        self._watch.reads.told[tell] = found
        return found

    @property
    def _watch(self) -> Watch:
        return cast("Watch", vars(self)[_WATCH])
