"""The database is migrated after the code that needs the migration is live.

## What it does
Reports jobs in which a migration comes after the command that switches to the new version, and jobs that migrate after
a job that deploys to the same environment. Copying files, registering a task definition or applying infrastructure
does not switch anything yet. Migrations called post-deploy, contract, cleanup or backfill belong after the deployment
and are left alone.

## Why it matters
Between the two the new code runs on the old schema: every request that touches a new column or table fails. When the
migration fails, that state stays.

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
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - run: alembic upgrade head  # <-
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
Moves the step before the deployment. Unsafe: the old code then runs on the new schema until it is replaced, so the
migration has to keep what the old code uses.

## References
- [Parallel change: expand, migrate, contract](https://martinfowler.com/bliki/ParallelChange.html)

## Equivalent rules
None known.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Final

from rollsafe.artefacts.github_workflow import Step
from rollsafe.artefacts.other_pipelines.model import OtherJob
from rollsafe.artefacts.recognition import CLUSTER_TOOLS, EnvironmentKind, Role, words_of
from rollsafe.formats.yaml_edit import comments_above, dash_of
from rollsafe.rules import Confidence, Edit, Finding, Fix, Related, Safety, Severity, Span, rule
from rollsafe.rules.intent import comment_about
from rollsafe.rules.pipeline_edits import moved_before
from rollsafe.text.patterns import lazily
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import production_of
from rollsafe.workspace.pipelines import Act, AnyJob, activities_of, deployments, migrations

_LATE: Final = lazily(
    r"post[-_ ]?(deploy|release|migrat)|after[-_ ]?deploy|contract|clean[-_ ]?up|back[-_ ]?fill|data[-_: ]?migrat",
    re.I,
)
_REASON: Final = lazily(r"\b(after|because|backwards?|compatib\w+|expand|contract|old code|new code)\b", re.I)
_PREPARING_TOOLS: Final = frozenset(
    {
        "terraform",
        "terragrunt",
        "pulumi",
        "cdk",
        "cdktf",
        "cloudformation",
        "bicep",
        "rsync",
        "scp",
        "ftp",
        "s3",
    }
)
_PREPARING: Final = lazily(
    r"register-task-definition|run-task|send-command|create|publish-version|cloudfront|s3 |^pull$|delete|patch|"
    r"^scale$|jobs (deploy|execute|update|replace)|^run$|deployment (group|sub|mg|tenant)"
)
"""Verbs of deployments that do not switch to a new version of the application."""


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE, confidence=Confidence.MEDIUM)
def check(job: AnyJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each migration that follows the deployment of the code."""
    migrating = migrations(job, graph)
    if not migrating or production_of(job, graph).kind is EnvironmentKind.PREVIEW:
        return
    acts = activities_of(job, graph)
    switches = [at for at, act in enumerate(acts) if _switches(act)]
    if not switches:
        yield from _after_a_job(job, migrating, graph)
        return
    for act in migrating:
        at = acts.index(act)
        before = [acts[it] for it in switches if it < at]
        if before and at > switches[-1] and not _belongs_there(job, act):
            yield _finding(job, act, before[-1])
            return


def _belongs_there(job: AnyJob, act: Act) -> bool:
    """Say whether a migration is called one that waits for the new code, or also deploys."""
    if Role.DEPLOY in act:
        return True
    if isinstance(job, OtherJob):
        named = any(_LATE.search(name) for name in (job.id, job.stage, " ".join(act.texts)))
        return named or bool(_REASON.search(comment_about(act.file, act.where)))
    if act.step is None:
        return True
    names = (job.id, job.name, act.step.name, act.step.id, " ".join(act.texts))
    if any(_LATE.search(name) for name in names):
        return True
    return bool(_REASON.search(comment_about(act.step.file, act.step)))


def _switches(act: Act) -> bool:
    """Say whether the new version of the application is live after this."""
    found = act.classification
    if Role.DEPLOY not in act or Role.ROLLBACK in act or Role.MIGRATE in act or found.probable:
        return False
    if act.after_failure or found.tool in _PREPARING_TOOLS or _applies_a_job(act):
        return False
    return not _PREPARING.search(found.verb)


def _applies_a_job(act: Act) -> bool:
    """Say whether what is applied is called a job, a namespace or a configuration rather than the application."""
    if act.classification.tool not in CLUSTER_TOOLS:
        return False
    words = {word for text in act.texts[1:] for word in words_of(text)}
    return not words.isdisjoint(
        {
            "job",
            "jobs",
            "migrate",
            "migration",
            "migrations",
            "namespace",
            "secret",
            "secrets",
            "config",
            "configmap",
        }
    )


def _finding(job: AnyJob, act: Act, switch: Act) -> Finding:
    own = act.hops == 0 and act.file is job.file
    place = act.where if own else act.step or job.key
    return Finding(
        place,
        f"`{act.title}` runs after `{switch.title}` has put the new version live",
        fixes=tuple(_of_other(job, act, switch) if isinstance(job, OtherJob) else _fixes(act, switch)),
        related=(Related(switch.file, switch.where, "the new version is live from here on"),),
        detail=f"until the migration is through, the new version works on the old schema, and when it fails "
        f"`{job.id}` leaves it that way",
    )


def _after_a_job(job: AnyJob, migrating: Sequence[Act], graph: Graph) -> Iterator[Finding]:
    kind = production_of(job, graph).kind
    deploying = [one for one in job.needs_closure if any(_switches(it) for it in deployments(one, graph))]
    same = [one for one in deploying if production_of(one, graph).kind is kind]
    later = [one for one in job.dependants if deployments(one, graph)]
    if same and not any(production_of(one, graph).kind is kind for one in later):
        switch = next(it for it in deployments(same[0], graph) if _switches(it))
        late = (act for act in migrating if not _belongs_there(job, act))
        yield from (_finding(job, act, switch) for act in itertools.islice(late, 1))


def _of_other(job: OtherJob, act: Act, switch: Act) -> Iterator[Fix]:
    """Yield the move of a migration's command or task before that of the deployment, each being one of its own."""
    here = act.file is job.file and switch.file is job.file and act.hops == 0 and switch.hops == 0
    edits = moved_before(job, act.where, switch.where) if here else ()
    if edits:
        yield Fix("Migrate before the deployment", Safety.UNSAFE, edits=edits)


def _fixes(act: Act, switch: Act) -> Iterator[Fix]:
    """Yield the move of a migration's step before that of the deployment, when each has a step of its own."""
    late, early = act.step, switch.step
    if late is None or early is None or late.owner is not early.owner or not _can_move(late, early):
        return
    text = late.file.text
    start, end = _lines(late)
    at, _ = _lines(early)
    yield Fix(
        "Migrate before the deployment",
        Safety.UNSAFE,
        edits=(Edit(Span.at(at), text[start:end]), Edit(Span(start, end), "")),
    )


def _can_move(late: Step, early: Step) -> bool:
    """Say whether a step needs nothing of those it would pass, and both are blocks of whole lines."""
    if late is early or late.node.flow or early.node.flow or "kubectl exec" in late.file.slice(late):
        return False
    if "steps." in late.file.slice(late) or late.if_ is not None:
        return False
    return all(
        late.file.text[slice(*_lines(one))].lstrip(" ").startswith(("-", "#")) for one in (late, early)
    ) and (late.file.text[slice(*_lines(late))].endswith(("\n", "\r")))


def _lines(step: Step) -> tuple[int, int]:
    """Return where the whole lines of a step begin and end, the comments right above it included."""
    text = step.file.text
    lines = step.file.lines
    start = comments_above(text, dash_of(text, step.node))
    return start, lines.line_start(lines.line_of(max(step.end - 1, step.start)) + 1)
