"""The concurrency group of a deployment does not hold deployments of other refs back.

## What it does
Reports jobs that deploy to a fixed environment from several branches or tags, in groups whose names contain
`github.ref`, and groups whose names contain the commit or the run, so that every run has a group to itself. A second
group without such a part, on the job or the workflow, is enough. So are jobs of GitLab whose `resource_group` holds
the ref, the commit or the pipeline.

## Why it matters
Runs only wait for each other inside one group. Two tags pushed in a row deploy to production at the same time, and
the one that finishes last wins, which may be the older.

## Bad
```yaml title=".github/workflows/deploy.yml"
name: deploy
on:
  push:
    tags: ["v*"]
permissions:
  contents: read
concurrency:
  group: deploy-${{ github.ref }}  # <-
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

## Good
```yaml title=".github/workflows/deploy.yml"
name: deploy
on:
  push:
    tags: ["v*"]
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
Names the group after the environment. Unsafe: deployments wait for each other, and of several that wait GitHub keeps
the newest.

## References
- [GitHub: concurrency](https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Job, environment_names
from rollsafe.artefacts.other_pipelines.model import OtherJob
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.rules.intent import justified
from rollsafe.rules.pipeline_jobs import own_scalar
from rollsafe.text.patterns import lazily
from rollsafe.workspace.exclusion import is_lasting, keyed_by, locks_itself, refs_of, releasing_runs
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import Held, concurrency_of, production_of
from rollsafe.workspace.pipelines import Certainty, deploys

_VARYING = lazily(
    r"\$\{?CI_(?:(?P<ref>COMMIT_(?:REF_\w+|BRANCH|TAG))|COMMIT_(?:SHORT_)?SHA|PIPELINE_I?ID|JOB_ID)\b"
    r"|<<\s*pipeline\.(?:(?P<branch>git\.(?:branch|tag))|git\.revision|number|id)\s*>>"
)
_BY_RUN = frozenset({"run_id", "run_number", "sha"})
_BY_REF = frozenset({"ref", "ref_name", "tag_name"})


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(job: Job | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a production deployment that no group of its own holds back."""
    if isinstance(job, OtherJob):
        yield from _elsewhere(job, graph)
        return
    if deploys(job, graph) is not Certainty.CERTAIN or not production_of(job, graph).is_production:
        return
    held = concurrency_of(job, graph)
    if not held or locks_itself(job, graph) or not _goes_to_one_place(job):
        return
    if any(keyed_by(one.concurrency).isdisjoint(_BY_RUN | _BY_REF) for one in held):
        return
    # A group of the whole workflow is the cause for all its jobs: the first of them reports it.
    one = next((it for it in held if it.workflow is job.workflow), None)
    node = one.concurrency.group_node if one is not None else None
    if one is not None and node is not None and _is_first(job, one, graph) and not justified(job.file, node):
        yield from _finding(job, one, node)


def _elsewhere(job: OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a resource group of GitLab whose name differs from run to run."""
    lock = job.lock
    if lock is None or deploys(job, graph) is not Certainty.CERTAIN:
        return
    name = job.environment.text if job.environment is not None else ""
    found = _VARYING.search(lock.text)
    if (
        found is None
        or "$" in name
        or not production_of(job, graph).is_production
        or locks_itself(job, graph)
    ):
        return
    value = own_scalar(job, "resource_group") or own_scalar(job, "serial-group")
    if ((found["ref"] or found["branch"]) and job.is_for_main and "TAG" not in lock.text) or justified(
        job.file, value or job.key
    ):
        return
    group = name or "production"
    edits = (set_value(value, group),) if value is not None else ()
    yield Finding(
        value or job.key,
        f"`{lock.text}` is another group for every run of `{job.id}` that differs in `{found.group()}`",
        fixes=(Fix(f"Name the group `{group}`", Safety.UNSAFE, edits=edits),) if edits else (),
        detail="runs only wait for each other inside of one group, so two of them deploy side by side",
    )


def _goes_to_one_place(job: Job) -> bool:
    """Say whether every run of the job deploys to the same environment, as far as names tell."""
    if any("${{" in value and "env" in name.lower() for name, value in job.inputs.items()):
        return False
    return len(environment_names(job)) < 2 and not (job.environment and "${{" in job.environment.name)


def _is_first(job: Job, held: Held, graph: Graph) -> bool:
    if held.job is not None:
        return held.job is job
    sharing = (
        one for one in job.workflow.jobs if is_lasting(one, graph) and production_of(one, graph).is_production
    )
    return next(sharing, job) is job


def _finding(job: Job, held: Held, node: Scalar) -> Iterator[Finding]:
    words = keyed_by(held.concurrency)
    by_run = sorted(words & _BY_RUN)
    runs = releasing_runs(job)
    certain = [run for run in runs if run.event != "workflow_dispatch"]
    many = any(run.is_sample for run in certain) or len(refs_of(certain)) > 1
    if not by_run and not many and not any(run.is_sample for run in runs):
        return
    part = (by_run or sorted(words & _BY_REF))[0]
    whose = "every run" if by_run else "every branch and tag"
    name = _name(job)
    edits = (set_value(node, name),)
    yield Finding(
        node,
        f"`github.{part}` in the group gives {whose} its own turn, so deployments of `{job.id}` overlap",
        fixes=(Fix(f"Name the group `{name}`", Safety.UNSAFE, edits=edits),)
        if node.plain or node.text
        else (),
        related=(Related(job.file, job.key, "deploys to production"),),
        level=None if by_run or many else Level.PEDANTIC,
        detail=f"two runs of `{job.id}` deploy to the same environment side by side, and the one that "
        "finishes last wins, which may be the older commit",
    )


def _name(job: Job) -> str:
    names = environment_names(job)
    return f"deploy-{names[0]}" if names and names[0].replace("-", "").isalnum() else "deploy-production"
