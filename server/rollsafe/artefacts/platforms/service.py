"""What the platforms have in common: a service, how it starts, what asks for its health, what it is given."""

from collections.abc import Iterable, Iterator
from typing import ClassVar

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.images import ImageReference, parse_image
from rollsafe.artefacts.purposes import is_development_path
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence
from rollsafe.text import Located
from rollsafe.text.cached import cached_property
from rollsafe.text.tuples import NamedTuple


class StartCommand(NamedTuple):
    """What a service, or one of its processes, is started with: a shell's text and where it is written."""

    text: str
    place: Located
    process: str


class Variable(NamedTuple):
    """An environment variable with its value; `holder` is the mapping that is about it alone."""

    name: str
    node: Scalar
    holder: Mapping | None


class Image(NamedTuple):
    """An image that is run as it is."""

    reference: ImageReference
    node: Scalar


class Schedule(NamedTuple):
    """A cron expression, and what it starts."""

    node: Scalar
    name: str


class PlatformService(Element):
    """Something a platform runs, as its file describes it; a platform's own facts are in its subclass.

    What a platform has no word for is empty or None: that it is not written does not say it is wrong.
    """

    family = "platforms"
    platform: ClassVar[str] = ""
    """The platform as people write it."""

    def __init__(self, file: SourceFile, node: Mapping, title: Located, *, is_templated: bool) -> None:
        super().__init__(file, node.start, max(node.end, title.end))
        self.node = node
        self.title = title
        self.is_templated = is_templated

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def graph_keys(self) -> Iterable[str]:
        """Return `path:` with the file's path."""
        return (f"path:{self.file.path}",)

    @cached_property
    def is_development(self) -> bool:
        """Whether the path says that it is for development or tests only."""
        return is_development_path(self.file.path)

    @property
    def name(self) -> str:
        """What the file calls it, else the name of the file."""
        return self.node.text_at("name") or self.file.name

    @property
    def start_commands(self) -> tuple[StartCommand, ...]:
        """What every instance runs when it starts, per process."""
        return ()

    @property
    def release_command(self) -> Located | None:
        """What runs once per release before the new instances start."""
        return None

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The variables with a value that is written out."""
        return ()

    @property
    def images(self) -> tuple[Image, ...]:
        """The images that are pulled and run."""
        return ()

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """When the platform starts something by the clock."""
        return ()

    def lacks(self, *path: str) -> bool:
        """Say whether there is surely nothing at `path`: no template may have put it there."""
        return not self.is_templated and self.node.at(*path) is None


def command_of(node: Node | None, process: str) -> StartCommand | None:
    """Return the start command a string or a list of words says."""
    if isinstance(node, Scalar) and not node.is_null:
        return StartCommand(node.text, node, process)
    if isinstance(node, Sequence):
        words = [one.text for one in node.items if isinstance(one, Scalar)]
        if len(words) == len(node.items) and words:
            return StartCommand(_shell_text(words), node, process)
    return None


def _shell_text(words: list[str]) -> str:
    """Return what a shell gets to read: the argument of `sh -c`, else the words."""
    is_shell = words[0].rpartition("/")[2] in ("sh", "bash", "ash", "dash")
    return words[2] if is_shell and len(words) > 2 and "c" in words[1] else " ".join(words)


def variables_in(node: Node | None) -> Iterator[Variable]:
    """Yield the variables of a mapping of names to values."""
    if isinstance(node, Mapping):
        for entry in node.entries:
            if isinstance(entry.value, Scalar) and entry.value.tag is None:
                yield Variable(entry.name, entry.value, None)


def listed_variables(nodes: Iterable[Node], key: str, value: str) -> Iterator[Variable]:
    """Yield the variables of a list whose items have the name at `key` and the value at `value`."""
    for item in nodes:
        if isinstance(item, Mapping):
            name, node = item.text_at(key), item.at(value)
            if name and isinstance(node, Scalar) and node.tag is None:
                yield Variable(name, node, item)


def image_at(node: Node | None) -> tuple[Image, ...]:
    """Return the image that a literal scalar names, as one or none."""
    if not isinstance(node, Scalar) or node.is_null or node.tag is not None:
        return ()
    return (Image(parse_image(node.text), node),)


def scheduled(node: Node | None, name: str) -> tuple[Schedule, ...]:
    """Return the schedule that a literal scalar is, as one or none."""
    return (Schedule(node, name),) if isinstance(node, Scalar) and not node.is_null else ()
