"""Building the index of a constraint before the constraint."""

from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.names import TableName, quoted
from rollsafe.artefacts.migrations.operations import AddColumn, AddConstraint, DropConstraint
from rollsafe.artefacts.migrations.pieces import Constraint, ConstraintKind
from rollsafe.formats.sql_tokens import WORD, tokens
from rollsafe.rules.api import FileEdit, Fix
from rollsafe.rules.constraint_fixes import without_part
from rollsafe.rules.migration_edits import (
    Change,
    after,
    constraint_name,
    is_editable,
    moved_out,
    run_apart,
    runs_one_by_one,
    then_later,
)
from rollsafe.rules.migration_files import following
from rollsafe.rules.migration_steps import Step
from rollsafe.text import Edit, Span
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import undone_in
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import table_before

_TITLE: Final = "Build the index concurrently first"
_OPTIONS: Final = frozenset({"INCLUDE", "NULLS", "DEFERRABLE", "INITIALLY", "WITH", "TABLESPACE", "WITHOUT"})
"""Words of a constraint that the index would have to repeat in another form."""


def built_before(
    statement: Statement, added: AddConstraint, settings: Settings, graph: Graph
) -> tuple[Fix, ...]:
    """Return the fix that builds the index concurrently and turns it into the constraint later."""
    name = constraint_name(added.table.name, added.constraint)
    alone = len(statement.operations) == 1 and is_editable(statement, added)
    words = {token.word for token in tokens(added.constraint.text) if token.kind == WORD}
    partitioned = table_before(added, statement, graph).is_partitioned
    if name is None or not alone or words & _OPTIONS or partitioned:
        return ()
    columns = ", ".join(quoted(column) for column in added.constraint.columns)
    build = f"CREATE UNIQUE INDEX CONCURRENTLY {quoted(name)} ON {added.table.sql} ({columns})"
    kind = added.constraint.kind.value.upper()
    adopt = f"ALTER TABLE {added.table.sql} ADD CONSTRAINT {quoted(name)} {kind} USING INDEX {quoted(name)}"
    change = _change(statement, added.table, build, adopt, name, settings, graph)
    return (change.fix(_TITLE),) if change is not None else ()


def built_after_column(
    statement: Statement, added: AddColumn, constraint: Constraint, settings: Settings, graph: Graph
) -> tuple[Fix, ...]:
    """Return the fix that adds a column, then builds its index, and makes that the constraint."""
    name = constraint_name(added.table.name, constraint)
    edit = without_part(statement, added, constraint)
    words = {token.word for token in tokens(constraint.text) if token.kind == WORD}
    partitioned = table_before(added, statement, graph).is_partitioned
    unique = constraint.kind is ConstraintKind.UNIQUE and not words & _OPTIONS
    plain = edit is not None and not added.if_not_exists and is_editable(statement, added)
    if name is None or edit is None or not unique or not plain or partitioned:
        return ()
    index = TableName(added.table.schema, name)
    build = (
        f"CREATE UNIQUE INDEX CONCURRENTLY {quoted(name)} ON {added.table.sql} ({quoted(added.column.name)})"
    )
    adopt = f"ALTER TABLE {added.table.sql} ADD CONSTRAINT {quoted(name)} UNIQUE USING INDEX {quoted(name)}"
    undo = (f"DROP INDEX CONCURRENTLY IF EXISTS {index.sql}",)
    steps = (Step(f"create {name}", (build,), apart=True, undo=undo), Step(f"add {name}", (adopt,)))
    change = then_later(statement, (edit,), steps, graph, settings)
    return (change.fix("Build the index concurrently afterwards"),) if change is not None else ()


def _change(
    statement: Statement,
    table: TableName,
    build: str,
    adopt: str,
    name: str,
    settings: Settings,
    graph: Graph,
) -> Change | None:
    here = Edit(Span.of(statement), build)
    if runs_one_by_one(statement, settings, graph):
        return Change((here, after(statement, adopt)))
    adopting = Step(f"add {name}", (adopt,))
    if len(statement.migration.section(statement.section)) > 1:
        # The index goes with the constraint, but stays if that was never added.
        undo = f"DROP INDEX CONCURRENTLY IF EXISTS {table.sibling(name).sql}"
        building = Step(f"create {name}", (build,), apart=True, undo=(undo,))
        return moved_out(statement, (building, adopting), graph)
    apart = run_apart(statement, (here,), graph, settings)
    created = following(statement.migration, graph, (adopting,))
    if apart is None or created is None:
        return None
    changed = Change(apart.edits, creates=created)
    return changed.with_edits_of(statement, _index_in_way_back(statement, name, graph))


def _index_in_way_back(statement: Statement, name: str, graph: Graph) -> tuple[FileEdit, ...]:
    """Return the edits that make the way back drop the index instead of the constraint."""
    found: list[FileEdit] = []
    for back in undone_in(statement.migration, graph):
        for one in back.operations:
            if isinstance(one, DropConstraint) and one.name == name and len(back.operations) == 1:
                index = one.table.sibling(name).sql
                found.append(FileEdit(back.file.path, Edit(Span.of(back), f"DROP INDEX IF EXISTS {index}")))
    return tuple(found)
