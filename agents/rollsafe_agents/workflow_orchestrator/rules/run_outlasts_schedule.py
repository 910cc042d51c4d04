"""A scheduled run may still go on when the next one starts.

## What it does
Compares the time between two runs of a schedule with the most that a run takes: of a workflow of GitHub without
`concurrency` the longest way through the time limits of its jobs, of a CronJob or CronWorkflow that replaces its runs
`activeDeadlineSeconds`. Runs whose limits nobody has written are left alone.

## Why it matters
On a slow day two runs work on the same data side by side. With `Replace` the next run stops the one before in the middle of its
work, each time, and none comes to its end.

## Bad
```yaml title=".github/workflows/rollup.yml"
name: Rollup
on:
  schedule:
    - cron: "*/20 * * * *"  # <-
permissions: {}
jobs:
  rollup:
    runs-on: ubuntu-24.04
    timeout-minutes: 45
    steps:
      - run: npx prisma migrate deploy
```

## Good
```yaml title=".github/workflows/rollup.yml"
name: Rollup
on:
  schedule:
    - cron: "*/20 * * * *"
concurrency:
  group: ${{ github.workflow }}
  cancel-in-progress: false
permissions: {}
jobs:
  rollup:
    runs-on: ubuntu-24.04
    timeout-minutes: 45
    steps:
      - run: npx prisma migrate deploy
```

## Fix
Lets a run wait for the one before, or leaves out the run that comes too early. Unsafe: fewer runs are made.

## References
- [GitHub: control the concurrency of workflows](https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency)
- [Kubernetes: concurrency policy](https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#concurrency-policy)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.github_workflow import Workflow
from rollsafe.artefacts.kubernetes import Workload
from rollsafe.artefacts.recognition import Role
from rollsafe.artefacts.workflow_objects import WorkflowObject
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.formats.yaml_edit import add_entry_after, set_value
from rollsafe.plans.schedules import shortest_gap
from rollsafe.plans.times import MINUTE, SECOND, spoken
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.intent import explained
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.job_limits import longest

_LASTING: Final = frozenset({Role.DEPLOY, Role.MIGRATE, Role.ROLLBACK, Role.DESTROY_DATA, Role.TEARDOWN})


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(clock: Workflow | Workload | WorkflowObject, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each schedule that is shorter than a run may be."""
    if isinstance(clock, Workflow):
        yield from _on_github(clock, graph)
    elif isinstance(clock, Workload):
        if clock.kind == "CronJob" and clock.job_spec is not None and not clock.is_patch:
            yield from _replaced(clock, clock.name, clock.spec, clock.job_spec)
    elif clock.kind == "CronWorkflow" and clock.is_readable:
        spec = clock.node.map_at("spec")
        name = clock.node.text_at("metadata", "name") or clock.kind
        yield from _replaced(clock, name, spec, spec.map_at("workflowSpec") if spec is not None else None)


def _on_github(workflow: Workflow, graph: Graph) -> Iterator[Finding]:
    times = workflow.triggers.get("schedule")
    if times is None or workflow.problems or workflow.concurrency is not None:
        return
    if any(job.concurrency is not None for job in workflow.jobs):
        return
    most = longest(workflow, graph)
    for cron in times.crons:
        gap = shortest_gap(cron.text)
        if gap is None or most.minutes is None or most.is_default or most.minutes * MINUTE <= gap:
            continue
        if not explained(workflow.file, cron):
            yield Finding(
                cron,
                f"a run may take {spoken(most.minutes * MINUTE)}, and `{cron.text}` starts the next one after "
                f"{spoken(gap)}",
                fixes=partial(_one_at_a_time, workflow),
                level=None if not _LASTING.isdisjoint(workflow.roles) else Level.PEDANTIC,
                detail="two runs then work on the same data side by side",
            )


def _one_at_a_time(workflow: Workflow) -> tuple[Fix, ...]:
    entry = workflow.node.entry("on") or workflow.node.entry("true")
    if entry is None or workflow.node.flow:
        return ()
    value = "group: ${{ github.workflow }}\ncancel-in-progress: false"
    edit = add_entry_after(workflow.file.text, entry, "concurrency", value)
    return (Fix("Run one at a time", Safety.UNSAFE, edits=(edit,)),)


def _replaced(
    clock: Workload | WorkflowObject, name: str, spec: Mapping | None, run: Mapping | None
) -> Iterator[Finding]:
    policy = spec.at("concurrencyPolicy") if spec is not None else None
    schedule = spec.at("schedule") if spec is not None else None
    most = run.int_at("activeDeadlineSeconds") if run is not None else None
    if not isinstance(policy, Scalar) or policy.text != "Replace" or not isinstance(schedule, Scalar):
        return
    gap = shortest_gap(schedule.text)
    if gap is None or most is None or most * SECOND <= gap or explained(clock.file, policy):
        return
    yield Finding(
        policy,
        f"a run of `{name}` may take {spoken(most * SECOND)}, and the next one stops it after {spoken(gap)}",
        fixes=(
            Fix(
                "Leave out the run that comes too early", Safety.UNSAFE, edits=(set_value(policy, "Forbid"),)
            ),
        ),
        detail="a run that takes longer than the schedule never comes to its end",
    )
