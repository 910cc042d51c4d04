"""A deployment follows another workflow whether that one succeeded or not.

## What it does
Reports workflows started by `workflow_run` that deploy without looking at the `conclusion` of the run they follow: not
in an `if:`, not in a script, not in a job before. Previews are left alone.

## Why it matters
`completed` means over, not passed. The workflow that is to be the gate starts the deployment when it fails, too, and
when somebody cancels it.

## Bad
```yaml title=".github/workflows/deploy.yml"
name: deploy
on:
  workflow_run:
    workflows: [ci]
    types: [completed]  # <-
permissions:
  contents: read
concurrency:
  group: deploy-production
  cancel-in-progress: false
jobs:
  deploy:
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
  workflow_run:
    workflows: [ci]
    types: [completed]
permissions:
  contents: read
concurrency:
  group: deploy-production
  cancel-in-progress: false
jobs:
  deploy:
    if: github.event.workflow_run.conclusion == 'success'
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
Adds the condition to every job that deploys. Unsafe: what was deployed after failures no longer is.

## References
- [GitHub: workflow_run](https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflow_run)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Job, Trigger, Workflow
from rollsafe.artefacts.recognition import EnvironmentKind
from rollsafe.formats.nodes import Scalar
from rollsafe.rules import Confidence, Finding, Fix, Related, Safety, Severity, rule
from rollsafe.rules.workflow_edits import add_condition
from rollsafe.text import Located
from rollsafe.workspace.exclusion import is_lasting
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import production_of
from rollsafe.workspace.pipelines import Certainty, deploys

_MILDER = frozenset({EnvironmentKind.STAGING, EnvironmentKind.DEVELOPMENT})


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(workflow: Workflow, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a trigger that starts deployments after failed runs."""
    trigger = workflow.triggers.get("workflow_run")
    if trigger is None:
        return
    text = workflow.file.text
    outside = text[: workflow.jobs[0].start] if workflow.jobs else text
    if "conclusion" in outside:
        return
    unchecked = [job for job in workflow.jobs if is_lasting(job, graph) and not _asks(job)]
    if unchecked:
        yield _finding(trigger, unchecked, graph)


def _asks(job: Job) -> bool:
    """Say whether the job, or one it waits for, looks at how the run it follows ended."""
    if not any(run.event == "workflow_run" for run in job.runs):
        return True
    return any("conclusion" in one.file.slice(one) for one in (job, *job.needs_closure))


def _finding(trigger: Trigger, jobs: list[Job], graph: Graph) -> Finding:
    first = jobs[0]
    followed = ", ".join(f"`{name}`" for name in trigger.workflows[:3]) or "`workflow_run`"
    others = f" (and {len(jobs) - 1} more)" if len(jobs) > 1 else ""
    certain = deploys(first, graph) is Certainty.CERTAIN
    mild = not certain or production_of(first, graph).kind in _MILDER
    edits = [add_condition(job, "github.event.workflow_run.conclusion == 'success'") for job in jobs]
    complete = tuple(edit for edit in edits if edit is not None)
    fixes = (
        (Fix("Deploy only after success", Safety.UNSAFE, edits=complete),)
        if len(complete) == len(jobs)
        else ()
    )
    return Finding(
        _place(trigger),
        f"job `{first.id}`{others} deploys after {followed} completed, even when it failed",
        fixes=fixes,
        related=tuple(Related(job.file, job.key, "does not ask how it ended") for job in jobs[:4]),
        severity=Severity.WARNING if mild else None,
        confidence=None if certain else Confidence.MEDIUM,
        detail=f"`completed` stands for success, failure and cancellation alike, and nothing before `{first.id}` "
        "tells them apart",
    )


def _place(trigger: Trigger) -> Located:
    """Return the word `completed`, else the event."""
    types = trigger.node.items_at("types") if trigger.node is not None else []
    return next((it for it in types if isinstance(it, Scalar) and it.text == "completed"), trigger.key)
