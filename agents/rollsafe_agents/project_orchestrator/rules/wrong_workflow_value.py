"""A workflow has a value of a kind that GitHub does not take there.

## What it does
Compares the values of a workflow and of an `action.yml` with GitHub's own grammar: a text where a number or a list
belongs, a word that is none of those there are (an event, an activity type, a permission), nothing at all.

## Why it matters
GitHub refuses the whole file: no job of it starts. In a workflow that only a tag starts nobody notices before the
release.

## Bad
```yaml title=".github/workflows/check.yml"
name: check
on:
  pull_request:
permissions:
  contents: reed  # <-
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
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
    steps:
      - run: make test
```

## Fix
Writes the nearest word there is (unsafe: it takes effect from then on), or the same value as the type that is wanted.

## References
- [GitHub: workflow syntax](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax)

## Equivalent rules
- `actionlint:syntax-check`
- `languageservices:parse`
- `zizmor:invalid-input`
- `actionlint:events`
- `actionlint:permissions`
- `actionlint:runner-label`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step, Workflow
from rollsafe.artefacts.shapes import Fault, FaultKind, described
from rollsafe.formats.nodes import Scalar
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.fields import retyping_fixes, told_value
from rollsafe.rules.workflow_grammar import named_value
from rollsafe.text import nearest

_SHOWN = 8


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(part: Workflow | Job | Step | CompositeAction) -> Iterator[Finding]:
    """Yield a finding for each value that is none of those its key takes."""
    for fault in part.reading.faults:
        if fault.kind in (FaultKind.TYPE, FaultKind.WORD, FaultKind.EMPTY) and not _is_left_out(fault):
            yield Finding(
                fault.where,
                _message(part, fault),
                fixes=_fixes(part.file.text, fault),
                equivalents=_equivalents(fault),
                severity=Severity.HINT if fault.path[:1] == ("branding",) else None,
                detail=f"GitHub refuses `{part.file.path}` as a whole and starts none of its jobs",
            )


def _message(part: Workflow | Job | Step | CompositeAction, fault: Fault) -> str:
    name = named_value(part, fault)
    if fault.kind is FaultKind.EMPTY:
        return f"{name} is empty"
    if fault.kind is FaultKind.TYPE:
        return f"{name} is {told_value(fault.where)} where GitHub takes {described(fault.shape) or 'nothing'}"
    written = fault.where.text if isinstance(fault.where, Scalar) else ""
    close = nearest(written, fault.shape.words)
    if close is not None:
        return f"{name} is `{written[:40]}`, which GitHub does not know; the nearest is `{close}`"
    known = ", ".join(f"`{word}`" for word in fault.shape.words[:_SHOWN])
    more = " …" if len(fault.shape.words) > _SHOWN else ""
    return f"{name} is `{written[:40]}`; GitHub knows {known}{more}"


def _is_left_out(fault: Fault) -> bool:
    """Say whether GitHub takes a word that its grammar leaves out, or another rule tells it.

    The documentation has `black`, and what a runtime may be is known better than by the grammar.
    """
    where = fault.where
    if fault.path[-1:] == ("using",) and fault.kind is FaultKind.WORD:
        return True
    return fault.path == ("branding", "color") and isinstance(where, Scalar) and where.text == "black"


def _equivalents(fault: Fault) -> tuple[str, ...] | None:
    base = ("languageservices:parse", "zizmor:invalid-input")
    if fault.path[:1] == ("on",):
        return ("actionlint:events", "actionlint:syntax-check", *base)
    if "permissions" in fault.path and fault.kind in (FaultKind.WORD, FaultKind.EMPTY):
        told = ("actionlint:syntax-check",) if fault.kind is FaultKind.EMPTY else ()
        return ("actionlint:permissions", *told, *base)
    if fault.path in (("runs-on",), ("runs-on", "labels")) and fault.kind is FaultKind.EMPTY:
        return ("actionlint:syntax-check", "actionlint:runner-label", *base)
    return ("actionlint:syntax-check", *base)


def _fixes(text: str, fault: Fault) -> tuple[Fix, ...]:
    if fault.kind is FaultKind.TYPE:
        return retyping_fixes(text, fault)
    if fault.kind is not FaultKind.WORD or not isinstance(fault.where, Scalar):
        return ()
    close = nearest(fault.where.text, fault.shape.words)
    if close is None or fault.where.block:
        return ()
    return (Fix(f"Write `{close}`", Safety.UNSAFE, edits=(Edit(Span.of(fault.where), close),)),)
