"""What the rules show as good makes nobody wait while a table is read through; the bad does."""

from __future__ import annotations

import re

import pytest

from tests.postgres.conftest import NewDatabase
from tests.postgres.lock_cases import BASE, OUTSIDE, PARTITION, PARTITIONED, ROWS, Case
from tests.postgres.measuring import READERS_MODE, WRITERS_MODE, done, measure, waits
from tests.postgres.rule_cases import BEFORE
from tests.postgres.runner import How, steps
from tests.postgres.server import Database, Session, session
from tests.postgres.test_rule_examples import BY_NAME, example

ABOUT_SCANS = (
    "check-validated-inline",
    "column-added-with-rewrite",
    "constraint-validated-in-same-transaction",
    "domain-constraint-scan",
    "foreign-key-validated-inline",
    "set-not-null-scan",
)
"""Rules whose fix takes the scan out from under the lock; each transaction of theirs can be measured."""
TARGETS = {"domain-constraint-scan": "people"}
CONCURRENT = [one for one in OUTSIDE if one.name != "vacuum full"]


@pytest.mark.parametrize("heading", ["Bad", "Good"])
@pytest.mark.parametrize("name", ABOUT_SCANS)
def test_nobody_waits_for_a_scan(name: str, heading: str, new_database: NewDatabase) -> None:
    database = new_database()
    database.run(BEFORE[name])
    table = TARGETS.get(name, "orders")
    blocking = [
        blocks_while_it_works(database, table, step.up.text)
        for step in steps(example(BY_NAME[name], heading))
    ]
    assert any(blocking) is (heading == "Bad")


def blocks_while_it_works(database: Database, table: str, sql: str) -> bool:
    """Run a transaction; say whether writers of a table wait when a statement has gone through its rows."""
    statements = [one for one in re.split(r";\s*$", sql, flags=re.M) if one.strip()]
    blocks, worked = False, False
    for count in range(1, len(statements) + 1):
        part = ";\n".join(statements[:count])
        found = measure(database, part)
        works = table in found.read | found.written
        if works and not worked:
            blocks = blocks or writers_wait(database, table, part)
        worked = works
    database.wrapped(sql)
    return blocks


def writers_wait(database: Database, table: str, sql: str) -> bool:
    with session(database, "holder") as holder:
        holder.hold(sql)
        return waits(database, table, WRITERS_MODE)


@pytest.mark.parametrize("case", CONCURRENT, ids=[one.name for one in CONCURRENT])
def test_concurrent_statements_let_readers_and_writers_through(case: Case, new_database: NewDatabase) -> None:
    database = new_database()
    setup = case.setup or (PARTITIONED, PARTITION)
    database.run(";\n".join([BASE, ROWS, *setup]))
    with session(database, "writer") as writer:
        writer.hold("INSERT INTO t (id) VALUES (9000); INSERT INTO pt VALUES (5, 5)")
        worker = Session(database, "worker")
        worker.write(case.sql)
        worker.write("SELECT 1 AS finished")
        database.until(
            "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'worker'"
            " AND (query LIKE '%finished%' OR wait_event_type = 'Lock')"
        )
        assert not waits(database, case.on, READERS_MODE)
        assert not waits(database, case.on, WRITERS_MODE)
        writer.write("COMMIT")
        writer.close()
        done(worker)


def test_index_built_the_plain_way_keeps_writers_waiting(new_database: NewDatabase) -> None:
    name = "index-created-non-concurrently"
    database = new_database()
    database.run(BEFORE[name])
    (bad,), (good,) = (steps(example(BY_NAME[name], heading)) for heading in ("Bad", "Good"))
    assert (bad.up.how, good.up.how) == (How.WRAPPED, How.APART)
    assert blocks_while_it_works(database, "orders", bad.up.text)
