"""One parsed statement as the extractors see it: its text, its tree, its clauses."""

from collections.abc import Iterable

from rollsafe.artefacts.migrations.clauses import Clauses, only_command, plain_end, plain_name_end
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.formats.sql import Parsed, SqlNode
from rollsafe.formats.sql_mask import mask
from rollsafe.text import Span


class Subject:
    """A statement whose parse tree is there; offsets are those of the statement."""

    __slots__ = ("_clauses", "_read", "_table", "is_whole", "kind", "node", "readable", "text", "whole")

    def __init__(self, parsed: Parsed, node: SqlNode) -> None:
        self.text = parsed.text
        self.readable = parsed.readable
        self.is_whole = parsed.is_whole
        self.kind = parsed.kind
        self.node = node
        self.whole = Span(0, len(parsed.text))
        self._read: str | None = None
        self._clauses: Clauses | None = None
        self._table: TableName | None = None

    @property
    def clauses(self) -> Clauses:
        """The tokens of what is read of the statement."""
        if self._clauses is None:
            self._clauses = Clauses(self._text)
        return self._clauses

    @property
    def _text(self) -> str:
        """What is read of the statement; a tool's placeholder is one name."""
        if self._read is None:
            seen = self.node.parsed_text
            # What was left open is closed for the parser.
            self._read = seen if len(seen) == len(self.readable) else mask(self.readable).text
        return self._read

    def element_end(self, start: int) -> int:
        """Return where the list element that begins at `start` ends: before its comma or `)`."""
        end = plain_end(self._text, start) if self._clauses is None else None
        return self.clauses.element_end(start) if end is None else end

    def name_end(self, start: int) -> int:
        """Return where the dotted name at `start` ends."""
        end = plain_name_end(self._text, start) if self._clauses is None else None
        return self.clauses.name_end(start) if end is None else end

    def type_end(self, start: int) -> int:
        """Return where the type that begins at `start` ends, its modifiers and brackets included."""
        end = plain_name_end(self._text, start) if self._clauses is None else None
        is_last = end is not None and end == plain_end(self._text, start)
        return self.clauses.type_end(start) if end is None or not is_last else end

    @property
    def table(self) -> TableName:
        """The name in the `relation` field."""
        if self._table is None:
            self._table = table_of(self.node.child("relation"))
        return self._table

    def commands(self, count: int) -> list[Span]:
        """Return the spans of an ALTER's `count` commands; the whole statement where they cannot be told."""
        relation = self.node.child("relation")
        start = relation.start if relation is not None else -1
        if start >= 0:
            only = only_command(self._text, start) if count == 1 and self._clauses is None else None
            found = self.clauses.commands(start) if only is None else [only]
            if len(found) == count:
                return found
        return [self.whole] * count

    def listed(self, count: int) -> list[Span]:
        """Return where the `count` names of a DROP or TRUNCATE are; a single one is the statement."""
        if count > 1:
            found = self.clauses.dropped()
            if len(found) == count:
                return found
        return [self.whole] * count

    def trimmed(self, start: int, end: int) -> int:
        """Return the end of the last token between `start` and `end`."""
        return max(start, self.clauses.end_before(end))


def table_of(relation: SqlNode | None) -> TableName:
    """Return the name a `RangeVar` holds; an empty one where there is none."""
    if relation is None:
        return TableName(None, "")
    return TableName(relation.text("schemaname") or None, relation.text("relname"))


def options_of(options: Iterable[SqlNode]) -> set[str]:
    """Return the names of the `DefElem`s that are switched on: `(FULL, VERBOSE off)`."""
    return {option.text("defname") for option in options if _is_on(option.child("arg"))}


def _is_on(value: SqlNode | None) -> bool:
    if value is None:
        return True
    match value.kind:
        case "String":
            return value.text("sval").lower() not in ("false", "off")
        case "Integer":
            return value.number("ival") != 0
        case "Boolean":
            return value.flag("boolval")
        case _:
            return True
