"""The names that expressions of GitHub read, each part with its place in the file."""

from collections.abc import Iterator

from rollsafe.artefacts.expressions import (
    Expr,
    Index,
    Literal,
    Name,
    Property,
    Star,
    context_paths,
    find_expressions,
    read_condition,
)
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.scalar_text import script_offsets
from rollsafe.text import Span


def names_in(
    file: SourceFile, node: Scalar, *, is_condition: bool
) -> Iterator[tuple[tuple[str, ...], list[Span]]]:
    """Yield the paths that the expressions in a scalar read, lower-cased, with the place of each part.

    The text of an `if` is an expression without `${{ }}`, too.
    """
    at = script_offsets(file.text, node)
    for root in _roots(node.text, is_condition=is_condition):
        for path, expression in context_paths(root):
            places = [Span(at(one.start), at(one.end)) for one in _parts(expression)]
            yield path, places


def _roots(text: str, *, is_condition: bool) -> Iterator[Expr]:
    if is_condition and "${{" not in text:
        yield read_condition(text).root
    else:
        yield from (one.root for one in find_expressions(text))


def _parts(node: Expr) -> list[Span]:
    """Return where the parts of a path stand in the text."""
    parts: list[Span] = []
    while not isinstance(node, Name):
        if isinstance(node, Property):
            parts.append(Span(node.name_start, node.name_start + len(node.name)))
        elif isinstance(node, Index):
            quoted = isinstance(node.index, Literal) and isinstance(node.index.value, str)
            start, end = node.index.start, node.index.end
            parts.append(Span(start + 1, end - 1) if quoted else Span(start, end))
        elif isinstance(node, Star):
            parts.append(Span(node.end, node.end))
        else:
            return []
        node = node.base
    parts.append(Span(node.start, node.end))
    return parts[::-1]
