"""Writing Rails' migrations, whose `change` says both ways at once."""

import re
from collections.abc import Sequence
from typing import Final

from rollsafe.artefacts.migrations.code.writing import (
    WIDTH,
    Next,
    Site,
    Sql,
    Writer,
    Written,
    camel,
    functions_above,
)
from rollsafe.artefacts.migrations.conventions import Direction
from rollsafe.formats.code import Argument, Block, Call, Code, Function, Program, Text, walk
from rollsafe.formats.code.ruby import read_ruby
from rollsafe.text import Edit, Span, apply_edits
from rollsafe.text.cached import cached_property

_WAYS: Final = {"up": Direction.UP, "down": Direction.DOWN, "change": None}
_TRANSPARENT: Final = frozenset({"safety_assured", "say_with_time", "suppress_messages", "reversible"})
_INNER: Final = {"up": Direction.UP, "down": Direction.DOWN, "up_only": Direction.UP}
_WORDS: Final = {
    ("add_index", "CONCURRENTLY"): "algorithm: :concurrently",
    ("remove_index", "CONCURRENTLY"): "algorithm: :concurrently",
    ("add_foreign_key", "NOT VALID"): "validate: false",
    ("add_check_constraint", "NOT VALID"): "validate: false",
}
_REFERENCES: Final = frozenset({"add_reference", "add_belongs_to"})
_COLUMNS: Final = frozenset({"add_column", *_REFERENCES})
_HEAD = re.compile(
    r"^(?P<indent>[ \t]*)class[ \t]+\S+[ \t]*<[ \t]*(?P<base>[\w:]+(?:\[[\d.]+\])?)[^\n]*\n", re.M
)
_REPEATED: Final = frozenset({"for", "while", "until"})


class RailsWriter(Writer):
    """Writes a migration again."""

    @cached_property
    def program(self) -> Program:
        """The program as it is."""
        return read_ruby(self.text)

    def way_of(self, path: Sequence[Code]) -> Direction | None:
        """Return the way of what has `path` above it, None in a `change`."""
        named = [one.name for one in functions_above(path) if one.name]
        if len(named) != 1 or any(isinstance(one, Block) and one.kind in _REPEATED for one in path):
            raise LookupError
        way = _WAYS[named[0]]
        for one in path:
            if isinstance(one, Call) and one.name in _INNER:
                way = _INNER[one.name]
            elif isinstance(one, Call) and one.name not in _TRANSPARENT:
                raise LookupError
        return way

    def end_of(self, code: Code) -> int:
        """Return where a statement ends, its here-documents included."""
        end = code.end
        for one in walk(code):
            if (
                isinstance(one, Text)
                and one.inner.end > end
                and self.text[one.start : one.end].startswith("<<")
            ):
                line = self.text.find("\n", one.inner.end)
                end = len(self.text) if line < 0 else line
        return end

    def statements(self, up: Sequence[Sql], down: Sequence[Sql], site: Site) -> list[str] | None:
        """Return the lines that send SQL; in a `change` they say for each way what is sent."""
        ups, downs = self._sent(up), self._sent(down)
        if site.way is not None:
            return [*ups, *downs]
        if not downs:
            return ["up_only do", *_in(ups), "end"]
        first = ["dir.up do", *_in(ups), "end"] if ups else []
        return ["reversible do |dir|", *_in([*first, "dir.down do", *_in(downs), "end"]), "end"]

    def instead(self, up: Sequence[Sql], down: Sequence[Sql], site: Site) -> list[str] | None:
        """Return the lines that take the place of a call; a `change` has to know its way back."""
        return None if site.way is None and not down else self.statements(up, down, site)

    def _sent(self, statements: Sequence[Sql]) -> list[str]:
        found: list[str] = []
        for one in statements:
            found += self.remarks(one)
            if one.text:
                found += _executed(one.text)
        return found

    def idiom(self, call: Call, words: str) -> tuple[Edit, ...] | None:
        """Return the option by which Rails says it."""
        option = _WORDS.get((call.name, words))
        if option is not None:
            return self._with(call, option)
        if call.name in _COLUMNS and words == "-NOT NULL":
            null = _option(call, "null")
            return (Edit(Span.of(null.value), "true"),) if null is not None else None
        key = _option(call, "foreign_key")
        if call.name in _REFERENCES and words == "NOT VALID" and key is not None:
            return self._unchecked(key)
        return None

    def _unchecked(self, key: Argument) -> tuple[Edit, ...]:
        """Return the edit that makes the foreign key of a reference one that is not validated."""
        value = self.text[key.value.start : key.value.end]
        if value.startswith("{"):
            inner = value[1:-1].strip()
            return (Edit(Span.of(key.value), f"{{ {inner}, validate: false }}"),)
        return (Edit(Span.of(key.value), "{ validate: false }"),)

    def without(self, call: Call, sql: str) -> tuple[Edit, ...] | None:
        """Return the option that makes a reference come without its index."""
        if call.name not in _REFERENCES or "INDEX" not in sql:
            return None
        told = _option(call, "index")
        return self._with(call, "index: false") if told is None else (Edit(Span.of(told.value), "false"),)

    def _with(self, call: Call, option: str) -> tuple[Edit, ...]:
        last = max(one.end for one in (call.name_at, *call.arguments, *call.named))
        return (Edit(Span.at(last), f", {option}"),)

    def without_transaction(self, way: Direction) -> str | None:
        """Return the program with `disable_ddl_transaction!`."""
        head = _HEAD.search(self.text)
        if head is None or "disable_ddl_transaction!" in self.text:
            return None
        line = f"{head['indent']}  disable_ddl_transaction!{self.eol}{self.eol}"
        return apply_edits(self.text, [Edit(Span.at(head.end()), line)])

    def way_back(self, statements: Sequence[Sql]) -> tuple[Edit, ...] | None:
        """Return how a migration with `up` alone gets `down`."""
        methods = [one for code in self.program.body for one in walk(code) if isinstance(one, Function)]
        up = next((one for one in methods if one.name == "up"), None)
        if up is None or any(one.name in ("down", "change") for one in methods):
            return None
        start = self.text.rfind("\n", 0, up.start) + 1
        indent = self.text[start : up.start]
        lines = ["", "def down", *_in(self._sent(statements)), "end"]
        end = self.text.find("\n", up.end) + 1
        return (Edit(Span.at(end), self.block(lines, indent)),) if end and not indent.strip() else None

    def following(self, wanted: Next) -> Written | None:
        """Return the migration that follows."""
        head = _HEAD.search(self.text)
        if head is None:
            return None
        ways = [
            ["def up", *_in(self._sent(wanted.up)), "end"],
            ["def down", *_in(self._sent(wanted.down)), "end"],
        ]
        apart = ["disable_ddl_transaction!", ""] if wanted.apart else []
        body = _in([*apart, *ways[0], "", *ways[1]])
        lines = [f"class {camel(wanted.label)} < {head['base']}", *body, "end"]
        frozen = ["# frozen_string_literal: true", ""] if "frozen_string_literal: true" in self.text else []
        path = self.renamed(f"{wanted.version}_{wanted.label}.rb")
        return Written(path, self.block([*frozen, *lines], ""))


def _in(lines: list[str]) -> list[str]:
    return [f"  {one}" if one else one for one in lines]


def _executed(sql: str) -> list[str]:
    plain = "\\" not in sql and "#" not in sql
    if plain and "\n" not in sql and len(sql) <= WIDTH - 20:
        if '"' not in sql:
            return [f'execute "{sql}"']
        if "'" not in sql:
            return [f"execute '{sql}'"]
    mark = "SQL" if plain else "'SQL'"
    return [f"execute <<~{mark}", *_in(sql.split("\n")), "SQL"]


def _option(call: Call, name: str) -> Argument | None:
    return next((one for one in call.named if one.name == name), None)
