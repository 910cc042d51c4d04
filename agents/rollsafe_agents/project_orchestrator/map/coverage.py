"""What pipelines do for each service, stage by stage, and which stage nobody does."""

from collections.abc import Sequence
from typing import Final

from rollsafe.workspace.system import Stage, System
from rollsafe_agents.project_orchestrator.map.evidence import at, name_of
from rollsafe_agents.project_orchestrator.map.model import Fact, MapCoverage, MapService, MapStage

STAGES: Final = (
    Stage.LINT, Stage.TEST, Stage.BUILD, Stage.SCAN, Stage.DEPLOY, Stage.VERIFY, Stage.ROLLBACK,
)  # fmt: skip


def coverage_of(system: System, services: Sequence[MapService]) -> list[MapCoverage]:
    """Return the coverage of the services that are built here or deployed by a pipeline."""
    covered = {cover.service for cover in system.coverage if not cover.is_whole}
    wanted = [one for one in services if one.kind == "service"]
    return [_of(one, system) for one in wanted if one.code or one.dockerfile or one.id in covered]


def _of(service: MapService, system: System) -> MapCoverage:
    stages = [_stage(service.id, stage, system) for stage in STAGES]
    return MapCoverage(
        service=service.id,
        stages=tuple(stages),
        missing=tuple(one.stage for one in stages if not one.jobs),
    )


def _stage(id_: str, stage: Stage, system: System) -> MapStage:
    found = [cover for cover in system.coverage_of.get(id_, ()) if cover.stage is stage]
    own = [cover for cover in found if not cover.is_whole]
    jobs: dict[str, Fact] = {}
    for cover in own or found:
        jobs.setdefault(cover.job, Fact(text=name_of(cover.job).rpartition("#")[2], evidence=at(cover.place)))
    return MapStage(stage=stage.value, jobs=tuple(jobs.values()), is_whole=bool(found) and not own)
