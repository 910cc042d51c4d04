"""A container of a job lacks its image or a half of its credentials.

## What it does
Reports `container` and `services` entries without an `image`, and `credentials` with only one of `username` and
`password`.

## Why it matters
The job fails before its first step: the runner has no image to start, or cannot log in to the registry.

## Bad
```yaml title=".github/workflows/check.yml"
name: check
on:
  pull_request:
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    container:  # <-
      options: --user 1000
    steps:
      - run: make test
```

## Good
```yaml title=".github/workflows/check.yml"
name: check
on:
  pull_request:
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    container:
      image: node:22.9.0-slim
      options: --user 1000
    steps:
      - run: make test
```

## Fix
None: which image only you know.

## References
- [GitHub: workflow syntax](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax)

## Equivalent rules
- `actionlint:syntax-check`
- `languageservices:parse`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Job
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.rules import Finding, Severity, rule


@rule(severity=Severity.ERROR, since="0.1.0")
def check(job: Job) -> Iterator[Finding]:
    """Yield a finding for each container that cannot be started."""
    if job.problems:
        return
    key = job.node.key_at("container")
    if key is not None:
        yield from _of(key, job.node.at("container"), f"the container of job `{job.id}`")
    services = job.node.map_at("services")
    for entry in services.entries if services is not None else ():
        if isinstance(entry.key, Scalar):
            yield from _of(entry.key, entry.value, f"service `{entry.name}` of job `{job.id}`")


def _of(key: Scalar, node: Node | None, name: str) -> Iterator[Finding]:
    if not isinstance(node, Mapping) or not node.entries or node.entry("<<") is not None:
        return
    if node.at("image") is None:
        yield Finding(key, f"{name} has no `image`")
    credentials = node.map_at("credentials")
    if credentials is None:
        return
    there = [part for part in ("username", "password") if credentials.at(part) is not None]
    if len(there) == 1:
        missing = "password" if there == ["username"] else "username"
        yield Finding(
            node.key_at("credentials") or key,
            f"the `credentials` of {name} have no `{missing}`",
            equivalents=("actionlint:syntax-check",),
        )
