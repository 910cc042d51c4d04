"""A deployment runs although a job it waits for has failed.

## What it does
Reports jobs that deploy or migrate and whose `if:` replaces the implied `success()` by `always()`, `failure()` or
`!cancelled()` without asking for the result of the tests, builds and deployments they wait for. Steps that deploy
after a failed test of their own job are reported as well. Jobs that only run after a failure, to clean up or to go
back, are left alone.

## Why it matters
`needs` makes a job wait, `success()` makes it depend. With `always()` only the waiting is left: a red test run is
followed by a deployment of exactly that commit.

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
  deploy:
    needs: [test]
    if: always()  # <-
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
    if: always() && needs.test.result == 'success'
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
Asks for the results of the jobs that were ignored. Unsafe: it decides when a release happens. Where a needed job is
skipped on purpose, `!failure() && !cancelled()` is the condition that still deploys.

## References
- [GitHub: status check functions](https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#status-check-functions)

## Equivalent rules
None known.
"""

from collections.abc import Iterator, Sequence

from rollsafe.artefacts.github_workflow import Guard, Job, Step
from rollsafe.artefacts.other_pipelines.model import Dialect, OtherJob, Said, When
from rollsafe.artefacts.recognition import EnvironmentKind, Role
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Confidence, Edit, Finding, Fix, Related, Safety, Severity, Span, rule
from rollsafe.rules.workflow_edits import add_condition, add_needs
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import production_of
from rollsafe.workspace.pipeline_gates import disarmed_gates, disarmed_steps
from rollsafe.workspace.pipelines import Certainty, deployments, deploys, migrations, roles_of_job, tests

_ANYWAY = frozenset({"always()", "${{ always() }}", "${{ !cancelled() }}"})


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(job: Job | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a deploying job, and for its steps, that run after a failure."""
    if isinstance(job, OtherJob):
        yield from _elsewhere(job, graph)
        return
    certainty = deploys(job, graph)
    if certainty is None and not migrations(job, graph):
        return
    if production_of(job, graph).kind is EnvironmentKind.PREVIEW:
        return
    gates = disarmed_gates(job, graph)
    if gates and job.if_ is not None:
        yield _finding(job, job.if_, gates, certainty, graph)
    for step, test in disarmed_steps(job, graph):
        if step.if_ is not None:
            yield _step_finding(job, step, step.if_, test)


def _elsewhere(job: OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a job or stage of another kind of pipeline that runs after a failure."""
    said = job.condition
    if said is None or job.when not in (When.ALWAYS, When.UNKNOWN) or "result" in said.text.lower():
        return
    if job.when is When.UNKNOWN and (
        job.pipeline.dialect is not Dialect.AZURE or "fail" in said.text.lower()
    ):
        return
    inside = [one for one in job.pipeline.jobs if one.kind == "job" and job in one.needs_closure]
    hit = (
        job
        if job.kind == "job"
        else next((one for one in inside if one.stage == job.id and _ships(one, graph)), None)
    )
    if hit is None or not _ships(hit, graph) or said.file not in (None, job.file):
        return
    gates = [one for one in job.needs_closure if one.kind == "job" and _counts(one, graph)]
    if not gates or production_of(hit, graph).kind is EnvironmentKind.PREVIEW:
        return
    names = ", ".join(f"`{gate.id}`" for gate in gates[:3])
    yield Finding(
        said.where,
        f"{said.text} lets job `{hit.id}` deploy after {names} failed",
        fixes=tuple(_insisting(job, said)),
        related=tuple(Related(gate.file, gate.key, "its failure is ignored") for gate in gates[:3]),
        severity=None if any(tests(gate, graph) for gate in gates) else Severity.WARNING,
        detail=f"a condition of its own replaces the one that asks whether {names} went well",
    )


def _ships(job: OtherJob, graph: Graph) -> bool:
    return not job.repairs and bool(deployments(job, graph) or migrations(job, graph))


def _counts(gate: OtherJob, graph: Graph) -> bool:
    """Say whether the failure of a job is a reason not to deploy."""
    if gate.forgiven is not None or gate.is_manual or gate.repairs:
        return False
    roles = {Role.TEST, Role.BUILD, Role.PUBLISH, Role.MIGRATE, Role.DEPLOY}
    return tests(gate, graph) or not roles.isdisjoint(roles_of_job(gate, graph))


def _insisting(job: OtherJob, said: Said) -> Iterator[Fix]:
    value = said.where
    if job.pipeline.dialect is Dialect.CIRCLECI and isinstance(value, Mapping) and value.entries:
        edit = Edit(Span(value.start, value.end), value.entries[0].name)
        yield Fix("Run only after success", Safety.UNSAFE, edits=(edit,))
    if not isinstance(value, Scalar) or "\n" in value.text:
        return
    if job.pipeline.dialect is Dialect.AZURE:
        text = value.text.strip()
        plain = text.lower() in ("always()", "succeededorfailed()")
        written = "succeeded()" if plain else f"and(succeeded(), {text})"
        yield Fix("Insist on their success", Safety.UNSAFE, edits=(set_value(value, written),))
    elif job.pipeline.dialect is Dialect.GITLAB and value.text == "always":
        yield Fix("Run only after success", Safety.UNSAFE, edits=(set_value(value, "on_success"),))


def _finding(
    job: Job, guard: Guard, gates: Sequence[Job], certainty: Certainty | None, graph: Graph
) -> Finding:
    testing = [gate for gate in gates if tests(gate, graph)]
    names = ", ".join(f"`{gate.id}`" for gate in (testing or gates)[:3])
    return Finding(
        guard,
        f"`{guard.text.strip()}` lets job `{job.id}` deploy after {names} failed",
        fixes=tuple(_fixes(job, guard, gates)),
        related=tuple(Related(gate.file, gate.key, "its failure is ignored") for gate in gates[:3]),
        severity=None if testing else Severity.WARNING,
        confidence=Confidence.MEDIUM if certainty is Certainty.PROBABLE else None,
        detail=f"`needs` only makes `{job.id}` wait: the condition replaces the implied `success()` and asks "
        f"for no result of {names}",
    )


def _fixes(job: Job, guard: Guard, gates: Sequence[Job]) -> Iterator[Fix]:
    named = {need.id.lower() for need in job.needs}
    strangers = [gate.id for gate in gates if gate.id.lower() not in named]
    wanted = [gate.id for gate in gates if gate.id.lower() in named] or strangers
    condition = add_condition(job, " && ".join(f"needs.{id_}.result == 'success'" for id_ in wanted))
    waiting = add_needs(job, wanted) if wanted == strangers else None
    if condition is not None and (waiting is not None or wanted != strangers):
        edits: tuple[Edit, ...] = (condition,) if waiting is None else (waiting, condition)
        yield Fix("Insist on their success", Safety.UNSAFE, edits=edits)
    if guard.scalar.plain and guard.text.strip() in _ANYWAY:
        edit = set_value(guard.scalar, "${{ !failure() && !cancelled() }}")
        yield Fix("Run unless something failed", Safety.UNSAFE, edits=(edit,))


def _step_finding(job: Job, step: Step, guard: Guard, test: Step) -> Finding:
    plain = guard.scalar.plain and guard.text.strip() in _ANYWAY
    edits = (set_value(guard.scalar, "success()"),) if plain else ()
    return Finding(
        guard,
        f"`{guard.text.strip()}` lets step `{step.label}` run after `{test.label}` failed",
        fixes=(Fix("Run only after success", Safety.UNSAFE, edits=edits),) if edits else (),
        related=(Related(test.file, test, "its failure is ignored"),),
        detail=f"job `{job.id}` turns red, and deploys all the same",
    )
