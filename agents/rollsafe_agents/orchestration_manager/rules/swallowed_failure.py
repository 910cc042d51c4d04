"""A deployment, a migration or a check of one fails, and the pipeline goes on as if it had not.

## What it does
Reports commands and actions that deploy, migrate, test before a deployment or verify after it, whose failure is lost:
by `continue-on-error: true`, `|| true`, a pipe without `pipefail`, an `&&` list with more commands after it, `set +e`,
or `curl` without `--fail`; by `heroku run` without `--exit-code`, and by `aws ecs wait tasks-stopped` where nothing looks
at the exit code of the task, which both succeed whatever became of the migration they ran; in GitLab by `allow_failure`, in Azure by `continueOnError` and by a script that goes on
after errors, as `script:` and `bash:` do there without `set -e`. Left alone are failures that a later step asks for, rollbacks, cleaning up, things that may
be there already, and what a comment explains.

## Why it matters
The job is green, so nobody looks: the new code runs on the old schema, half of the objects are at the old version, or
the check that was to notice it said so to nobody.

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
      - run: alembic upgrade head || true  # <-
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
      - run: alembic upgrade head
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
```

## Fix
Takes away what swallows the failure. Unsafe: pipelines that went on now stop.

## References
- [GitHub: continue-on-error](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepscontinue-on-error)
- [GitHub: exit codes and shells](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#exit-codes-and-error-action-preference)

## Equivalent rules
None known.
"""

from collections.abc import Iterator, Sequence

from rollsafe.artefacts.github_workflow import Activity, Job, Step
from rollsafe.artefacts.github_workflow.failures import Loss, Way, loss_of
from rollsafe.artefacts.other_pipelines.model import Act as OtherAct
from rollsafe.artefacts.other_pipelines.model import OtherJob, Said
from rollsafe.artefacts.recognition import EnvironmentKind, Role
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Confidence, Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.rules.intent import justified
from rollsafe.rules.pipeline_edits import holder_of
from rollsafe.rules.pipeline_jobs import losses, own_scalar
from rollsafe.workspace.consequences import Weight, handles_outcome, weight_of, weight_of_act, weight_of_job
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import jobs_running, production_of
from rollsafe.workspace.pipeline_gates import is_allowed_to_fail
from rollsafe.workspace.pipelines import AnyJob, activities_of

_HOW = {
    Way.ALTERNATIVE: "`{by}` hides a failure of `{what}`",
    Way.PIPE: "a failure of `{what}` is lost in the pipe to `{by}`",
    Way.CHAIN: "a failure of `{what}` before `&&` does not stop the script",
    Way.SWITCHED_OFF: "`set +e` lets the script go on after a failure of `{what}`",
    Way.LAX: "the script goes on after a failure of `{what}`: this shell does not stop at errors",
    Way.FAR: "`{by}` says nothing of a failure of `{what}`",
    Way.STATUS: "`{what}` succeeds when the server answers with an error",
}
_TITLES = {Way.ALTERNATIVE: "Let it fail", Way.FAR: "Add `--exit-code`", Way.STATUS: "Add `--fail-with-body`"}


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(element: Step | Job | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each failure that a job or step keeps to itself."""
    if isinstance(element, OtherJob):
        yield from _of_other(element, graph)
    elif isinstance(element, Job):
        yield from _of_job(element, graph)
    elif element.recognised:
        yield from _of_step(element, graph)


def _of_job(job: Job, graph: Graph) -> Iterator[Finding]:
    scalar = job.continue_on_error
    if scalar is None or not is_allowed_to_fail(job) or justified(job.file, scalar):
        return
    weight = weight_of_job(job, graph)
    if weight is not Weight.NONE:
        yield _tolerated(job, scalar, f"job `{job.id}`", weight, [job], graph)


def _of_other(job: OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each failure that a job of another kind of pipeline keeps to itself."""
    if job.repairs or job.is_aside or production_of(job, graph).kind is EnvironmentKind.PREVIEW:
        return
    said = job.forgiven
    if said is not None and not job.is_manual and not justified(job.file, job.place(said)):
        weight = weight_of_job(job, graph)
        if weight is not Weight.NONE:
            yield _forgiven(job, said, f"job `{job.id}`", weight, graph)
    kept = {(act.where.start, act.file) for act in activities_of(job, graph)}
    for act in job.acts:
        weight = weight_of_act(act, job, graph)
        if (
            act.forgiven is not None
            and weight is not Weight.NONE
            and (act.where.start, act.file or job.file) in kept
        ):
            yield _forgiven(job, act.forgiven, f"`{act.title}`", weight, graph)
    for act, loss in losses(job):
        weight = weight_of_act(act, job, graph)
        held = (act.where.start, act.file or job.file) in kept and weight is not Weight.NONE
        away = act.file is not None and act.file is not job.file
        if held and not away and loss.way is not Way.STATUS and not justified(job.file, act.where):
            yield _lost_elsewhere(job, act, loss, weight, graph)


def _forgiven(job: OtherJob, said: Said, name: str, weight: Weight, graph: Graph) -> Finding:
    word, _, _ = said.text.strip("`").partition(":")
    edit = None
    holder = holder_of(job, said.where) if isinstance(said.where, Scalar) else None
    if holder is not None and said.file in (None, job.file):
        edit = remove_entry(job.file.text, holder, word)
    elif job.node is not None and said.where in (own_scalar(job, word),):
        edit = remove_entry(job.file.text, job.node, word)
    return Finding(
        job.place(said),
        f"`{word}` lets {name} fail unnoticed although it {weight.verb}",
        fixes=() if edit is None else (Fix("Let it fail", Safety.UNSAFE, edits=(edit,)),),
        related=() if said.file in (None, job.file) else (Related(said.file, said.where, "written here"),),
        severity=_severity(weight, [job], graph),
        level=Level.PEDANTIC if weight is Weight.CHECK else None,
        detail=_detail(weight, [job]),
    )


def _lost_elsewhere(job: OtherJob, act: OtherAct, loss: Loss, weight: Weight, graph: Graph) -> Finding:
    words = act.raw.texts[:3] if act.raw is not None else [act.title]
    what = _short(" ".join(words))
    return Finding(
        act.where,
        _HOW[loss.way].format(by=loss.by, what=what),
        fixes=() if loss.edit is None else (Fix("Let it fail", Safety.UNSAFE, edits=(loss.edit,)),),
        severity=_severity(weight, [job], graph),
        detail=_detail(weight, [job]),
    )


def _of_step(step: Step, graph: Graph) -> Iterator[Finding]:
    scalar = step.continue_on_error
    if scalar is not None and scalar.as_bool() is True:
        if not handles_outcome(step) and not justified(step.file, scalar):
            weight = max((weight_of(one, graph) for one in step.activities), default=Weight.NONE)
            if weight is not Weight.NONE:
                yield _tolerated(
                    step, scalar, f"step `{step.label}`", weight, jobs_running(step, graph), graph
                )
        return
    for activity in step.activities:
        loss = loss_of(activity)
        if loss is None or not _counts(loss, activity) or justified(step.file, activity):
            continue
        weight = weight_of(activity, graph)
        if weight is not Weight.NONE:
            yield _lost(activity, loss, weight, jobs_running(step, graph), graph)


def _counts(loss: Loss, activity: Activity) -> bool:
    """Say whether a loss is one: of `curl` only when it starts a deployment."""
    return loss.way is not Way.STATUS or Role.DEPLOY in activity


def _tolerated(
    owner: Step | Job,
    scalar: Scalar,
    name: str,
    weight: Weight,
    jobs: Sequence[Job],
    graph: Graph,
) -> Finding:
    edit = remove_entry(owner.file.text, owner.node, "continue-on-error")
    return Finding(
        scalar,
        f"`continue-on-error` lets {name} fail unnoticed although it {weight.verb}",
        fixes=() if edit is None else (Fix("Let it fail", Safety.UNSAFE, edits=(edit,)),),
        severity=_severity(weight, jobs, graph),
        detail=_detail(weight, jobs),
    )


def _lost(activity: Activity, loss: Loss, weight: Weight, jobs: Sequence[Job], graph: Graph) -> Finding:
    command = activity.raw_command
    what = " ".join(command.texts[:3]) if command is not None else activity.classification.tool
    message = _HOW[loss.way].format(by=loss.by, what=_short(what))
    return Finding(
        activity,
        message,
        fixes=tuple(_fixes(activity.step, loss)),
        severity=_severity(weight, jobs, graph) if loss.way is not Way.STATUS else Severity.WARNING,
        confidence=Confidence.MEDIUM if activity.classification.probable else None,
        detail=_detail(weight, jobs),
    )


def _short(what: str) -> str:
    return what if len(what) <= 60 else what[:57] + "…"


def _fixes(step: Step, loss: Loss) -> Iterator[Fix]:
    if loss.edit is not None:
        yield Fix(_TITLES.get(loss.way, "Let it fail"), Safety.UNSAFE, edits=(loss.edit,))
    elif loss.way is Way.PIPE and not step.node.flow and step.node.entry("shell") is None:
        edit = add_entry(step.file.text, step.node, "shell", "bash")
        yield Fix("Name the shell, so that GitHub adds `pipefail`", Safety.UNSAFE, edits=(edit,))


def _severity(weight: Weight, jobs: Sequence[AnyJob], graph: Graph) -> Severity:
    kinds = {production_of(job, graph).kind for job in jobs}
    below = bool(kinds) and kinds <= {EnvironmentKind.STAGING, EnvironmentKind.DEVELOPMENT}
    return Severity.ERROR if weight is Weight.CHANGE and not below else Severity.WARNING


def _detail(weight: Weight, jobs: Sequence[AnyJob]) -> str:
    name = f"`{jobs[0].id}`" if jobs else "the job"
    if weight is Weight.CHECK:
        return f"{name} goes on with what the check was to stop, and is green"
    return f"{name} takes it for done, goes on with what builds on it, and is green"
