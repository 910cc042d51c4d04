"""Every `${{ … }}` of a workflow or action file with its place, wherever it is written."""

from collections.abc import Iterator

from rollsafe.artefacts.expressions import Expr, Expression, find_expressions
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar, walk
from rollsafe.formats.scalar_text import ScalarOffsets, script_offsets
from rollsafe.text import Span
from rollsafe.text.tuples import NamedTuple


class Written(NamedTuple):
    """An expression of a scalar; the offsets of the expression count in the scalar's text."""

    scalar: Scalar
    expression: Expression
    offsets: ScalarOffsets

    @property
    def place(self) -> Span:
        """Where it stands in the file, `${{` and `}}` included."""
        return Span(self.offsets(self.expression.start), self.offsets(self.expression.end))

    def place_of(self, part: Expr) -> Span:
        """Return where a part of it stands in the file."""
        return Span(self.offsets(part.start), self.offsets(part.end))

    @property
    def text(self) -> str:
        """The expression as written, decoded."""
        return self.scalar.text[self.expression.start : self.expression.end]

    def text_of(self, part: Expr) -> str:
        """Return a part of it as written, decoded."""
        return self.scalar.text[part.start : part.end]


def written_expressions(file: SourceFile, node: Node, without: str = "") -> Iterator[Written]:
    """Yield the readable expressions of `node` in source order; what an alias repeats is yielded once.

    The entry `without` of a mapping is left to others.
    """
    if "${{" in file.slice(node):
        yield from _below(file, _parts(node, without))


def _parts(node: Node, without: str) -> Iterator[Node]:
    if not without or not isinstance(node, Mapping):
        yield from walk(node)
        return
    for entry in node.entries:
        if entry.name != without:
            yield from walk(entry.key)
            yield from walk(entry.value)


def _below(file: SourceFile, parts: Iterator[Node]) -> Iterator[Written]:
    for part in parts:
        if isinstance(part, Scalar) and "${{" in part.text:
            offsets = script_offsets(file.text_for(part), part)
            for expression in find_expressions(part.text):
                if not expression.problems:
                    yield Written(part, expression, offsets)
