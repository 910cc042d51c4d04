"""What was made of each history of migrations: how many statements, and which of them nobody understands."""

from collections.abc import Iterable, Iterator

from rollsafe.artefacts.migrations import Dialect, ForeignStatement, Migration, Statement
from rollsafe.artefacts.migrations.code.migration import CodeMigration
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.problems import Problem
from rollsafe.text import Span
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.chains import Ranks

_REPEATED = "flyway"
"""Its migrations without a version run after all others, by their names."""


class Gap(NamedTuple):
    """A place of a file, in the language it is written in, of which nothing is known, and why.

    `is_told` says that it is among the problems of the file's view.
    """

    file: SourceFile
    start: int
    reason: str
    is_told: bool


class Replayed(NamedTuple):
    """The migrations one tool runs on one kind of database from one directory; statements count both ways.

    `computed` are steps that only running the program would tell, `unknown` those that are not understood;
    neither counts among the `statements`. `unplaced` migrations have no certain place in the order.
    """

    home: str
    tool: str
    dialect: Dialect
    migrations: int
    unplaced: int
    statements: int
    computed: tuple[Gap, ...]
    unknown: tuple[Gap, ...]


def replayed(migrations: Iterable[Migration], ranks: Ranks) -> list[Replayed]:
    """Return what was made of migrations, by directory."""
    found: dict[tuple[str, str, Dialect], list[Migration]] = {}
    for one in migrations:
        found.setdefault((one.convention.home, one.convention.name, one.dialect), []).append(one)
    return [_replayed(found[key], ranks) for key in sorted(found)]


def _replayed(migrations: list[Migration], ranks: Ranks) -> Replayed:
    first = migrations[0]
    forward = [one for one in migrations if not one.is_down]
    migrations = sorted(migrations, key=lambda one: one.file.path)
    statements: list[Statement | ForeignStatement] = []
    for one in migrations:
        statements += (*one.statements, *one.foreign_statements)
    gaps = [(one, gap) for one in statements for gap in _gaps(one)]
    computed = tuple(gap for one, gap in gaps if _is_computed(one))
    unknown = tuple(gap for one, gap in gaps if not _is_computed(one))
    return Replayed(
        first.convention.home,
        first.convention.name,
        first.dialect,
        migrations=len(forward),
        unplaced=sum(not _is_placed(one, ranks) for one in forward) or _behind_gaps(forward),
        statements=len(statements) - len(gaps),
        computed=computed,
        unknown=unknown,
    )


def _is_computed(statement: Statement | ForeignStatement) -> bool:
    migration = statement.migration
    if not isinstance(migration, CodeMigration):
        return False
    return migration.hides(statement) or (migration.computes(statement) and _reason(statement) is not None)


def _reason(statement: Statement | ForeignStatement) -> Problem | None:
    """Return what is not understood of a statement, with its own offsets."""
    if isinstance(statement, Statement):
        return statement.sql.parsed.problem
    if statement.is_understood:
        return None
    return Problem(0, 0, f"{statement.dialect.database} knows no such statement, or it is too long")


def _gaps(statement: Statement | ForeignStatement) -> Iterator[Gap]:
    """Yield the gap a statement is, if it is one."""
    problem = _reason(statement)
    if _is_computed(statement):
        yield _gap(statement, 0, "known only when the program runs")
    elif problem is not None:
        yield _gap(statement, problem.start, problem.message)


def _gap(statement: Statement | ForeignStatement, within: int, reason: str) -> Gap:
    file, start = statement.file, statement.start + within
    is_told = file.host is file and isinstance(statement, Statement)
    return Gap(file.host, file.place(Span(start, start + 1)).start, reason, is_told)


def _behind_gaps(migrations: list[Migration]) -> int:
    """Return how many revisions of Alembic follow one that is not there."""
    if migrations and migrations[0].convention.name != "alembic":
        return 0
    known = {one.convention.known_as for one in migrations}
    return sum(not known.issuperset(one.convention.follows) for one in migrations)


def _is_placed(migration: Migration, ranks: Ranks) -> bool:
    if migration.is_chained:
        rank = ranks(migration)
        return rank is not None and rank.is_certain
    return bool(migration.convention.order) or migration.convention.name == _REPEATED
