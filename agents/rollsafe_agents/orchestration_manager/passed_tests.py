"""How to see that the tests of a change passed: by their runs, or by running them where those are on hold."""

from collections.abc import Iterator, Sequence
from typing import Final

from rollsafe.artefacts.github_workflow import Job, Workflow
from rollsafe.artefacts.recognition import Role
from rollsafe.plans.commands import access_for, line
from rollsafe.plans.contribution import DraftStep, Phase, PlanContext, evidence, fact
from rollsafe.plans.model import Claim, Evidence
from rollsafe.plans.pipeline_tests import tests_of
from rollsafe.text.records import open_record
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_gates import gates, really_tests
from rollsafe.workspace.pipelines import deployments, roles_of_job
from rollsafe.workspace.rollout import Scope

_ON_CHANGE: Final = frozenset({"push", "pull_request", "merge_group"})
_ON_COMMIT: Final = ("push", "merge_group")
"""Events whose runs belong to the commit that is deployed; a pull request's may belong to another."""

_HEAD: Final = "$(git rev-parse HEAD)"
_MOST_TESTS: Final = 3
_MOST_NAMES: Final = 4


@open_record
class Watched:
    """A workflow that tests every change of the files at hand, and the jobs that do."""

    workflow: Workflow
    tests: tuple[Job, ...]
    deploys: bool

    @property
    def title(self) -> str:
        """What the forge calls it."""
        return self.workflow.name or self.workflow.file.path

    @property
    def listed(self) -> str:
        """Its tests, the first few by name."""
        names = [f"`{job.id}`" for job in self.tests]
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        return ", ".join(names[:_MOST_NAMES]) + more


def steps(context: PlanContext, jobs: Sequence[Job], held: Sequence[Workflow]) -> Iterator[DraftStep]:
    """Yield the gates; `jobs` deploy, and runs of `held` workflows say nothing."""
    found = [one for one in _watched(context) if not any(one.workflow is other for other in held)]
    on_commit = [one for one in found if _runs_on_commit(context, one.workflow)]
    plain = [one for one in on_commit if not one.deploys]
    if len(plain) == 1:
        yield _run_of(plain[0])
    elif plain:
        yield _runs_of(plain)
    for one in on_commit:
        if one.deploys:
            yield _checks_of(one)
    if not on_commit and found:
        yield _in_review(found)
    elif not found:
        yield from _own_tests(context, jobs)


def _watched(context: PlanContext) -> Iterator[Watched]:
    if context.rollout.scope is Scope.WHOLE:
        return  # Without a base there is no commit whose run could be asked for.
    graph = context.after.graph
    for workflow in context.after.elements(Workflow):
        if not any(_starts(context, workflow, event) for event in _ON_CHANGE):
            continue
        tests = tuple(job for job in gates(workflow, graph) if _is_test(job, graph))
        if tests:
            yield Watched(workflow, tests, any(deployments(job, graph) for job in workflow.jobs))


def _is_test(job: Job, graph: Graph) -> bool:
    return really_tests(job, graph) or Role.VERIFY in roles_of_job(job, graph)


def _runs_on_commit(context: PlanContext, workflow: Workflow) -> bool:
    return any(_starts(context, workflow, event) for event in _ON_COMMIT)


def _starts(context: PlanContext, workflow: Workflow, event: str) -> bool:
    """Say whether the event starts the workflow for what differs; nobody knows what did in a redeployment."""
    trigger = workflow.triggers.get(event)
    return trigger is not None and trigger.concerns(context.rollout.changed)


# Steps -------------------------------------------------------------------------------------------


def _run_of(one: Watched) -> DraftStep:
    name = one.workflow.file.name
    command = line(
        *("gh", "run", "list", "--workflow", name, "--commit", _HEAD),
        *("--json", "conclusion", "--jq", ".[0].conclusion"),
    )
    return _step(f"see that {one.listed} of `{name}` passed", command, _claim([one]), "`success`")


def _runs_of(found: Sequence[Watched]) -> DraftStep:
    command = line(
        *("gh", "run", "list", "--commit", _HEAD, "--limit", "50", "--json", "workflowName,conclusion"),
        *("--jq", '.[] | .workflowName + ": " + .conclusion'),
    )
    expected = "`success` for " + ", ".join(f"`{one.title}`" for one in found)
    return _step("see that the tests of this commit passed", command, _claim(found), expected)


def _checks_of(one: Watched) -> DraftStep:
    """Return the look at single jobs: the run itself is over only after it has deployed."""
    command = line(
        *("gh", "api", f"repos/{{owner}}/{{repo}}/commits/{_HEAD}/check-runs?per_page=100"),
        *("--jq", '.check_runs[] | .name + ": " + (.conclusion // "running")'),
    )
    names = ", ".join(f"`{job.name or job.id}`" for job in one.tests[:_MOST_NAMES])
    more = f" and {len(one.tests) - _MOST_NAMES} more" if len(one.tests) > _MOST_NAMES else ""
    title = f"see that {one.listed} of `{one.workflow.file.name}` passed"
    return _step(title, command, _claim([one]), f"`success` for all that begin with {names}{more}")


def _in_review(found: Sequence[Watched]) -> DraftStep:
    """Return the look at the pull request: its runs may belong to another commit than the one deployed."""
    command = line("gh", "pr", "checks")
    listed = ", ".join(one.listed for one in found)
    expected = f"`pass` for {listed}; asked on the branch of the change, before it is merged"
    return _step("see that the tests of the pull request passed", command, _claim(found), expected)


def _step(title: str, command: str, claim: Claim, expected: str) -> DraftStep:
    return DraftStep(Phase.GATES, title, command, claim, expected, access_for(command))


def _claim(found: Sequence[Watched]) -> Claim:
    jobs = [(one, job) for one in found for job in one.tests]
    told = "; ".join(f"`{one.workflow.file.name}` tests with {one.listed}" for one in found)
    return fact(told, *(evidence(job, job.key) for _, job in jobs[:_MOST_TESTS]))


def _own_tests(context: PlanContext, jobs: Sequence[Job]) -> Iterator[DraftStep]:
    found: dict[str, tuple[Job, Evidence]] = {}
    workflows = {id(job.workflow): job.workflow for job in jobs}
    if context.rollout.scope is Scope.WHOLE:
        every = context.after.elements(Workflow)
        workflows |= {id(one): one for one in every if _ON_CHANGE & one.triggers.keys()}
    for test in tests_of(workflows.values(), context.after.graph):
        if test.command is not None:
            found.setdefault(test.command, (test.job, test.where))
    for command, (job, where) in list(found.items())[:_MOST_TESTS]:
        title = f"run the tests of job `{job.id}`"
        yield _step(title, command, fact("the pipeline's own test", where), "exit code 0")
