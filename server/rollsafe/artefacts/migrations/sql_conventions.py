"""Which migration an `.sql` file is, and of which tool.

A file is recognised by its path and by the annotations its tool asks for; `.sql` files that no tool would
run as a migration (dumps, seeds, queries) are not.
"""

import re
from collections.abc import Callable
from typing import Final

from rollsafe.artefacts.migrations.conventions import Convention, Direction, DownStyle, Transactions
from rollsafe.artefacts.migrations.dialect import folder_dialect
from rollsafe.text.patterns import lazily
from rollsafe.text.records import record


@record
class Candidate:
    """A file that may be a migration: its path taken apart, and its text."""

    path: str
    directory: str
    name: str
    text: str

    @property
    def folders(self) -> list[str]:
        """The names of the directories above the file, lower-cased."""
        return self.directory.lower().split("/") if self.directory else []

    def has(self, hint: str, pattern: re.Pattern[str]) -> bool:
        """Say whether the text holds a line of `pattern`, looked for only where `hint` occurs."""
        return hint in self.text and pattern.search(self.text) is not None

    @property
    def is_apart(self) -> bool:
        """Whether a comment asks the runner to leave out the transaction."""
        return any(self.has(hint, _APART) for hint in _APART_HINTS)


def convention_of(path: str, text: str) -> Convention | None:
    """Return the convention the file at `path` follows, or None if it is no migration."""
    directory, _, name = path.rpartition("/")
    if not name.lower().endswith(".sql"):
        return None
    candidate = Candidate(path, directory, name, text.removeprefix("\ufeff"))
    for one in _CONVENTIONS:
        found = one(candidate)
        if found is not None:
            return found
    return None


_NUMBERED = lazily(r"(?P<version>\d[\d_.-]*?)[_.-]+(?P<label>[^\d_.-].*)\.sql\Z", re.I)
_BARE_NUMBER = lazily(r"(?P<version>\d+)(?P<label>)\.sql\Z", re.I)
_PAIRED = lazily(r"(?P<version>\d+)_(?P<label>.*)\.(?P<way>up|down)\.sql\Z", re.I)
_OF_ONE = lazily(r"(?P<version>\d+)_(?P<label>.*)\.(?P<database>[a-z0-9]+)\.(?P<way>up|down)\.sql\Z", re.I)
_FOLDER = lazily(r"(?P<version>\d[\d-]*)(?:[_-](?P<label>.*))?\Z")
_FLYWAY = lazily(r"(?P<kind>[VUB])(?P<version>\d+(?:[._]\d+)*)__(?P<label>.+)\.sql\Z")
_REPEATABLE = lazily(r"R__(?P<label>.+)\.sql\Z")
_DRIZZLE = lazily(r"(?P<version>\d{4,14})_(?P<label>\w+)\.sql\Z")

_GOOSE = lazily(r"^--[ \t]*\+goose[ \t]+(?:up|down)\b", re.M | re.I)
_GOOSE_APART = lazily(r"^--[ \t]*\+goose[ \t]+no[ \t]+transaction\b", re.M | re.I)
_SQL_MIGRATE = lazily(r"^--[ \t]*\+migrate[ \t]+(?:up|down)\b", re.M | re.I)
_SQL_MIGRATE_APART = lazily(r"^--[ \t]*\+migrate[ \t]+(?:up|down)[ \t]+notransaction\b", re.M | re.I)
_DBMATE = lazily(r"^--[ \t]*migrate:(?:up|down)\b", re.M | re.I)
_DBMATE_APART = lazily(r"^--[ \t]*migrate:up\b[^\r\n]*\btransaction:[ \t]*false\b", re.M | re.I)
_LIQUIBASE = lazily(r"\A\s*--[ \t]*liquibase[ \t]+formatted[ \t]+sql\b", re.I)
_LIQUIBASE_SET = lazily(r"^[ \t]*--[ \t]*changeset\b[^\r\n]*", re.M | re.I)
_LIQUIBASE_APART = lazily(r"\brunInTransaction:[\"']?false\b", re.I)
_NODE = lazily(r"^[ \t]*--[ \t-]*(?:up|down)[ \t]+migration\b", re.M | re.I)
_SQITCH = lazily(r"^--[ \t]*(?P<act>deploy|revert|verify)[ \t]+\S+[ \t]+(?:to|from|on)[ \t]+\w+", re.M | re.I)
_BREAKPOINT = lazily(r"^-->[ \t]*statement-breakpoint", re.M)
_APART = lazily(
    r"^--!?[ \t]*(?:no-transaction\b|atlas:txmode[ \t]+none\b|transactional:[ \t]*false\b"
    r"|(?:postgres-migrations[ \t]+)?disable-transaction\b"
    r"|.{0,40}executeInTransaction[ \t]*=[ \t]*false\b)",
    re.M | re.I,
)
_APART_HINTS: Final = (
    "no-transaction",
    "atlas:txmode",
    "disable-transaction",
    "transactional:",
    "executeInTransaction",
)

_HOMES = lazily(
    r"migrations?|migrates?|changelogs?|changesets?|.{1,60}[_-]migrations?|migrations?[_-].{1,60}"
)
_DATABASE: Final = frozenset({"db", "database", "sql", "schema", "ddl", "postgres", "postgresql", "pg"})
_ELSEWHERE = lazily(
    r"seeds?|seeders?|fixtures?|dumps?|queries|query|backups?|snapshots?|views?|functions?|procedures?"
)
_NOT_MIGRATION = lazily(r"(?:schema|structure|seeds?|dump|backup|test[-_]?data|sample).*\.sql\Z", re.I)
_CHANGES_SCHEMA = lazily(r"\b(?:ALTER|CREATE|DROP)\s+(?:TABLE|INDEX|TYPE|UNIQUE)\b", re.I)

_ONE_MESSAGE: Final = "several statements sent in one message are one transaction"


def _sections(name: str, candidate: Candidate, transactions: Transactions, reason: str) -> Convention:
    version, label = _numbered(candidate.name)
    return Convention(
        name=name,
        version=version,
        label=label,
        direction=Direction.BOTH,
        home=candidate.directory,
        transactions=transactions,
        reason=reason,
        down_path=candidate.path,
        down_style=DownStyle.SECTION,
    )


def _numbered(name: str) -> tuple[str, str]:
    match = _NUMBERED.match(name) or _BARE_NUMBER.match(name)
    return (match["version"], match["label"]) if match else ("", name[: -len(".sql")])


def _goose(candidate: Candidate) -> Convention | None:
    if not candidate.has("+goose", _GOOSE):
        return None
    if candidate.has("+goose", _GOOSE_APART):
        return _sections("goose", candidate, Transactions.SEPARATE, "`-- +goose NO TRANSACTION`")
    return _sections("goose", candidate, Transactions.WRAPPED, "goose runs a migration in a transaction")


def _sql_migrate(candidate: Candidate) -> Convention | None:
    if not candidate.has("+migrate", _SQL_MIGRATE):
        return None
    if candidate.has("+migrate", _SQL_MIGRATE_APART):
        return _sections("sql-migrate", candidate, Transactions.SEPARATE, "`notransaction`")
    reason = "sql-migrate runs a migration in a transaction"
    return _sections("sql-migrate", candidate, Transactions.WRAPPED, reason)


def _dbmate(candidate: Candidate) -> Convention | None:
    if not candidate.has("migrate:", _DBMATE):
        return None
    if candidate.has("migrate:", _DBMATE_APART):
        return _sections(
            "dbmate", candidate, Transactions.ONE_MESSAGE, f"`transaction:false`; {_ONE_MESSAGE}"
        )
    return _sections("dbmate", candidate, Transactions.WRAPPED, "dbmate runs a migration in a transaction")


def _node_pg_migrate(candidate: Candidate) -> Convention | None:
    if not any(candidate.has(hint, _NODE) for hint in (" Migration", " migration", " MIGRATION")):
        return None
    if _PAIRED.match(candidate.name) or _FLYWAY.match(candidate.name):
        return None  # "Down migration of …" is prose there
    reason = "node-pg-migrate runs migrations in a transaction"
    return _sections("node-pg-migrate", candidate, Transactions.WRAPPED, reason)


def _liquibase(candidate: Candidate) -> Convention | None:
    if not candidate.has("liquibase", _LIQUIBASE):
        return None
    version, label = _numbered(candidate.name)
    marks = _LIQUIBASE_SET.findall(candidate.text) if "runInTransaction" in candidate.text else []
    apart = bool(marks) and all(_LIQUIBASE_APART.search(one) for one in marks)
    return Convention(
        name="liquibase",
        version=version,
        label=label,
        direction=Direction.UP,
        home=candidate.directory,
        transactions=Transactions.SEPARATE if apart else Transactions.WRAPPED,
        reason="`runInTransaction:false`" if apart else "Liquibase commits each changeset",
        down_path=candidate.path,
        down_style=DownStyle.COMMENT,
    )


def _sqitch(candidate: Candidate) -> Convention | None:
    folder = candidate.directory.rpartition("/")[2].lower()
    header = _SQITCH.search(candidate.text[:500]) if folder in ("deploy", "revert") else None
    if header is None or header["act"].lower() != folder:
        return None
    home = candidate.directory.rpartition("/")[0]
    deploys = folder == "deploy"
    prefix = f"{home}/" if home else ""
    return Convention(
        name="sqitch",
        version=candidate.name[: -len(".sql")],
        label=candidate.name[: -len(".sql")],
        direction=Direction.UP if deploys else Direction.DOWN,
        home=home,
        transactions=Transactions.SEPARATE,
        reason="Sqitch runs the script through psql, which commits each statement",
        down_path=f"{prefix}revert/{candidate.name}" if deploys else None,
        down_style=DownStyle.FILE,
    )


def _single_file(candidate: Candidate) -> Convention | None:
    """Recognise `<version>_<label>/migration.sql`: Prisma's layout, and Drizzle's."""
    if candidate.name.lower() != "migration.sql":
        return None
    folder = _FOLDER.match(candidate.directory.rpartition("/")[2])
    if folder is None:
        return None
    home = candidate.directory.rpartition("/")[0]
    if "drizzle" in candidate.folders or candidate.has("statement-breakpoint", _BREAKPOINT):
        return _forward("drizzle", folder, home, Transactions.WRAPPED, _DRIZZLE_REASON)
    reason = f"Prisma sends the file as it is; {_ONE_MESSAGE}"
    return _forward("prisma", folder, home, Transactions.ONE_MESSAGE, reason)


_DRIZZLE_REASON: Final = "Drizzle runs all pending migrations in one transaction"


def _forward(
    name: str, match: re.Match[str], home: str, transactions: Transactions, reason: str
) -> Convention:
    label = match["label"] or ""
    return Convention(name, match["version"], label, Direction.UP, home, transactions, reason)


def _folder_pair(candidate: Candidate) -> Convention | None:
    """Recognise `<version>_<label>/up.sql` with `down.sql` beside it: Diesel, Hasura."""
    way = candidate.name.lower().removesuffix(".sql")
    if way not in ("up", "down"):
        return None
    home, _, folder_name = candidate.directory.rpartition("/")
    folder = _FOLDER.match(folder_name)
    if folder is None:
        return None
    name = "hasura" if "hasura" in candidate.folders else "diesel"
    return Convention(
        name=name,
        version=folder["version"],
        label=folder["label"] or "",
        direction=Direction(way),
        home=home,
        transactions=Transactions.WRAPPED,
        reason=f"{name.capitalize()} runs a migration in a transaction",
        down_path=f"{candidate.directory}/down.sql" if way == "up" else None,
        down_style=DownStyle.FILE,
    )


def _flyway(candidate: Candidate) -> Convention | None:
    versioned, repeatable = _FLYWAY.match(candidate.name), _REPEATABLE.match(candidate.name)
    match = versioned or repeatable
    if match is None:
        return None
    undoes = versioned is not None and versioned["kind"] == "U"
    apart = candidate.is_apart
    prefix = f"{candidate.directory}/" if candidate.directory else ""
    has_way_back = versioned is not None and versioned["kind"] == "V"
    return Convention(
        name="flyway",
        version=versioned["version"].replace("_", ".") if versioned else "",
        label=match["label"],
        direction=Direction.DOWN if undoes else Direction.UP,
        home=candidate.directory,
        transactions=Transactions.SEPARATE if apart else Transactions.BY_STATEMENT,
        reason="`executeInTransaction=false`" if apart else "Flyway leaves out the transaction by itself",
        down_path=f"{prefix}U{candidate.name[1:]}" if has_way_back else None,
        down_style=DownStyle.FILE,
    )


def _pop(candidate: Candidate) -> Convention | None:
    """Recognise `2024_label.mysql.up.sql`, Pop's way to write a migration for one database only."""
    match = _OF_ONE.match(candidate.name)
    if match is None or folder_dialect(f"/{candidate.name}") is None:
        return None
    way = Direction(match["way"].lower())
    down = f"{candidate.path[: -len('up.sql')]}down.sql" if way is Direction.UP else None
    return Convention(
        name="pop",
        version=f"{match['version']}.{match['database']}",
        label=match["label"],
        direction=way,
        home=candidate.directory,
        transactions=Transactions.WRAPPED,
        reason="Pop runs a migration in a transaction",
        down_path=down,
        down_style=DownStyle.FILE,
    )


def _paired(candidate: Candidate) -> Convention | None:
    """Recognise `000001_label.up.sql`: golang-migrate, and sqlx, which wraps."""
    match = _PAIRED.match(candidate.name)
    if match is None:
        return None
    way = Direction(match["way"].lower())
    down = f"{candidate.path[: -len('up.sql')]}down.sql" if way is Direction.UP else None
    return Convention(
        name="golang-migrate",
        version=match["version"],
        label=match["label"],
        direction=way,
        home=candidate.directory,
        transactions=Transactions.ONE_MESSAGE,
        reason=f"the file is sent as it is; {_ONE_MESSAGE}",
        down_path=down,
        down_style=DownStyle.FILE,
    )


def _drizzle(candidate: Candidate) -> Convention | None:
    match = _DRIZZLE.match(candidate.name)
    if match is None or not (
        "drizzle" in candidate.folders or candidate.has("statement-breakpoint", _BREAKPOINT)
    ):
        return None
    return _forward("drizzle", match, candidate.directory, Transactions.WRAPPED, _DRIZZLE_REASON)


def _supabase(candidate: Candidate) -> Convention | None:
    match = _NUMBERED.match(candidate.name)
    if match is None or candidate.folders[-2:] != ["supabase", "migrations"]:
        return None
    reason = "Supabase sends the statements together with its own bookkeeping"
    return _forward("supabase", match, candidate.directory, Transactions.WRAPPED, reason)


def _plain(candidate: Candidate) -> Convention | None:
    """Recognise a `.sql` file by its directory alone, or by a number and what it does."""
    homes = [at for at, folder in enumerate(candidate.folders) if _HOMES.fullmatch(folder)]
    below = candidate.folders[homes[-1] + 1 :] if homes else candidate.folders
    numbered = _NUMBERED.match(candidate.name) or _BARE_NUMBER.match(candidate.name)
    if any(_ELSEWHERE.fullmatch(folder) for folder in below):
        return None
    if not homes and not (numbered and _changes_database(candidate)):
        return None
    if numbered is None and _NOT_MIGRATION.match(candidate.name):
        return None
    if "verify" in below and _SQITCH.search(candidate.text[:500]) is not None:
        return None
    version, label = _numbered(candidate.name)
    transactions, reason = _plain_transactions(candidate)
    direction = Direction.DOWN if re.search(r"[._-](?:down|rollback)\Z", label, re.I) else Direction.UP
    return Convention("plain", version, label, direction, candidate.directory, transactions, reason)


def _changes_database(candidate: Candidate) -> bool:
    at_database = not _DATABASE.isdisjoint(candidate.folders)
    return at_database and _CHANGES_SCHEMA.search(candidate.text) is not None


def _plain_transactions(candidate: Candidate) -> tuple[Transactions, str]:
    if candidate.is_apart:
        return Transactions.SEPARATE, "the file says so"
    return Transactions.ASSUMED, "the runner is not known; most run a file in a transaction"


_CONVENTIONS: Final[tuple[Callable[[Candidate], Convention | None], ...]] = (
    _goose,
    _sql_migrate,
    _dbmate,
    _liquibase,
    _node_pg_migrate,
    _sqitch,
    _single_file,
    _folder_pair,
    _flyway,
    _pop,
    _paired,
    _drizzle,
    _supabase,
    _plain,
)
