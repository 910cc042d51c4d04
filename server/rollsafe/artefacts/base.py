"""What every artefact and every element of one offers."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import ClassVar, TypeVar, cast

from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Node
from rollsafe.formats.problems import Problem
from rollsafe.text.cached import cached_property
from rollsafe.text.tuples import NamedTuple

T = TypeVar("T")


class Link(NamedTuple):
    """What an element says of its place in a chain: its names there, and the names it comes after.

    `stands_for` are the names of those it was made of. `is_by_name` tells that one that follows nothing
    comes after the one whose file is named before it.
    """

    chain: str
    names: tuple[str, ...]
    follows: tuple[str, ...]
    stands_for: tuple[str, ...] = ()
    is_by_name: bool = False


class Element:
    """A thing in a file that a rule can be about: a workload, a job, a statement.

    `start` and `end` bound its source text. Subclasses add typed properties; they are computed on
    demand and cached (`cached_property`), because most rules ask for little.
    """

    family: ClassVar[str] = ""
    """The group its rules are listed under, such as `kubernetes`."""

    outline: ClassVar[tuple[str, ...]] = ()
    """Properties with few different, hashable values that most rules ask for first. A rule that is done
    with them alone, or with what follows from them, is not called again where they are the same."""

    profile: ClassVar[tuple[str, ...]] = ()
    """Hashable properties from which most rules decide, and from which the outline follows: its own text
    and what matters of its surroundings. They are looked at while a file is edited. An offset by itself
    means nothing to a rule."""

    follows: ClassVar[tuple[str, ...]] = ()
    """Attributes that follow from the profile but for offsets; a rule may look at them, and at no text."""

    of_holder: ClassVar[frozenset[str]] = frozenset()
    """Attributes of its `holder` that follow from its own profile and from what its frame tells."""

    holds: ClassVar[str] = ""
    """Name of the cached property with the elements whose `holder` it is; they come right after it in the
    file's elements, and none of them has graph keys. Empty where there are none."""

    keys_are_local: ClassVar[bool] = True
    """Whether its graph keys follow from its own source text and its file's path alone, where it is whole."""

    def __init__(self, file: SourceFile, start: int, end: int) -> None:
        self.file = file
        self.start = start
        self.end = end
        self.is_whole = True
        """Whether all of its text is understood; nothing is changed in what is not."""

    @cached_property
    def kept(self) -> dict[object, object]:
        """What others have made of it, by what they look it up with; it goes when the element does."""
        return {}

    def tells(self, tell: Callable[..., T], *given: Hashable) -> T:
        """Return what `tell` makes of the element and what is given, made once; it can be compared."""
        key = (tell, given)
        if key not in self.kept:
            self.kept[key] = tell(self, *given)
        return cast("T", self.kept[key])

    @property
    def is_kept(self) -> bool:
        """Whether findings in it are kept while it is the same.

        Beyond its profile, what `follows` from that, its `holder`, its `frame` and its own file, it leads to
        nothing, and no more is needed to make it than its own text.
        """
        return self.frame is not None

    @property
    def all_held(self) -> "Sequence[Element]":
        """The elements whose `holder` it is."""
        found: Sequence[Element] = getattr(self, self.holds) if self.holds else ()
        return found

    @property
    def holder(self) -> "Element | None":
        """The element around it that it leads to.

        What is found in it rests on all of that one's text where more was looked at than `of_holder`.
        """
        return None

    @property
    def told_by(self) -> "Node | None":
        """The part of the tree which, beside its file's path and text, tells all that its profile does.

        None where an edit of one value may change more than what is read of that value.
        """
        return None

    @property
    def frame(self) -> "Frame | None":
        """What it and others of its file stand in, and lead to each other by."""
        return None

    @property
    def told(self) -> object:
        """What other files look at, to be compared with `==`; None where that is all of its text."""
        return None

    @property
    def link(self) -> Link | None:
        """Its file's place in a chain, the same for all of a file; None for a file that is in none."""
        return None

    @property
    def standing(self) -> object:
        """What says where its file stands in a history, beyond the file's path, to be compared with `==`."""
        return None

    def graph_keys(self) -> Iterable[str]:
        """Return the keys under which other files find this element, such as `name:web`.

        An element without keys is invisible to other files.
        """
        return ()


class Frame(NamedTuple):
    """An element that several others stand in.

    `names` are those of its attributes that follow from what `tell` makes of the file, and no others do.
    """

    element: Element
    names: frozenset[str]
    tell: Callable[[SourceFile], object]


class Section(NamedTuple):
    """Elements that stand together and lead, out of their text, to nothing but what is said here.

    `rests_on` can be compared: from it, and from the text between `start` and `end`, follows all that is
    found in them but for places. Where it is the same in two versions of a file, so are its elements.
    `below` are the elements of other sections that they lead to, which `rests_on` tells all of.
    """

    start: int
    end: int
    elements: tuple[Element, ...]
    rests_on: tuple[object, ...]
    below: tuple[Element, ...] = ()


class Sections(NamedTuple):
    """A file in sections, and the elements that stand in none.

    All sections rest on `all_rest_on` as well. All elements lead to `hub`; `names` are those of its
    attributes that follow from this.
    """

    sections: tuple[Section, ...]
    loose: tuple[Element, ...]
    all_rest_on: tuple[object, ...]
    hub: Element
    names: frozenset[str]


class Artefact:
    """The typed view of one file."""

    kind: ClassVar[str] = ""
    """Stable name of the kind of file, such as `github-workflow`."""

    @property
    def sections(self) -> Sections | None:
        """Its elements in sections, where what is found in one of those is kept while it is the same."""
        return None

    def __init__(
        self, file: SourceFile, elements: Sequence[Element], problems: Sequence[Problem] = ()
    ) -> None:
        self.file = file
        self.elements = elements
        self.problems = problems

    @property
    def heads(self) -> Sequence[Element]:
        """Its elements but for those that one of these holds: some artefacts make them when asked."""
        return self.elements
