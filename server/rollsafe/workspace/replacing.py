"""Tables that a migration drops to make them again."""

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import CreateTable, DropTable, Insert, RenameTable
from rollsafe.workspace.migrations import later_statements


def made_again(statement: Statement, dropped: DropTable) -> tuple[Statement, CreateTable] | None:
    """Return where the file makes a table it has dropped, unless it copies rows, which may survive then."""
    migration = statement.migration
    filled = [one.from_query for one in migration.of(Insert)] + [
        one.from_query for one in migration.of(CreateTable)
    ]
    if any(filled) or migration.does(RenameTable):
        return None
    later = ((other, one) for other in later_statements(statement) for one in other.of(CreateTable))
    return next(((other, one) for other, one in later if one.table.key == dropped.table.key), None)
