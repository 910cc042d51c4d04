"""A key stands twice in one mapping of a workflow.

## What it does
Reports the second of two keys of a mapping that are the same but for their case.

## Why it matters
GitHub refuses the whole file: no job of it starts. Tools that take it keep one of the two values and forget the other.

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
    env:
      STAGE: test
      STAGE: production  # <-
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
    env:
      STAGE: test
    steps:
      - run: make test
```

## Fix
Removes the second of the two, or the one with capital letters. Unsafe: where they differ, the other one may be meant, and a file that GitHub refused
runs from then on.

## References
- [GitHub: workflow syntax](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax)

## Equivalent rules
- `actionlint:syntax-check`
- `languageservices:parse`
- `zizmor:invalid-input`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step, Workflow
from rollsafe.artefacts.shapes import Fault, FaultKind
from rollsafe.formats.nodes import Entry
from rollsafe.rules import Edit, Finding, Fix, Related, Safety, Severity, Span, rule
from rollsafe.rules.workflow_grammar import where_in


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(part: Workflow | Job | Step | CompositeAction) -> Iterator[Finding]:
    """Yield a finding for each key that its mapping has already."""
    for fault in part.reading.faults:
        pair = _pair(fault) if fault.kind is FaultKind.DUPLICATE else None
        if pair is not None:
            first, second = pair
            yield Finding(
                fault.where,
                f"`{fault.key}` stands twice in {where_in(part, fault)}",
                fixes=_fixes(part.file.text, first, second),
                related=(Related(part.file, first.key, f"`{first.name}` stands here first"),),
                detail=f"GitHub refuses `{part.file.path}` as a whole and starts none of its jobs",
            )


def _pair(fault: Fault) -> tuple[Entry, Entry] | None:
    entries = fault.holder.entries if fault.holder is not None else ()
    second = next((one for one in entries if one.key is fault.where), None)
    first = next((one for one in entries if one.name.lower() == fault.key.lower()), None)
    return None if first is None or second is None or first is second else (first, second)


def _fixes(text: str, first: Entry, second: Entry) -> tuple[Fix, ...]:
    """Return the fix that takes one of two entries out; entries of one line only, whose end is certain.

    Where one is spelled as GitHub spells it and the other is not, that one stays.
    """
    which, out = (
        ("second", second) if second.name != second.name.lower() or _is_plain(first) else ("first", first)
    )
    start = text.rfind("\n", 0, out.key.start) + 1
    end = text.find("\n", out.value.end)
    written = text[out.key.start : out.value.end]
    if text[start : out.key.start].strip() or "\n" in written or end < 0:
        return ()
    return (Fix(f"Remove the {which} `{out.name}`", Safety.UNSAFE, edits=(Edit(Span(start, end + 1), ""),)),)


def _is_plain(entry: Entry) -> bool:
    return entry.name == entry.name.lower()
