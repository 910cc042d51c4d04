"""The forms in which code names a table or a column.

A word alone means nothing: `users` is everywhere. What counts is a quoted name where a table is told, SQL,
an attribute, a symbol or a key in a file that names the table or its model too. Comments do not count.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from rollsafe.artefacts.migrations.code.rails_columns import singular
from rollsafe.artefacts.source import SourceFile
from rollsafe.text import Span
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily
from rollsafe.workspace.usage.model import Named, Use

_COMMON: Final = frozenset(
    {
        *("created_at", "updated_at", "deleted_at", "created_by", "updated_by", "created_on", "updated_on"),
        *("is_active", "is_deleted", "first_name", "last_name", "external_id", "tenant_id", "user_id"),
        *("account_id", "organization_id", "project_id", "parent_id", "password", "description", "metadata"),
        *("username", "quantity", "priority", "position", "category", "settings"),
    }
)
"""Names that columns of many tables have."""
_DISTINCTIVE: Final = 8
"""Letters from which on a name is seldom something else."""
_UNMISTAKABLE: Final = 14
"""Letters from which on a name is looked for in files that do not speak of the table."""
_NEAR: Final = 300
"""Characters around a word in which a query is looked at."""
_LONGEST_LINE: Final = 2_000
_COMMENT = lazily(r"\s*(?://|#(?!\{)|\*|/\*|--|<!--|\"\"\"|'''|<%#|=begin)")
_IMPORT = lazily(
    r"\s*(?:import|from\s+[\w.]+\s+import|require|package|use)\b|\s*(?:export\s+[*{]|\}\s*from\b)"
)
_SQL = lazily(r"\b(?:select|insert|delete|where|values|set|returning)\b", re.I)
_TOLD = (
    r"(?:table_?name|__tablename__|db_table|tablename|entity|table|pgtable|sqlitetable|mysqltable|schema"
    r"|from|into|insertinto|selectfrom|updatetable|deletefrom|(?:inner|left|right)?join|knex|foreignkey)"
)
"""The words behind which code tells the name of a table, in any case."""
_SECTION = lazily(
    r"^(?=@\w|(?:(?:export|default|public|abstract|data)\s++)*class\s|(?:model|enum|view)\s|type\s++\w++\s*+\{"
    r"|[ \t]*+create_table\b|(?:export\s++)?const\s++\w++\s*+=\s*+\w{0,40}[tT]able\("
    r"|type\s++\w++\s++struct\b)",
    re.M,
)
"""Where the description of one table begins; decorators come before their class."""


_PRISMA_MODEL = lazily(r"^(?:model|view)\s++(\w++)\s*+\{([^}]*+)", re.M)
_PRISMA_TABLE = lazily(r"@@map\(\s*+(?:name:\s*+)?\"([^\"]++)\"")
_PRISMA_FIELD = lazily(r"^[ \t]++(\w++)[ \t]++[^\n]++", re.M)
_PRISMA_COLUMN = lazily(r"(?<!@)@map\(\s*+(?:name:\s*+)?\"([^\"]++)\"")


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def _pascal(name: str) -> str:
    camel = _camel(name)
    return camel[:1].upper() + camel[1:]


def _either(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, dict.fromkeys(words)))


_MODIFIERS: Final = (
    r"(?:@\w++(?:\([^()\n]{0,200}\))?\s++)*"
    r"(?:(?:public|private|protected|readonly|static|final|val|var|let)\s++)*"
)
"""What comes before the name of a field: decorators, and words."""


class Forms:
    """What to look for to find one name, and where it stands."""

    def __init__(self, named: Named) -> None:
        self.named = named
        self._model = _pascal(singular(named.table))
        self._app, _, self._rest = named.table.partition("_")
        self._is_distinctive = _is_distinctive(named.column)

    # Most of what is looked for stands in no file: patterns are compiled when one of its words does.

    @cached_property
    def _told(self) -> re.Pattern[str]:
        return re.compile(_telling(self.named.table, self._model), re.M)

    @cached_property
    def _sql(self) -> re.Pattern[str]:
        return re.compile(_querying(self.named.table), re.I)

    @cached_property
    def _quoted(self) -> re.Pattern[str]:
        return re.compile(rf"['\"`](?:\w+\.)?({re.escape(self.named.table)})['\"`]")

    @cached_property
    def _mention(self) -> re.Pattern[str]:
        return re.compile(rf"(?<![A-Za-z]){self._stem}|{re.escape(self._model)}", re.I)

    @property
    def words(self) -> tuple[str, ...]:
        """The words of which one stands in every file that names it."""
        column = self.named.column
        if not column:
            by_django = self._rest.capitalize() or self._model
            return tuple(dict.fromkeys((self.named.table, self._model, by_django)))
        return tuple(dict.fromkeys((column, _camel(column), *_accessors(column))))

    def first_in(self, file: SourceFile) -> Use | None:
        """Return the first place in `file` that names it."""
        if file.path.endswith(".prisma"):
            found = self._in_prisma(file)
        elif self.named.column:
            found = self._described_in(file) if file.path.endswith("schema.rb") else self._column_in(file)
        else:
            found = self._table_in(file)
        return next(found, None)

    def _in_prisma(self, file: SourceFile) -> Iterator[Use]:
        """Yield the model of the table, or the field of the column, whatever they are called in the code."""
        for model in _PRISMA_MODEL.finditer(file.text):
            mapped = _PRISMA_TABLE.search(model[2])
            if (mapped[1] if mapped else model[1]) != self.named.table:
                continue
            if not self.named.column:
                yield Use(file, Span(*model.span(1)), is_model=True)
                return
            for field in _PRISMA_FIELD.finditer(file.text, *model.span(2)):
                mapped = _PRISMA_COLUMN.search(field[0])
                if (mapped[1] if mapped else field[1]) == self.named.column:
                    yield Use(file, Span(*field.span(1)), is_model=True)

    # Tables

    def _table_in(self, file: SourceFile) -> Iterator[Use]:
        text = file.text
        yield from (Use(file, _named(match), is_model=True) for match in _counting(self._told, text))
        if (django := self._django(file)) is not None:
            yield Use(file, Span(*django.span(1)), is_model=True)
        yield from (Use(file, _named(match), is_model=False) for match in self._queries(text))
        if "_" in self.named.table:
            yield from (Use(file, _named(match), is_model=False) for match in _counting(self._quoted, text))

    def _django(self, file: SourceFile) -> re.Match[str] | None:
        """Return the model whose table Django names after its app and itself."""
        folders = file.path.split("/")[:-1]
        if not self._rest or self._app not in folders or not file.path.endswith(".py"):
            return None
        return re.search(rf"^class\s+({re.escape(self._rest)})\(", file.text, re.M | re.I)

    def _queries(self, text: str) -> Iterator[re.Match[str]]:
        """Yield where SQL names the table: in capitals, or near another word of SQL."""
        for match in _counting(self._sql, text):
            before, after = text[max(0, match.start() - _NEAR) : match.start()], match.end()
            near = before + text[after : after + _NEAR]
            if match[0].split()[0].isupper() or _SQL.search(near):
                yield match

    # Columns

    @cached_property
    def _forms(self) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
        """The column where a table is described, where something is read from a row, in SQL."""
        column = self.named.column
        word = _either((column, _camel(column)))
        got = _either((column, _camel(column), *_accessors(column)))
        quoted = rf"['\"`](?:[\w.]+\.)?({word})['\"`]|(?<![:\w]):({word})\b(?![:=])"
        defined = rf"^[ \t]*+{_MODIFIERS}({word})[!?]?\s*+[:=](?![=:])|^[ \t]++({word})[ \t]++[\w\[*?]"
        described = rf"{quoted}|{defined}"
        base = r"" if self._is_distinctive else rf"(?i:\w{{0,40}}{self._stem})[!?)\]]{{0,3}}"
        read = rf"{base}(?:\.|\?\.|->|&\.)({got})\b"
        if self._is_distinctive:
            read = rf"{quoted}|{read}|(?<![\w.])({word})\s*:(?!:)|[(,]\s*({word})\s*=(?!=)"
        return re.compile(described, re.M), re.compile(read), re.compile(rf"\b({re.escape(column)})\b")

    @property
    def _stem(self) -> str:
        return "_?".join(map(re.escape, singular(self.named.table).split("_")))

    def _column_in(self, file: SourceFile) -> Iterator[Use]:
        text = file.text
        _, read, bare = self._forms
        yield from self._described_in(file)
        for query in self._queries(text):
            near = _counting(bare, text, max(0, query.start() - _NEAR), query.end() + _NEAR)
            yield from (Use(file, _named(match), is_model=False) for match in near)
        is_meant = self._mention.search(text) or self._mention.search(file.path)
        if is_meant or (self._is_distinctive and len(self.named.column) >= _UNMISTAKABLE):
            yield from (Use(file, _named(match), is_model=False) for match in _counting(read, text))

    def _described_in(self, file: SourceFile) -> Iterator[Use]:
        for start, end in self._descriptions(file):
            found = _counting(self._forms[0], file.text, start, end)
            yield from (Use(file, _named(match), is_model=True) for match in found)

    def _descriptions(self, file: SourceFile) -> Iterator[tuple[int, int]]:
        """Yield the parts of a file that describe the table, or ask an object mapper for it."""
        text, django = file.text, self._django(file)
        starts = [0]
        for match in _SECTION.finditer(text):
            # Decorators come before their class.
            if not text.startswith("@", starts[-1]):
                starts.append(match.start())
        for start, end in pairwise([*starts, len(text)]):
            told = next(_counting(self._told, text, start, end), None)
            if told is not None or (django is not None and start <= django.start() < end):
                yield start, end


def _is_distinctive(column: str) -> bool:
    return ("_" in column or len(column) >= _DISTINCTIVE) and column not in _COMMON


def _accessors(column: str) -> tuple[str, ...]:
    pascal = _pascal(column)
    return (pascal, f"get{pascal}", f"set{pascal}", f"is{pascal}")


def _telling(table: str, model: str) -> str:
    """Return the forms in which code says which table it means; the last group holds the name."""
    name = re.escape(table)
    given = rf"(?:['\"`](?:\w{{1,63}}\.)?({name})(?:\.\w++)?['\"`]|:({name})\b)"
    return "|".join(
        (
            rf"(?i:\b{_TOLD})['\"]?\s*+(?:=>|[:=(])?+\s*+\(?+\{{?+\s*+(?:name\s*+[:=]\s*+)?+{given}",
            rf"TableName\(\)\s*string\s*\{{\s*return\s*\"({name})\"",
            rf"\bclass\s+(?:\w+::)*({re.escape(model)})\s*<\s*(?:\w+::)*(?:ApplicationRecord|ActiveRecord::Base)",
            rf"\bcreate_table\s*\(?['\":]({name})\b",
        )
    )


def _querying(table: str) -> str:
    before = r"\b(?:from|join|into|update|references|truncate|table)\s++(?:only\s++)?"
    schema = r"(?:[\"`\[]?\w{1,63}[\"`\]]?\.)?"
    return rf"{before}{schema}[\"`\[]?({re.escape(table)})\b(?![.\w]{{0,100}}\s+import)"


def _named(match: re.Match[str]) -> Span:
    """Return where the name itself stands in a match: the group that took part."""
    return Span(*match.span(match.lastindex or 0))


def _counting(
    pattern: re.Pattern[str], text: str, start: int = 0, end: int | None = None
) -> Iterator[re.Match[str]]:
    """Yield the matches that are no comment and no import."""
    for match in pattern.finditer(text, start, len(text) if end is None else end):
        at = match.start(match.lastindex or 0)
        begin = text.rfind("\n", max(0, at - _LONGEST_LINE), at) + 1
        if begin == 0 and at > _LONGEST_LINE:
            continue
        line = text[begin:at]
        if not _COMMENT.match(line) and not _IMPORT.match(line):
            yield match
