"""Variables that Compose replaces in the values of the file before it reads them."""

from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rollsafe.artefacts.compose.service import ComposeElement, ComposeService
from rollsafe.formats.interpolation import DollarEscape, Reference, read_references
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence
from rollsafe.text import Span

if TYPE_CHECKING:
    from rollsafe.artefacts.compose.file import ComposeFile

MAX_VARIABLES: Final = 5_000
"""Beyond this many no further values are searched; real files have a few hundred."""


class ComposeVariable(ComposeElement):
    """One reference such as `${TAG:-latest}`, located in the source of the scalar `node`.

    `service` is the service it stands in; None at other places of the file.
    """

    def __init__(
        self, compose: "ComposeFile", reference: Reference, node: Scalar, service: ComposeService | None
    ) -> None:
        super().__init__(compose.file, reference.start, reference.end)
        self.compose = compose
        self.reference = reference
        self.node = node
        self.service = service

    def __repr__(self) -> str:
        return f"ComposeVariable({self.name!r})"

    @property
    def name(self) -> str:
        """The name of the variable."""
        return self.reference.name

    @property
    def name_span(self) -> Span:
        """Where the name stands."""
        return self.reference.name_span

    @property
    def default(self) -> str | None:
        """The raw text used when the variable is unset; None when there is none."""
        return self.reference.default

    @property
    def is_required(self) -> bool:
        """Whether Compose refuses to start without it (`${NAME:?message}`)."""
        return self.reference.is_required

    @property
    def is_optional(self) -> bool:
        """Whether the file says what to do without it: a default, or an alternative (`:+`)."""
        return self.reference.operator in (":-", "-", ":+", "+")

    @property
    def becomes_blank(self) -> bool:
        """Whether Compose puts in nothing, with a warning only, when the variable is unset."""
        return self.reference.operator == ""


def find_variables(compose: "ComposeFile") -> tuple[list[ComposeVariable], list[Span]]:
    """Return the variables in the file's values in source order, and the places of malformed ones."""
    services = [one for one in compose.services.values() if one.end > one.start]
    services.sort(key=lambda service: service.start)
    starts = [service.start for service in services]
    text = compose.file.text
    found: list[ComposeVariable] = []
    malformed: list[Span] = []
    for node in _values(compose.root):
        if "$" not in node.text:
            continue
        if len(found) > MAX_VARIABLES:
            break
        read = read_references(text, DollarEscape.DOUBLED, node.start, node.end)
        malformed += read.malformed
        if read.found:
            at = bisect_right(starts, node.start) - 1
            holder = services[at] if at >= 0 and node.start < services[at].end else None
            found += (ComposeVariable(compose, one, node, holder) for one in read.found)
    return found, malformed


def _values(root: Node) -> Iterator[Scalar]:
    """Yield the scalars below `root` that are values; keys are never replaced."""
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Scalar):
            yield node
        elif isinstance(node, Mapping):
            stack += (entry.value for entry in reversed(node.entries))
        elif isinstance(node, Sequence):
            stack += reversed(node.items)
