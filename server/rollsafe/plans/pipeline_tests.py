"""The tests a repository's pipelines run, as commands that can be pasted."""

from collections.abc import Iterable, Iterator

from rollsafe.artefacts.github_workflow import Job, Workflow
from rollsafe.artefacts.recognition import Role
from rollsafe.plans.commands import from_pipeline, is_known
from rollsafe.plans.contribution import place_in
from rollsafe.plans.model import Evidence
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.delivery import written
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_gates import gates
from rollsafe.workspace.pipelines import activities_of


class PipelineTest(NamedTuple):
    """A test that a job runs; `command` is None where it cannot be repeated as it is."""

    job: Job
    command: str | None
    where: Evidence


def tests_of(workflows: Iterable[Workflow], graph: Graph) -> Iterator[PipelineTest]:
    """Yield the tests of the jobs that test before anything is deployed, in source order."""
    for workflow in workflows:
        for job in gates(workflow, graph):
            for act in activities_of(job, graph):
                if Role.TEST in act:
                    command = from_pipeline(written(act) or "")
                    known = command if command is not None and is_known(command) else None
                    yield PipelineTest(job, known, place_in(act.file, act.where))
