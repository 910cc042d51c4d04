"""A statement of MySQL or SQLite into what it does, remembered by its text.

sqlglot reads it, an ALTER TABLE one command at a time, so that what the library does not know costs one
command. What stands around a command has no say in it and is left out: `ALGORITHM` and `LOCK`, table options.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from rollsafe.artefacts.migrations.definitions import definition_keys
from rollsafe.artefacts.migrations.dialect import Dialect
from rollsafe.artefacts.migrations.foreign_alter import by_words, command, restated
from rollsafe.artefacts.migrations.foreign_columns import Part, table_of
from rollsafe.artefacts.migrations.foreign_rows import ROWS, rows
from rollsafe.artefacts.migrations.foreign_tables import created_index, created_table
from rollsafe.artefacts.migrations.foreign_tokens import (
    Tokens,
    before,
    closing,
    elements,
    name_of,
    opening,
    table_end,
    words_of,
)
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    DropIndex,
    DropObject,
    DropTable,
    Operation,
    Other,
    RenameTable,
    Transaction,
    TransactionAction,
)
from rollsafe.formats.sql_foreign import Kind, tokens_of
from rollsafe.formats.sql_foreign_tree import Shift, is_bounded, parse
from rollsafe.text.tuples import NamedTuple

_OPTIONS: Final = frozenset({"ALGORITHM", "LOCK"})
_TRANSACTIONS: Final = {
    "START": TransactionAction.BEGIN,
    "BEGIN": TransactionAction.BEGIN,
    "COMMIT": TransactionAction.COMMIT,
    "END": TransactionAction.COMMIT,
    "ROLLBACK": TransactionAction.ROLLBACK,
}


class Reading(NamedTuple):
    """What a statement does, with its own offsets.

    `options` are those such as `ALGORITHM`, in upper case; `types` those of its operations, and `keys` those
    of what they define.
    """

    operations: tuple[Operation, ...]
    options: tuple[tuple[str, str], ...]
    types: frozenset[type[Operation]]
    keys: tuple[str, ...]


NOTHING: Final = Reading((), (), frozenset(), ())
"""What is known of a statement that is not read."""


@lru_cache(maxsize=4_096)
def read(text: str, dialect: Dialect) -> Reading:
    """Return what the statement `text` means, which has been cut from a file."""
    tokens = tokens_of(text)
    if not is_bounded(tokens):
        return NOTHING
    found = _Statement(text, tokens, dialect)
    operations = tuple(found.operations())
    keys = tuple(sorted(definition_keys(operations)))
    return Reading(operations, tuple(found.options.items()), frozenset(map(type, operations)), keys)


class _Statement:
    """One statement on its way to its operations."""

    def __init__(self, text: str, tokens: Tokens, dialect: Dialect) -> None:
        self.text = text
        self.tokens = tokens
        self.dialect = dialect
        self.options: dict[str, str] = {}
        self.whole = Part(dialect, 0, len(text), text)

    def operations(self) -> Iterator[Operation]:
        """Yield what it does; `options` are known afterwards."""
        words = words_of(self.tokens[:6])
        match words:
            case ["ALTER", "TABLE", *_] | ["ALTER", "IGNORE" | "ONLINE" | "OFFLINE", "TABLE", *_]:
                yield from self._alter(words.index("TABLE") + 1)
            case ["RENAME", "TABLE" | "TABLES", *_]:
                yield from self._rename()
            case ["CREATE", *_] if "TABLE" in words[1:4] and "VIRTUAL" not in words:
                yield from created_table(self.tokens, self.whole)
            case ["CREATE", *_] if "INDEX" in words[1:5]:
                yield from self._index()
            case ["DROP", *_]:
                yield from self._drop()
            case [first, *_] if first in ROWS:
                yield from rows(self.tokens, self.whole)
            case [first, *_] if first in _TRANSACTIONS and len(self.tokens) < 5:
                yield Transaction(0, len(self.text), _TRANSACTIONS[first])
            case _:
                yield Other(0, len(self.text), " ".join(words[:2]))

    def _alter(self, at: int) -> Iterator[Operation]:
        while at < len(self.tokens) and self.tokens[at].word in ("IF", "EXISTS"):
            at += 1
        end = table_end(self.tokens, at)
        table = name_of(self.tokens[at:end])
        if end == at:
            return
        head = "ALTER TABLE x "
        for tokens in elements(self.tokens[end:]):
            if not self._takes_option(tokens):
                yield from self._command(head, table, tokens)

    def _command(self, head: str, table: TableName, tokens: Tokens) -> Iterator[Operation]:
        words = words_of(tokens[:2])
        listed = opening(tokens)
        if words == ["ALTER", "COLUMN"] and len(tokens) > 4 and tokens[3].word == "TO":
            yield from self._restated(f"{head}ADD ", table, tokens)
        elif words and words[0] == "ADD" and listed == len(words) and words[-1] in ("ADD", "COLUMN"):
            # MySQL takes several columns in brackets, of which the library takes one.
            for one in elements(tokens[listed + 1 : closing(tokens, listed)]):
                yield from self._said(f"{head}ADD ", table, one)
        elif words == ["RENAME", "TO"] and len(tokens) == 3:
            yield RenameTable(tokens[0].start, tokens[-1].end, table, name_of(tokens[2:]).name)
        else:
            yield from self._said(head, table, tokens)

    def _said(self, head: str, table: TableName, tokens: Tokens) -> Iterator[Operation]:
        start, end = tokens[0].start, tokens[-1].end
        part = Part(self.dialect, start, end, self.text[start:end])
        tree = parse(head + part.text, self.dialect, Shift(len(head), start - len(head)))
        found = tuple(command(tree, table, part)) if tree is not None and tree.kind == "Alter" else ()
        yield from found or (by_words(tokens, table, part),)

    def _restated(self, head: str, table: TableName, tokens: Tokens) -> Iterator[Operation]:
        """Yield what libSQL's `ALTER COLUMN a TO a text NOT NULL` says."""
        start, end = tokens[4].start, tokens[-1].end
        part = Part(self.dialect, tokens[0].start, end, self.text[start:end])
        tree = parse(head + part.text, self.dialect, Shift(len(head), start - len(head)))
        for one in command(tree, table, part) if tree is not None else ():
            if isinstance(one, AddColumn):
                yield from restated(one.column, table, part)

    def _rename(self) -> Iterator[Operation]:
        """Yield the pairs of a RENAME TABLE, which the library does not know."""
        for pair in elements(self.tokens[2:]):
            at = next((at for at, one in enumerate(pair) if one.word == "TO"), 0)
            if 0 < at < len(pair) - 1:
                old, new = name_of(pair[:at]), name_of(pair[at + 1 :])
                yield RenameTable(pair[0].start, pair[-1].end, old, new.name)

    def _index(self) -> Iterator[Operation]:
        """Yield a CREATE INDEX; what follows its columns in MySQL are options."""
        end = closing(self.tokens, opening(self.tokens)) + 1
        if self.dialect is Dialect.MYSQL:
            self._take_options(self.tokens[end:])
            yield from created_index(self.tokens[:end], self.whole)
        else:
            yield from created_index(self.tokens, self.whole)

    def _drop(self) -> Iterator[Operation]:
        words = words_of(self.tokens[:3])
        is_index = words[1:2] == ["INDEX"]
        kept = before(self.tokens, "ON") if is_index else self.tokens
        self._take_options(self.tokens[len(kept) :])
        tree = parse(self.text[: kept[-1].end], self.dialect)
        if tree is None or tree.kind != "Drop":
            yield Other(0, len(self.text), " ".join(words[:2]))
            return
        exists, cascade = tree.flag("exists"), tree.flag("cascade")
        for one in tree.children("tables"):
            start, end = one.place or (0, len(self.text))
            match tree.text("kind"):
                case "TABLE":
                    yield DropTable(start, end, table_of(one), exists, cascade)
                case "INDEX":
                    yield DropIndex(start, end, table_of(one), False, exists, cascade)
                case kind:
                    yield DropObject(start, end, kind.lower(), table_of(one), None, exists, cascade)

    def _take_options(self, tokens: Tokens) -> None:
        for at, one in enumerate(tokens):
            if one.kind is Kind.WORD and one.word in _OPTIONS:
                self._takes_option(tokens[at : at + 3])

    def _takes_option(self, tokens: Tokens) -> bool:
        """Take `ALGORITHM = x` or `LOCK x`; say whether it is one."""
        value = [one.word for one in tokens[1:3] if one.kind is Kind.WORD]
        is_option = tokens[0].kind is Kind.WORD and tokens[0].word in _OPTIONS and bool(value)
        if is_option:
            self.options[tokens[0].word] = value[0]
        return is_option
