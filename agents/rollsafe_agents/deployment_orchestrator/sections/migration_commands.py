"""Command lines for pending migrations: up, where the schema is, and back, as their runner takes them."""

from posixpath import basename, dirname, relpath
from typing import Final

from rollsafe.artefacts.migrations import Dialect, Migration
from rollsafe.plans.commands import line
from rollsafe.plans.contribution import PlanContext
from rollsafe.plans.database import FLYWAY_HISTORY
from rollsafe.plans.migration_runners import URL, Runner, compose, with_lock_timeout
from rollsafe_agents.deployment_orchestrator.sections.pending import Group, Pending

_SENTINEL: Final = "0"
_GOOSE_DRIVERS: Final = {
    Dialect.MYSQL: "mysql",
    Dialect.SQLITE: "sqlite3",
    Dialect.CLICKHOUSE: "clickhouse",
    Dialect.MSSQL: "mssql",
}


def directory(context: PlanContext, pending: Pending) -> str:
    """Return where the commands of a history are run: where its pipeline does, or its package lies."""
    if pending.own is not None and pending.command is not None:
        return pending.own.directory
    if pending.runner.base[:1] != ("npx",):
        return ""
    parts = pending.history.home.split("/")
    above = ("/".join(parts[:depth]) for depth in range(len(parts), -1, -1))
    return next((one for one in above if f"{one}/package.json".lstrip("/") in context.after.paths), "")


def status(context: PlanContext, pending: Pending, migration: Migration | None) -> tuple[str | None, str]:
    """Return the command that says where the database is, and its answer once `migration` is applied."""
    runner = pending.runner
    values = _values(context, pending, migration)
    if pending.is_template:
        return None, "what fills in the files reports success"
    if pending.is_embedded:
        read = runner.title == "Flyway" and pending.assessed[0].migration.dialect is Dialect.POSTGRES
        return (
            (FLYWAY_HISTORY, f"`{values['version']}` and `t`")
            if read
            else (None, "the runner reports success")
        )
    if not runner.status:
        return None, "the runner reports success"
    says = runner.says
    for name, value in values.items():
        says = says.replace(f"{{{name}}}", value)
    return _with_schema(context, pending, compose(runner, runner.status, values, pending.command)), says


def up(context: PlanContext, pending: Pending, group: Group) -> str | None:
    """Return the command that applies a group; None where nobody can say it."""
    own, runner = pending.own, pending.runner
    if pending.is_template or not _is_taken(pending):
        return None
    if own is not None and own.tool != runner.program:
        return own.text
    is_all = group.last is pending.assessed[-1] and len(group.assessed) > 1 and runner.title != "psql"
    verb = runner.up if is_all or not runner.can_stop else runner.up_to
    values = _values(context, pending, group.last.migration, len(group.assessed))
    command = _with_schema(context, pending, compose(runner, verb, values, pending.command))
    if any(
        deed.blocks and deed.statement.setting("lock_timeout") is None
        for one in group.assessed
        for deed in one.deeds
    ):
        return with_lock_timeout(runner, command) or command
    return command


def clear(context: PlanContext, pending: Pending, group: Group) -> str | None:
    """Return the command that makes the runner forget a failed attempt; None where there is none."""
    runner = pending.runner
    if not runner.clear or pending.is_embedded or pending.is_template:
        return None
    values = _values(context, pending, group.last.migration)
    return _with_schema(context, pending, compose(runner, runner.clear, values, pending.command))


def down(context: PlanContext, pending: Pending, group: Group) -> str | None:
    """Return the command that takes a group back; None where there is no way down."""
    runner = pending.runner
    if not runner.down or any(one.down is None for one in group.assessed):
        return None
    if pending.is_embedded or pending.is_template or not _is_taken(pending):
        return None
    if not pending.history.is_pending_known or (_takes_back_one(runner) and len(group.assessed) > 1):
        return None
    values = _values(context, pending, group.last.migration, len(group.assessed))
    before = pending.history.before(group.first.migration)
    values["previous"] = _version(before) if before is not None else _SENTINEL
    values["version"] = _version(group.first.migration)
    verb = runner.down_from_first if before is None and runner.down_from_first else runner.down
    return compose(runner, verb, values, pending.command)


def _takes_back_one(runner: Runner) -> bool:
    """Say whether the tool takes back one migration at a time, whatever it is told."""
    return runner.title in ("dbmate", "Knex", "MikroORM", "Sequelize", "TypeORM")


def _is_taken(pending: Pending) -> bool:
    """Say whether the runner takes files of this database: `psql` those of PostgreSQL only."""
    return pending.runner.title != "psql" or pending.assessed[0].migration.dialect is Dialect.POSTGRES


def _values(
    context: PlanContext, pending: Pending, migration: Migration | None, count: int = 1
) -> dict[str, str]:
    """Return what stands for the placeholders of a runner's words."""
    dialect = pending.assessed[0].migration.dialect
    found = {
        "url": "$CLICKHOUSE_URL" if dialect is Dialect.CLICKHOUSE else URL,
        "driver": _GOOSE_DRIVERS.get(dialect, "postgres"),
        "home": _seen_from(directory(context, pending), pending.history.home),
        "version": _SENTINEL,
        "previous": _SENTINEL,
        "count": str(count),
        "path": "",
        "name": "",
        "down": "",
        "app": basename(dirname(pending.history.home)) or "app",
    }
    if migration is not None:
        before = pending.history.before(migration)
        path = migration.file.path
        found["version"] = _version(migration)
        found["previous"] = _version(before) if before is not None else _SENTINEL
        found["path"] = path
        found["name"] = basename(dirname(path)) if basename(path) == "migration.sql" else basename(path)
        found["down"] = migration.convention.down_path or ""
        if pending.runner.title == "Django":
            found["name"] = found["name"].removesuffix(".py")
    return found


def _seen_from(start: str, path: str) -> str:
    return relpath(path or ".", start) if start else path or "."


def _version(migration: Migration) -> str:
    """Return a version as runners print it: numbers without leading zeros."""
    version = migration.convention.version or migration.convention.label
    if migration.convention.name in ("golang-migrate", "goose") and version.isdigit():
        return str(int(version[:40]))
    return version


def _with_schema(context: PlanContext, pending: Pending, command: str) -> str:
    """Tell Prisma where its schema is when it is not where it looks."""
    if pending.runner.title != "Prisma" or "--schema" in command:
        return command
    schema = f"{dirname(pending.history.home)}/schema.prisma".lstrip("/")
    seen = _seen_from(directory(context, pending), schema)
    return (
        command
        if seen in ("prisma/schema.prisma", "schema.prisma")
        else f"{command} {line('--schema', seen)}"
    )
