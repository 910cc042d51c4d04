"""Writing programs: what every framework has to say in its own words when SQL is to run otherwise."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Final, cast

from rollsafe.artefacts.migrations.conventions import Direction
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.code import Call, Code, Function, Program, children
from rollsafe.formats.sql import read_sql
from rollsafe.text import Edit, Span
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

WIDTH: Final = 100
"""How long a line may get before a string goes onto lines of its own."""


class Sql(NamedTuple):
    """A statement without `;`, and the comments that go with it; only comments where `text` is empty."""

    text: str
    comments: tuple[str, ...] = ()


class Site(NamedTuple):
    """A statement of the program: its node, the way it is on (None for both), its lines `[start, end)`.

    `head` are words before it such as `await `, `tail` is the comment after it.
    """

    code: Code
    way: Direction | None
    start: int
    end: int
    indent: str
    head: str = ""
    tail: str = ""


class Next(NamedTuple):
    """A migration that follows: `previous` is what its tool calls the one before it."""

    version: str
    previous: str
    label: str
    up: tuple[Sql, ...]
    down: tuple[Sql, ...]
    apart: bool


class Written(NamedTuple):
    """A new file."""

    path: str
    text: str


def pieces(text: str) -> list[Sql]:
    """Return the statements of SQL, each with the comments before it."""
    tree, found, last = read_sql(text), list[Sql](), 0
    for one in (*tree.statements, None):
        start = one.start if one is not None else len(text)
        above = tuple(comment.body for comment in tree.comments if last <= comment.start < start)
        if one is not None:
            found.append(Sql(one.text, above))
            last = one.end
        elif above and not found:
            found.append(Sql("", above))
    return found


class Writer(ABC):
    """Writes one program again; a method that gives None cannot say it."""

    heads: str = ""
    """What may stand on a line before a statement, as a pattern."""
    comment: str = "#"

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.text = file.text

    @cached_property
    @abstractmethod
    def program(self) -> Program:
        """The program as it is."""

    @abstractmethod
    def way_of(self, path: Sequence[Code]) -> Direction | None:
        """Return the way of what has `path` above it, None for both.

        Raises:
            LookupError: it is in no way, or in a part of one that may not run once.
        """

    @abstractmethod
    def statements(self, up: Sequence[Sql], down: Sequence[Sql], site: Site) -> list[str] | None:
        """Return the lines that send SQL, in place of what `site` is or beside it."""

    @abstractmethod
    def without_transaction(self, way: Direction) -> str | None:
        """Return the program with what makes its tool leave out the transaction of a way, or of both."""

    @abstractmethod
    def following(self, wanted: Next) -> Written | None:
        """Return the file of a migration that follows."""

    def idiom(self, call: Call, words: str) -> tuple[Edit, ...] | None:
        """Return how the framework itself says that a statement of a call gets `words`.

        Words with a minus before them are taken away.
        """
        return None

    def rests_on_names(self, sql: Sql) -> bool:
        """Say whether a statement of a migration that follows names tables the program only lets guess."""
        return False

    def emptied(self, site: Site) -> list[str]:
        """Return the lines that stay of a statement that is not to send anything."""
        return []

    def without(self, call: Call, sql: str) -> tuple[Edit, ...] | None:
        """Return how the framework is told to leave out one statement of several."""
        return None

    def instead(self, up: Sequence[Sql], down: Sequence[Sql], site: Site) -> list[str] | None:
        """Return the lines that take the place of what `site` is."""
        return self.statements(up, down, site)

    def way_back(self, statements: Sequence[Sql]) -> tuple[Edit, ...] | None:
        """Return how the empty way back gets statements."""
        return None

    def version_after(self, version: str, label: str) -> str | None:
        """Return the version of a migration that follows; None where it is the next number or time."""
        return None

    def previous(self, stem: str, version: str) -> str:
        """Return what a file that follows calls the one of a version whose file has the name `stem`."""
        return version

    @property
    def eol(self) -> str:
        """The program's line ends."""
        return "\r\n" if "\r\n" in self.text else "\n"

    def site(self, unit: Span) -> Site | None:
        """Return the statement of the program at a place, if it has its lines for itself."""
        path = _path_to(self.program.body, unit)
        if path is None:
            return None
        try:
            way = self.way_of(path[:-1])
        except LookupError:
            return None
        return self.on_lines(path[-1], way)

    def node(self, place: Span) -> Code | None:
        """Return what the program has at a place."""
        path = _path_to(self.program.body, place)
        return path[-1] if path is not None else None

    def cut(self, part: Span) -> Edit:
        """Return the edit that takes a part out, with its lines where it has them for itself."""
        start = self.text.rfind("\n", 0, part.start) + 1
        rest = _REST.match(self.text, part.end)
        if self.text[start : part.start].strip() or rest is None:
            return Edit(part, "")
        return Edit(Span(start, rest.end()), "")

    def on_lines(self, code: Code, way: Direction | None) -> Site | None:
        """Return a statement with its lines; None where it shares them."""
        text = self.text
        start, stop = text.rfind("\n", 0, code.start) + 1, self.end_of(code)
        head = re.fullmatch(rf"([ \t]*)({self.heads})", text[start : code.start])
        rest = _REST.match(text, stop)
        if head is None or rest is None:
            return None
        return Site(code, way, start, rest.end(), head[1], head[2], rest["comment"] or "")

    def end_of(self, code: Code) -> int:
        """Return where a statement ends, what it reads from the lines below included."""
        return code.end

    def around(self, site: Site, before: list[str], after: list[str]) -> list[Edit]:
        """Return the edits that put lines before and after a statement."""
        found = [Edit(Span.at(site.start), self.block(before, site.indent))] if before else []
        return [*found, Edit(Span.at(site.end), self.block(after, site.indent))] if after else found

    def replaced(self, site: Site, lines: list[str]) -> list[Edit]:
        """Return the edits that put lines in the place of a statement; its comment goes above them."""
        kept = [site.tail.strip(), *lines] if site.tail and lines else lines
        if lines:
            return [Edit(Span(site.start, site.end), self.block(kept, site.indent))]
        return [Edit(self._with_comments(site), "")]

    def _with_comments(self, site: Site) -> Span:
        """Return a statement's lines with its comments, and a blank line where two would meet."""
        text, start, end = self.text, site.start, site.end
        while (above := text.rfind("\n", 0, start - 1) + 1) < start and text[above:start].lstrip().startswith(
            self.comment
        ):
            start = above
        blank = _BLANK.match(text, end)
        if blank is not None and (
            text[:start].endswith(("\n\n", "\n\r\n")) or text[:start].rstrip()[-1:] in "{:"
        ):
            end = blank.end()
        return Span(start, end)

    def block(self, lines: Iterable[str], indent: str) -> str:
        """Return lines as far indented as what they stand beside."""
        return "".join(
            f"{indent}{one}{self.eol}" if one else self.eol for line in lines for one in line.split("\n")
        )

    def remarks(self, sql: Sql) -> list[str]:
        """Return the comments of a statement as lines."""
        return [f"{self.comment} {one}".rstrip() for one in sql.comments]

    def renamed(self, label: str) -> str:
        """Return the path of a new file beside this one."""
        return f"{self.file.directory}/{label}" if self.file.directory else label


_REST = lazily(r"[ \t]*;?[ \t]*(?P<comment>(?:#|//)[^\r\n]*)?(?:\r?\n|\Z)")
_BLANK = lazily(r"[ \t]*\r?\n")


def _path_to(body: Iterable[Code], unit: Span, depth: int = 0) -> list[Code] | None:
    """Return the nodes that hold the one at `unit`, which is the last."""
    for one in body:
        if one.start <= unit.start and unit.end <= one.end and depth < 100:
            inner = _path_to(children(one), unit, depth + 1)
            if inner is not None:
                return [one, *inner]
            if Span.of(one) == unit:
                return [one]
    return None


def functions_above(path: Sequence[Code]) -> list[Function]:
    """Return the functions a statement stands in, the innermost last."""
    return [one for one in path if isinstance(one, Function)]


def camel(label: str) -> str:
    """Return `add_x_to_y` as `AddXToY`."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", label))


_WRITERS: Final = {
    "alembic": ("alembic_writing", "AlembicWriter"),
    "django": ("django_writing", "DjangoWriter"),
    "knex": ("exports_writing", "KnexWriter"),
    "node-pg-migrate": ("exports_writing", "PgmWriter"),
    "rails": ("rails_writing", "RailsWriter"),
    "sequelize": ("exports_writing", "SequelizeWriter"),
    "typeorm": ("typeorm_writing", "TypeormWriter"),
}


def writer_of(tool: str, file: SourceFile) -> Writer | None:
    """Return what writes a file for a tool, None for one whose programs are only read."""
    where = _WRITERS.get(tool)
    if where is None:
        return None
    made = getattr(import_module(f"rollsafe.artefacts.migrations.code.{where[0]}"), where[1])
    return cast("Writer", made(file))
