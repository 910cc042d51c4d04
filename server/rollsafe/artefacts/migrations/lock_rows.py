"""The table of lock facts, measured on PostgreSQL 10 to 18: one row per form of statement.

Every form was run on a table with rows; the locks were read while it ran, a rewrite was seen by the new
file of the table, a scan by its statistics. All rows are about the operation's own table.
"""

from enum import StrEnum
from typing import Final

from rollsafe.artefacts.migrations.lock_modes import LockMode
from rollsafe.text.tuples import NamedTuple

_AE: Final = LockMode.ACCESS_EXCLUSIVE
_SRE: Final = LockMode.SHARE_ROW_EXCLUSIVE
_SUE: Final = LockMode.SHARE_UPDATE_EXCLUSIVE


class Work(StrEnum):
    """What is done to the table's rows while the lock is held."""

    METADATA = "metadata only"
    SCAN = "scans the table"
    REWRITE = "rewrites the table"


class LockRow(NamedTuple):
    """One measured form: the lock, the work done under it, and what to know about it."""

    mode: LockMode
    work: Work = Work.METADATA
    reversible: bool = True
    versions: str = "10+"
    note: str = ""


_PARTITION_SCANNED: Final = "the partition is scanned unless a valid CHECK says the same as its bounds"
_META, _SCAN, _REWRITE = Work.METADATA, Work.SCAN, Work.REWRITE

LOCK_ROWS: Final = {
    "add column": LockRow(_AE),
    "add column, default (10)": LockRow(_AE, _REWRITE, versions="10", note="from 11 on without a rewrite"),
    "add column, volatile default": LockRow(_AE, _REWRITE, note="the default is evaluated for every row"),
    "add column, unknown default": LockRow(
        _AE, _REWRITE, note="no rewrite from 11 on if the function is stable or immutable"
    ),
    "add column, serial": LockRow(_AE, _REWRITE, note="every row takes a number from the sequence"),
    "add column, stored": LockRow(_AE, _REWRITE, versions="12+", note="the value of every row is computed"),
    "add column, virtual": LockRow(_AE, versions="18+"),
    "add column, not null": LockRow(_AE, _SCAN, note="fails if the table has rows"),
    "add column, unique": LockRow(_AE, _SCAN, note="the index is built under the lock"),
    "add column, check": LockRow(_AE, _SCAN, note="scans even when there is no default"),
    "add column, reference": LockRow(_AE, note="no scan as long as the column is NULL everywhere"),
    "add column, reference and default": LockRow(_AE, _SCAN, note="scans both tables"),
    "add column, other type": LockRow(_AE, note="a domain with a CHECK rewrites the table"),
    "drop column": LockRow(
        _AE, reversible=False, note="if it is a foreign key, a table it references is locked just as much"
    ),
    "rename": LockRow(_AE, note="code that uses the old name fails at once"),
    "column default": LockRow(_AE),
    "set not null": LockRow(_AE, _SCAN, note="from 12 on no scan if a valid CHECK (… IS NOT NULL) exists"),
    "drop not null": LockRow(_AE),
    "change type": LockRow(_AE, _REWRITE, reversible=False),
    "change type, unknown": LockRow(
        _AE,
        _REWRITE,
        reversible=False,
        note="no rewrite if the type is only widened, such as varchar to text",
    ),
    "change type, free": LockRow(_AE, note="the stored values stay as they are"),
    "add foreign key": LockRow(_SRE, _SCAN, note="scans both tables; writes to both wait"),
    "add foreign key, not valid": LockRow(_SRE),
    "add check": LockRow(_AE, _SCAN),
    "add check, not valid": LockRow(_AE),
    "add not null, not valid": LockRow(_AE, versions="18+"),
    "add unique": LockRow(_AE, _SCAN, note="the index is built under the lock"),
    "add constraint, using index": LockRow(_AE, note="a primary key scans if a column may be NULL"),
    "add exclude": LockRow(_AE, _SCAN, note="the index is built under the lock; there is no other way"),
    "validate": LockRow(
        _SUE, _SCAN, note="in the transaction that added the constraint, its stronger lock is held on"
    ),
    "drop constraint": LockRow(_AE, note="dropping a foreign key locks the referenced table just as much"),
    "create index": LockRow(LockMode.SHARE, _SCAN),
    "create index, only": LockRow(
        LockMode.SHARE, _SCAN, versions="11+", note="nothing is read if the table is partitioned"
    ),
    "create index, concurrently": LockRow(_SUE, _SCAN, note="runs outside of a transaction only"),
    "drop index": LockRow(_AE),
    "drop index, concurrently": LockRow(_SUE, note="runs outside of a transaction only"),
    "rename index": LockRow(_SUE, versions="12+"),
    "rename index (10, 11)": LockRow(_AE, versions="10, 11"),
    "reindex": LockRow(LockMode.SHARE, _SCAN, note="ACCESS EXCLUSIVE on the index: its readers wait too"),
    "reindex, concurrently": LockRow(_SUE, _SCAN, versions="12+", note="runs outside of a transaction only"),
    "create table": LockRow(LockMode.NONE),
    "create partition": LockRow(LockMode.NONE, note="the parent is locked"),
    "drop table": LockRow(
        _AE,
        reversible=False,
        note="tables its foreign keys reference are locked just as much, and so is a partition's parent",
    ),
    "truncate": LockRow(
        _AE, _REWRITE, reversible=False, note="CASCADE empties and locks referencing tables too"
    ),
    "attach partition": LockRow(_SUE, versions="12+", note=_PARTITION_SCANNED),
    "attach partition (10, 11)": LockRow(_AE, versions="10, 11", note=_PARTITION_SCANNED),
    "detach partition": LockRow(_AE),
    "detach partition, concurrently": LockRow(
        _SUE, versions="14+", note="runs outside of a transaction only"
    ),
    "alter table": LockRow(_AE),
    "alter table, rewrite": LockRow(_AE, _REWRITE),
    "alter table, triggers": LockRow(_SRE),
    "alter table, online": LockRow(_SUE),
    "alter table, inherit": LockRow(_AE, note="SHARE UPDATE EXCLUSIVE on the parent"),
    "create trigger": LockRow(_SRE),
    "drop trigger": LockRow(_AE),
    "create policy": LockRow(_AE),
    "domain check": LockRow(LockMode.SHARE, _SCAN, note="on every table that uses the domain"),
    "vacuum": LockRow(_SUE, note="reads what has changed since the last one"),
    "vacuum full": LockRow(_AE, _REWRITE),
    "analyze": LockRow(_SUE, note="reads a sample of the rows"),
    "refresh": LockRow(_AE, _REWRITE),
    "refresh, concurrently": LockRow(LockMode.EXCLUSIVE, _SCAN),
    "comment": LockRow(_SUE),
    "insert": LockRow(LockMode.ROW_EXCLUSIVE),
    "update": LockRow(
        LockMode.ROW_EXCLUSIVE, _SCAN, reversible=False, note="changed rows stay locked until commit"
    ),
    "delete": LockRow(
        LockMode.ROW_EXCLUSIVE, _SCAN, reversible=False, note="deleted rows stay locked until commit"
    ),
    "enum value": LockRow(LockMode.NONE, reversible=False, versions="12+ in a transaction"),
}
"""The measured forms; the lock is the one on the operation's own table."""
