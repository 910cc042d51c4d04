"""Changing a column by a new one beside it: kept alike by a trigger, filled in batches, swapped in later."""

import re
from collections.abc import Callable
from typing import Final

from rollsafe.artefacts.migrations import Migration, Statement
from rollsafe.artefacts.migrations.names import TableName, quoted
from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    AlterColumnType,
    CreateTable,
    DropColumn,
    Insert,
    Operation,
    RenameColumn,
    Update,
)
from rollsafe.artefacts.migrations.pieces import Column, ConstraintKind
from rollsafe.rules.api import FileEdit, Fix, Purpose
from rollsafe.rules.migration_edits import Change, fitting, is_editable, then_later
from rollsafe.rules.migration_steps import Step
from rollsafe.rules.migration_ups import words_of
from rollsafe.text import Edit, Span
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.lineage import shares_history
from rollsafe.workspace.migrations import undone_in
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import Table, table_before

_BATCH: Final = 1_000
_LINE_BREAK = lazily(r"\n\s*")


class _Plan(NamedTuple):
    """A new column beside an old one: both names, the key to go by, whether a value is required."""

    table: TableName
    old: str
    new: str
    key: str
    required: bool

    @property
    def alter(self) -> str:
        return f"ALTER TABLE {self.table.sql}"

    @property
    def trigger(self) -> str:
        return f"{self.table.name}_{self.new}_kept"

    @property
    def check(self) -> str:
        return quoted(f"{self.table.name}_{self.new}_not_null")

    def kept_by(self, body: str) -> tuple[str, str]:
        """Return the statements that make a trigger of PL/pgSQL."""
        function = self.table.sibling(self.trigger).sql
        return (
            f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {body} RETURN NEW; END $$",
            f"CREATE TRIGGER {quoted(self.trigger)} BEFORE INSERT OR UPDATE ON {self.table.sql} "
            f"FOR EACH ROW EXECUTE FUNCTION {function}()",
        )

    @property
    def released(self) -> tuple[str, str]:
        """The statements that take the trigger away."""
        function = self.table.sibling(self.trigger).sql
        return f"DROP TRIGGER {quoted(self.trigger)} ON {self.table.sql}", f"DROP FUNCTION {function}()"

    @property
    def taken_back(self) -> str:
        """The statements that undo the new column, as one text."""
        return ";\n".join((*self.released, f"{self.alter} DROP COLUMN {quoted(self.new)}"))

    @property
    def enforcing(self) -> tuple[Step, ...]:
        """What keeps the new column from being NULL, once it is filled."""
        if not self.required:
            return ()
        refuse = f"{self.alter} ADD CONSTRAINT {self.check} CHECK ({quoted(self.new)} IS NOT NULL) NOT VALID"
        validate = f"{self.alter} VALIDATE CONSTRAINT {self.check}"
        words = f"{self.table.name} {self.new}"
        return Step(f"require {words}", (refuse,)), Step(f"validate {words}", (validate,))


def filling(table: TableName, column: str, key: str, value: str, where: str) -> Step:
    """Return the migration that gives all rows a value, some at a time, each time in a transaction."""
    rows, by, mine = table.sql, quoted(key), quoted(column)
    body = f"""\
DO $$
DECLARE
    last_key {rows}.{by}%TYPE;
    next_key {rows}.{by}%TYPE;
BEGIN
    LOOP
        SELECT max({by}) INTO next_key FROM (
            SELECT {by} FROM {rows} WHERE last_key IS NULL OR {by} > last_key ORDER BY {by} LIMIT {_BATCH}
        ) batch;
        EXIT WHEN next_key IS NULL;
        UPDATE {rows} SET {mine} = {value}
        WHERE (last_key IS NULL OR {by} > last_key) AND {by} <= next_key AND {where};
        COMMIT;
        last_key := next_key;
    END LOOP;
END
$$"""
    return Step(f"fill {table.name} {column}", (body,), apart=True, undo=("-- Nothing to undo\nSELECT 1",))


def retyped(
    statement: Statement, change: AlterColumnType, graph: Graph, settings: Settings
) -> tuple[Fix, ...]:
    """Return the fix that changes a type by a new column that takes the old one's name in the end."""
    plan = _planned(statement, change, change.column, f"{change.column}_new", graph)
    kept = fitting(f"{change.column}_old")
    if plan is None or kept is None:
        return ()
    old, new = quoted(plan.old), quoted(plan.new)
    cast = f"{old}::{change.type.text}"
    value = statement.file.slice(change.using) if change.using is not None else cast
    columns = table_before(change, statement, graph).types
    if kept in columns or (change.using is not None and words_of(value).isdisjoint({plan.old})):
        return ()
    body = f"NEW.{new} := {_of_row(value, tuple(columns))};"
    made = plan.kept_by(body)
    swap = _swapped(plan, kept, made)
    steps = (
        filling(plan.table, plan.new, plan.key, value, f"{new} IS DISTINCT FROM ({value})"),
        *plan.enforcing,
        swap,
    )
    edit = Edit(Span.of(statement), f"{plan.alter} ADD COLUMN {new} {change.type.text}")
    found = then_later(statement, (edit,), steps, graph, settings, made)
    if found is None:
        return ()
    undone = _undone(
        statement, plan, graph, lambda one: isinstance(one, AlterColumnType) and one.column == plan.old
    )
    title = f"Add `{plan.new}`, fill it in batches and swap the two; the old values stay in `{kept}`"
    return (found.with_edits_of(statement, undone).fix(title, purpose=Purpose.STAGES),)


def _swapped(plan: _Plan, kept: str, made: tuple[str, str]) -> Step:
    """Return the migration in which the new column takes the old one's name."""
    old, new, away, alter = quoted(plan.old), quoted(plan.new), quoted(kept), plan.alter
    enforced = (f"{alter} ALTER COLUMN {new} SET NOT NULL", f"{alter} DROP CONSTRAINT {plan.check}")
    up = (
        *plan.released,
        *(enforced if plan.required else ()),
        f"{alter} RENAME COLUMN {old} TO {away}",
        f"{alter} RENAME COLUMN {new} TO {old}",
        *((f"{alter} ALTER COLUMN {away} DROP NOT NULL",) if plan.required else ()),
    )
    refuse = f"{alter} ADD CONSTRAINT {plan.check} CHECK ({new} IS NOT NULL) NOT VALID"
    down = (
        f"-- irreversible: `{plan.table}.{plan.old}` is as it was before the swap",
        f"{alter} RENAME COLUMN {old} TO {new}",
        f"{alter} RENAME COLUMN {away} TO {old}",
        *((f"{alter} ALTER COLUMN {new} DROP NOT NULL", refuse) if plan.required else ()),
        *made,
    )
    return Step(f"swap {plan.table.name} {plan.old}", up, undo=down)


def renamed(statement: Statement, change: RenameColumn, graph: Graph, settings: Settings) -> tuple[Fix, ...]:
    """Return the fix that has a column under both names until a later release drops the old one."""
    plan = _planned(statement, change, change.column, change.new_name, graph)
    kind = table_before(change, statement, graph).types.get(change.column)
    if plan is None or kind is None:
        return ()
    old, new = quoted(plan.old), quoted(plan.new)
    body = (
        f"IF TG_OP = 'INSERT' THEN NEW.{new} := coalesce(NEW.{new}, NEW.{old}); NEW.{old} := NEW.{new}; "
        f"ELSIF NEW.{new} IS DISTINCT FROM OLD.{new} THEN NEW.{old} := NEW.{new}; "
        f"ELSE NEW.{new} := NEW.{old}; END IF;"
    )
    made = plan.kept_by(body)
    steps = (filling(plan.table, plan.new, plan.key, old, f"{new} IS DISTINCT FROM {old}"), *plan.enforcing)
    edit = Edit(Span.of(statement), f"{plan.alter} ADD COLUMN {new} {kind.text}")
    found = then_later(statement, (edit,), steps, graph, settings, made)
    if found is None:
        return ()
    undone = _undone(
        statement, plan, graph, lambda one: isinstance(one, RenameColumn) and one.new_name == plan.old
    )
    title = f"Keep both names alike by a trigger, until a later release drops `{plan.old}`"
    return (found.with_edits_of(statement, undone).fix(title, purpose=Purpose.STAGES),)


def computed(
    statement: Statement, added: AddColumn, removed: Edit, value: str, graph: Graph, settings: Settings
) -> tuple[Fix, ...]:
    """Return the fix that keeps a computed value by a trigger, and fills the rows there are in batches."""
    table = table_before(added, statement, graph)
    plan = _Plan(added.table, added.column.name, added.column.name, _key_of(table), required=False)
    if not plan.key or fitting(plan.trigger) is None or not is_editable(statement, added):
        return ()
    new = quoted(plan.new)
    made = plan.kept_by(f"NEW.{new} := {_of_row(value, tuple(table.types))};")
    steps = (filling(plan.table, plan.new, plan.key, value, f"{new} IS DISTINCT FROM ({value})"),)
    found = then_later(statement, (removed,), steps, graph, settings, made)
    if found is None:
        return ()
    undone = _undone(
        statement, plan, graph, lambda one: isinstance(one, DropColumn) and one.column == plan.new
    )
    title = "Keep the value by a trigger, and fill the rows in batches"
    return (found.with_edits_of(statement, undone).fix(title, purpose=Purpose.STAGES),)


def filled_later(
    statement: Statement,
    added: AddColumn,
    edits: tuple[Edit, ...],
    value: str,
    graph: Graph,
    settings: Settings,
) -> Change | None:
    """Return `edits` of a column that is added, with a migration that gives the rows there are a value."""
    column, key = quoted(added.column.name), _key_of(table_before(added, statement, graph))
    if not key:
        return None
    steps = (filling(added.table, added.column.name, key, value, f"{column} IS NULL"),)
    default = f"ALTER TABLE {added.table.sql} ALTER COLUMN {column} SET DEFAULT {value}"
    return then_later(statement, edits, steps, graph, settings, (default,))


def _planned(
    statement: Statement, change: AlterColumnType | RenameColumn, old: str, new: str, graph: Graph
) -> _Plan | None:
    """Return the plan for a column of which all is known, and on which nothing else rests."""
    table = table_before(change, statement, graph)
    key, column = _key_of(table), _defined(table, old)
    alone = len(statement.operations) == 1 and is_editable(statement, change)
    if not alone or not key or key == old or column is None or new in table.types:
        return None
    kinds = {one.kind for _, one in table.constraints_on(old)} - {ConstraintKind.NOT_NULL}
    plain = column.default is None and column.generated is None and not column.is_serial
    plan = _Plan(change.table, old, new, key, old in table.required)
    if kinds or not plain or fitting(plan.trigger) is None or fitting(plan.check.strip('"')) is None:
        return None
    return None if _is_spoken_of(change, old, statement, graph) else plan


def _key_of(table: Table) -> str:
    """Return the only column of a table's primary key; empty if it has none that is known."""
    keys = [
        one.constraint for one in table.constraints.values() if one.constraint.kind is ConstraintKind.PRIMARY
    ]
    return keys[0].columns[0] if len(keys) == 1 and len(keys[0].columns) == 1 else ""


def _defined(table: Table, name: str) -> Column | None:
    made = table.created.operation if table.created is not None else None
    columns = made.columns if isinstance(made, CreateTable) else ()
    return next((one for one in columns if one.name == name), None)


def _is_spoken_of(change: Operation, column: str, statement: Statement, graph: Graph) -> bool:
    """Say whether any other statement of the history but rows and the table's own rests on a column."""
    table = statement.table.name if statement.table is not None else ""
    histories = (one for one in graph.every(Migration, "up:") if shares_history(one, statement.migration))
    for other in (each for one in histories for each in one.up_statements):
        if other is statement or other.does(CreateTable, Insert, Update, AddColumn):
            continue
        if {column, table} <= words_of(other.sql.text):
            return True
    return False


def _of_row(value: str, columns: tuple[str, ...]) -> str:
    """Return an expression over the columns of a table as one over those of the row a trigger sees."""
    for name in columns:
        value = re.sub(rf'(?<![\w.":])"?{re.escape(name)}"?(?![\w"(])', f"NEW.{quoted(name)}", value)
    return value


def _undone(
    statement: Statement, plan: _Plan, graph: Graph, undoes: Callable[[Operation], bool]
) -> tuple[FileEdit, ...]:
    """Return the edits that make the way back take the new column away."""
    return tuple(
        FileEdit(back.file.path, Edit(Span.of(back), plan.taken_back))
        for back in undone_in(statement.migration, graph)
        if len(back.operations) == 1 and undoes(back.operations[0])
    )
