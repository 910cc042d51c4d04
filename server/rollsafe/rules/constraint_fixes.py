"""Adding a constraint without making anybody wait: unchecked first, checked by a later transaction."""

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.names import TableName, quoted
from rollsafe.artefacts.migrations.operations import AddColumn, AddConstraint
from rollsafe.artefacts.migrations.pieces import Constraint
from rollsafe.formats.sql_tokens import tokens
from rollsafe.rules.api import Fix, Safety
from rollsafe.rules.migration_edits import after, constraint_name, is_editable, named, then_later
from rollsafe.rules.migration_files import Step
from rollsafe.text import Edit, Span
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.settings import Settings


def validated_later(
    statement: Statement, added: AddConstraint, graph: Graph, settings: Settings
) -> tuple[Fix, ...]:
    """Return the fix that adds a constraint `NOT VALID` and validates it in a transaction of its own."""
    name = constraint_name(added.table.name, added.constraint)
    if name is None or not is_editable(statement, added):
        return ()
    edits = [Edit(Span.at(added.end), " NOT VALID")]
    if added.constraint.name is None:
        edits.append(Edit(Span.at(added.constraint.start), f"CONSTRAINT {quoted(name)} "))
    return (_fix(statement, added.table, name, edits, graph, settings),)


def split_from_column(
    statement: Statement, added: AddColumn, constraint: Constraint, graph: Graph, settings: Settings
) -> tuple[Fix, ...]:
    """Return the fix that takes a constraint out of a column's definition and validates it later."""
    name = constraint_name(added.table.name, constraint)
    edit = without_part(statement, added, constraint)
    if name is None or edit is None or not is_editable(statement, added):
        return ()
    text = named(constraint, name)
    if "REFERENCES" in text.upper() and "FOREIGN" not in text.upper():
        column = quoted(added.column.name)
        text = text.replace(constraint.text, f"FOREIGN KEY ({column}) {constraint.text}", 1)
    add = after(statement, f"ALTER TABLE {added.table.sql} ADD {text} NOT VALID")
    return (_fix(statement, added.table, name, [edit, add], graph, settings),)


def without_part(statement: Statement, added: AddColumn, constraint: Constraint) -> Edit | None:
    """Return the edit that removes a constraint from a column's definition."""
    before = [token.end for token in tokens(statement.file.text, added.start, constraint.start)]
    return Edit(Span(before[-1], constraint.end), "") if before else None


def _fix(
    statement: Statement, table: TableName, name: str, edits: list[Edit], graph: Graph, settings: Settings
) -> Fix:
    validate = f"ALTER TABLE {table.sql} VALIDATE CONSTRAINT {quoted(name)}"
    change = then_later(statement, edits, (Step(f"validate {name}", (validate,)),), graph, settings)
    if change is None:
        return Fix("Add `NOT VALID`, for a later migration to validate", Safety.MANUAL, edits=tuple(edits))
    return change.fix("Add `NOT VALID` and validate in a transaction of its own")
