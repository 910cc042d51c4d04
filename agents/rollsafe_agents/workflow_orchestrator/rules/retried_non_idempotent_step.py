"""A deployment or migration that is not the same when done twice is retried.

## What it does
Reports commands that deploy or migrate inside a retry action, a retry loop of a shell script, or what GitLab (`retry`),
CircleCI (`max_auto_reruns`), Azure (`retryCountOnTaskFailure`), Argo (`retryStrategy`) or Tekton (`retries`) runs again, unless doing them again changes nothing, as with `kubectl apply`, `helm upgrade` or a migration tool that remembers each step it has done
under a lock. Loops over environments or tenants are no retries.

## Why it matters
The first attempt may have got half way before it failed. The second starts on top of that: it applies the first half
of a migration again, publishes a second version, or makes the same resources under new names, and the failure that
would have been seen is hidden behind the attempt that passed.

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
    environment: production
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - uses: nick-fields/retry@ce71cc2ab81d554ebbe88c79ab5975992d79ba08 # v3.0.2
        with:
          timeout_minutes: 10
          max_attempts: 3
          command: alembic upgrade head  # <-
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
      - uses: nick-fields/retry@ce71cc2ab81d554ebbe88c79ab5975992d79ba08 # v3.0.2
        with:
          timeout_minutes: 10
          max_attempts: 1
          command: alembic upgrade head
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
```

## Fix
Limits the action to one attempt. Unsafe: failures of the network now fail the run. Where the command can be made
idempotent, retrying it is fine.

## References
- [Retry pattern: when to use it](https://learn.microsoft.com/en-us/azure/architecture/patterns/retry)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Activity, Step
from rollsafe.artefacts.other_pipelines.model import OtherJob
from rollsafe.artefacts.recognition import Classification, EnvironmentKind, Role, classify
from rollsafe.artefacts.workflow_objects import WorkflowObject
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.formats.shell import ShellCommand
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Confidence, Finding, Fix, Safety, Severity, rule
from rollsafe.rules.intent import justified
from rollsafe.rules.pipeline_jobs import written_at
from rollsafe.text.patterns import lazily
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import production_of
from rollsafe.workspace.pipelines import activities_of
from rollsafe.workspace.tekton_retries import retried

_ATTEMPTS: Final = {
    "nick-fields/retry": "max_attempts",
    "nick-invision/retry": "max_attempts",
    "wandalen/wretry.action": "attempt_limit",
}
"""The input of a retry action that says how often, by the action's name."""

_UNTIL: Final = lazily(r"\buntil[ \t]+(?:![ \t]*)?$")
_COUNTS: Final = lazily(r"\bfor[ \t]+(?:\w+[ \t]+in[ \t]+(?:\{\d+\.\.|\$\(seq\b|\d+[ \t;])|\(\()|\bwhile\b")


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(step: Step | OtherJob | WorkflowObject, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each command of a step that is repeated although that is not harmless."""
    if isinstance(step, WorkflowObject):
        yield from _in_cluster(step, graph)
        return
    if isinstance(step, OtherJob):
        yield from _retried_job(step, graph)
        return
    by = _retry_action(step) if step.run is None else None
    if by is None and not _may_loop(step):
        return
    for activity in step.activities:
        if not _is_harmful_again(activity) or justified(step.file, activity):
            continue
        if by is not None:
            yield from _under_action(step, activity, by)
        elif _is_in_retry_loop(step, activity):
            yield _finding(activity, "in a loop until it succeeds", ())


def _in_cluster(workflow: WorkflowObject, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each task of Tekton that is run again as a whole."""
    for part in retried(workflow, graph):
        found = ((command, classify(command)) for command in part.commands)
        harmful = (command for command, what in found if what is not None and _is_harmful(what))
        command = next(harmful, None)
        if command is None or justified(workflow.file, part.where):
            continue
        value = part.where if isinstance(part.where, Scalar) else None
        edits = (set_value(value, "0"),) if value is not None else ()
        yield Finding(
            part.where,
            f"`{' '.join(command.texts[:4])}` is run up to {part.times} times, and is not the same when run twice",
            fixes=(Fix("Try once", Safety.UNSAFE, edits=edits),) if edits else (),
            confidence=Confidence.MEDIUM,
            detail="an attempt that fails half way leaves its half behind for the next one to stumble over",
        )


def _retried_job(job: OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a job that is run again as a whole."""
    said = job.retries
    if said is None or job.tries < 2 or said.file not in (None, job.file):
        return
    given = said.where.at("when") if isinstance(said.where, Mapping) else None
    kinds = {one.text for one in (given.items_at() if given is not None else []) if isinstance(one, Scalar)}
    kinds |= {given.text} if isinstance(given, Scalar) else set()
    if kinds and not kinds & {"always", "script_failure", "unknown_failure", "job_execution_timeout"}:
        return
    acts = (
        act for act in activities_of(job, graph) if act.raw is not None and _is_harmful(act.classification)
    )
    act = next((one for one in acts if not one.after_failure), None)
    if act is None or production_of(job, graph).kind is EnvironmentKind.PREVIEW:
        return
    if justified(job.file, job.place(said)):
        return
    value = said.where if isinstance(said.where, Scalar) else None
    edits = (set_value(value, "0"),) if value is not None else ()
    yield Finding(
        job.place(said),
        f"`{act.title}` is run up to {job.tries} times, and is not the same when run twice",
        fixes=(Fix("Try once", Safety.UNSAFE, edits=edits),) if edits else (),
        related=written_at(act, job),
        confidence=Confidence.MEDIUM,
        detail="an attempt that fails half way leaves its half behind for the next one to stumble over",
    )


def _may_loop(step: Step) -> bool:
    return step.run is not None and ("until " in step.run.text or "break" in step.run.text)


def _is_harmful_again(activity: Activity) -> bool:
    return activity.index is not None and _is_harmful(activity.classification)


def _is_harmful(found: Classification) -> bool:
    """Say whether doing it twice is not doing it once."""
    if found.idempotent or found.probable or found.self_rolling_back:
        return False
    return bool(found.roles & {Role.DEPLOY, Role.MIGRATE}) and Role.TEARDOWN not in found.roles


def _retry_action(step: Step) -> str | None:
    name = step.uses_text.partition("@")[0].lower()
    return name if name in _ATTEMPTS else None


def _under_action(step: Step, activity: Activity, action: str) -> Iterator[Finding]:
    value = step.input(_ATTEMPTS[action])
    limit = value.text.strip() if isinstance(value, Scalar) else ""
    if limit in ("0", "1"):
        return
    edits = (set_value(value, "1"),) if isinstance(value, Scalar) and limit.isdigit() else ()
    yield _finding(
        activity,
        f"up to {limit} times" if limit.isdigit() else "again when it fails",
        (Fix("Try once", Safety.UNSAFE, edits=edits),) if edits else (),
    )


def _is_in_retry_loop(step: Step, activity: Activity) -> bool:
    """Say whether the command is what an `until` waits for, or is repeated until a `break`."""
    index, command = activity.index, activity.raw_command
    scalar = step.script_node
    if index is None or command is None or scalar is None:
        return False
    before = scalar.text[: command.start]
    if command.surroundings.condition:
        return bool(_UNTIL.search(before)) or _leaves_loop(step, index)
    return command.surroundings.loop and bool(_COUNTS.search(before)) and _leaves_loop(step, index)


def _leaves_loop(step: Step, index: int) -> bool:
    following: tuple[ShellCommand, ...] = step.script.commands[index + 1 : index + 4]
    return any(one.name == "break" and one.surroundings.loop for one in following)


def _finding(activity: Activity, how: str, fixes: tuple[Fix, ...]) -> Finding:
    command = activity.raw_command
    words = " ".join(command.texts[:4]) if command is not None else activity.classification.tool
    return Finding(
        activity,
        f"`{words}` is run {how}, and is not the same when run twice",
        fixes=fixes,
        confidence=Confidence.MEDIUM,
        detail="an attempt that fails half way leaves its half behind for the next one to stumble over",
    )
