"""What jobs of GitLab, CircleCI and Azure do, the targets and scripts they call included."""

from collections.abc import Iterator

from rollsafe.artefacts.other_pipelines.model import Act as OtherAct
from rollsafe.artefacts.other_pipelines.model import OtherJob
from rollsafe.artefacts.other_pipelines.scripts import JobScript
from rollsafe.artefacts.recognition import Mark, is_database_image
from rollsafe.artefacts.recognition.circumstances import Circumstances, settled
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_acts import Act, in_order, judged, of_target


def of_other(job: OtherJob, graph: Graph | None, hops: int) -> Iterator[Act]:
    """Yield what a job of another kind of pipeline does; with a graph, what its commands call included."""
    acts = [act for placed in _placed(job, graph, hops) for act in placed]
    marks = {Mark.TEST_DATABASE for image in job.images if is_database_image(image)}
    env = [_own_variables(act) for act in acts]
    verdicts = settled(
        [act.classification for act in acts], env, Circumstances(job.variables, frozenset(marks))
    )
    for act, verdict in zip(acts, verdicts, strict=True):
        if verdict is not None:
            yield act if verdict is act.classification else judged(act, verdict)


def _own_variables(act: Act) -> dict[str, str]:
    raw = act.raw
    return {} if raw is None else {one.name: one.value for one in raw.assignments}


def _placed(job: OtherJob, graph: Graph | None, hops: int) -> Iterator[list[Act]]:
    """Yield what each task and each script of a job does, in order; what scripts call included."""
    held: dict[int, list[tuple[int, Act]]] = {}
    used = {id(one.script) for one in job.acts}
    waiting = [script for script in job.scripts if id(script) not in used]
    for one in job.acts:
        act = _own(one, job)
        if one.script is None:
            yield [act]
        elif id(one.script) not in held:
            own = [(it.where.start, _own(it, job)) for it in job.acts if it.script is one.script]
            held[id(one.script)] = own
            yield list(in_order(own, _called(one.script, job, graph, hops)))
    for script in waiting:
        yield list(in_order([], _called(script, job, graph, hops)))


def _own(one: OtherAct, job: OtherJob) -> Act:
    file = one.file or job.file
    return Act(one.classification, file, one.where, None, None, 0, one.command, repairs=one.repairs)


def _called(script: JobScript, job: OtherJob, graph: Graph | None, hops: int) -> list[tuple[int, Act]]:
    if graph is None or not hops:
        return []
    calls = script.calls(job.pipeline.root)
    return [(call.where.start, act) for call in calls for act in of_target(call, None, graph, hops)]
