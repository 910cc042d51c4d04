"""The password of a registry stands in a workflow.

## What it does
Reports `credentials.password` of a job's `container` or of one of its `services` that is written out and not an
expression.

## Why it matters
Everybody who can read the repository, its history, a fork or a backup of it has the password, for as long as it is valid.

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
    container:
      image: registry.example/build:4.2.1
      credentials:
        username: ci
        password: hunter2hunter2  # <-
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
      image: registry.example/build:4.2.1
      credentials:
        username: ci
        password: ${{ secrets.REGISTRY_PASSWORD }}
    steps:
      - run: make test
```

## Fix
Reads a secret of the repository, which has to be made first. Whoever had the old password still has it: change it.

## References
- [GitHub: credentials of a container](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idcontainercredentials)

## Equivalent rules
- `actionlint:credentials`
- `zizmor:hardcoded-container-credentials`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Job
from rollsafe.formats.nodes import Mapping, Node, Scalar, resolve
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule

_SECRET: Final = "${{ secrets.REGISTRY_PASSWORD }}"


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.MANUAL)
def check(job: Job) -> Iterator[Finding]:
    """Yield a finding for each password that is written out."""
    if job.problems:
        return
    container = job.fields.get("container")
    if container is not None:
        yield from _in(container, f"the container of job `{job.id}`")
    for name, service in job.services.items():
        yield from _in(service, f"service `{name}` of job `{job.id}`")


def _in(container: Node, who: str) -> Iterator[Finding]:
    node = resolve(container)
    credentials = resolve(node.at("credentials")) if node is not None else None
    password = resolve(credentials.at("password")) if credentials is not None else None
    if not isinstance(password, Scalar) or not password.text or "${{" in password.text:
        return
    title = "Take the password from the secret `REGISTRY_PASSWORD` (make it first)"
    fix = Fix(title, Safety.MANUAL, edits=(Edit(Span.of(password), _written(credentials)),))
    told = f"the password for {who} is written into the workflow"
    yield Finding(password, told, fixes=() if password.block else (fix,), sensitive=True)


def _written(credentials: Node | None) -> str:
    """Return the expression as it stands there: between braces it needs quotes."""
    return f'"{_SECRET}"' if isinstance(credentials, Mapping) and credentials.flow else _SECRET
