"""Adding a constraint without making anybody wait: unchecked first, checked by a later transaction."""

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.names import TableName, quoted
from rollsafe.artefacts.migrations.operations import AddColumn, AddConstraint
from rollsafe.artefacts.migrations.pieces import Constraint
from rollsafe.formats.sql_tokens import find_words, tokens
from rollsafe.rules.api import Fix, Safety
from rollsafe.rules.migration_edits import after, constraint_name, is_editable, named, then_later
from rollsafe.rules.migration_steps import Step
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
    # A column that may be there already comes with its constraint; a statement of its own would fail then.
    if name is None or edit is None or added.if_not_exists or not is_editable(statement, added):
        return ()
    text = _of_table(named(constraint, name), added.column.name)
    now = (f"ALTER TABLE {added.table.sql} ADD {text} NOT VALID",)
    return (_fix(statement, added.table, name, [edit], graph, settings, now),)


def _of_table(text: str, column: str) -> str:
    """Return a column's constraint as one of the table: a foreign key has to name its column."""
    place = find_words(tokens(text), "REFERENCES")
    if place is None:
        return text
    return f"{text[: place.start]}FOREIGN KEY ({quoted(column)}) {text[place.start :]}"


def without_part(statement: Statement, added: AddColumn, constraint: Constraint) -> Edit | None:
    """Return the edit that removes a constraint from a column's definition."""
    before = [token.end for token in tokens(statement.file.text, added.start, constraint.start)]
    return Edit(Span(before[-1], constraint.end), "") if before else None


def _fix(
    statement: Statement,
    table: TableName,
    name: str,
    edits: list[Edit],
    graph: Graph,
    settings: Settings,
    now: tuple[str, ...] = (),
) -> Fix:
    validate = f"ALTER TABLE {table.sql} VALIDATE CONSTRAINT {quoted(name)}"
    steps = (Step(f"validate {name}", (validate,)),)
    change = then_later(statement, edits, steps, graph, settings, now)
    if change is not None:
        return change.fix("Add `NOT VALID` and validate in a transaction of its own")
    added = (after(statement, *now),) if now else ()
    return Fix("Add `NOT VALID`, for a later migration to validate", Safety.MANUAL, edits=(*edits, *added))
