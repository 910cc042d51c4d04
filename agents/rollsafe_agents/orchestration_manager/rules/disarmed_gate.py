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
from rollsafe.artefacts.recognition import EnvironmentKind
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Confidence, Edit, Finding, Fix, Related, Safety, Severity, rule
from rollsafe.rules.workflow_edits import add_condition, add_needs
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import production_of
from rollsafe.workspace.pipeline_gates import disarmed_gates, disarmed_steps
from rollsafe.workspace.pipelines import Certainty, deploys, migrations, tests

_ANYWAY = frozenset({"always()", "${{ always() }}", "${{ !cancelled() }}"})


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(job: Job, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a deploying job, and for its steps, that run after a failure."""
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
