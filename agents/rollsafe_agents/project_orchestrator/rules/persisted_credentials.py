"""A checkout leaves the job's token on the disk for all that runs after it.

## What it does
Reports uses of `actions/checkout` that do not set `persist-credentials: false`. It is reported at level `regular`
where a later step uploads the whole workspace with it, and at `auditor` where it is written out as `true`.

## Why it matters
The token is kept in the checked out repository's configuration. An artifact of the workspace has it in it, where
everybody who may read the repository finds it, and every script and action of the job can read it.

## Bad
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
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8  # <-
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
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8
        with:
          persist-credentials: false
      - run: make test
```

## Fix
Sets `persist-credentials: false`. Unsafe: a later `git push` or `git fetch` has to bring its own credentials.

## References
- [actions/checkout](https://github.com/actions/checkout#usage)
- [Leaked tokens in artifacts](https://unit42.paloaltonetworks.com/github-repo-artifacts-leak-tokens/)

## Equivalent rules
- `zizmor:artipacked`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.expressions import read_template
from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step
from rollsafe.formats.nodes import Scalar
from rollsafe.rules import Confidence, Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.rules.action_steps import action_of, set_input

_INPUT: Final = "persist-credentials"
_EVERYTHING: Final = frozenset({".", "./", "..", "../"})


@rule(severity=Severity.INFO, level=Level.PEDANTIC, earliest=Level.REGULAR, since="0.1.0", fix=Safety.UNSAFE)
def check(part: Job | CompositeAction) -> Iterator[Finding]:
    """Yield a finding for each checkout that keeps its token."""
    uploads = [step for step in part.steps if _uploads_everything(step)]
    for step in part.steps:
        if (
            action_of(step) != "actions/checkout"
            or isinstance(step.node.at("with"), Scalar)
            or step.is_skipped
        ):
            continue
        later = [upload for upload in uploads if upload.index > step.index]
        written = next((value for key, value in step.inputs.items() if key.lower() == _INPUT), "")
        if written != "false" and (later or not uploads):
            yield _finding(step, written, later)


def _finding(step: Step, written: str, uploads: list[Step]) -> Finding:
    uses = step.uses
    assert uses is not None
    level = Level.REGULAR if uploads else None
    if written == "true":
        level = Level.AUDITOR
    elif "${{" in written:
        level = Level.PEDANTIC
    end = f", and {_named(uploads[0])} uploads it" if uploads else ""
    return Finding(
        uses,
        f"`{uses.name}` leaves the job's token in the workspace{end}",
        fixes=lambda: tuple(_fixes(step)),
        related=tuple(Related(one.file, one, "uploads the whole workspace") for one in uploads[:3]),
        severity=Severity.ERROR if uploads and written != "true" else None,
        confidence=None if uploads else Confidence.LOW,
        level=level,
    )


def _named(step: Step) -> str:
    return f"`{step.name}`" if step.name else f"step {step.index + 1}"


def _uploads_everything(step: Step) -> bool:
    if action_of(step) != "actions/upload-artifact":
        return False
    return any(_is_everything(line.strip()) for line in step.inputs.get("path", "").splitlines())


def _is_everything(path: str) -> bool:
    if path in _EVERYTHING:
        return True
    whole = read_template(path).whole if "${{" in path else None
    return whole is not None and "github.workspace" in path


def _fixes(step: Step) -> Iterator[Fix]:
    edit = set_input(step, _INPUT, "false")
    if edit is not None:
        yield Fix("Set `persist-credentials: false`", Safety.UNSAFE, edits=(edit,))
