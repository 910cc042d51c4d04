"""A deployment names the image it named before, so nothing is rolled out.

## What it does
Reports commands that roll a version out by naming an image (`kubectl set image`, `helm upgrade --set image.tag=…`)
and name one whose tag does not change from release to release: `latest`, a branch, an environment. Jobs that restart
the workload as well are left alone.

## Why it matters
Kubernetes compares what it is told with what it has. The tag is the same, so no pod is replaced, the check after it
finds all pods ready, and the release is green with the old version running.

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
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:latest  # <-
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
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:$GITHUB_SHA
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
```

## Fix
Names the image by the commit. Unsafe: it has to be pushed under that tag.

## References
- [Kubernetes: updating a Deployment](https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#updating-a-deployment)

## Equivalent rules
None known.
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Job
from rollsafe.artefacts.other_pipelines.model import Dialect, OtherJob
from rollsafe.artefacts.recognition import EnvironmentKind
from rollsafe.formats.shell import ShellWord
from rollsafe.rules import Confidence, Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.intent import justified
from rollsafe.rules.pipeline_jobs import place_of
from rollsafe.text import Located
from rollsafe.text.patterns import lazily
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import production_of
from rollsafe.workspace.pipelines import Act, AnyJob, activities_of, deployments

_MOVING: Final = r"(?P<tag>latest|main|master|stable|prod|production|staging|live|release)"
_IMAGE: Final = lazily(rf"[\w.*-]+=[^\s=]*[\w)}}-]:{_MOVING}")
_SETTING: Final = lazily(
    rf"[\w.-]*[iI]mage[\w.]*\.tag={_MOVING}|[iI]mageTag={_MOVING.replace('<tag>', '<other>')}"
)
_RESTARTED: Final = lazily(
    r"--recreate-pods|--force\b|podAnnotations|rollme|timestamp|restartedAt|digest", re.I
)
_COMMIT: Final = {
    Dialect.GITLAB: "$CI_COMMIT_SHA",
    Dialect.CIRCLECI: "$CIRCLE_SHA1",
    Dialect.AZURE: "$(Build.SourceVersion)",
}


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(job: Job | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each image that is named as it was before."""
    acts = [act for act in deployments(job, graph) if act.classification.tool in ("kubectl", "oc", "helm")]
    if not acts or production_of(job, graph).kind is EnvironmentKind.PREVIEW or _restarts(job, graph):
        return
    for act in acts:
        word = _moving(act)
        if word is not None and act.file is job.file and not justified(act.file, act.where):
            yield _finding(job, act, word[0], word[1])


def _restarts(job: AnyJob, graph: Graph) -> bool:
    """Say whether something in the job replaces the pods whatever the image is called."""
    texts = (act.texts for act in activities_of(job, graph))
    return any((words[1:2] == ["rollout"] and "restart" in words) or "patch" in words[1:3] for words in texts)


def _moving(act: Act) -> tuple[str, ShellWord] | None:
    """Return the tag that stays the same, and the word it is part of."""
    command = act.command
    if command is None or _RESTARTED.search(" ".join(command.texts)):
        return None
    found = act.classification
    pattern = _SETTING if found.tool == "helm" else _IMAGE if found.verb == "set image" else None
    for word in command.words if pattern is not None else ():
        match = pattern.fullmatch(word.text) if pattern is not None else None
        if match is not None:
            return next(one for one in match.groups() if one), word
    return None


def _finding(job: AnyJob, act: Act, tag: str, word: ShellWord) -> Finding:
    commit = (
        _COMMIT[job.pipeline.dialect] if isinstance(job, OtherJob) and job.pipeline.dialect in _COMMIT else ""
    )
    commit = commit or "$GITHUB_SHA"
    plain = job.file.text[word.start : word.end] == word.text
    edits = (Edit(Span(word.end - len(tag), word.end), commit),) if plain else ()
    where: Located = Span(word.start, word.end) if plain else place_of(act, job)
    return Finding(
        where,
        f"`{word.text}` is what it was before, so `{act.title.split()[0]} {act.classification.verb}` replaces no pod",
        fixes=(Fix(f"Name it by the commit: `{commit}`", Safety.UNSAFE, edits=edits),) if edits else (),
        confidence=Confidence.MEDIUM if act.classification.tool == "helm" else None,
        detail=f"the check after it finds all pods ready, and `{job.id}` is green with the old version running",
    )
