"""A migration file as a whole: recognising it, and what of it is kept while it is edited."""

from collections.abc import Sequence
from typing import ClassVar, Final

from rollsafe.artefacts.base import Artefact, Section, Sections
from rollsafe.artefacts.migrations.conventions import Convention, Direction, as_told
from rollsafe.artefacts.migrations.dialect import Dialect, ToldDialect, folder_dialect, foreign_dialect
from rollsafe.artefacts.migrations.foreign import READ
from rollsafe.artefacts.migrations.migration import Migration
from rollsafe.artefacts.migrations.operations import SetSetting
from rollsafe.artefacts.migrations.sql_conventions import convention_of
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.problems import Problem
from rollsafe.formats.sql import SqlTree, read_sql
from rollsafe.formats.sql_foreign import comments_of

SEEN_FROM_STATEMENTS: Final = frozenset(
    {
        *(
            "before",
            "convention",
            "dialect",
            "does",
            "file",
            "groups",
            "is_batched",
            "is_chained",
            "is_down",
            "is_practice",
        ),
        *("link", "restates", "runs_in_transaction", "settings", "surroundings", "tells"),
    }
)
"""What of a `Migration` `_seen_by_statements` tells all of."""


class MigrationFile(Artefact):
    """The typed view of a migration file: the migration first, then its statements."""

    kind: ClassVar[str] = "migration"

    def __init__(self, migration: Migration, problems: Sequence[Problem]) -> None:
        statements = migration.statements or migration.foreign_statements
        super().__init__(migration.file, [migration, *statements], problems)
        self.migration = migration

    @property
    def sections(self) -> Sections | None:
        """Its statements, where a file in SQL is a migration by itself."""
        migration = self.migration
        is_plain = type(migration) is Migration and type(self.file) is SourceFile and self.file.around is None
        if not is_plain or not migration.statements or migration.foreign_statements:
            return None
        return Sections(
            sections=tuple([Section(one.start, one.end, (one,), ()) for one in migration.statements]),
            loose=(migration,),
            all_rest_on=_seen_by_statements(migration),
            hub=migration,
            names=SEEN_FROM_STATEMENTS,
        )


def recognise(file: SourceFile) -> MigrationFile | None:
    """Return the view of `file` if some tool would run it as a migration, else None.

    A migration in another database's SQL has no `Statement`; a fatal problem says where nobody reads it.
    """
    convention = convention_of(file.path, file.text)
    if convention is None:
        return None
    around = file.around
    convention = as_told(convention, around)
    named = around.dialect if isinstance(around, ToldDialect) else folder_dialect(file.path)
    if named is not None and named is not Dialect.POSTGRES:
        return _foreign(file, convention, SqlTree([], comments_of(file.text), []), named)
    make, text = _reading(file, convention)
    tree = read_sql(text)
    rejected = (one.text for one in tree.statements if one.parsed.problem is not None)
    written = foreign_dialect(rejected) if tree.problems and named is None else None
    if written is not None:
        return _foreign(file, convention, tree, written)
    return MigrationFile(make(file, convention, tree, Dialect.POSTGRES), tree.problems)


def _reading(file: SourceFile, convention: Convention) -> tuple[type[Migration], str]:
    """Return what a file is read as, and its text as far as PostgreSQL gets to see it."""
    if convention.name != "liquibase":
        return Migration, file.text
    from rollsafe.artefacts.migrations.formatted_sql import FormattedMigration, without_others

    return FormattedMigration, without_others(file.text)


def _foreign(file: SourceFile, convention: Convention, tree: SqlTree, dialect: Dialect) -> MigrationFile:
    unread = Problem(0, 0, f"written in the SQL of {dialect.database}, which is not read", fatal=True)
    return MigrationFile(Migration(file, convention, tree, dialect), [] if dialect in READ else [unread])


def _seen_by_statements(migration: Migration) -> tuple[object, ...]:
    """Return what statements see of each other, without places."""
    ways = tuple(
        (
            way,
            tuple(migration.surroundings(way)),
            tuple([tuple(migration.groups(way, assumed)) for assumed in (False, True)]),
        )
        for way in Direction
    )
    statements = migration.statements
    setting = tuple([(one.index, one.text) for one in statements if one.does(SetSetting)])
    sections = tuple([one.section for one in statements])
    return (migration.convention, migration.is_practice, sections, ways, setting, migration.deeds)
