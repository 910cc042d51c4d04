"""Expressions inside other text: where `${{ … }}` begin and end."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.expressions.parser import read_expression
from rollsafe.artefacts.expressions.syntax import Expression
from rollsafe.formats.problems import Problem
from rollsafe.text.tuples import NamedTuple

MAX_EXPRESSIONS: Final = 1_000


class Template(NamedTuple):
    """A text with its expressions; `whole` when the text is one expression and nothing else."""

    text: str
    expressions: tuple[Expression, ...]

    @property
    def whole(self) -> Expression | None:
        """The expression the text consists of, blanks around it left out; else None."""
        if len(self.expressions) != 1:
            return None
        only = self.expressions[0]
        outside = self.text[: only.start] + self.text[only.end :]
        return None if outside.strip() else only


def read_template(text: str) -> Template:
    """Return `text` with the expressions in it."""
    return Template(text, tuple(find_expressions(text)))


def find_expressions(text: str, base: int = 0) -> Iterator[Expression]:
    """Yield the `${{ … }}` of a text in order, at most `MAX_EXPRESSIONS`.

    A `}}` inside a string of the expression does not end it. One that is not closed reaches to the
    end of the text and carries a problem.
    """
    at = 0
    for _ in range(MAX_EXPRESSIONS):
        start = text.find("${{", at)
        if start < 0:
            return
        end = _closing(text, start + 3)
        inner = text[start + 3 : end if end >= 0 else len(text)]
        read = read_expression(inner, base + start + 3)
        at = end + 2 if end >= 0 else len(text)
        problems = read.problems
        if end < 0:
            problems = (*problems, Problem(base + start, base + start + 3, "`${{` is not closed"))
        yield Expression(base + start, base + at, read.inner_start, read.inner_end, read.root, problems)


def _closing(text: str, at: int) -> int:
    """Return the offset of the `}}` that closes the expression whose inside begins at `at`, or -1."""
    close = text.find("}}", at)
    begin = at
    while close >= 0:
        quotes = text.count("'", begin, close)
        if quotes % 2 == 0:
            return close
        quote = text.find("'", close)
        if quote < 0:
            return close
        begin = quote + 1
        close = text.find("}}", begin)
    return -1
