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
    """Yield the rows of a table: one for each kind of plan, then edits while a map is kept."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        write_repository(root, files)
        yield "| plan | command | server, first | again | after an edit |"
        yield "|---|---|---|---|---|"
        for kind in KINDS:
            one = _timed(root, kind, runs)
            yield f"| {one.kind} | {one.cold:.0f} | {one.first:.0f} | {one.again:.0f} | {one.edited:.0f} |"
        yield ""
        yield from _edits(root, runs * 20)


def _timed(root: Path, kind: str, runs: int) -> Timed:
    program = str(Path(sys.executable).parent / "rollsafe")
    cold = seconds((program, "plan", kind), root, runs) * 1000
    path, text = _deployment(root)
    with editor(root, trusted=True) as client:
        client.open(path, "yaml", text)
        client.settle(4.0)
        first = client.plan(kind)
        again = statistics.median(client.plan(kind) for _ in range(runs * 2))
        edited: list[float] = []
        for version in range(2, 2 + runs * 2):
            client.edit(version, text.count("\n") // 2)
            edited.append(client.plan(kind))
    return Timed(kind, cold, first, again, statistics.median(edited))


def _edits(root: Path, samples: int) -> Iterator[str]:
    path, text = _deployment(root)
    with editor(root, trusted=True) as client:
        client.open(path, "yaml", text)
        client.settle(4.0)
        client.plan("map")
        client.settle(1.0)
        times = sorted(_edit_times(client, text.count("\n") // 2, samples))
    p95 = times[int(len(times) * 0.95)]
    yield f"An edit while the map is kept: p50 {times[len(times) // 2]:.1f} · p95 {p95:.1f}"


def _edit_times(client: Editor, line: int, samples: int) -> Iterator[float]:
    return (client.edit(version, line) for version in range(2, 2 + samples))


def _deployment(root: Path) -> tuple[Path, str]:
    path = root / "k8s" / "base" / name_of(10) / "deployment.yaml"
    return path, path.read_text()
