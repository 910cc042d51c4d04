"""A statement's text into what it does, remembered by that text."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

from rollsafe.artefacts.migrations import extract_objects as objects
from rollsafe.artefacts.migrations import extract_rows as rows
from rollsafe.artefacts.migrations import extract_tables as tables
from rollsafe.artefacts.migrations.definitions import definition_keys
from rollsafe.artefacts.migrations.do_block import do_block
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.operations import DoBlock, Insert, Operation, Other, TableOperation
from rollsafe.artefacts.migrations.pieces import moved
from rollsafe.artefacts.migrations.subject import Subject
from rollsafe.artefacts.migrations.traits import traits_of
from rollsafe.artefacts.migrations.transactions import refuses_transaction
from rollsafe.formats.sql import Parsed, parse_statement
from rollsafe.formats.sql_tokens import NAME, tokens
from rollsafe.text.patterns import lazily

_SMALL: Final = 8_192


class Meaning:
    """What follows from a statement's text, wherever it stands; offsets are those of the statement.

    `types` are the types of its operations, those inside of a DO block included, and `keys` those of what
    they define. `tables` has the key of the table of each operation, and where that begins; it is None
    where an operation is about something else. `named` are the keys in `tables`, `none_new` says of each that
    it is not new. `traits` tells operations of one type apart. `is_alone` tells that PostgreSQL runs one of
    its operations outside of a transaction only.
    """

    __slots__ = (
        "_placed",
        "is_alone",
        "keys",
        "named",
        "none_new",
        "operations",
        "tables",
        "traits",
        "types",
    )

    def __init__(self, text: str) -> None:
        self.operations = operations = _extract(text)
        self.types = types = frozenset(map(type, operations))
        every = operations
        if DoBlock in types:
            every = unfolded(operations)
            self.types = frozenset(map(type, every))
        self.traits = traits_of(every)
        self.keys = tuple(sorted(definition_keys(every)))
        self.tables = _tables(every)
        self.named = frozenset([key for key, _ in self.tables or ()])
        self.none_new = (False,) * len(every)
        self.is_alone = any(map(refuses_transaction, operations))
        self._placed: tuple[int, tuple[Operation, ...]] = (0, operations)

    def operations_at(self, start: int) -> tuple[Operation, ...]:
        """Return the operations of a statement that begins at offset `start` of its file."""
        # What an edit leaves in its place is not moved again.
        if self._placed[0] != start:
            self._placed = start, tuple(moved(one, start) for one in self.operations)
        return self._placed[1]


def meaning_of(text: str) -> Meaning:
    """Return what the statement `text` means, remembered by the text."""
    return _meaning(text) if len(text) <= _SMALL else _long_meaning(text)


def operations_of(text: str) -> tuple[Operation, ...]:
    """Return what the statement `text` does, with offsets of the statement; nothing if it does not parse."""
    return meaning_of(text).operations


def unfolded(operations: tuple[Operation, ...]) -> tuple[Operation, ...]:
    """Return `operations`, those inside of a DO block after it."""
    found: list[Operation] = []
    for one in operations:
        found.append(one)
        if isinstance(one, DoBlock):
            found += one.operations
    return tuple(found)


def _tables(operations: tuple[Operation, ...]) -> tuple[tuple[str, int], ...] | None:
    found = [(one.table.key, one.start) for one in operations if isinstance(one, TableOperation)]
    return tuple(found) if len(found) == len(operations) else None


def _extract(text: str) -> tuple[Operation, ...]:
    parsed = parse_statement(text)
    if parsed.node is None:
        return () if parsed.problem is not None else (_by_words(parsed),)
    subject = Subject(parsed, parsed.node)
    if subject.node.kind == "DoStmt":
        return (do_block(subject, operations_of),)
    reader = _READERS.get(subject.node.kind)
    found = tuple(reader(subject)) if reader is not None else ()
    return found or (Other(*subject.whole, parsed.kind),)


def _by_words(parsed: Parsed) -> Operation:
    """Return what a statement without a tree does, as far as its leading words say."""
    size = len(parsed.text)
    into = _INSERT.match(parsed.text)
    if into is None:
        return Other(0, size, parsed.kind)
    parts = [one.word.strip('"') if one.kind == NAME else one.word.lower() for one in tokens(into[1])]
    return Insert(0, size, TableName.of(tuple(parts[::2])), from_query=False)


_INSERT = lazily(r"INSERT\s+INTO\s+((?:\w+|\"[^\"]+\")(?:\s*\.\s*(?:\w+|\"[^\"]+\")){0,2})", re.I)

_meaning = lru_cache(maxsize=4_096)(Meaning)
_long_meaning = lru_cache(maxsize=32)(Meaning)

_Reader = Callable[[Subject], Iterator[Operation]]


def _created_as(subject: Subject) -> Iterator[Operation]:
    if subject.node.choice("objtype") == "OBJECT_MATVIEW":
        return objects.create_object(subject)
    return tables.create_table_as(subject)


_READERS: Final[dict[str, _Reader]] = {
    "AlterDomainStmt": objects.alter_object,
    "AlterEnumStmt": objects.alter_enum,
    "AlterObjectSchemaStmt": objects.set_schema,
    "AlterPolicyStmt": objects.alter_object,
    "AlterTableStmt": tables.alter_table,
    "ClusterStmt": rows.cluster,
    "CommentStmt": objects.comment,
    "CompositeTypeStmt": objects.create_object,
    "CreateDomainStmt": objects.create_domain,
    "CreateEnumStmt": objects.create_enum,
    "CreateExtensionStmt": objects.create_object,
    "CreateFunctionStmt": objects.create_function,
    "CreatePolicyStmt": objects.create_object,
    "CreateRangeStmt": objects.create_object,
    "CreateRoleStmt": objects.create_object,
    "CreateSchemaStmt": objects.create_object,
    "CreateSeqStmt": objects.create_object,
    "CreateStmt": tables.create_table,
    "CreateTableAsStmt": _created_as,
    "CreateTrigStmt": objects.create_object,
    "CreatedbStmt": objects.create_object,
    "DefineStmt": objects.create_object,
    "DeleteStmt": rows.delete,
    "DropStmt": objects.drop,
    "DropdbStmt": objects.drop_database,
    "GrantRoleStmt": objects.grant,
    "GrantStmt": objects.grant,
    "IndexStmt": objects.create_index,
    "InsertStmt": rows.insert,
    "LockStmt": rows.lock,
    "MergeStmt": rows.merge,
    "RefreshMatViewStmt": rows.refresh,
    "ReindexStmt": objects.reindex,
    "RenameStmt": objects.rename,
    "RuleStmt": objects.create_object,
    "SelectStmt": rows.select,
    "TransactionStmt": rows.transaction,
    "TruncateStmt": rows.truncate,
    "UpdateStmt": rows.update,
    "VacuumStmt": rows.vacuum,
    "VariableSetStmt": rows.setting,
    "ViewStmt": objects.create_object,
}
