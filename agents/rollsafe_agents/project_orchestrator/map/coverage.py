"""What pipelines do for each service, stage by stage, and which stage nobody does."""

from collections.abc import Sequence
from typing import Final

from rollsafe.workspace.system import JobFact, Stage, System
from rollsafe.workspace.system.jobs import Deed
from rollsafe_agents.project_orchestrator.map.evidence import at, name_of
from rollsafe_agents.project_orchestrator.map.model import Fact, MapCoverage, MapService, MapStage

_OF_DEPLOYMENTS: Final = frozenset({Stage.DEPLOY, Stage.VERIFY, Stage.ROLLBACK})
"""Stages that belong to a deployment: who does one for what is not known may do all of them for it."""

STAGES: Final = (
    Stage.LINT, Stage.TEST, Stage.BUILD, Stage.SCAN, Stage.DEPLOY, Stage.VERIFY, Stage.ROLLBACK,
)  # fmt: skip


def coverage_of(system: System, services: Sequence[MapService]) -> list[MapCoverage]:
    """Return the coverage of the services that are built here or deployed by a pipeline."""
    covered = {cover.service for cover in system.coverage if not cover.is_whole}
    wanted = [one for one in services if one.kind == "service"]
    open_ones = _OF_DEPLOYMENTS if unplaced_deployments(system) else frozenset[Stage]()
    return [_of(one, system, open_ones) for one in wanted if one.code or one.dockerfile or one.id in covered]


def _of(service: MapService, system: System, unknown: frozenset[Stage]) -> MapCoverage:
    stages = [_stage(service.id, stage, system, is_open=stage in unknown) for stage in STAGES]
    return MapCoverage(
        service=service.id,
        stages=tuple(stages),
        missing=tuple(one.stage for one in stages if not one.jobs and not one.is_unknown),
    )


def unplaced_deployments(system: System) -> list[tuple[JobFact, Deed]]:
    """Return the jobs that deploy something nobody can tell, each with what it does first."""
    placed = {cover.job for cover in system.coverage if cover.stage is Stage.DEPLOY}
    found = ((job, [deed for deed in job.deeds if deed.stage is Stage.DEPLOY]) for job in system.jobs)
    return [(job, deeds[0]) for job, deeds in found if deeds and job.id not in placed]


def _stage(id_: str, stage: Stage, system: System, *, is_open: bool) -> MapStage:
    found = [cover for cover in system.coverage_of.get(id_, ()) if cover.stage is stage]
    own = [cover for cover in found if not cover.is_whole]
    jobs: dict[str, Fact] = {}
    for cover in own or found:
        jobs.setdefault(cover.job, Fact(text=name_of(cover.job).rpartition("#")[2], evidence=at(cover.place)))
    return MapStage(
        stage=stage.value,
        jobs=tuple(jobs.values()),
        is_whole=bool(found) and not own,
        is_unknown=is_open and not jobs,
    )
