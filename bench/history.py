"""How long a long history of migrations takes: as a command, and an edit of its newest file."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.scan import seconds
from bench.server import editor

TABLES = 120
"""Tables that the history makes first and then changes in turn."""

NEW = """\
CREATE TABLE {table} (id bigint PRIMARY KEY, name text NOT NULL, total numeric(12,2) DEFAULT 0);
CREATE INDEX {table}_name ON {table} (name);
"""
CHANGE = """\
ALTER TABLE {table} ADD COLUMN c{number} text;
CREATE INDEX CONCURRENTLY IF NOT EXISTS {table}_c{number} ON {table} (c{number});
ALTER TABLE {table} DROP COLUMN IF EXISTS c{old};
UPDATE {table} SET c{number} = name WHERE id < 100;
"""


def write_history(root: Path, files: int) -> Path:
    """Write migrations for Flyway; most of them hold two hazards. Return the newest."""
    directory = root / "db" / "migrations"
    directory.mkdir(parents=True)
    newest = directory
    for number in range(1, files + 1):
        text = (NEW if number <= TABLES else CHANGE).format(
            table=f"t{number % TABLES}", number=number, old=number - 2 * TABLES
        )
        newest = directory / f"V{number}__change_{number}.sql"
        newest.write_text(text)
    (root / "rollsafe.toml").write_text("root = true\n")
    return newest


def history_times(files: int, runs: int) -> Iterator[str]:
    """Yield the rows of a table: the whole history as a command, then edits of its newest file."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        newest = write_history(root, files)
        program = str(Path(sys.executable).parent / "rollsafe")
        cold = seconds((program, "check", "--exit-zero", "--format", "json"), root, runs)
        yield f"| cold check | {cold * 1000:.0f} |"
        with editor(root) as client:
            client.open(newest, "sql", newest.read_text())
            client.settle(3.0)
            rewritten = (
                client.rewrite(version, 0, f"ALTER TABLE t{version % TABLES} ADD COLUMN d{version} text;")
                for version in range(2, 2 + runs * 30)
            )
            times = sorted(rewritten)
        yield f"| edit in the newest file, p50 | {times[len(times) // 2]:.1f} |"
        yield f"| edit in the newest file, p95 | {times[int(len(times) * 0.95)]:.1f} |"
