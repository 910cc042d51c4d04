"""What rules claim of MySQL, asked of MariaDB: what makes writes wait is refused with `LOCK=NONE`.

Each case is a command of ALTER TABLE. All of them are run in one session, in a database each.
"""

from __future__ import annotations

from rollsafe.workspace.settings import Settings
from tests.checking import check
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
