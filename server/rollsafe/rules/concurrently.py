"""Turning index statements into the form that makes nobody wait, where the runner allows it."""

from typing import Final

from rollsafe.artefacts.migrations import Statement, refuses_transaction
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.operations import (
    AddConstraint,
    CreateIndex,
    DetachPartition,
    DropIndex,
    Operation,
    Reindex,
    SetSetting,
)
from rollsafe.artefacts.migrations.pieces import ConstraintKind
from rollsafe.formats.sql_tokens import WORD, tokens
from rollsafe.rules.api import Fix
from rollsafe.rules.migration_edits import (
    Change,
    is_editable,
    moved_out,
    rewritten,
    run_apart,
    switch_title,
)
from rollsafe.rules.migration_steps import Step
from rollsafe.text import Edit, Span
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import is_new, is_wrapped
from rollsafe.workspace.settings import Settings

_AFTER: Final[dict[type[Operation], tuple[str, ...]]] = {
    CreateIndex: ("INDEX",),
    DropIndex: ("INDEX",),
    Reindex: ("TABLE", "INDEX", "SCHEMA", "DATABASE"),
}
"""The word of a statement after which CONCURRENTLY stands."""


def concurrent_fixes(
    statement: Statement, operation: Operation, graph: Graph, settings: Settings
) -> tuple[Fix, ...]:
    """Return how a statement gets `CONCURRENTLY`, and out of its transaction if it is in one."""
    edit = concurrent_edit(statement) if is_editable(statement, operation) else None
    if edit is None:
        return ()
    mixes = statement.migration.convention.name != "flyway"
    if mixes and not is_wrapped(statement, settings, graph, unknown=False):
        return (Change((edit,)).fix("Add `CONCURRENTLY`"),)
    change = _with_all_others(statement, graph, settings)
    if change is not None:
        return (change.fix(switch_title(statement.migration.convention, "Add `CONCURRENTLY`")),)
    name = _index_of(operation)
    step = Step(_label(operation, name), (rewritten(statement, (edit,)),), apart=True)
    moved = moved_out(statement, (step,), graph)
    return (moved.fix("Move it to a migration of its own, with `CONCURRENTLY`"),) if moved is not None else ()


def concurrent_edit(statement: Statement) -> Edit | None:
    """Return the insertion of CONCURRENTLY; None where the statement has no such form."""
    if len(statement.operations) != 1:
        return None
    operation = statement.operations[0]
    if isinstance(operation, DetachPartition) and not operation.concurrently:
        return Edit(Span.at(operation.end), _written(statement))
    words = _AFTER.get(type(operation), ())
    if (
        not words
        or refuses_transaction(operation)
        or (isinstance(operation, DropIndex) and operation.cascade)
    ):
        return None
    for token in tokens(statement.file.text, statement.start, statement.end):
        if token.kind == WORD and token.word in words:
            return Edit(Span.at(token.end), _written(statement))
    return None


def _written(statement: Statement) -> str:
    """Return the word in the letters that the statement begins with."""
    return " concurrently" if statement.sql.text[:1].islower() else " CONCURRENTLY"


def may_leave_transaction(statement: Statement) -> bool:
    """Say whether a statement runs outside of a transaction only, or does when its finding is fixed."""
    if any(map(refuses_transaction, statement.meaning.operations)) or concurrent_edit(statement) is not None:
        return True
    built = (ConstraintKind.UNIQUE, ConstraintKind.PRIMARY)
    added = (one.constraint for one in statement.of(AddConstraint))
    return any(one.kind in built and one.using_index is None for one in added)


def _with_all_others(statement: Statement, graph: Graph, settings: Settings) -> Change | None:
    """Return the change that makes every statement of the file concurrent, if all of them can be."""
    edits: list[Edit] = []
    for other in statement.migration.section(statement.section):
        if any(refuses_transaction(one) for one in other.operations) or _is_setting(other, statement):
            continue
        edit = concurrent_edit(other)
        if edit is None or any(is_new(other, one) for one in other.operations):
            return None
        edits.append(edit)
    return run_apart(statement, edits, graph, settings)


def _is_setting(other: Statement, statement: Statement) -> bool:
    """Say whether a statement only sets something, where that may stand beside the concurrent ones."""
    sets = bool(other.operations) and all(
        isinstance(one, SetSetting) and not one.is_local for one in other.operations
    )
    return sets and statement.migration.convention.name != "flyway"


def _index_of(operation: Operation) -> TableName | None:
    if isinstance(operation, CreateIndex | DropIndex):
        return operation.index
    if isinstance(operation, DetachPartition):
        return operation.partition
    return operation.target if isinstance(operation, Reindex) else None


def _label(operation: Operation, name: TableName | None) -> str:
    verbs: dict[type[Operation], str] = {CreateIndex: "create", DropIndex: "drop", Reindex: "reindex"}
    verb = verbs.get(type(operation), "detach")
    return f"{verb} {name.name if name is not None else 'index'}"
