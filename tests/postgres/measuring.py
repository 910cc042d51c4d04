"""What statements do on a server: locks they hold, tables they read through or write anew, who waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.postgres.server import Database, Refused, Session, session

MODES = (
    "ACCESS SHARE",
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
)
"""The lock modes, weakest first."""
WRITERS_MODE = "ROW EXCLUSIVE"
READERS_MODE = "ACCESS SHARE"

_RELATIONS = """
    SELECT c.oid, c.relname, c.relkind, c.relfilenode FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'm', 'i', 'I')"""
_LOCKS = """
    SELECT CASE WHEN b.relkind IN ('i', 'I') THEN 'index' ELSE 'lock' END, b.relname, regexp_replace(l.mode, 'Lock$', '') FROM pg_locks l JOIN before b ON b.oid = l.relation
    WHERE l.locktype = 'relation' AND l.pid = pg_backend_pid()"""
_PARTS = """
    SELECT 'part', c.relname, p.relname FROM pg_inherits i JOIN before c ON c.oid = i.inhrelid
    JOIN before p ON p.oid = i.inhparent WHERE p.relkind = 'p'"""
_NEW_FILES = f"""
    SELECT 'written', b.relname, '' FROM before b JOIN ({_RELATIONS}) a USING (oid)
    WHERE a.relfilenode <> b.relfilenode AND b.relkind IN ('r', 'm')"""
_SCANNED = "CREATE TEMP TABLE scanned AS SELECT relid, seq_scan FROM pg_stat_xact_user_tables"
"""What the session has read before; no statistics leave a session within a transaction."""
_SCANS = """
    SELECT 'read', b.relname, '' FROM pg_stat_xact_user_tables s JOIN before b ON b.oid = s.relid
    LEFT JOIN scanned e USING (relid) WHERE s.seq_scan > coalesce(e.seq_scan, 0)"""


@dataclass
class Measured:
    """What a transaction, or a statement outside of one, did to the relations that were there before."""

    locks: dict[str, str] = field(default_factory=dict[str, str])
    index_locks: dict[str, str] = field(default_factory=dict[str, str])
    parts: dict[str, str] = field(default_factory=dict[str, str])
    """The parent of each partition there was."""
    read: set[str] = field(default_factory=set[str])
    written: set[str] = field(default_factory=set[str])
    refused: str = ""
    """What the server objects to."""

    def note(self, rows: list[list[str]]) -> None:
        for kind, name, value in rows:
            if kind in ("lock", "index"):
                mode, found = mode_named(value), self.locks if kind == "lock" else self.index_locks
                found[name] = max(found.get(name, mode), mode, key=MODES.index)
            elif kind == "part":
                self.parts[name] = value
            elif kind == "read":
                self.read.add(name)
            elif kind == "written":
                self.written.add(name)


def mode_named(name: str) -> str:
    """Return `ACCESS SHARE` for `AccessShare`."""
    words = "".join(f" {char}" if char.isupper() else char for char in name)
    return words.strip().upper()


def measure(database: Database, sql: str, setup: str = "", *, keep: bool = False) -> Measured:
    """Run `sql` in one transaction, after `setup`, and return what it did; nothing stays unless `keep`."""
    remember = f"CREATE TEMP TABLE before AS {_RELATIONS}"
    look = f"{_LOCKS};\n{_NEW_FILES};\n{_SCANS}"
    end = "COMMIT" if keep else "ROLLBACK"
    rows = database.run(f"{setup};\n{remember};\n{_PARTS};\nBEGIN;\n{_SCANNED};\n{sql};\n{look};\n{end};")
    found = Measured()
    found.note([row for row in rows if len(row) == 3])
    return found


def measure_each(database: Database, fresh: str, cases: Sequence[tuple[str, str]]) -> list[Measured]:
    """Measure statements one by one, each given with its setup, on what `fresh` makes; one session runs all."""
    clear = "DROP SCHEMA public CASCADE;\nDROP SCHEMA IF EXISTS elsewhere CASCADE;\nCREATE SCHEMA public"
    script = [f"CREATE TEMP TABLE before AS {_RELATIONS}"]
    for setup, sql in cases:
        script += ["SELECT 'case'", f"BEGIN;\n{clear};\n{fresh};\nCOMMIT", setup, "TRUNCATE before"]
        script += [f"INSERT INTO before {_RELATIONS}", _PARTS, "BEGIN", _SCANNED, f"{sql};\n{_ANSWER}"]
        script += [_LOCKS, _NEW_FILES, _SCANS, "ROLLBACK"]
    found: list[Measured] = []
    for row in database.run(";\n".join([*script, ""]), "-v", "ON_ERROR_STOP=0"):
        if row == ["case"]:
            found.append(Measured())
        elif row[0] == "refused":
            found[-1].refused = row[1]
        else:
            found[-1].note([row] if len(row) == 3 else [])
    return found


_ANSWER = "\\if :ERROR\n\\qecho 'refused\x1f' :LAST_ERROR_MESSAGE '\x1e'\n\\endif\nSELECT 1"


def requested(database: Database, sql: str, held: str) -> Measured:
    """Run `sql` outside of a transaction against the lock `held`; return what it holds and waits for.

    `held` is a relation and a mode. The statement goes on when the lock is gone, and must succeed.
    """
    with session(database, "holder") as holder:
        holder.hold(f"LOCK TABLE {held} MODE")
        worker = Session(database, "worker")
        worker.write(sql)
        database.until(_WAITING)
        rows = database.run(_LOCKS_OF_WORKER)
        holder.close()
        done(worker)
    found = Measured()
    found.note(rows)
    return found


def done(worker: Session) -> None:
    """Wait for a session whose statements must succeed."""
    said = worker.close()
    if worker.process.returncode:
        raise Refused(said)


def work_outside(database: Database, sql: str) -> Measured:
    """Run `sql` outside of a transaction; return which tables it reads through or writes anew."""
    scans = "SELECT relid, seq_scan FROM pg_stat_user_tables"
    database.run(
        f"CREATE TABLE before AS {_RELATIONS};\nCREATE TABLE scans AS {scans};\nCREATE TABLE last ()"
    )
    database.run(f"{sql};\nTABLE last")
    database.run(_UNTIL_TOLD)
    changed = "SELECT 'read', u.relname, '' FROM pg_stat_user_tables u JOIN scans s USING (relid) WHERE u.seq_scan > s.seq_scan"
    found = Measured()
    found.note(database.run(f"{_NEW_FILES};\n{changed}", "-o", "/dev/stdout"))
    return found


def waits(database: Database, table: str, mode: str) -> bool:
    """Say whether a session that asks for a lock now would have to wait."""
    try:
        database.wrapped(f"LOCK TABLE {table} IN {mode} MODE NOWAIT")
    except Refused as refused:
        if "could not obtain lock" not in str(refused):
            raise
        return True
    return False


_UNTIL_TOLD = """
    DO $$ BEGIN
        FOR tried IN 1..3000 LOOP
            PERFORM pg_stat_clear_snapshot();
            IF (SELECT seq_scan > 0 FROM pg_stat_user_tables WHERE relname = 'last') THEN RETURN; END IF;
            PERFORM pg_sleep(0.01);
        END LOOP;
        RAISE 'what the session has read is never told';
    END $$"""
"""Up to version 14 what a session has read becomes known after its end, and in order."""
_OF_WORKER = "JOIN pg_stat_activity a USING (pid) WHERE a.application_name = 'worker'"
_WAITING = f"SELECT count(*) > 0 FROM pg_locks l {_OF_WORKER} AND NOT l.granted"
_LOCKS_OF_WORKER = f"""
    SELECT 'lock', c.relname, regexp_replace(l.mode, 'Lock$', '') FROM pg_locks l
    JOIN pg_class c ON c.oid = l.relation AND c.relkind <> 't' AND c.oid > 16383 {_OF_WORKER}"""
