"""The places in the application's code that still name what a migration takes away."""

from rollsafe.artefacts.migrations import Statement, TableName
from rollsafe.rules.api import Related
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.schema import column_of, tables_called
from rollsafe.workspace.usage.model import NOWHERE, Named, Uses


def uses_of(statement: Statement, table: TableName, graph: Graph, column: str = "") -> Uses:
    """Return where the code names a table, or a column of it, that `statement` takes away.

    Nowhere, if a migration gives the name back.
    """
    if statement.is_practice:
        return NOWHERE
    uses = graph.uses(Named(table.name, column))
    if not uses.places:
        return NOWHERE
    there = [one for one in tables_called(table.name, graph) if one.name.key == table.key and not one.is_gone]
    is_back = any(column_of(one, column) is not None for one in there) if column else bool(there)
    return NOWHERE if is_back else uses


def related(uses: Uses, what: str) -> tuple[Related, ...]:
    """Return the places as the other half of a hazard; `what` is the name as a migration writes it."""
    return tuple(Related(use.file, use.place, f"`{what}` is still named here") for use in uses.places)


def counted(uses: Uses) -> str:
    """Return the end of a sentence that says how many files name it; empty where none does."""
    if not uses.files:
        return ""
    return (
        f"; {uses.files} files of the code still name it" if uses.files > 1 else "; one file still names it"
    )
