"""A job or step has an id that GitHub does not take.

## What it does
Reports ids of jobs and steps that do not begin with a letter or a single `_`, or that hold anything but letters, digits, `-` and `_`,
and ids that stand twice in a job.

## Why it matters
GitHub refuses the whole file: no job of it starts.

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
    steps:
      - id: unit.tests  # <-
        run: make test
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
    steps:
      - id: unit-tests
        run: make test
```

## Fix
Writes `-` in place of what is not allowed, where nothing refers to the id. Unsafe: other files may.

## References
- [GitHub: workflow syntax](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax)

## Equivalent rules
- `actionlint:id`
- `actionlint:step-id`
- `languageservices:parse`
- `zizmor:invalid-input`
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step, Workflow
from rollsafe.formats.nodes import Scalar
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.text.patterns import lazily

_VALID: Final = lazily(r"(?!__)[A-Za-z_][A-Za-z0-9_-]{0,99}")
_OTHER: Final = lazily(r"[^A-Za-z0-9_-]+")


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(part: Job | CompositeAction) -> Iterator[Finding]:
    """Yield a finding for each id that is not valid or not the only one."""
    if part.problems:
        return
    if isinstance(part, Job) and not _VALID.fullmatch(part.id):
        yield Finding(
            part.key, f"job id `{part.id}` {_wrong(part.id)}", fixes=_fixes(part.workflow, part.key)
        )
    seen: set[str] = set()
    for step in part.steps:
        node = _id_of(step)
        if node is None or "${{" in node.text:
            continue
        if not _VALID.fullmatch(node.text):
            yield Finding(node, f"step id `{node.text}` {_wrong(node.text)}", fixes=_fixes(part, node))
        elif node.text.lower() in seen:
            yield Finding(node, f"step id `{node.text}` stands twice")
        seen.add(node.text.lower())


def _id_of(step: Step) -> Scalar | None:
    node = step.node.at("id")
    return node if isinstance(node, Scalar) and not node.is_null else None


def _wrong(written: str) -> str:
    if not written.strip():
        return "is empty"
    if written.startswith("__"):
        return "begins with `__`, which GitHub keeps for itself"
    if not re.match(r"[A-Za-z_]", written):
        return "begins with neither a letter nor `_`"
    return (
        "is longer than 100 characters"
        if _VALID.match(written) and len(written) > 100
        else ("holds more than letters, digits, `-` and `_`")
    )


def _fixes(part: Workflow | Job | CompositeAction, node: Scalar) -> tuple[Fix, ...]:
    """Return the fix that writes a valid id, where the file names the old one nowhere else."""
    written = _OTHER.sub("-", node.text.strip()).strip("-")
    if not _VALID.fullmatch(written) or not node.plain or part.file.text.count(node.text) > 1:
        return ()
    return (Fix(f"Write `{written}`", Safety.UNSAFE, edits=(Edit(Span.of(node), written),)),)
