"""Nobody is told when a deployment to production fails.

## What it does
Reports jobs that deploy to production by themselves where no step or job of the workflow tells anybody of a failure: no
message, no issue, no call of a service for incidents. Level `auditor`: the organisation may be told by other means.

## Why it matters
GitHub writes to the one who pushed, who may have left. Production stays at the old version, or between two, until
somebody wonders.

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
      - if: failure()
        uses: slackapi/slack-github-action@91efab103c0de0a537f72a35f6b8cda0ee76bf0a # v2.1.1
        with:
          webhook: ${{ secrets.SLACK_WEBHOOK }}
          webhook-type: incoming-webhook
          payload: '{"text": "The deployment failed"}'
```

## Fix
None: whom to tell, and how, is not in the file.

## References
- [GitHub: notifications for workflow runs](https://docs.github.com/en/actions/concepts/workflows-and-actions/notifications-for-workflow-runs)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Job, Workflow
from rollsafe.artefacts.other_pipelines.model import OtherJob
from rollsafe.artefacts.recognition import Role
from rollsafe.artefacts.source import SourceFile
from rollsafe.rules import Confidence, Finding, Level, Severity, rule
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import callers, production_of
from rollsafe.workspace.pipelines import Certainty, called_workflow, deploys, roles_of_job

_BY_HAND: Final = frozenset({"workflow_dispatch", "workflow_call"})
_TELLING: Final = (
    *("slack", "teams", "discord", "pagerduty", "opsgenie", "telegram", "mattermost", "webhook", "sentry"),
    *("rootly", "incident", "issue create", "issues create", "issue.create", "issues.create", "notify"),
    *("mail", "victorops", "squadcast", "datadog", "newrelic", "honeycomb", "chat"),
)


@rule(severity=Severity.INFO, since="0.1.0", level=Level.AUDITOR, confidence=Confidence.LOW)
def check(job: Job | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a production deployment whose failure nobody hears of."""
    if isinstance(job, OtherJob):
        yield from _elsewhere(job, graph)
        return
    if deploys(job, graph) is not Certainty.CERTAIN or job.workflow.is_only_called:
        return
    if not production_of(job, graph).is_production or {run.event for run in job.runs} <= _BY_HAND:
        return
    callee = called_workflow(job, graph)
    around = [
        job.workflow,
        *(one.workflow for one in callers(job.workflow, graph)),
        *([callee] if callee else []),
    ]
    if any(_tells(one, graph) for one in around) or _is_watched(job, graph):
        return
    yield Finding(
        job.key,
        f"nobody is told when `{job.id}` fails to deploy to production",
        detail="GitHub writes to the one who pushed; production stays at the old version, or between two",
    )


def _elsewhere(job: OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a job of another service; one that somebody starts has somebody who looks."""
    if (
        deploys(job, graph) is not Certainty.CERTAIN
        or not job.is_whole
        or job.is_manual
        or job.asks is not None
    ):
        return
    if not production_of(job, graph).is_production or job.follows_gate:
        return
    jobs = job.pipeline.jobs
    told = any(one.repairs or Role.NOTIFY in roles_of_job(one, graph) for one in jobs)
    if not told and not job.pipeline.file.told(_names_who_is_told):
        yield Finding(
            job.key,
            f"nobody is told when `{job.id}` fails to deploy to production",
            detail=f"{job.pipeline.dialect} writes to the one who pushed; production stays at the old version, or "
            "between two",
        )


def _tells(workflow: Workflow, graph: Graph) -> bool:
    if any(Role.NOTIFY in roles_of_job(one, graph) for one in workflow.jobs):
        return True
    return workflow.file.told(_names_who_is_told)


def _names_who_is_told(file: SourceFile) -> bool:
    """Say whether a file has a word for somebody who hears of things."""
    text = file.text.lower()
    return any(word in text for word in _TELLING)


def _is_watched(job: Job, graph: Graph) -> bool:
    """Say whether another workflow follows this one and tells somebody."""
    names = {job.workflow.name, job.workflow.file.name}
    for one in graph.every(Workflow, "path:"):
        trigger = one.triggers.get("workflow_run")
        if trigger is not None and names & {*trigger.workflows} and one.file.told(_names_who_is_told):
            return True
    return False
