"""Processor time of an edit in the engine alone, which the load of the machine blurs less than wall time."""

import gc
import statistics
import time
from collections.abc import Iterator
from datetime import date

from bench.inputs import path_of, text_of
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.project import Project
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.snapshot import Snapshot

TYPED = {
    "workflow": "pip install",
    "kubernetes": "value: info",
    "sql": "    state",
    "dockerfile": "RUN pip install",
    "openapi": "summary: Get thing",
}
"""The words behind which something is typed, in the middle of the file."""

_WARM_UP = 25


def edit_times(kind: str, lines: int, samples: int) -> tuple[float, float]:
    """Return median and 95th percentile of an edit in ms, all rules on; no text comes twice."""
    path, text = path_of(kind), text_of(kind, lines)
    source = SourceFile(path, text)
    snapshot = Snapshot("/project", Settings(level="auditor"), {path: source}, frozenset({path}))
    project = Project.open(snapshot, date(2026, 6, 1))
    project.analyse()
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 1_000)
    times: list[float] = []
    for count, changed in zip(range(_WARM_UP + samples), _typed(kind, text), strict=False):
        began = time.process_time()
        project.replace({path: changed})
        if count >= _WARM_UP:
            times.append((time.process_time() - began) * 1_000)
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def _typed(kind: str, text: str) -> Iterator[str]:
    words = TYPED[kind]
    at = text.rindex(words, 0, len(text) // 2) + len(words)
    count = 0
    while True:
        yield f"{text[:at]}{' x' if kind in ('workflow', 'dockerfile') else ''}{count}{text[at:]}"
        count += 1
