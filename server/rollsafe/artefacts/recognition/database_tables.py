"""Migration tools, database clients and backups."""

import re
from typing import Final

from rollsafe.artefacts.recognition.roles import Mark, Role
from rollsafe.artefacts.recognition.rows import Row, row
from rollsafe.formats.shell import ShellCommand
from rollsafe.text.patterns import lazily

_MIGRATE, _DESTROY, _BACKUP = Role.MIGRATE, Role.DESTROY_DATA, Role.BACKUP
_ROLLBACK, _DEPLOY, _PLAN = Role.ROLLBACK, Role.DEPLOY, Role.PLAN

_DROPS: Final = lazily(r"\b(drop\s+(database|schema|table)|truncate)\b", re.I)
_MIGRATION_FILE: Final = lazily(r"(^|/)migrat[\w-]*/|migrations?[\w.-]*\.sql$", re.I)
_RAKE_MIGRATE: Final = lazily(r"^(data|db|apartment|multitenancy)(:\w+)?:migrate(:\w+)*$")
_RAKE_DESTROY: Final = lazily(r"^db:(drop|reset|setup|schema:load|structure:load|migrate:reset)")
_RAKE_OTHER: Final = lazily(r"^db:(prepare|seed:replant|rollback|forward)")
_RAKE_ROLLBACK: Final = lazily(r"^db:(rollback|migrate:down)")


def _task(pattern: re.Pattern[str]) -> "_Tasks":
    return _Tasks(pattern)


class _Tasks:
    """Says whether one of a command's operands is a task the pattern describes."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._search = pattern.search

    def __call__(self, command: ShellCommand) -> bool:
        return any(self._search(text) for text in command.texts[1:])


def _runs_drop(command: ShellCommand) -> bool:
    return any(_DROPS.search(text) for text in command.texts[1:])


def _runs_migration_file(command: ShellCommand) -> bool:
    files = [*command.texts[1:], *(r.target.text for r in command.redirects if r.operator == "<")]
    return any(_MIGRATION_FILE.search(text) and "://" not in text for text in files)


def _django_tables() -> tuple[Row, ...]:
    return (
        row("flush|reset_db|sqlflush", _DESTROY, _MIGRATE, only="--noinput --no-input -f"),
        row("flush|reset_db", _DESTROY, _MIGRATE),
        row("migrate|migrate_schemas", _MIGRATE, unless="--plan --check"),
        row("migrate", _PLAN, only="--plan --check"),
        row("test", Role.TEST),
        row("check", Role.TEST),
        row("dbbackup", _BACKUP),
    )


_RAKE: Final = (
    row("", _MIGRATE, _DESTROY, when=_task(_RAKE_DESTROY)),
    row("", _MIGRATE, _ROLLBACK, when=_task(_RAKE_ROLLBACK)),
    row("", _MIGRATE, when=_task(_RAKE_MIGRATE)),
    row("", _MIGRATE, when=_task(_RAKE_OTHER)),
    row("test|spec|cucumber", Role.TEST),
    row("", Role.TEST, when=_task(lazily(r"^(test|spec)(:|$)"))),
)

_PRISMA: Final = (
    row("migrate reset", _MIGRATE, _DESTROY),
    row("db push", _MIGRATE, _DESTROY, only="--accept-data-loss --force-reset"),
    row("migrate deploy", _MIGRATE, idempotent=True),
    row("migrate resolve", _MIGRATE),
    row("db push", _MIGRATE),
    row("migrate diff|status", _PLAN),
)

_FLYWAY: Final = (
    row("clean", _MIGRATE, _DESTROY),
    row("migrate", _MIGRATE, idempotent=True),
    row("repair|baseline", _MIGRATE),
    row("undo", _MIGRATE, _ROLLBACK),
    row("info|validate|check", _PLAN),
)

_LIQUIBASE: Final = (
    row("drop-all|dropAll", _MIGRATE, _DESTROY),
    row("update|updateCount|update-count|updateToTag|update-to-tag", _MIGRATE, idempotent=True),
    row("rollback|rollback-count|rollbackCount|rollback-to-date", _MIGRATE, _ROLLBACK),
    row("update-sql|updateSQL|status|validate", _PLAN),
)

_BUILD_TOOL: Final = (
    row("", _MIGRATE, _DESTROY, when=_task(lazily(r":?flywayClean$|^flyway:clean$"))),
    row(
        "",
        _MIGRATE,
        idempotent=True,
        when=_task(lazily(r":?flywayMigrate$|^flyway:migrate$|^liquibase:update$")),
    ),
)

_SQL_CLIENT: Final = (
    row("", _DESTROY, when=_runs_drop),
    row("", _MIGRATE, when=_runs_migration_file),
)

DATABASE_TABLES: Final[dict[str, tuple[Row, ...]]] = {
    "alembic": (
        row("upgrade", _MIGRATE, unless="--sql"),
        row("downgrade", _MIGRATE, _ROLLBACK, unless="--sql"),
        row("check|current|heads|history", _PLAN),
    ),
    "flask": (
        row("db upgrade", _MIGRATE, unless="--sql"),
        row("db downgrade", _MIGRATE, _ROLLBACK, unless="--sql"),
    ),
    "manage.py": _django_tables(),
    "django-admin": _django_tables(),
    "prisma": _PRISMA,
    "drizzle-kit": (row("migrate", _MIGRATE), row("push", _MIGRATE)),
    "rails": _RAKE,
    "rake": _RAKE,
    "knex": (
        row("migrate:latest|migrate:up", _MIGRATE, idempotent=True),
        row("migrate:rollback|migrate:down", _MIGRATE, _ROLLBACK),
    ),
    "typeorm": (
        row("schema:drop|schema:sync", _MIGRATE, _DESTROY),
        row("migration:run", _MIGRATE),
        row("migration:revert", _MIGRATE, _ROLLBACK),
    ),
    "sequelize": (
        row("db:drop", _MIGRATE, _DESTROY),
        row("db:migrate", _MIGRATE),
        row("db:migrate:undo|db:migrate:undo:all", _MIGRATE, _ROLLBACK),
    ),
    "mikro-orm": (
        row("schema:drop|schema:fresh|migration:fresh", _MIGRATE, _DESTROY),
        row("migration:up", _MIGRATE),
        row("migration:down", _MIGRATE, _ROLLBACK),
    ),
    "node-pg-migrate": (row("up", _MIGRATE), row("down", _MIGRATE, _ROLLBACK)),
    "kysely": (
        row("migrate:latest|migrate:up|migrate", _MIGRATE),
        row("migrate:down|migrate:rollback", _MIGRATE, _ROLLBACK),
    ),
    "umzug": (row("up", _MIGRATE),),
    "ace": (
        row("migration:run", _MIGRATE),
        row("migration:rollback", _MIGRATE, _ROLLBACK),
        row("migration:fresh|migration:refresh|migration:reset|db:wipe", _MIGRATE, _DESTROY),
        row("test", Role.TEST),
    ),
    "flyway": _FLYWAY,
    "liquibase": _LIQUIBASE,
    "gradle": _BUILD_TOOL,
    "mvn": _BUILD_TOOL,
    "migrate": (
        row("drop", _MIGRATE, _DESTROY),
        row("up|goto", _MIGRATE),
        row("down", _MIGRATE, _ROLLBACK),
    ),
    "dbmate": (
        row("up|migrate", _MIGRATE),
        row("rollback|down", _MIGRATE, _ROLLBACK),
        row("drop", _MIGRATE, _DESTROY),
        row("dump", _BACKUP),
    ),
    "goose": (
        row("", _MIGRATE, when=_task(lazily(r"^(up|up-by-one|up-to)$"))),
        row("", _MIGRATE, _ROLLBACK, when=_task(lazily(r"^(down|down-to|redo)$"))),
        row("", _MIGRATE, _DESTROY, when=_task(lazily(r"^reset$"))),
    ),
    "atlas": (
        row("migrate apply", _MIGRATE, idempotent=True),
        row("migrate down", _MIGRATE, _ROLLBACK),
        row("schema apply", _MIGRATE),
        row("schema clean", _MIGRATE, _DESTROY),
        row("migrate lint", Role.TEST),
    ),
    "sqitch": (
        row("deploy", _MIGRATE),
        row("revert", _MIGRATE, _ROLLBACK),
        row("verify", Role.VERIFY),
    ),
    "sql-migrate": (row("up", _MIGRATE), row("down", _MIGRATE, _ROLLBACK)),
    "tern": (row("migrate", _MIGRATE),),
    "refinery": (row("migrate", _MIGRATE),),
    "sqlx": (
        row("migrate run", _MIGRATE, idempotent=True),
        row("migrate revert", _MIGRATE, _ROLLBACK),
        row("database drop|reset", _MIGRATE, _DESTROY),
    ),
    "diesel": (
        row("migration run", _MIGRATE),
        row("migration revert|redo", _MIGRATE, _ROLLBACK),
        row("database reset", _MIGRATE, _DESTROY),
    ),
    "sea-orm-cli": (
        row("migrate fresh|refresh|reset", _MIGRATE, _DESTROY),
        row("migrate down", _MIGRATE, _ROLLBACK),
        row("migrate status", _PLAN),
        row("migrate", _MIGRATE),
    ),
    "dotnet": (
        row("ef database update", _MIGRATE),
        row("run", _MIGRATE, probable=True, when=_task(lazily(r"migrat", re.I))),
        row("ef database drop", _MIGRATE, _DESTROY),
        row("test", Role.TEST),
        row("nuget push", Role.PUBLISH),
        row("build|publish|pack", Role.BUILD),
    ),
    "artisan": (
        row("migrate:fresh|migrate:reset|migrate:refresh|db:wipe", _MIGRATE, _DESTROY),
        row("migrate:rollback", _MIGRATE, _ROLLBACK),
        row("migrate", _MIGRATE, unless="--pretend"),
        row("test", Role.TEST),
    ),
    "console": (
        row("doctrine:migrations:migrate|d:m:m", _MIGRATE),
        row("doctrine:database:drop|doctrine:schema:drop", _MIGRATE, _DESTROY),
        row("doctrine:schema:update", _MIGRATE, only="--force"),
    ),
    "phinx": (row("migrate", _MIGRATE), row("rollback", _MIGRATE, _ROLLBACK)),
    "mix": (
        row("ecto.migrate", _MIGRATE),
        row("ecto.rollback", _MIGRATE, _ROLLBACK),
        row("ecto.drop|ecto.reset", _MIGRATE, _DESTROY),
        row("test", Role.TEST),
        row("hex.publish", Role.PUBLISH),
    ),
    "supabase": (
        row("db reset", _MIGRATE, _DESTROY, only="--linked --db-url"),
        row("db push", _DEPLOY, _MIGRATE),
        row("migration up", _MIGRATE, only="--linked --db-url"),
        row("db dump", _BACKUP),
        row("start", marks=Mark.TEST_DATABASE),
        row("functions deploy", _DEPLOY, idempotent=True),
        row("config push", _DEPLOY),
    ),
    "hasura": (
        row("migrate apply", _MIGRATE),
        row("deploy", _DEPLOY, _MIGRATE),
        row("metadata apply", _DEPLOY),
    ),
    "skeema": (row("push", _MIGRATE), row("diff", _PLAN)),
    "bytebase": (row("rollout|deploy", _MIGRATE),),
    "pscale": (
        row("deploy-request deploy", _MIGRATE),
        row("backup create", _BACKUP),
        row("database|branch delete", _DESTROY),
    ),
    "gh-ost": (row("", _MIGRATE, only="--execute"),),
    "pt-online-schema-change": (row("", _MIGRATE, only="--execute"),),
    "psql": _SQL_CLIENT,
    "mysql": _SQL_CLIENT,
    "mariadb": _SQL_CLIENT,
    "sqlcmd": _SQL_CLIENT,
    "sqlite3": _SQL_CLIENT,
    "clickhouse-client": _SQL_CLIENT,
    "dropdb": (row("", _DESTROY),),
    "pg_dump": (row("", _BACKUP),),
    "pg_dumpall": (row("", _BACKUP),),
    "mysqldump": (row("", _BACKUP),),
    "mariadb-dump": (row("", _BACKUP),),
    "mongodump": (row("", _BACKUP),),
    "neonctl": (row("branches create", _BACKUP),),
    "velero": (row("backup create", _BACKUP),),
    "litestream": (row("replicate|snapshots", _BACKUP),),
    "wal-g": (row("backup-push", _BACKUP),),
    "pgbackrest": (row("backup", _BACKUP),),
}
"""By canonical tool name; of several rows the first that fits applies."""
