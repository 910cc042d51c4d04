"""Command lines for databases: backup, restore, and the questions asked before and after a migration."""

from typing import Final

from rollsafe.artefacts.migrations import Dialect
from rollsafe.plans.commands import line
from rollsafe.plans.migration_runners import URL

BACKUP_FILE: Final = "before-deploy.dump"


def psql(query: str) -> str:
    """Return the command that asks a PostgreSQL database one question and prints bare rows."""
    return line("psql", URL, "--no-psqlrc", "--tuples-only", "--command", query)


def backup(dialect: Dialect) -> str | None:
    """Return the command that backs up a database; None where the tool is not known."""
    match dialect:
        case Dialect.POSTGRES:
            return line("pg_dump", "--format=custom", f"--file={BACKUP_FILE}", URL)
        case Dialect.MYSQL:
            return line(
                "mysqldump", "--single-transaction", "--routines", f"--result-file={BACKUP_FILE}", "$DATABASE"
            )
        case Dialect.SQLITE:
            return line("sqlite3", "$DATABASE_FILE", f".backup {BACKUP_FILE}")
        case _:
            return None


def listing(dialect: Dialect, file: str) -> str | None:
    """Return the command that shows that a backup can be read."""
    match dialect:
        case Dialect.POSTGRES:
            return line("pg_restore", "--list", file)
        case Dialect.SQLITE:
            return line("sqlite3", file, "PRAGMA integrity_check")
        case _:
            return None


def restore(dialect: Dialect, file: str) -> str | None:
    """Return the command that puts a backup back in place of what is there."""
    match dialect:
        case Dialect.POSTGRES:
            return line(
                "pg_restore", "--clean", "--if-exists", "--single-transaction", f"--dbname={URL}", file
            )
        case Dialect.MYSQL:
            return line("mysql", "$DATABASE", f"--execute=source {file}")
        case Dialect.SQLITE:
            return line("sqlite3", "$DATABASE_FILE", f".restore {file}")
        case _:
            return None


FLYWAY_HISTORY: Final = psql(
    "SELECT version, success FROM flyway_schema_history ORDER BY installed_rank DESC LIMIT 1"
)
"""What Flyway applied last, asked of its own table where only the application runs it."""

INVALID_INDEXES: Final = psql("SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid")
NOT_VALIDATED: Final = psql("SELECT conrelid::regclass, conname FROM pg_constraint WHERE NOT convalidated")
WAITING: Final = psql(
    "SELECT pid, now() - query_start AS waits, pg_blocking_pids(pid) FROM pg_stat_activity"
    " WHERE wait_event_type = 'Lock' ORDER BY query_start"
)
LONG_RUNNING: Final = psql(
    "SELECT pid, now() - xact_start AS age, state FROM pg_stat_activity"
    " WHERE xact_start < now() - interval '1 minute' ORDER BY xact_start"
)


def size(table: str) -> str:
    """Return the question how large a table is."""
    return line("psql", URL, "--command", f"\\dt+ {table}")
