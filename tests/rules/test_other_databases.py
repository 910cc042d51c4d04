"""Hazards of migrations for MySQL and SQLite."""

import pytest

from rollsafe.workspace.settings import Settings
from tests.checking import Seen, check, open_project

RULES = (
    "column-without-value",
    "name-taken-away",
    "blocking-alter-option",
    "ignored-reference",
    "rows-deleted-by-recreation",
    "unique-index-on-old-rows",
    "table-copied-for-constraint",
    "writes-blocked-by-change",
    "refused-by-sqlite",
)


def found(sql: str, database: str = "mysql", before: str = "") -> list[Seen]:
    files = {f"db/{database}/migrations/V2__b.sql": sql}
    if before:
        files[f"db/{database}/migrations/V1__a.sql"] = before
    settings = Settings(level="auditor", select=RULES)
    return [one for one in check(files, settings) if one.path.endswith("V2__b.sql")]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("ALTER TABLE `t` ADD `a` int NOT NULL;", "required column `t.a` is added without a default"),
        ("ALTER TABLE t MODIFY COLUMN a int NOT NULL AFTER b;", "column `t.a` is required from here on"),
        ("ALTER TABLE t CHANGE a b int;", "column `t.a` is renamed to `b`"),
        ("RENAME TABLE `t` TO `u`;", "table `t` is renamed to `u`"),
        ("DROP TABLE IF EXISTS t;", "table `t` is dropped with its rows"),
        (
            "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u (id);",
            "`t` is written again to get a foreign key",
        ),
        ("ALTER TABLE t ADD CHECK (a > 0);", "`t` is written again to get a check"),
        ("ALTER TABLE t DROP a;", "column `t.a` is dropped with its values"),
        ("ALTER TABLE t ADD INDEX (a), LOCK=EXCLUSIVE;", "`LOCK=EXCLUSIVE` makes others wait"),
        ("CREATE INDEX i ON t (a) ALGORITHM = COPY;", "`ALGORITHM=COPY` writes the whole table again"),
        (
            "ALTER TABLE t ADD UNIQUE INDEX u (`a`(10));",
            "rows of `t` that have the same value stop the migration",
        ),
        (
            "ALTER TABLE t ADD COLUMN u int REFERENCES u (id);",
            "MySQL passes over `REFERENCES u` of column `t.u`",
        ),
    ],
)
def test_one_statement_is_read_for_what_it_does(sql: str, message: str) -> None:
    assert [one.message for one in found(sql)] == [message]


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE t ADD a int NOT NULL DEFAULT 0 COMMENT 'a; b', ALGORITHM=INSTANT;",
        "ALTER TABLE t ADD a int UNSIGNED NOT NULL DEFAULT 1;",
        "ALTER TABLE t MODIFY a varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL;",
        "CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, KEY k (id)) ENGINE=InnoDB;\nDROP TABLE t;",
        "CREATE TABLE t (id int PRIMARY KEY);\nALTER TABLE t ADD a int NOT NULL;",
        "ALTER TABLE t RENAME TO t_old;\nCREATE TABLE t (id int);\nDROP TABLE t_old;",
        "CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW BEGIN DROP TABLE u; END;",
        "-- DROP TABLE t;\n# DROP TABLE t;\n/* DROP TABLE t; */",
    ],
)
def test_what_nobody_misses_is_fine(sql: str) -> None:
    assert found(sql) == []


def test_way_back_is_left_alone() -> None:
    files = {
        "db/mysql/migrations/1_a.sql": "-- +goose Up\nALTER TABLE t ADD `a` int;\n\n"
        "-- +goose Down\nALTER TABLE t DROP `a`;\n"
    }
    assert check(files, Settings(level="auditor", select=RULES)) == []


def test_settings_tell_of_statements_that_both_databases_take() -> None:
    files = {"migrations/0002_a.sql": "ALTER TABLE t ADD COLUMN a int NOT NULL;"}
    settings = Settings(level="auditor", select=RULES)
    settings = Settings(level="auditor", select=RULES, migrations=type(settings.migrations)(dialect="sqlite"))
    assert [one.severity for one in check(files, settings)] == ["error"]


class TestRecreatedTables:
    CHILD = (
        "CREATE TABLE parent (id integer PRIMARY KEY AUTOINCREMENT);\n"
        "CREATE TABLE child (p integer REFERENCES parent (id) ON DELETE {action});"
    )
    ANEW = (
        "CREATE TABLE new (id integer PRIMARY KEY AUTOINCREMENT);\n"
        "DROP TABLE parent;\nALTER TABLE new RENAME TO parent;"
    )

    def rules(self, action: str, sql: str) -> list[str]:
        return [one.rule for one in found(sql, "sqlite", self.CHILD.format(action=action))]

    def test_take_the_rows_of_others_along(self) -> None:
        assert self.rules("CASCADE", self.ANEW) == ["rows-deleted-by-recreation"]

    def test_leave_rows_that_only_lose_their_reference(self) -> None:
        assert self.rules("SET NULL", self.ANEW) == []

    def test_are_no_matter_of_a_table_that_does_not_come_back(self) -> None:
        assert self.rules("CASCADE", "DROP TABLE parent;") == ["name-taken-away"]


class TestTablesMadeAnew:
    """The same table under its old name: what is required of a column, and which columns it has."""

    BEFORE = 'CREATE TABLE "t" ("id" integer PRIMARY KEY AUTOINCREMENT, "a" text, "b" text NOT NULL);'
    ANEW = (
        'CREATE TABLE "new__t" ({columns});\n'
        'INSERT INTO "new__t" ({names}) SELECT {values} FROM "t";\n'
        'DROP TABLE "t";\nALTER TABLE "new__t" RENAME TO "t";'
    )
    ASIDE = (
        'ALTER TABLE "t" RENAME TO "t__old";\nCREATE TABLE "t" ({columns});\n'
        'INSERT INTO "t" ({names}) SELECT {values} FROM "t__old";\nDROP TABLE "t__old";'
    )
    KEY = '"id" integer PRIMARY KEY AUTOINCREMENT'

    @pytest.fixture(params=[ANEW, ASIDE], ids=["a new table", "the old one aside"])
    def way(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    def messages(self, way: str, columns: str, copied: dict[str, str], before: str = BEFORE) -> list[str]:
        names, values = ", ".join(copied), ", ".join(copied.values())
        sql = way.format(columns=f"{self.KEY}, {columns}", names=f"id, {names}", values=f"id, {values}")
        return [one.message for one in found(sql, "sqlite", before)]

    def test_a_column_becomes_required(self, way: str) -> None:
        assert self.messages(way, "a text NOT NULL, b text NOT NULL", {"a": "coalesce(a, '')", "b": "b"}) == [
            "column `t.a` is required from here on"
        ]

    def test_a_required_column_is_new(self, way: str) -> None:
        columns = "a text, b text NOT NULL, c int NOT NULL"
        assert self.messages(way, columns, {"a": "a", "b": "b", "c": "1"}) == [
            "required column `t.c` is added without a default"
        ]

    def test_a_required_column_is_told_without_history(self, way: str) -> None:
        columns = "a text, b text NOT NULL, c int NOT NULL"
        assert self.messages(way, columns, {"a": "a", "b": "b", "c": "1"}, "") == [
            "required column `t.c` is added without a default"
        ]

    def test_a_column_is_gone(self, way: str) -> None:
        assert self.messages(way, "b text NOT NULL", {"b": "b"}) == [
            "column `t.a` is dropped with its values"
        ]

    def test_a_column_has_another_name(self, way: str) -> None:
        assert self.messages(way, "z text, b text NOT NULL", {"z": "a", "b": "b"}) == [
            "column `t.a` is renamed to `z`"
        ]

    @pytest.mark.parametrize(
        "column", ["a text", "a varchar(9) NULL DEFAULT 'x'", "a text NOT NULL DEFAULT 'x'"]
    )
    def test_what_nobody_misses_is_fine(self, way: str, column: str) -> None:
        copied = {"a": "coalesce(a, 'x')", "b": "b"}
        assert self.messages(way, f"{column}, b text NOT NULL", copied) == []
        assert self.messages(way, f"{column}, b text NOT NULL", copied, "") == []

    def test_what_was_required_stays_so(self) -> None:
        before = "CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, a int NOT NULL, b int);"
        assert found("ALTER TABLE t MODIFY a int NOT NULL;", before=before) == []
        assert [one.message for one in found("ALTER TABLE t MODIFY b int NOT NULL;", before=before)] == [
            "column `t.b` is required from here on"
        ]


class TestWritesBlocked:
    BEFORE = (
        "CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, a int, b varchar(20), c decimal(10,2), d text, "
        "e enum('x', 'y'), f tinyint(1), g int unsigned);"
    )

    def messages(self, command: str, before: str = BEFORE) -> list[str]:
        seen = found(f"ALTER TABLE t {command};", before=before)
        return [one.message for one in seen if one.rule == "writes-blocked-by-change"]

    @pytest.mark.parametrize(
        ("command", "words"),
        [
            ("MODIFY a bigint", "copied to change `a` from `int` to `bigint`"),
            ("MODIFY b varchar(10)", "copied to change `b` from `varchar(20)` to `varchar(10)`"),
            ("CHANGE b z text", "copied to change `b` from `varchar(20)` to `text`"),
            ("MODIFY c decimal(12,2)", "copied to change `c` from `decimal(10, 2)` to `decimal(12, 2)`"),
            (
                "MODIFY g bigint(20) unsigned",
                "copied to change `g` from `int unsigned` to `bigint(20) unsigned`",
            ),
            ("MODIFY g int", "copied to change `g` from `int unsigned` to `int`"),
            ("CONVERT TO CHARACTER SET utf8mb4", "copied to convert its text to another character set"),
            ("ADD COLUMN n int AS (a + 1) STORED", "copied to store the generated column `n`"),
            ("DROP PRIMARY KEY", "copied to lose its primary key"),
        ],
    )
    def test_a_table_is_copied(self, command: str, words: str) -> None:
        assert self.messages(command) == [f"`t` is {words}"]

    @pytest.mark.parametrize(
        ("command", "words"),
        [
            ("ADD FULLTEXT INDEX i (d)", "its fulltext index is built"),
            ("ADD SPATIAL KEY (d)", "its spatial index is built"),
            ("ADD COLUMN n int AUTO_INCREMENT UNIQUE", "`n` numbers its rows"),
        ],
    )
    def test_writes_wait(self, command: str, words: str) -> None:
        assert self.messages(command) == [f"nobody writes to `t` while {words}"]

    @pytest.mark.parametrize(
        "command",
        [
            "MODIFY a int(11)",
            "MODIFY a integer NULL",
            "MODIFY b varchar(40)",
            "MODIFY e enum('x', 'y', 'z')",
            "MODIFY f boolean",
            "DROP PRIMARY KEY, ADD PRIMARY KEY (id, a)",
            "ADD COLUMN n int AS (a + 1) VIRTUAL",
            "ADD INDEX (a)",
            "ENGINE=InnoDB",
            "DEFAULT CHARACTER SET utf8mb4",
        ],
    )
    def test_what_goes_on_beside_writes_is_fine(self, command: str) -> None:
        assert self.messages(command) == []

    def test_a_type_that_nobody_has_told_is_unknown(self) -> None:
        assert self.messages("MODIFY a bigint", before="") == []

    def test_the_index_of_a_statement_of_its_own(self) -> None:
        seen = found("CREATE FULLTEXT INDEX i ON t (d);", before=self.BEFORE)
        assert [one.message for one in seen] == ["nobody writes to `t` while its fulltext index is built"]


class TestRefusedBySqlite:
    BEFORE = (
        "CREATE TABLE t (id integer PRIMARY KEY AUTOINCREMENT, a text, b text UNIQUE, c int, d int);\n"
        "CREATE INDEX ic ON t (c);\nCREATE INDEX id ON t (d);\nDROP INDEX id;"
    )

    def messages(self, sql: str) -> list[str]:
        seen = found(sql, "sqlite", self.BEFORE)
        return [one.message for one in seen if one.rule == "refused-by-sqlite"]

    @pytest.mark.parametrize(
        ("command", "words"),
        [
            ("ADD COLUMN n int PRIMARY KEY", "add `t.n` as a primary key"),
            ("ADD n text UNIQUE", "add `t.n` as a unique column"),
            ("ADD n text DEFAULT (datetime('now'))", "add `t.n` with a default that is no constant"),
            ("ADD n text DEFAULT (1 + 1)", "add `t.n` with a default that is no constant"),
            ("ADD n int AS (c + 1) STORED", "add the stored column `t.n`"),
            ("DROP COLUMN id", "drop `t.id`, a primary key"),
            ("DROP COLUMN b", "drop `t.b`, which is unique"),
            ("DROP COLUMN c", "drop `t.c` while index `ic` is on it"),
        ],
    )
    def test_statements_that_stop_the_migration(self, command: str, words: str) -> None:
        assert self.messages(f"ALTER TABLE t {command};") == [f"SQLite refuses to {words}"]

    def test_several_commands(self) -> None:
        assert self.messages("ALTER TABLE t ADD n int, ADD m int;") == [
            "SQLite refuses a second command in one ALTER TABLE of `t`"
        ]

    @pytest.mark.parametrize(
        "sql",
        [
            "ALTER TABLE t ADD n text DEFAULT (-1);",
            "ALTER TABLE t ADD n text DEFAULT true;",
            "ALTER TABLE t ADD n text DEFAULT 'x' NOT NULL;",
            "ALTER TABLE t ADD n int REFERENCES u (id);",
            "ALTER TABLE t ADD n int AS (c + 1) VIRTUAL;",
            "ALTER TABLE t DROP COLUMN a;",
            "ALTER TABLE t DROP COLUMN d;",
            "DROP INDEX ic;\nALTER TABLE t DROP COLUMN c;",
            "CREATE TABLE u (id integer PRIMARY KEY);\nALTER TABLE u ADD n text DEFAULT CURRENT_TIMESTAMP;",
        ],
    )
    def test_statements_that_sqlite_takes(self, sql: str) -> None:
        assert self.messages(sql) == []

    def test_files_for_other_databases_beside_it_tell_nothing(self) -> None:
        files = {
            "migrations/20210101000000_made.mysql.up.sql": "CREATE TABLE t (a int);",
            "migrations/20210101000001_more.mysql.up.sql": "CREATE INDEX it ON t (a);",
            "migrations/20210101000001_made.sqlite3.up.sql": "CREATE TABLE t (a int);",
            "migrations/20210101000002_gone.sqlite3.up.sql": "ALTER TABLE t DROP COLUMN a;",
        }
        assert [one.rule for one in check(files, Settings(select=RULES))] == ["name-taken-away"]
        there = {
            path.replace(".mysql.", ".sqlite3."): text for path, text in files.items() if "mysql" in path
        }
        assert "refused-by-sqlite" in [one.rule for one in check({**files, **there}, Settings(select=RULES))]


def rules_of(sql: str, database: str, *select: str) -> list[tuple[str, int]]:
    files = {f"db/{database}/migrations/V2__b.sql": sql}
    return [(one.rule, one.line) for one in check(files, Settings(level="auditor", select=select))]


@pytest.mark.parametrize("database", ["mysql", "sqlite"])
def test_nobody_names_a_column_that_the_file_has_added(database: str) -> None:
    swap = (
        "ALTER TABLE t ADD COLUMN b_new text;\nUPDATE t SET b_new = b;\nALTER TABLE t DROP COLUMN b;\n"
        "ALTER TABLE t RENAME COLUMN b_new TO b;\nALTER TABLE t RENAME COLUMN c TO d;\n"
    )
    assert rules_of(swap, database, "name-taken-away") == [("name-taken-away", 3), ("name-taken-away", 5)]


class TestTransactionsOfMysql:
    def lines(self, sql: str, database: str = "mysql") -> list[int]:
        return [line for _, line in rules_of(sql, database, "transaction-ended-by-change")]

    def test_the_first_change_ends_it(self) -> None:
        assert self.lines("BEGIN;\nUPDATE t SET a = 1;\nDROP TABLE u;\nDROP TABLE v;\nCOMMIT;") == [3]

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE t SET a = 1;\nDROP TABLE u;",
            "BEGIN;\nUPDATE t SET a = 1;\nCOMMIT;\nDROP TABLE u;",
            "BEGIN;\nCREATE TEMPORARY TABLE x (a int);\nDROP TEMPORARY TABLE x;\nCOMMIT;",
            "-- +goose Up\nUPDATE t SET a = 1;\n-- +goose Down\nBEGIN;\nDROP TABLE u;\nCOMMIT;",
        ],
    )
    def test_what_is_not_in_one_ends_none(self, sql: str) -> None:
        assert self.lines(sql) == []

    def test_sqlite_undoes_changes(self) -> None:
        assert self.lines("BEGIN;\nDROP TABLE u;\nCOMMIT;", "sqlite") == []


class TestForeignKeysThatNobodyChecks:
    @pytest.mark.parametrize(
        ("sql", "database", "lines"),
        [
            ("SET FOREIGN_KEY_CHECKS=0;\nDROP TABLE u;", "mysql", [1]),
            ("SET @@session.foreign_key_checks = OFF;\nDROP TABLE u;", "mysql", [1]),
            ("SET FOREIGN_KEY_CHECKS=0;\nDROP TABLE u;\nSET FOREIGN_KEY_CHECKS=1;", "mysql", []),
            ("SET @a=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0;\nSET FOREIGN_KEY_CHECKS=@a;", "mysql", []),
            ("PRAGMA foreign_keys=OFF;\nDROP TABLE u;", "sqlite", [1]),
            ("PRAGMA foreign_keys(0);\nDROP TABLE u;\nPRAGMA foreign_keys(1);", "sqlite", []),
            ("PRAGMA foreign_keys=ON;\nDROP TABLE u;", "sqlite", []),
            ("BEGIN;\nPRAGMA foreign_keys=OFF;\nDROP TABLE u;\nCOMMIT;", "sqlite", []),
            ("PRAGMA defer_foreign_keys=ON;\nDROP TABLE u;", "sqlite", []),
        ],
    )
    def test_stay_unchecked(self, sql: str, database: str, lines: list[int]) -> None:
        seen = rules_of(sql, database, "foreign-keys-left-off")
        assert [line for _, line in seen] == lines

    @pytest.mark.parametrize("state", ["0", "1"])
    def test_are_added(self, state: str) -> None:
        sql = f"SET FOREIGN_KEY_CHECKS={state};\nALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u (id);"
        seen = rules_of(sql, "mysql", "unchecked-foreign-key", "table-copied-for-constraint")
        wanted = "unchecked-foreign-key" if state == "0" else "table-copied-for-constraint"
        assert seen == [(wanted, 2)]

    def test_of_new_tables_have_no_rows_that_do_not_fit(self) -> None:
        sql = (
            "SET FOREIGN_KEY_CHECKS=0;\nCREATE TABLE n (a int);\n"
            "ALTER TABLE n ADD FOREIGN KEY (a) REFERENCES u (id);"
        )
        assert rules_of(sql, "mysql", "unchecked-foreign-key", "table-copied-for-constraint") == []


@pytest.mark.parametrize(
    ("sql", "lines"),
    [
        ("ALTER TABLE t ADD a int;", [1]),
        ("ALTER TABLE t ADD a int, LOCK=NONE;", []),
        ("ALTER TABLE t ADD a int, ALGORITHM=INSTANT;", []),
        ("ALTER TABLE t ADD CHECK (a > 0);", []),
        ("ALTER TABLE t RENAME TO u;", []),
        ("CREATE TABLE n (a int);\nALTER TABLE n ADD b int;", []),
        ("CREATE TABLE n (a int, KEY (a));", []),
    ],
)
def test_mysql_is_told_whom_a_change_may_block(sql: str, lines: list[int]) -> None:
    assert [line for _, line in rules_of(sql, "mysql", "unstated-lock")] == lines


class TestDatabaseThatIsWrittenDown:
    """Prisma and Drizzle write it beside the migrations; most of their SQL is PostgreSQL's as well."""

    SETTINGS = Settings(
        level="auditor", select=("refused-by-sqlite", "missing-lock-timeout", "unstated-lock")
    )
    PRISMA = "prisma/migrations/20240102_seen/migration.sql"
    LOCK = "prisma/migrations/migration_lock.toml"
    SQL = 'ALTER TABLE "User" ADD COLUMN "seen" TEXT UNIQUE;\n'

    @pytest.mark.parametrize(
        ("provider", "rules"),
        [
            ("sqlite", ["refused-by-sqlite"]),
            ("postgresql", ["missing-lock-timeout"]),
            ("sqlserver", []),
            ("unheard_of", ["missing-lock-timeout"]),
        ],
    )
    def test_by_prisma(self, provider: str, rules: list[str]) -> None:
        files = {self.LOCK: f'# Prisma\nprovider = "{provider}"\n', self.PRISMA: self.SQL}
        assert [one.rule for one in check(files, self.SETTINGS)] == rules

    @pytest.mark.parametrize(
        ("told", "path"),
        [
            ("drizzle/meta/_journal.json", "drizzle/0001_seen.sql"),
            ("drizzle/0001_seen/snapshot.json", "drizzle/0001_seen/migration.sql"),
        ],
    )
    @pytest.mark.parametrize(
        ("dialect", "rule"), [("sqlite", "refused-by-sqlite"), ("mysql", "unstated-lock")]
    )
    def test_by_drizzle(self, told: str, path: str, dialect: str, rule: str) -> None:
        sql = "ALTER TABLE `users` ADD `seen` text UNIQUE;\n"
        files = {told: f'{{"version": "7", "dialect": "{dialect}"}}', path: sql}
        assert [one.rule for one in check(files, self.SETTINGS)] == [rule]

    def test_is_believed_while_it_is_edited(self) -> None:
        project = open_project({self.LOCK: 'provider = "sqlite"\n', self.PRISMA: self.SQL}, self.SETTINGS)

        def rules() -> list[str]:
            return [one.rule.name for one in project.engine.all_findings()]

        seen = [rules()]
        for text in ('provider = "postgresql"\n', None, 'provider = "sqlite"\n'):
            project.replace({self.LOCK: text})
            seen.append(rules())
        project.replace({self.PRISMA: self.SQL.replace(" UNIQUE", "")})
        seen.append(rules())
        here, there = ["refused-by-sqlite"], ["missing-lock-timeout"]
        assert seen == [here, there, there, here, []]


ALEMBIC = """\
import sqlalchemy as sa
from alembic import op

revision = "b2"
down_revision = "a1"


def upgrade():
    {opens}
        {on}.add_column({table}sa.Column("seen", sa.DateTime(), server_default=sa.text("(random())")))


def downgrade():
    pass
"""


@pytest.mark.parametrize(
    ("opens", "on", "table", "count"),
    [
        ('with op.batch_alter_table("orders") as batch:', "batch", "", 0),
        ("if True:", "op", '"orders", ', 1),
    ],
)
def test_a_batch_of_alembic_makes_the_table_anew(opens: str, on: str, table: str, count: int) -> None:
    text = ALEMBIC.format(opens=opens, on=on, table=table)
    chosen = Settings(level="auditor", select=("refused-by-sqlite",))
    assert len(check({"migrations/versions/sqlite/b2_seen.py": text}, chosen)) == count
