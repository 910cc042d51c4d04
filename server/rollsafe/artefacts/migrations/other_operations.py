"""What a statement does to rows, types, functions and other objects, and to the session."""

from enum import StrEnum
from typing import Final

from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.table_operations import Operation, TableOperation
from rollsafe.text import Span
from rollsafe.text.patterns import lazily
from rollsafe.text.records import record

# Rows --------------------------------------------------------------------------------------------


@record
class Insert(TableOperation):
    """INSERT; `from_query` unless it only lists values.

    `source` is the one table its rows come from, and `copied` has each column with the one it comes from, an
    empty name for a value that is computed. Both are read of MySQL and SQLite alone.
    """

    from_query: bool
    source: TableName | None = None
    copied: tuple[tuple[str, str], ...] = ()


@record
class Update(TableOperation):
    """UPDATE; `columns` are those it sets."""

    has_where: bool
    columns: tuple[str, ...]


@record
class Delete(TableOperation):
    """DELETE."""

    has_where: bool


@record
class Truncate(TableOperation):
    """TRUNCATE, one per table named."""

    cascade: bool


@record
class LockTable(TableOperation):
    """LOCK TABLE; `mode` such as `ACCESS EXCLUSIVE`."""

    mode: str


@record
class Maintain(Operation):
    """VACUUM, ANALYZE or CLUSTER, named by `action`; `table` None means the whole database."""

    action: str
    table: TableName | None
    is_full: bool


@record
class RefreshView(TableOperation):
    """REFRESH MATERIALIZED VIEW; `table` is the view."""

    concurrently: bool


# Types and other objects -------------------------------------------------------------------------


@record
class CreateEnum(Operation):
    """CREATE TYPE … AS ENUM."""

    type: TableName
    values: tuple[str, ...]


@record
class AddEnumValue(Operation):
    """ALTER TYPE … ADD VALUE; `beside` is the value it is placed BEFORE or AFTER, if said."""

    type: TableName
    value: str
    beside: str | None
    if_not_exists: bool


@record
class RenameEnumValue(Operation):
    """ALTER TYPE … RENAME VALUE."""

    type: TableName
    value: str
    new_value: str


@record
class CreateDomain(Operation):
    """CREATE DOMAIN; `checks` tells that its values are checked."""

    type: TableName
    checks: bool


@record
class CreateFunction(Operation):
    """CREATE FUNCTION or PROCEDURE; `signature` is its name with argument types, for DROP."""

    object: str
    name: TableName
    signature: str
    language: str
    or_replace: bool


@record
class CreateObject(Operation):
    """CREATE of anything else; `object` in lower case such as `view`, `on` its table if it has one."""

    object: str
    name: TableName
    on: TableName | None = None
    or_replace: bool = False
    if_not_exists: bool = False


@record
class DropObject(Operation):
    """DROP of anything but tables and indexes, one per object named."""

    object: str
    name: TableName
    on: TableName | None
    if_exists: bool
    cascade: bool


@record
class RenameObject(Operation):
    """RENAME of anything but tables, columns, constraints and indexes."""

    object: str
    name: TableName
    new_name: str


@record
class AlterObject(Operation):
    """ALTER of anything that is not a table; `action` as in `AlterTable`, empty where it has no name."""

    object: str
    name: TableName
    action: str


@record
class Grant(Operation):
    """GRANT or REVOKE."""

    is_grant: bool


@record
class Comment(Operation):
    """COMMENT ON."""

    object: str


# Sessions and programs ---------------------------------------------------------------------------


class TransactionAction(StrEnum):
    """What a transaction statement does; savepoints are `OTHER`."""

    BEGIN = "begin"
    COMMIT = "commit"
    ROLLBACK = "rollback"
    OTHER = "other"


@record
class Transaction(Operation):
    """BEGIN, COMMIT, ROLLBACK and their synonyms."""

    action: TransactionAction


_DURATION = lazily(r"\s*(\d{1,15}(?:\.\d{1,6})?)\s*(us|ms|s|min|h|d)?\s*\Z")
_MILLISECONDS = {"us": 0.001, "ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}


@record
class SetSetting(Operation):
    """SET, RESET or `set_config(…)`; `value` None means back to the default."""

    name: str
    value: str | None
    is_local: bool

    @property
    def milliseconds(self) -> float | None:
        """The value as a duration, as PostgreSQL reads timeouts; None when it is none."""
        match = _DURATION.match(self.value or "")
        return float(match[1]) * _MILLISECONDS[match[2] or "ms"] if match else None


@record
class DoBlock(Operation):
    """DO: `body` is the place of the code, `operations` what could be read out of it.

    `is_dynamic` means that it also runs SQL put together at run time, or is too long to be looked through.
    """

    language: str
    body: Span
    operations: tuple[Operation, ...]
    is_dynamic: bool


COMPUTED: Final = "CALL computed_step()"
"""The statement that stands for a step of a program which only running it would tell."""


@record
class Other(Operation):
    """A statement without a type of its own; `kind` is its leading words, such as `CALL`."""

    kind: str
