"""Jobs as parts of the graph: what they wait for, read, build, migrate and deploy."""

from collections.abc import Sequence
from typing import Final

from rollsafe.workspace.system.coverage import coverage, services_of
from rollsafe.workspace.system.facts import Place
from rollsafe.workspace.system.fragments import Fragment
from rollsafe.workspace.system.jobs import Deed, JobFact, Stage
from rollsafe.workspace.system.layers import Layer
from rollsafe.workspace.system.model import NodeKind, Relation
from rollsafe.workspace.system.names import Names
from rollsafe.workspace.system.parts import Parts
from rollsafe.workspace.system.services import environment_named

_DELIVERY: Final = Layer.DELIVERY


def fragment_of_pipeline(jobs: tuple[JobFact, ...], homes: tuple[str, ...], names: Names) -> Fragment:
    """Return a pipeline with its jobs, and what these do to services and migrations."""
    parts = Parts()
    gates = {job.id for job in jobs if job.is_gate}
    for job in jobs:
        _job(parts, job, gates)
        for deed in job.deeds:
            _deed(parts, names, job, deed, homes)
    return Fragment((jobs, homes, names), {}, parts, covers=coverage(names, jobs))


def _job(parts: Parts, job: JobFact, gates: set[str]) -> None:
    pipeline = parts.node(NodeKind.PIPELINE, job.workflow, _DELIVERY, Place(job.workflow, 1))
    parts.node(NodeKind.JOB, job.id.partition(":")[2], _DELIVERY, job.place)
    parts.edge(pipeline, job.id, Relation.CONTAINS, "", job.place)
    for need, place in job.needs:
        if need in gates:
            parts.edge(need, job.id, Relation.GATES, "", place)
        parts.edge(job.id, need, Relation.DEPENDS, "", place)
    for cron, place in job.crons:
        node = parts.node(NodeKind.SCHEDULE, cron, _DELIVERY, place)
        parts.edge(pipeline, node, Relation.SCHEDULE, cron, place)
    _uses(parts, job)
    _environment(parts, job)


def _uses(parts: Parts, job: JobFact) -> None:
    for use in job.uses:
        if use.kind == "secret":
            node = parts.node(NodeKind.SECRET, f"pipeline/{use.name}", Layer.PLATFORM, use.place)
            parts.edge(job.id, node, Relation.SECRET, use.name, use.place)
        elif use.kind == "variable":
            node = parts.node(NodeKind.CONFIG, f"pipeline/{use.name}", Layer.PLATFORM, use.place)
            parts.edge(job.id, node, Relation.CONFIG, use.name, use.place)


def _environment(parts: Parts, job: JobFact) -> None:
    if job.environment and any(deed.stage in (Stage.DEPLOY, Stage.MIGRATE) for deed in job.deeds):
        name = environment_named(job.environment)
        node = parts.node(NodeKind.ENVIRONMENT, name, _DELIVERY, job.place)
        parts.edge(job.id, node, Relation.TARGETS, "", job.place)


def _deed(parts: Parts, names: Names, job: JobFact, deed: Deed, homes: Sequence[str]) -> None:
    if deed.stage is Stage.MIGRATE:
        for home in homes:
            if home in deed.words or (home and home == deed.directory):
                parts.edge(job.id, f"migrations:{home or '.'}", Relation.MIGRATES, deed.title, deed.place)
    relation = {Stage.DEPLOY: Relation.DEPLOYS, Stage.BUILD: Relation.BUILDS}.get(deed.stage)
    if relation is not None:
        for id_ in services_of(deed, job, names):
            parts.edge(job.id, id_, relation, deed.title, deed.place)
