"""How long plans of a large repository take: as a command, and of a server that is running."""

import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bench.scan import seconds
from bench.server import Editor, editor
from bench.workspace import name_of, write_repository

KINDS = ("deploy", "map")


class Timed(NamedTuple):
    """Milliseconds of one kind of plan: as a command, the first of a server, the next, and after an edit."""

    kind: str
    cold: float
    first: float
    again: float
    edited: float


def plan_times(files: int, runs: int) -> Iterator[str]:
    """Yield the rows of two tables: one row for each kind of plan, then one for each kind of edited file."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        write_repository(root, files)
        yield "| plan | command | server, first | again | after an edit |"
        yield "|---|---|---|---|---|"
        for kind in KINDS:
            one = _timed(root, kind, runs)
            yield f"| {one.kind} | {one.cold:.0f} | {one.first:.0f} | {one.again:.0f} | {one.edited:.0f} |"
        yield ""
        yield "| edits after a map | p50 | p95 |"
        yield "|---|---|---|"
        for edited in _edited(root):
            times = sorted(_edit_times(root, edited, runs * 20))
            p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
            yield f"| {edited.path.name} | {p50:.1f} | {p95:.1f} |"


class _Edited(NamedTuple):
    """A file, and the line of it that is written anew each time; `{}` is a number."""

    path: Path
    language: str
    line: str
    text: str


def _edited(root: Path) -> tuple[_Edited, ...]:
    deployment = root / "k8s" / "base" / name_of(10) / "deployment.yaml"
    migrations = sorted((root / "db" / name_of(10)).rglob("*.up.sql"))
    workflows = sorted((root / ".github" / "workflows").glob("*.yml"))
    return (
        _Edited(deployment, "yaml", "  replicas: ", "  replicas: {}"),
        _Edited(migrations[-1], "sql", "", "-- {}"),
        _Edited(workflows[0], "yaml", "name: ", "name: Release {}"),
    )


def _timed(root: Path, kind: str, runs: int) -> Timed:
    program = str(Path(sys.executable).parent / "rollsafe")
    cold = seconds((program, "plan", kind), root, runs) * 1000
    edited = _edited(root)[0]
    with editor(root, trusted=True) as client:
        line = _open(client, edited)
        first = client.plan(kind)
        again = statistics.median(client.plan(kind) for _ in range(runs * 2))
        after: list[float] = []
        for version in range(2, 2 + runs * 2):
            client.rewrite(version, line, edited.text.format(version))
            after.append(client.plan(kind))
    return Timed(kind, cold, first, again, statistics.median(after))


def _edit_times(root: Path, edited: _Edited, samples: int) -> Iterator[float]:
    with editor(root, trusted=True) as client:
        line = _open(client, edited)
        for version in range(2, 2 + samples):
            if version % 10 == 2:
                client.plan("map")
                client.settle(0.5)
            yield client.rewrite(version, line, edited.text.format(version))


def _open(client: Editor, edited: _Edited) -> int:
    text = edited.path.read_text()
    client.open(edited.path, edited.language, text)
    client.settle(4.0)
    lines = text.splitlines()
    return next(number for number, line in enumerate(lines) if line.startswith(edited.line))
