"""What a statement does to a table, its columns, constraints and indexes.

An operation's `start` and `end` bound the words that ask for it: one command of an ALTER TABLE, one name
of a DROP TABLE, otherwise the whole statement. All operations about a table are `TableOperation`s.
"""

from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.pieces import Column, Constraint, Default, Piece, TypeRef
from rollsafe.text import Span
from rollsafe.text.records import record


@record
class Operation(Piece):
    """Anything a statement does."""


@record
class TableOperation(Operation):
    """Something done to, or with, `table`."""

    table: TableName


# Tables ------------------------------------------------------------------------------------------


@record
class CreateTable(TableOperation):
    """CREATE TABLE in all its forms, SELECT INTO included.

    `constraints` are those of the table; a column has its own. `from_query` means that rows are copied in
    while it runs; `like` and `partition_of` name the table it is modelled on or attached to. `is_partial`
    tells that there may be columns and constraints that could not be read.
    """

    columns: tuple[Column, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    if_not_exists: bool = False
    is_temporary: bool = False
    is_unlogged: bool = False
    is_partitioned: bool = False
    from_query: bool = False
    like: TableName | None = None
    partition_of: TableName | None = None
    is_partial: bool = False

    @property
    def references(self) -> tuple[TableName, ...]:
        """The tables its foreign keys point at, each once, itself left out."""
        own = [c for column in self.columns for c in column.constraints]
        found = (one.references for one in (*own, *self.constraints))
        return tuple(dict.fromkeys(t for t in found if t is not None and t.key != self.table.key))


@record
class DropTable(TableOperation):
    """DROP TABLE, one per table named."""

    if_exists: bool
    cascade: bool


@record
class RenameTable(TableOperation):
    """ALTER TABLE … RENAME TO."""

    new_name: str


@record
class SetSchema(TableOperation):
    """ALTER TABLE … SET SCHEMA."""

    schema: str


@record
class AlterTable(TableOperation):
    """A command of ALTER TABLE without a type of its own.

    `action` is PostgreSQL's name for it in lower case with blanks: `set logged`, `enable row security`.
    """

    action: str


@record
class AttachPartition(TableOperation):
    """ALTER TABLE … ATTACH PARTITION."""

    partition: TableName


@record
class DetachPartition(TableOperation):
    """ALTER TABLE … DETACH PARTITION."""

    partition: TableName
    concurrently: bool


# Columns -----------------------------------------------------------------------------------------


@record
class AddColumn(TableOperation):
    """ALTER TABLE … ADD COLUMN."""

    column: Column
    if_not_exists: bool


@record
class DropColumn(TableOperation):
    """ALTER TABLE … DROP COLUMN."""

    column: str
    if_exists: bool
    cascade: bool


@record
class RenameColumn(TableOperation):
    """ALTER TABLE … RENAME COLUMN."""

    column: str
    new_name: str


@record
class AlterColumnType(TableOperation):
    """ALTER COLUMN … TYPE; `using` is the place of the expression after USING."""

    column: str
    type: TypeRef
    using: Span | None


@record
class SetNotNull(TableOperation):
    """ALTER COLUMN … SET NOT NULL."""

    column: str


@record
class DropNotNull(TableOperation):
    """ALTER COLUMN … DROP NOT NULL."""

    column: str


@record
class SetDefault(TableOperation):
    """ALTER COLUMN … SET DEFAULT."""

    column: str
    default: Default


@record
class DropDefault(TableOperation):
    """ALTER COLUMN … DROP DEFAULT."""

    column: str


# Constraints -------------------------------------------------------------------------------------


@record
class AddConstraint(TableOperation):
    """ALTER TABLE … ADD CONSTRAINT, named or not."""

    constraint: Constraint


@record
class ValidateConstraint(TableOperation):
    """ALTER TABLE … VALIDATE CONSTRAINT."""

    name: str


@record
class DropConstraint(TableOperation):
    """ALTER TABLE … DROP CONSTRAINT."""

    name: str
    if_exists: bool
    cascade: bool


@record
class RenameConstraint(TableOperation):
    """ALTER TABLE … RENAME CONSTRAINT."""

    name: str
    new_name: str


# Indexes -----------------------------------------------------------------------------------------


@record
class CreateIndex(TableOperation):
    """CREATE INDEX. `columns` holds an empty string for an expression; `only` is `ON ONLY`.

    `is_plain` tells that it is a B-tree of columns in their usual order, without a condition or anything else
    that makes it different from another of the same columns.
    """

    name: str | None
    columns: tuple[str, ...]
    method: str
    is_unique: bool
    concurrently: bool
    if_not_exists: bool
    has_where: bool
    only: bool
    is_plain: bool

    @property
    def index(self) -> TableName | None:
        """The index with its schema, which is the table's."""
        return self.table.sibling(self.name) if self.name else None


@record
class DropIndex(Operation):
    """DROP INDEX, one per index named."""

    index: TableName
    concurrently: bool
    if_exists: bool
    cascade: bool


@record
class RenameIndex(Operation):
    """ALTER INDEX … RENAME TO."""

    index: TableName
    new_name: str


@record
class Reindex(Operation):
    """REINDEX; `scope` is `index`, `table`, `schema`, `system` or `database`, `target` what is named."""

    scope: str
    target: TableName
    concurrently: bool
