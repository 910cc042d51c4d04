"""What pipelines do for services, weak spots, what documents say, and the diagram."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rollsafe.plans.writing import cell, code, fence, link, place, table, written
from rollsafe_agents.project_orchestrator.map.coverage import STAGES
from rollsafe_agents.project_orchestrator.map.drawing import mermaid
from rollsafe_agents.project_orchestrator.map.evidence import listed, name_of
from rollsafe_agents.project_orchestrator.map.model import (
    MapCoverage,
    MapStage,
    MapWeakness,
    ServiceMap,
)
from rollsafe_agents.project_orchestrator.map.text_tables import few

_MANY: Final = 3
_GROUPED: Final = {
    "single replica": "are one pod each",
    "no probe": "have no probe: a hang is not noticed",
    "shared store": "are shared by several services: schema and load are theirs together",
}
"""What is said of many services at once, by kind of weak spot."""


def coverage(plan: ServiceMap) -> Iterator[str]:
    """Yield who does what for which service; those with the same jobs share a row."""
    if not any(stage.jobs for one in plan.coverage for stage in one.stages):
        yield "No pipeline here does anything for a service."
        return
    same: dict[object, list[MapCoverage]] = {}
    for one in plan.coverage:
        jobs = tuple((tuple(job.text for job in s.jobs), s.is_whole, s.is_unknown) for s in one.stages)
        same.setdefault(jobs, []).append(one)
    head = ("service", *(stage.value for stage in STAGES))
    rows = (
        (few((code(name_of(one.service)) for one in ones), 16), *map(_stage, ones[0].stages))
        for ones in same.values()
    )
    yield from table(head, rows, "")
    if any(stage.is_whole for one in plan.coverage for stage in one.stages):
        yield ""
        yield "(all): the job names no service, it is for the whole repository."
    yield from _missing(plan.coverage)


def _stage(stage: MapStage) -> str:
    if not stage.jobs:
        return "UNKNOWN" if stage.is_unknown else "**none**"
    return few(f"{cell(job.text)} {link(job.evidence)}" for job in stage.jobs) + (
        " (all)" if stage.is_whole else ""
    )


def _missing(found: Sequence[MapCoverage]) -> Iterator[str]:
    by_stage: dict[str, list[str]] = {}
    for one in found:
        for stage in one.missing:
            by_stage.setdefault(stage, []).append(name_of(one.service))
    by_names: dict[str, list[str]] = {}
    for stage, names in by_stage.items():
        whom = "any service" if len(names) == len(found) > 1 else listed(names, 12)
        by_names.setdefault(whom, []).append(stage)
    if by_names:
        yield ""
        yield "Nobody does it:"
        yield from (f"- {', '.join(stages)} for {whom}" for whom, stages in by_names.items())


def weak_spots(plan: ServiceMap) -> Iterator[str]:
    """Yield what everything stands and falls with."""
    yield from table(("kind", "what"), _weak(plan.weaknesses), "None found in what is written here.")


def _weak(found: Iterable[MapWeakness]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each weak spot, one for many of a kind."""
    by_kind: dict[str, list[MapWeakness]] = {}
    for one in found:
        by_kind.setdefault(one.kind, []).append(one)
    for kind, ones in by_kind.items():
        if kind in _GROUPED and len(ones) >= _MANY:
            names = listed((name_of(one.subject) for one in ones), 20)
            yield kind, f"{names} {_GROUPED[kind]} {place(ones[0].claim)}"
        else:
            yield from ((one.kind, written(one.claim, labelled=False)) for one in ones)


def drift(plan: ServiceMap) -> Iterator[str]:
    """Yield where documents and reality part."""
    if not plan.drift:
        yield "No document here names a service, port or path that is not there."
    yield from (f"- {written(claim, labelled=False)}" for claim in plan.drift)


def diagram(plan: ServiceMap) -> Iterator[str]:
    """Yield the map as a diagram."""
    if plan.services:
        yield from fence(mermaid(plan).rstrip("\n"), "mermaid")
    else:
        yield "There is nothing to draw."
