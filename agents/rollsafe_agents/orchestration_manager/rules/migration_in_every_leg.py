"""Several legs of a matrix migrate the same database at the same time.

## What it does
Reports migrations in jobs with a matrix of more than one leg (in GitLab `parallel`, in CircleCI `parallelism` or a
matrix) that names neither another database, tenant, region nor environment to the migration, and that does not run
its legs one by one. Databases that live as long as the job are left alone.

## Why it matters
All legs find the same migrations pending and start them side by side. One of them fails on what the other has just
made, or both do half, and the release stops with a schema nobody knows.

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
  migrate:
    needs: [test]
    environment: production
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    strategy:
      fail-fast: false
      matrix:
        python: ["3.13", "3.14"]
    steps:
      - run: alembic upgrade head  # <-
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
  migrate:
    needs: [test]
    environment: production
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    strategy:
      max-parallel: 1
      fail-fast: false
      matrix:
        python: ["3.13", "3.14"]
    steps:
      - run: alembic upgrade head
```

## Fix
Runs the legs one after the other. Unsafe: the job takes longer. A job of its own for the migration is better still.

## References
- [GitHub: max-parallel](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymax-parallel)

## Equivalent rules
None known.
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Job
from rollsafe.artefacts.other_pipelines.model import Dialect, OtherJob
from rollsafe.artefacts.recognition import EnvironmentKind
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.formats.yaml_edit import add_entry, add_entry_before, set_value
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, rule
from rollsafe.rules.intent import justified
from rollsafe.rules.pipeline_jobs import place_of
from rollsafe.text.patterns import lazily
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import production_of
from rollsafe.workspace.pipelines import Act, AnyJob, migrations

_APART: Final = lazily(
    r"env|stage|region|tenant|database|db|schema|cluster|account|shard|site|target|project|service|app|stack|country"
    r"|customer|workspace|context|module|directory|dir|path|package|name|include",
    re.I,
)
"""Rows of a matrix that tell databases apart."""


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(job: Job | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for the first migration that several legs run."""
    legs = _legs(job)
    if legs is None or legs < 2:
        return
    acts = migrations(job, graph)
    if not acts or production_of(job, graph).kind is EnvironmentKind.PREVIEW or _is_told(job, acts):
        return
    act = acts[0]
    if justified(act.file, act.where):
        return
    edit = _one_by_one(job)
    yield Finding(
        place_of(act, job) if isinstance(job, OtherJob) else act.where if act.hops == 0 else job.key,
        f"`{act.title}` runs in {legs} legs of `{job.id}` at the same time",
        fixes=() if edit is None else (Fix("Run the legs one by one", Safety.UNSAFE, edits=(edit,)),),
        detail="each of them finds the same migrations pending, and all but one fail on what another has made",
    )


def _legs(job: AnyJob) -> int | None:
    """Return how many legs run side by side; None where that is not known."""
    if isinstance(job, OtherJob):
        return 1 if job.most_at_once == 1 else job.legs
    if job.matrix is None or job.max_parallel == 1 or any(_APART.search(key) for key in job.matrix.keys):
        return None
    return job.matrix.legs


def _is_told(job: AnyJob, acts: tuple[Act, ...]) -> bool:
    """Say whether a value of the leg reaches the migration or the job's connection."""
    if isinstance(job, OtherJob):
        words = " ".join(text for act in acts for text in act.texts)
        told = " ".join((words, *job.variables.values()))
        return (
            "parameters" in told
            or "INDEX" in told
            or (job.node is not None and "matrix" in job.file.slice(job))
        )
    if job.environment is not None and "matrix." in job.environment.name:
        return True
    if any("matrix." in value for value in job.env.values()):
        return True
    return any(act.step is not None and "matrix." in act.step.file.slice(act.step) for act in acts)


def _one_by_one(job: AnyJob) -> Edit | None:
    if isinstance(job, OtherJob):
        return _one_leg(job)
    strategy = job.strategy
    if not isinstance(strategy, Mapping) or strategy.flow or strategy.entry("max-parallel") is not None:
        return None
    return add_entry_before(job.file.text, strategy.entries[0], "max-parallel", "1")


def _one_leg(job: OtherJob) -> Edit | None:
    """Return the edit after which legs of Azure run one by one, or a job of GitLab or CircleCI has one leg."""
    body = job.body
    if body is None:
        return None
    if job.pipeline.dialect is Dialect.AZURE:
        strategy = body.at("strategy")
        known = isinstance(strategy, Mapping) and strategy.entry("maxParallel") is None
        return (
            add_entry(job.file.text, strategy, "maxParallel", "1")
            if known and isinstance(strategy, Mapping)
            else None
        )
    for key in ("parallel", "parallelism"):
        entry = body.entry(key)
        if entry is not None and isinstance(entry.value, Scalar):
            return set_value(entry.value, "1")
    return None
