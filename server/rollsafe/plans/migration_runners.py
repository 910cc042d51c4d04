"""How each migration tool is asked to go up, come back and say where it is."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from rollsafe.plans.commands import line, words_of
from rollsafe.text.records import open_record

URL: Final = "$DATABASE_URL"
"""Where commands take the database's address from unless the repository's own pipeline says otherwise."""

_ADDRESS: Final = "{url}"

LOCK_TIMEOUT: Final = "5s"
"""How long a migration may wait for a lock, and let everybody behind it wait."""


@open_record
class Runner:
    """A migration tool, its parts being templates of words.

    `{url}` stands for the variable that holds the address, `{driver}` for what goose calls the database.
    `{home}`, `{version}`, `{previous}`, `{count}`, `{path}`, `{name}` and `{down}` stand for what is
    migrated. `up_to` stops at a version; without it a tool can only apply everything.
    `down_from_first` takes the very first one back where `down` needs one before it. `says` is what
    `status` answers when all is applied. `clear` makes the tool forget a failed attempt. `timeout` tells
    how a lock timeout is handed over: `PGOPTIONS` for drivers that read libpq's variables.
    """

    title: str
    program: str
    base: tuple[str, ...]
    up: tuple[str, ...]
    up_to: tuple[str, ...] = ()
    down: tuple[str, ...] = ()
    down_from_first: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    says: str = ""
    clear: tuple[str, ...] = ()
    timeout: Literal["PGOPTIONS", "initSql", ""] = ""

    @property
    def can_stop(self) -> bool:
        """Whether it can apply some of the pending migrations and leave the rest."""
        return bool(self.up_to)


_FLYWAY: Final = ("flyway", "-url=$JDBC_URL", "-locations=filesystem:{home}")

RUNNERS: Final[dict[str, Runner]] = {
    "golang-migrate": Runner(
        "golang-migrate",
        "migrate",
        base=("migrate", "-path", "{home}", "-database", _ADDRESS),
        up=("up",),
        up_to=("goto", "{version}"),
        down=("goto", "{previous}"),
        down_from_first=("down", "{count}"),
        status=("version",),
        says="`{version}`, not `dirty`",
        clear=("force", "{previous}"),
        timeout="PGOPTIONS",
    ),
    "goose": Runner(
        "goose",
        "goose",
        base=("goose", "-dir", "{home}", "{driver}", _ADDRESS),
        up=("up",),
        up_to=("up-to", "{version}"),
        down=("down-to", "{previous}"),
        status=("version",),
        says="`version {version}`",
    ),
    "dbmate": Runner(
        "dbmate",
        "dbmate",
        base=("dbmate", "--url", _ADDRESS, "--migrations-dir", "{home}", "--no-dump-schema"),
        up=("migrate",),
        down=("rollback",),
        status=("status",),
        says="`Pending: 0`",
        timeout="PGOPTIONS",
    ),
    "flyway": Runner(
        "Flyway",
        "flyway",
        base=_FLYWAY,
        up=("migrate",),
        up_to=("-target={version}", "migrate"),
        down=("-target={version}", "undo"),
        status=("info",),
        says="`{version}` with state `Success`",
        clear=("repair",),
        timeout="initSql",
    ),
    "prisma": Runner(
        "Prisma",
        "prisma",
        base=("npx", "prisma"),
        up=("migrate", "deploy"),
        status=("migrate", "status"),
        says="`Database schema is up to date!`",
        clear=("migrate", "resolve", "--rolled-back", "{name}"),
    ),
    "drizzle": Runner(
        "Drizzle",
        "drizzle-kit",
        base=("npx", "drizzle-kit"),
        up=("migrate",),
    ),
    "supabase": Runner(
        "Supabase",
        "supabase",
        base=("supabase",),
        up=("db", "push", "--db-url", _ADDRESS),
        status=("migration", "list", "--db-url", _ADDRESS),
        says="`{version}` in the columns `Local` and `Remote`",
        clear=("migration", "repair", "--status", "reverted", "{version}", "--db-url", _ADDRESS),
    ),
    "sqitch": Runner(
        "Sqitch",
        "sqitch",
        base=("sqitch",),
        up=("deploy", "--target", "$SQITCH_TARGET"),
        up_to=("deploy", "--target", "$SQITCH_TARGET", "--to-change", "{version}"),
        down=("revert", "--target", "$SQITCH_TARGET", "--to-change", "{previous}", "-y"),
        status=("status", "--target", "$SQITCH_TARGET"),
        says="`Nothing to deploy (up-to-date)`, or the changes that are left on purpose",
        timeout="PGOPTIONS",
    ),
    "liquibase": Runner(
        "Liquibase",
        "liquibase",
        base=("liquibase", "--changelog-file={path}", "--url=$JDBC_URL"),
        up=("update",),
        up_to=("update",),
        status=("status",),
        says="`is up to date`",
    ),
    "sql-migrate": Runner(
        "sql-migrate",
        "sql-migrate",
        base=("sql-migrate",),
        up=("up",),
        up_to=("up", "-limit={count}"),
        down=("down", "-limit={count}"),
        status=("status",),
        says="a date beside `{name}`",
        timeout="PGOPTIONS",
    ),
    "node-pg-migrate": Runner(
        "node-pg-migrate",
        "node-pg-migrate",
        base=("npx", "node-pg-migrate", "--migrations-dir", "{home}"),
        up=("up",),
        up_to=("up", "{count}"),
        down=("down", "{count}"),
        timeout="PGOPTIONS",
    ),
    "diesel": Runner(
        "Diesel",
        "diesel",
        base=("diesel", "migration", "--migration-dir", "{home}"),
        up=("run",),
        down=("revert", "--number", "{count}"),
        status=("list",),
        says="`[X]` beside `{name}`",
        timeout="PGOPTIONS",
    ),
    "hasura": Runner(
        "Hasura",
        "hasura",
        base=("hasura", "migrate"),
        up=("apply",),
        up_to=("apply", "--up", "{count}"),
        down=("apply", "--down", "{count}"),
        status=("status",),
        says="`Present` beside `{version}`",
    ),
    "alembic": Runner(
        "Alembic",
        "alembic",
        base=("alembic",),
        up=("upgrade", "head"),
        down=("downgrade", "-{count}"),
        status=("current",),
        says="`{version}`, with `(head)` beside it",
        timeout="PGOPTIONS",
    ),
    "django": Runner(
        "Django",
        "manage.py",
        base=("python", "manage.py"),
        up=("migrate", "{app}", "{version}"),
        up_to=("migrate", "{app}", "{version}"),
        down=("migrate", "{app}", "{previous}"),
        down_from_first=("migrate", "{app}", "zero"),
        status=("showmigrations", "{app}"),
        says="`[X]` beside `{name}`",
        timeout="PGOPTIONS",
    ),
    "rails": Runner(
        "Rails",
        "rails",
        base=("bin/rails",),
        up=("db:migrate",),
        up_to=("db:migrate", "VERSION={version}"),
        down=("db:rollback", "STEP={count}"),
        status=("db:migrate:status",),
        says="`up` beside `{version}`",
        timeout="PGOPTIONS",
    ),
    "knex": Runner(
        "Knex",
        "knex",
        base=("npx", "knex"),
        up=("migrate:latest",),
        down=("migrate:down",),
        status=("migrate:status",),
        says="`No Pending Migration files Found.`",
        timeout="PGOPTIONS",
    ),
    "typeorm": Runner(
        "TypeORM",
        "typeorm",
        base=("npx", "typeorm"),
        up=("migration:run", "-d", "$TYPEORM_DATA_SOURCE"),
        down=("migration:revert", "-d", "$TYPEORM_DATA_SOURCE"),
        status=("migration:show", "-d", "$TYPEORM_DATA_SOURCE"),
        says="`[X]` beside every migration",
        timeout="PGOPTIONS",
    ),
    "mikro-orm": Runner(
        "MikroORM",
        "mikro-orm",
        base=("npx", "mikro-orm"),
        up=("migration:up",),
        down=("migration:down",),
        timeout="PGOPTIONS",
    ),
    "db-migrate": Runner(
        "db-migrate",
        "db-migrate",
        base=("npx", "db-migrate", "--migrations-dir", "{home}"),
        up=("up",),
        up_to=("up", "--count", "{count}"),
        down=("down", "--count", "{count}"),
        timeout="PGOPTIONS",
    ),
    "sequelize": Runner(
        "Sequelize",
        "sequelize-cli",
        base=("npx", "sequelize-cli"),
        up=("db:migrate",),
        down=("db:migrate:undo",),
        status=("db:migrate:status",),
        says="`up` beside every migration",
        timeout="PGOPTIONS",
    ),
    "plain": Runner(
        "psql",
        "psql",
        base=("psql", _ADDRESS, "--set", "ON_ERROR_STOP=1"),
        up=("--file", "{path}"),
        up_to=("--file", "{path}"),
        down=("--file", "{down}"),
        timeout="PGOPTIONS",
    ),
}
"""By the name of the convention the files follow."""


def own_base(runner: Runner, command: str | None) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Return the words before and the options after the verb of the repository's own `command`.

    None when it is not a call of the runner to go up.
    """
    words = tuple(words_of(command)) if command else ()
    verb = tuple(word for word in runner.up if not word.startswith(("-", "$", "{")))
    for at in range(1, len(words)):
        if verb and words[at : at + len(verb)] == verb:
            return words[:at], _options(words[at + len(verb) :])
    return None


def _options(words: Sequence[str]) -> tuple[str, ...]:
    """Return the options and their values; an operand such as a count is left out."""
    found: list[str] = []
    for at, word in enumerate(words):
        value = at > 0 and words[at - 1].startswith("-") and "=" not in words[at - 1]
        if word.startswith("-") or value:
            found.append(word)
    return tuple(found)


def compose(runner: Runner, verb: Sequence[str], values: Mapping[str, str], own: str | None = None) -> str:
    """Return a call of `runner` with `verb`, in the way of the repository's own command if it has one."""
    base, after = own_base(runner, own) or (runner.base, ())
    words = [*base, *(_without_address(verb) if after else verb), *after]
    return line(*(_filled(word, values) for word in words))


def _without_address(verb: Sequence[str]) -> list[str]:
    """Leave out where the database is: the repository's own options say it."""
    addresses = ("--db-url", "--target", _ADDRESS, "$SQITCH_TARGET")
    return [word for word in verb if word not in addresses]


def with_lock_timeout(runner: Runner, command: str) -> str | None:
    """Return `command` with a lock timeout; None for tools that take none from outside."""
    if runner.timeout == "PGOPTIONS":
        return f"PGOPTIONS='-c lock_timeout={LOCK_TIMEOUT}' {command}"
    if runner.timeout == "initSql":
        words = words_of(command)
        setting = f"-initSql=SET lock_timeout = '{LOCK_TIMEOUT}'"
        return line(*words[:-1], setting, words[-1])
    return None


def _filled(word: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        word = word.replace(f"{{{name}}}", value)
    return word
