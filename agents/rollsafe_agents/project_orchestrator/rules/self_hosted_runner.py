"""A job runs on a machine of your own.

## What it does
Reports jobs on runners with the label `self-hosted`, in a runner group, or where an expression may choose one.

## Why it matters
What a job leaves on such a machine is there for the next one. In a public repository a pull request of anybody can run
its code there, inside of your network.

## Bad
```yaml title=".github/workflows/test.yml"
name: test
on: pull_request
permissions:
  contents: read
jobs:
  test:
    runs-on: [self-hosted, linux]  # <-
    timeout-minutes: 10
    steps:
      - run: make test
```

## Good
```yaml title=".github/workflows/test.yml"
name: test
on: pull_request
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
```

## Fix
No automatic fix: use a runner of GitHub, or one that is made anew for each job.

## References
- [GitHub: self-hosted runners](https://docs.github.com/en/actions/reference/security/secure-use#hardening-for-self-hosted-runners)

## Equivalent rules
- `zizmor:self-hosted-runner`
- `poutine:pr_runs_on_self_hosted`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.expressions import Literal, context_path, find_expressions, walk
from rollsafe.artefacts.github_workflow import Job
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.formats.nodes import walk as nodes_of
from rollsafe.rules import Confidence, Finding, Level, Severity, rule
from rollsafe.text.patterns import lazily

_OWN: Final = "self-hosted"
_HOSTED = lazily(
    r"(?i)(ubuntu-((\d\d\.04)(-arm)?|latest(-(4|8|16)-cores)?|slim)|macos-(\d\d|latest)(-x?large|-intel)?"
    r"|windows-(20\d\d|latest|11)([-\w]*)|(buildjet|warp)-[a-z0-9-]+)"
)
_PULLED: Final = (
    "pull_request",
    "pull_request_review",
    "pull_request_review_comment",
    "pull_request_target",
)


@rule(severity=Severity.INFO, level=Level.AUDITOR, since="0.1.0")
def check(job: Job) -> Iterator[Finding]:
    """Yield a finding for a job that may run on a machine of one's own."""
    node = job.fields.get("runs-on")
    if node is None or job.is_disabled:
        return
    key = job.node.key_at("runs-on") or job.key
    pulled = job.workflow.has_event(*_PULLED)
    if isinstance(node, Mapping) and node.entry("group") is not None:
        yield Finding(
            key, f"job `{job.id}` runs in a group of runners", equivalents=("zizmor:self-hosted-runner",)
        )
        return
    labels = job.runs_on
    if _OWN in labels:
        yield Finding(
            key,
            f"job `{job.id}` runs on a machine of your own",
            equivalents=None if pulled else ("zizmor:self-hosted-runner",),
        )
    elif any(_may_be_own(label, job) for label in labels):
        yield Finding(
            key,
            f"job `{job.id}` may run on a `{_OWN}` machine",
            confidence=Confidence.LOW,
            equivalents=("zizmor:self-hosted-runner",),
        )
    elif pulled and labels and not any("$" in label or _HOSTED.fullmatch(label) for label in labels):
        yield Finding(
            key,
            f"job `{job.id}` runs on `{labels[0]}`, which is no runner of GitHub",
            confidence=Confidence.LOW,
            equivalents=("poutine:pr_runs_on_self_hosted",),
        )


def _may_be_own(label: str, job: Job) -> bool:
    for expression in find_expressions(label) if "${{" in label else ():
        for part in walk(expression.root):
            if isinstance(part, Literal) and isinstance(part.value, str) and _OWN in part.value:
                return True
            path = context_path(part)
            chosen = job.matrix if path is not None and path[0] == "matrix" else None
            if chosen is not None and _mentions(chosen.node):
                return True
    return False


def _mentions(node: Node) -> bool:
    return any(isinstance(part, Scalar) and _OWN in part.text for part in nodes_of(node))
