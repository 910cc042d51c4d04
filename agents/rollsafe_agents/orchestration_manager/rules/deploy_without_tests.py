"""A production deployment does not wait for the tests beside it.

## What it does
Reports workflows that deploy to production without waiting, by `needs`, for jobs of the same workflow that run
tests or linters. Jobs that cannot run at the same time, that may fail, or that follow the deployment are left alone.
Where the workflow has no tests of its own, tests that another workflow starts on the same push are named.

## Why it matters
Jobs without `needs` start together. A commit that breaks the tests is live minutes before the tests say so, and the
red cross beside it looks as if it had been stopped.

## Bad
```yaml title=".github/workflows/deploy.yml"
name: deploy
on:
  push:
    branches: [main]
permissions:
  contents: read
concurrency:
  group: deploy-production
  cancel-in-progress: false
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
  deploy:  # <-
    environment: production
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
```

## Good
```yaml title=".github/workflows/deploy.yml"
name: deploy
on:
  push:
    branches: [main]
permissions:
  contents: read
concurrency:
  group: deploy-production
  cancel-in-progress: false
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
  deploy:
    needs: [test]
    environment: production
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
```

## Fix
Lets the first deployment wait for the tests. Unsafe: a release takes as long as they do, and one that is flaky holds
it up.

## References
- [GitHub: needs](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idneeds)

## Equivalent rules
None known.
"""

from collections.abc import Iterator, Sequence

from rollsafe.artefacts.github_workflow import Job, Workflow
from rollsafe.artefacts.other_pipelines.model import OtherJob
from rollsafe.artefacts.recognition import Role, role_of_name
from rollsafe.rules import Confidence, Edit, Finding, Fix, Related, Safety, Severity, rule
from rollsafe.rules.pipeline_jobs import wait_for
from rollsafe.rules.workflow_edits import add_needs
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import production_of, remembered
from rollsafe.workspace.pipeline_gates import disarmed_gates, gates, really_tests
from rollsafe.workspace.pipelines import MAX_NEIGHBOURS, AnyJob, Certainty, deploys, roles_of_job, tests

_BY_CHANGE = frozenset({"push", "release", "schedule", "merge_group", "repository_dispatch"})


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(workflow: Workflow | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each first deployment on the way to production that a test does not hold up."""
    if isinstance(workflow, OtherJob):
        yield from _elsewhere(workflow, graph)
        return
    seen: set[str] = set()
    for job in workflow.jobs:
        if not _ships_a_change(job, graph):
            continue
        chain = [job, *(one for one in job.needs_closure[:MAX_NEIGHBOURS] if deploys(one, graph))]
        first = _first(chain, graph)
        if first.id not in seen and not any(disarmed_gates(one, graph) for one in chain):
            seen.add(first.id)
            yield from _untested(first, job, graph)


def _elsewhere(job: OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a job of another kind of pipeline that no test holds up, although there are some."""
    if deploys(job, graph) is not Certainty.CERTAIN or job.is_manual or job.repairs:
        return
    if not production_of(job, graph).is_production or job.follows_gate:
        return
    around = (job, *job.needs_closure)
    if any(really_tests(one, graph) for one in around) or any(deploys(one, graph) for one in around[1:]):
        return

    def find(jobs: Sequence[AnyJob]) -> list[OtherJob]:
        return [one for one in jobs if isinstance(one, OtherJob) and _is_gate(one, graph)]

    found = remembered(job, "tests beside", graph, find)
    missing = [one for one in found if job not in one.needs_closure]
    if not missing:
        return
    names = ", ".join(f"`{one.id}`" for one in missing[:4])
    edit = _waiting(job, missing)
    yield Finding(
        job.key,
        f"job `{job.id}` deploys without waiting for {names}",
        fixes=() if edit is None else (Fix(f"Wait for {names}", Safety.UNSAFE, edits=(edit,)),),
        related=tuple(Related(one.file, one.key, "runs beside the deployment") for one in missing[:4]),
        detail=f"`{job.id}` starts while {names} is still running, so a commit that fails there is "
        "already on its way to production",
    )


def _waiting(job: OtherJob, missing: list[OtherJob]) -> Edit | None:
    """Return the edit after which a job waits for others; its stage for theirs, where they are of other stages."""
    ids = [one.id.rpartition("/")[2] for one in missing if one.stage == job.stage or "/" not in one.id]
    if len(ids) == len(missing):
        return wait_for(job, ids)
    stages = list(dict.fromkeys(one.stage for one in missing if one.stage and one.stage != job.stage))
    group = job.pipeline.job(job.stage)
    is_here = group is not None and group.file is job.file
    return wait_for(group, stages) if group is not None and is_here and not ids else None


def _is_gate(one: OtherJob, graph: Graph) -> bool:
    """Say whether a job tests wherever a deployment may run, and its failure counts."""
    if one.forgiven is not None or one.is_manual or one.repairs or Role.TEST not in roles_of_job(one, graph):
        return False
    return tests(one, graph) and not deploys(one, graph) and (not one.is_optional or one.is_for_main)


def _ships_a_change(job: Job, graph: Graph) -> bool:
    """Say whether a change that nobody releases by hand is deployed to production by the job.

    GitHub refuses a job that needs one that is not there; where that is called a test, waiting was meant.
    """
    if deploys(job, graph) is None or not production_of(job, graph).is_production:
        return False
    known = {one.id for one in job.needed()}
    if any(need.id not in known and role_of_name(need.id) is Role.TEST for need in job.needs):
        return False
    return any(run.event in _BY_CHANGE for run in job.runs)


def _first(chain: list[Job], graph: Graph) -> Job:
    """Return the one deployment all others of the chain wait for; the last when there is none."""
    starts = [one for one in chain if not any(deploys(it, graph) for it in one.needs_closure)]
    return starts[0] if len(starts) == 1 else chain[0]


def _untested(first: Job, job: Job, graph: Graph) -> Iterator[Finding]:
    reaching = frozenset(run for run in job.runs if run.event in _BY_CHANGE)
    is_tested = any(tests(one, graph) for one in (job, *job.needs_closure))
    own = graph.remember(
        ("gates", job.workflow, reaching, is_tested),
        lambda: [
            gate
            for gate in gates(job.workflow, graph)
            if reaching.issubset(gate.runs) and (not is_tested or really_tests(gate, graph))
        ],
    )
    waited = {id(one) for one in (job, *job.needs_closure)}
    missing = [gate for gate in own if id(gate) not in waited]
    if missing:
        yield _unheeded(first, missing, own, is_tested, graph)
    elif not is_tested:
        yield from _beside(first, graph)


def _unheeded(first: Job, missing: list[Job], own: list[Job], is_tested: bool, graph: Graph) -> Finding:
    names = _listed(missing)
    waits = "" if not is_tested else _waits(own, missing)
    edit = add_needs(first, [gate.id for gate in missing])
    fixes = () if edit is None else (Fix(f"Wait for {names}", Safety.UNSAFE, edits=(edit,)),)
    certain = deploys(first, graph) is Certainty.CERTAIN and not is_tested
    return Finding(
        first.key,
        f"job `{first.id}` deploys without waiting for {names}{waits}",
        fixes=fixes,
        related=tuple(Related(gate.file, gate.key, "runs beside the deployment") for gate in missing[:4]),
        confidence=None if certain else Confidence.MEDIUM,
        detail=f"`{first.id}` starts while {names} is still running, so a commit that fails there is "
        "already on its way to production",
    )


def _waits(own: list[Job], missing: list[Job]) -> str:
    """Return which of the tests the deployment does wait for, in brackets."""
    left = {id(gate) for gate in missing}
    heeded = [gate for gate in own if id(gate) not in left]
    return f" (only for {_listed(heeded)})" if heeded else ""


def _listed(jobs: list[Job]) -> str:
    return ", ".join(f"`{one.id}`" for one in jobs[:4]) + (" …" if len(jobs) > 4 else "")


def _beside(first: Job, graph: Graph) -> Iterator[Finding]:
    """Yield a finding when another workflow tests the same push, which nothing waits for."""
    pushes = {run.ref for run in first.runs if run.event == "push" and not run.is_sample}
    for other in graph.find(Workflow, "does:test"):
        gate = next((one for one in other.jobs if Role.TEST in one.roles and _runs_on(one, pushes)), None)
        if other is first.workflow or gate is None:
            continue
        yield Finding(
            first.key,
            f"job `{first.id}` deploys a push while `{gate.id}` in `{other.file.name}` still tests it",
            related=(Related(other.file, gate.key, "starts on the same push"),),
            severity=Severity.INFO,
            confidence=Confidence.LOW,
            detail="the two workflows know nothing of each other: unless the branch only takes commits that "
            "have passed, a commit that fails its tests is deployed",
        )
        return


def _runs_on(job: Job, refs: set[str]) -> bool:
    return any(run.event == "push" and run.ref in refs for run in job.runs)
