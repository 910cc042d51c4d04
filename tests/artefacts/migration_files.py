"""Migrations in memory, for tests."""

from rollsafe.artefacts.migrations import Migration, MigrationFile, recognise
from rollsafe.artefacts.migrations.operations import Operation
from rollsafe.artefacts.source import SourceFile

UP = "m/000002_x.up.sql"


def view(text: str, path: str = UP) -> MigrationFile:
    """Return the view of a migration file."""
    found = recognise(SourceFile(path, text))
    assert found is not None
    return found


def migration(text: str, path: str = UP) -> Migration:
    """Return a migration in which everything could be read."""
    found = view(text, path)
    assert list(found.problems) == []
    return found.migration


def operations(text: str) -> list[Operation]:
    """Return what the statements of `text` do, DO blocks unfolded."""
    return [one for statement in migration(text).statements for one in statement.all_operations()]


def operation(text: str) -> Operation:
    """Return the only thing `text` does."""
    (only,) = operations(text)
    return only
