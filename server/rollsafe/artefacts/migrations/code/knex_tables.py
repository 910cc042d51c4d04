"""Knex's `createTable` and `alterTable`: what the calls in their callback come to, in the order Knex has."""

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from typing import Final

from rollsafe.artefacts.migrations.code import knex_columns as columns
from rollsafe.artefacts.migrations.code.definitions import Column, joined, placed, text_of
from rollsafe.artefacts.migrations.code.javascript import (
    Chain,
    dotted_name,
    is_false,
    is_true,
)
from rollsafe.artefacts.migrations.code.javascript import text_of as told
from rollsafe.artefacts.migrations.code.knex_keys import (
    STATEMENTS,
    Asked,
    Site,
    foreign_key,
    primary_key,
    table_check,
)
from rollsafe.artefacts.migrations.code.script import Part, Script, literal
from rollsafe.formats.code import Assign, Block, Call, Code, Function, Opaque, Pairs
from rollsafe.text import Located, Span
from rollsafe.text.tuples import NamedTuple

_KEYS: Final = frozenset({"index", "primary", "unique"})
_REFERENCE: Final = frozenset(
    {"references", "inTable", "on", "onDelete", "onUpdate", "withKeyName", "deferrable"}
)


class _Act(NamedTuple):
    """A statement for after the columns, its place, and what to cut for the program not to send it."""

    parts: list[Part]
    place: Located
    cut: Span | None


class _Made(NamedTuple):
    """A column, and the calls that describe it."""

    chain: Chain
    column: Column

    @property
    def place(self) -> Call:
        """All of the calls."""
        return self.chain.links[-1]


class Changes:
    """What a callback asks for, put together as Knex does: columns first, then everything else in order."""

    def __init__(self, script: Script, site: Site, *, creates: bool) -> None:
        self._script = script
        self._site = site
        self._creates = creates
        self._chains: list[Chain] = []
        self._rows: list[list[Part]] = []
        self._is_keyed = False
        self._later: list[_Act] = []
        self._comment: Call | None = None
        self._inherits: list[Part] = []

    def read(self, function: Function) -> None:
        """Take in what a callback says."""
        for chain in _chains(function.body, frozenset((*function.parameters[:1], "this"))):
            self._take(chain)

    def _take(self, chain: Chain) -> None:
        first, whole = chain.links[0], Span.of(chain.links[-1])
        if columns.is_column(first):
            self._chains.append(chain)
            self._take_keys(chain)
            return
        match first.name:
            case "timestamps":
                self._chains += _timestamps(first)
            case "comment":
                self._comment = first
            case "inherits":
                parent = dotted_name(first.at(0))
                self._inherits = [" INHERITS (", parent, ")"] if parent is not None else []
            case "foreign":
                self._keep(foreign_key(self._site, chain, first.at(0)), whole, whole)
            case _:
                self._ask(Asked.of(first), whole, whole)

    def _take_keys(self, chain: Chain) -> None:
        """Take in the keys and indexes a column is given."""
        first = before = chain.links[0]
        counts = first.name.lower().endswith("increments")
        for link in chain.links[1:]:
            if link.name in _KEYS and not counts:
                asked = Asked(link.name, first.at(0), link.arguments)
                self._ask(asked, Span(link.name_at.start, link.end), Span(before.end, link.end))
            elif link.name == "references":
                rows = [one for one in chain.links if one.name in _REFERENCE]
                made = foreign_key(self._site, chain, first.at(0))
                self._keep(made, Span(rows[0].name_at.start, rows[-1].end), _together(chain, rows))
            before = link

    def _ask(self, asked: Asked, place: Span, cut: Span) -> None:
        if self._creates and asked.method == "primary":
            key = primary_key(self._site, asked)
            if key is not None and not self._is_keyed:
                self._is_keyed = True
                self._rows.append(placed(key.parts(), place))
        elif self._creates and asked.method == "check":
            self._rows.append(placed(table_check(asked).parts(), place))
        elif asked.method in STATEMENTS:
            self._is_keyed |= asked.method == "primary"
            for parts in STATEMENTS[asked.method](self._site, asked):
                self._keep(parts, place, cut)

    def _keep(self, parts: list[Part] | None, place: Span, cut: Span | None) -> None:
        if parts is not None:
            self._later.append(_Act(parts, place, cut))

    def write(self, words: str = "TABLE") -> None:
        """Write everything; `words` may say IF NOT EXISTS."""
        self._enums()
        found = ((one, columns.column_of(one, keyed=self._is_keyed)) for one in self._chains)
        made = [_Made(chain, column) for chain, column in found if column is not None]
        if self._creates:
            self._create(made, words)
        else:
            self._alter(made)
        self._column_comments(made)
        for act in self._later:
            with self._script.cutting(act.cut):
                self._script.statement(act.parts, act.place)
        if not self._creates:
            self._table_comment()

    def _enums(self) -> None:
        for chain in reversed(self._chains):
            first = chain.links[0]
            enum = columns.enum_of(first) if first.name.lower() in ("enu", "enum") else None
            if enum is not None and enum.values:
                values = ", ".join(map(literal, enum.values))
                self._script.statement([f"CREATE TYPE {enum.name} AS ENUM ({values})"], first)

    def _create(self, made: list[_Made], words: str) -> None:
        rows = [*(placed(one.column.parts(), one.place) for one in made), *self._rows]
        head: list[Part] = [f"CREATE {words} ", self._site.name, " ("]
        self._script.statement([*head, *joined(rows), ")", *self._inherits], self._site.call)
        self._table_comment()

    def _alter(self, made: list[_Made]) -> None:
        added = [one for one in made if one.chain.link("alter") is None]
        rows = [placed(["ADD COLUMN ", *one.column.parts()], one.place) for one in added]
        if rows:
            self._script.statement(self._site.alter(joined(rows)), self._site.call)
        for one in made:
            if (alter := one.chain.link("alter")) is not None:
                for action, is_meant in _alterations(one, alter.at(0)):
                    parts = self._site.alter(["ALTER COLUMN ", one.column.name, " ", *action])
                    with nullcontext() if is_meant else self._script.restating():
                        self._script.statement(parts, one.place)

    def _column_comments(self, made: list[_Made]) -> None:
        for one in made:
            link = one.chain.link("comment")
            if link is not None:
                on: list[Part] = ["COMMENT ON COLUMN ", self._site.name, ".", one.column.name]
                place = Span(link.name_at.start, link.end)
                self._script.statement([*on, f" IS {literal(told(link.at(0)))}"], place)

    def _table_comment(self) -> None:
        if self._comment is not None:
            words = f" IS {literal(told(self._comment.at(0)))}"
            self._script.statement(["COMMENT ON TABLE ", self._site.name, words], self._comment)


def _alterations(made: _Made, options: Code | None) -> Iterator[tuple[list[Part], bool]]:
    """Yield what `.alter()` comes to, and whether the program says that it means it.

    The default and NOT NULL always go first. The type is stated in any case; it is meant where nothing else
    is said of the column.
    """
    said = {link.name for link in made.chain.links[1:]}
    only_type = said.isdisjoint({"nullable", "notNullable", "notNull", "defaultTo"})
    nulls = not (isinstance(options, Pairs) and is_false(options.get("alterNullable")))
    types = not (isinstance(options, Pairs) and is_false(options.get("alterType")))
    column = made.column
    yield ["DROP DEFAULT"], False
    if nulls:
        yield ["DROP NOT NULL"], "nullable" in said
    if types:
        via = "::text::" if made.chain.links[0].name.lower() in ("enu", "enum") else "::"
        using = f" USING ({text_of(column.name)}{via}{text_of(column.type)})"
        yield ["TYPE ", column.type, using], only_type
    if column.default is not None:
        yield ["SET DEFAULT ", column.default], True
    if nulls and column.required:
        yield ["SET NOT NULL"], True


def _together(chain: Chain, rows: list[Call]) -> Span | None:
    """Return the place of calls that stand one after the other in a chain; None if others stand between."""
    first, last = chain.links.index(rows[0]), chain.links.index(rows[-1])
    return Span(chain.links[first - 1].end, rows[-1].end) if last - first + 1 == len(rows) else None


def _timestamps(call: Call) -> Iterator[Chain]:
    """Yield the two columns of `timestamps()` as if they were asked for one by one."""
    options = call.at(0)
    given = [call.at(position) for position in range(3)]
    if isinstance(options, Pairs):
        given = [options.get(one) for one in ("useTimestamps", "defaultToNow", "useCamelCase")]
    names = ("createdAt", "updatedAt") if is_true(given[2]) else ("created_at", "updated_at")
    for one in names:
        yield columns.timestamp(call, one, has_default=is_true(given[1]))


def _chains(body: Iterable[Code], builders: frozenset[str]) -> Iterator[Chain]:
    """Yield the chains of calls made on a builder, in order."""
    for one in body:
        match one:
            case Block() if one.kind != "throw":
                yield from _chains(one.body, builders)
            case Assign():
                yield from _chains((one.value,), builders)
            case Opaque():
                yield from _chains(one.parts, builders)
            case Call():
                chain = Chain.of(one)
                if chain.root in builders:
                    yield chain
            case _:
                pass
