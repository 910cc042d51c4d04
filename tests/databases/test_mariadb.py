"""What rules claim of MySQL, asked of MariaDB: what makes writes wait is refused with `LOCK=NONE`.

Each case is a command of ALTER TABLE. All of them are run in one session, in a database each.
"""

from __future__ import annotations

import pytest

from rollsafe.workspace.settings import Settings
from tests.checking import ALL_RULES, check, fix
from tests.databases.mariadb import Case, Server

TABLE = (
    "CREATE TABLE p (id int PRIMARY KEY); "
    "CREATE TABLE t (id int PRIMARY KEY, a int, b varchar(20), c char(10), d decimal(10,2), e enum('x','y'), "
    "f text, g point NOT NULL, h datetime, i tinyint, j varbinary(10), k int NOT NULL DEFAULT 3, "
    "l varchar(300), KEY ki (k), CONSTRAINT tc CHECK (a < 100), p int, "
    "CONSTRAINT tp FOREIGN KEY (p) REFERENCES p (id)) CHARACTER SET utf8mb4;"
)
BLOCKING = (
    "writes-blocked-by-change",
    "table-copied-for-constraint",
)
COMMANDS = (
    "ADD COLUMN n int NULL",
    "ADD COLUMN n int NULL AFTER a",
    "ADD COLUMN n int NULL FIRST",
    "ADD COLUMN n int NOT NULL DEFAULT 0",
    "ADD COLUMN n int UNIQUE",
    "ADD COLUMN n datetime DEFAULT CURRENT_TIMESTAMP",
    "ADD COLUMN (n int, m varchar(20))",
    "ADD COLUMN n int AUTO_INCREMENT UNIQUE",
    "ADD COLUMN n int GENERATED ALWAYS AS (a + 1) STORED",
    "ADD COLUMN n int GENERATED ALWAYS AS (a + 1) VIRTUAL",
    "DROP COLUMN f",
    "DROP COLUMN k",
    "RENAME COLUMN a TO z",
    "CHANGE k z int NOT NULL DEFAULT 3",
    "CHANGE k z bigint NOT NULL DEFAULT 3",
    "MODIFY a bigint",
    "MODIFY a smallint",
    "MODIFY a int unsigned",
    "MODIFY a int(11)",
    "MODIFY a integer",
    "MODIFY a int COMMENT 'x'",
    "MODIFY a int NOT NULL",
    "MODIFY k int NULL",
    "MODIFY k int NOT NULL DEFAULT 5",
    "MODIFY b varchar(40)",
    "MODIFY b varchar(63)",
    "MODIFY b varchar(10)",
    "MODIFY b text",
    "MODIFY l varchar(400)",
    "MODIFY l varchar(30)",
    "MODIFY c char(20)",
    "MODIFY c varchar(10)",
    "MODIFY d decimal(12,2)",
    "MODIFY d decimal(10,4)",
    "MODIFY e enum('x','y','z')",
    "MODIFY e varchar(10)",
    "MODIFY f mediumtext",
    "MODIFY h datetime(6)",
    "MODIFY h timestamp NULL",
    "MODIFY h date",
    "MODIFY i boolean",
    "MODIFY i int",
    "MODIFY j varbinary(20)",
    "ALTER COLUMN k SET DEFAULT 5",
    "ALTER COLUMN k DROP DEFAULT",
    "ADD INDEX n (a)",
    "ADD UNIQUE INDEX n (a)",
    "ADD CONSTRAINT n UNIQUE (a)",
    "ADD FULLTEXT INDEX n (f)",
    "ADD SPATIAL INDEX n (g)",
    "DROP INDEX ki",
    "RENAME INDEX ki TO kj",
    "DROP PRIMARY KEY",
    "DROP PRIMARY KEY, ADD PRIMARY KEY (id, k)",
    "ADD CONSTRAINT n FOREIGN KEY (a) REFERENCES p (id)",
    "ADD FOREIGN KEY (a) REFERENCES p (id)",
    "DROP FOREIGN KEY tp",
    "ADD CONSTRAINT n CHECK (a > 0)",
    "ADD CHECK (a > 0)",
    "DROP CONSTRAINT tc",
    "CONVERT TO CHARACTER SET latin1",
    "DEFAULT CHARACTER SET latin1",
    "ENGINE=InnoDB",
    "FORCE",
    "AUTO_INCREMENT=100",
)


def claims(command: str, *rules: str) -> list[str]:
    files = {
        "db/mysql/migrations/V1__a.sql": TABLE,
        "db/mysql/migrations/V2__b.sql": f"ALTER TABLE t {command};",
    }
    seen = check(files, Settings(level="auditor", select=rules))
    return [one.message for one in seen if one.path.endswith("V2__b.sql")]


def test_changes_that_make_writes_wait_are_those_that_are_told(mariadb: Server) -> None:
    """Both ways: what is refused beside writes is reported, and nothing else is."""
    said = mariadb.errors([Case(TABLE, f"ALTER TABLE t {one}, LOCK=NONE;") for one in COMMANDS])
    refused = {one: error for one, error in zip(COMMANDS, said, strict=True) if error}
    assert {one for one in COMMANDS if claims(one, *BLOCKING)} == set(refused)
    assert {one for one, error in refused.items() if not error.startswith(("1845 ", "1846 "))} == set()


def test_what_is_told_to_be_copied_is_copied(mariadb: Server) -> None:
    """What can be done in place, while writes wait, is not told to be a copy; without options all is done."""
    told = {one: claims(one, *BLOCKING) for one in COMMANDS}
    blocking = [one for one, words in told.items() if words]
    plain = mariadb.errors([Case(TABLE, f"ALTER TABLE t {one};") for one in blocking])
    assert set(plain) == {""}
    said = mariadb.errors([Case(TABLE, f"ALTER TABLE t {one}, ALGORITHM=INPLACE;") for one in blocking])
    copied = {one for one, error in zip(blocking, said, strict=True) if error}
    nobody_writes = {one for one, words in told.items() if any("nobody writes" in word for word in words)}
    assert copied == set(blocking) - nobody_writes


def test_keys_are_added_beside_writes_while_nobody_checks_them(mariadb: Server) -> None:
    command = "ADD FOREIGN KEY (a) REFERENCES p (id)"
    before = f"{TABLE} SET foreign_key_checks = 0;"
    assert mariadb.errors([Case(before, f"ALTER TABLE t {command}, ALGORITHM=INPLACE, LOCK=NONE;")]) == [""]
    assert claims(command, *BLOCKING) == ["`t` is written again to get a foreign key"]


class TestFixes:
    """What asks MySQL not to block is taken by the server, and reported no more."""

    def fixed(self, sql: str, name: str) -> str:
        path = "db/mysql/migrations/V2__b.sql"
        files = {"db/mysql/migrations/V1__a.sql": TABLE, path: sql}
        rule = next(one for one in ALL_RULES if one.name == name)
        return fix(files, rule)[0][path]

    def test_no_statement_that_gets_the_options_is_refused(self, mariadb: Server) -> None:
        found = [one for one in COMMANDS if claims(one, "unstated-lock")]
        statements = [self.fixed(f"ALTER TABLE t {one};", "unstated-lock") for one in found]
        assert len(found) > 20
        assert all(one.endswith(", ALGORITHM=INPLACE, LOCK=NONE;") for one in statements)
        assert {one for one in mariadb.errors([Case(TABLE, one) for one in statements]) if one} == set()

    def test_nothing_that_blocks_gets_them(self) -> None:
        blocking = [one for one in COMMANDS if claims(one, *BLOCKING)]
        assert [one for one in blocking if claims(one, "unstated-lock")] == []

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (
                "ALTER TABLE t ADD INDEX n (a), ALGORITHM=COPY;",
                "ALTER TABLE t ADD INDEX n (a), ALGORITHM=INPLACE, LOCK=NONE;",
            ),
            (
                "ALTER TABLE t ALGORITHM = COPY, LOCK = SHARED, ADD INDEX n (a);",
                "ALTER TABLE t ALGORITHM = INPLACE, LOCK = NONE, ADD INDEX n (a);",
            ),
            ("ALTER TABLE t DROP COLUMN f, LOCK=EXCLUSIVE;", "ALTER TABLE t DROP COLUMN f, LOCK=NONE;"),
            (
                "CREATE INDEX n ON t (a) ALGORITHM=COPY;",
                "CREATE INDEX n ON t (a) ALGORITHM=INPLACE LOCK=NONE;",
            ),
            (
                "ALTER TABLE t MODIFY a bigint, ALGORITHM=COPY;",
                "ALTER TABLE t MODIFY a bigint, ALGORITHM=COPY;",
            ),
        ],
    )
    def test_options_that_block_are_replaced(self, mariadb: Server, before: str, after: str) -> None:
        assert self.fixed(before, "blocking-alter-option") == after
        assert mariadb.errors([Case(TABLE, before), Case(TABLE, after)]) == ["", ""]

    def test_a_new_index_takes_them_without_a_comma(self, mariadb: Server) -> None:
        after = self.fixed("CREATE INDEX n ON t (a);", "unstated-lock")
        assert after == "CREATE INDEX n ON t (a) ALGORITHM=INPLACE LOCK=NONE;"
        assert mariadb.errors([Case(TABLE, after)]) == [""]

    def test_a_dropped_index_takes_none_in_mariadb(self, mariadb: Server) -> None:
        sql = "DROP INDEX ki ON t;"
        assert self.fixed(sql, "unstated-lock") == sql
        assert mariadb.errors([Case(TABLE, "DROP INDEX ki ON t LOCK=NONE;")])[0].startswith("1064")


def test_a_change_commits_what_is_open(mariadb: Server) -> None:
    """After the ROLLBACK the row is there: the last statement finds it, and fails."""
    change = "ALTER TABLE t ADD INDEX n (a);"
    undone = "START TRANSACTION; INSERT INTO p VALUES (1); {} ROLLBACK;"
    again = "INSERT INTO p VALUES (1);"
    cases = [Case(TABLE + undone.format(one), again) for one in (change, "")]
    assert [bool(one) for one in mariadb.errors(cases)] == [True, False]
    seen = check({"db/mysql/migrations/V2__b.sql": undone.format(change)})
    assert "`ALTER` commits the transaction that is open" in [one.message for one in seen]


def test_switching_checks_on_again_checks_nothing(mariadb: Server) -> None:
    key = "ALTER TABLE t ADD CONSTRAINT n FOREIGN KEY (a) REFERENCES p (id);"
    rows = "INSERT INTO t (id, a, g) VALUES (1, 7, POINT(1, 1));"
    off = f"SET foreign_key_checks = 0; {key} SET foreign_key_checks = 1;"
    said = mariadb.errors([Case(f"{TABLE} {rows}", key), Case(f"{TABLE} {rows} {off}", "SELECT 1;")])
    assert [bool(one) for one in said] == [True, False]
