"""A filter of branches, tags or paths is no pattern, or one that matches nothing.

## What it does
Reports patterns in the filters of an event that GitHub cannot read, such as `+` or `?` behind nothing to repeat and `[`
without an end, and those that no branch, tag or path can match: names of branches with `^` or a space, a path that
begins with `./`. Filters are no regular expressions.

## Why it matters
GitHub refuses the file over a pattern that it cannot read. One that matches nothing leaves a workflow that never starts,
or one that always does: nobody misses the check before it is needed.

## Bad
```yaml title=".github/workflows/check.yml"
name: check
on:
  push:
    tags:
      - "^v[0-9]+"  # <-
permissions:
  contents: read
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
  push:
    tags:
      - "v[0-9]+"
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
Takes out a leading `^`, `/` or `./` and an ending `$`, which a pattern needs not. Unsafe: the workflow starts for what it did
not start for.

## References
- [GitHub: filter patterns](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet)

## Equivalent rules
- `actionlint:glob`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Job, Trigger, Workflow
from rollsafe.artefacts.github_workflow.patterns import Harm, PatternFault, pattern_faults
from rollsafe.formats.nodes import Scalar, Sequence, resolve
from rollsafe.formats.scalar_text import script_offsets
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, Span, rule

_REFS: Final = ("branches", "branches-ignore", "tags", "tags-ignore", "versions")
_PATHS: Final = ("paths", "paths-ignore")
_SEVERITIES: Final = {
    Harm.REFUSED: Severity.ERROR, Harm.UNMATCHED: Severity.WARNING, Harm.NEEDLESS: Severity.HINT,
}  # fmt: skip


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(part: Workflow | Job) -> Iterator[Finding]:
    """Yield a finding for each pattern with a fault, about the worst of them."""
    if part.problems:
        return
    if isinstance(part, Job):
        version = part.node.at("snapshot", "version") if "snapshot" in part.fields else None
        if isinstance(version, Scalar):
            yield from _of_pattern(part, "version", version, is_ref=True)
        return
    for trigger in part.triggers.values():
        for name in (*_REFS, *_PATHS):
            for pattern in _patterns(trigger, name):
                yield from _of_pattern(part, name, pattern, is_ref=name in _REFS)


def _patterns(trigger: Trigger, name: str) -> list[Scalar]:
    node = resolve(trigger.node.at(name)) if trigger.node is not None else None
    items = [resolve(item) for item in node.items] if isinstance(node, Sequence) else [node]
    return [one for one in items if isinstance(one, Scalar)]


def _of_pattern(part: Workflow | Job, name: str, pattern: Scalar, *, is_ref: bool) -> Iterator[Finding]:
    if not pattern.text or "${{" in pattern.text:
        return
    faults = list(pattern_faults(pattern.text, is_ref=is_ref))
    if faults:
        worst = min(faults, key=lambda one: one.harm.value)
        yield Finding(
            _place(part.file.text, pattern, worst),
            f"`{pattern.text[:60]}` in `{name}`: {worst.message}",
            fixes=_fixes(pattern, is_ref=is_ref),
            severity=_SEVERITIES[worst.harm],
            level=Level.PEDANTIC if worst.harm is Harm.NEEDLESS else None,
        )


def _place(text: str, pattern: Scalar, fault: PatternFault) -> Span:
    if fault.at is None:
        return Span.of(pattern)
    at = script_offsets(text, pattern)
    return Span(at(fault.at), max(at(fault.at + 1), at(fault.at) + 1))


def _fixes(pattern: Scalar, *, is_ref: bool) -> tuple[Fix, ...]:
    """Return the fix that leaves out what only regular expressions and shells need."""
    sign = "!" if pattern.text.startswith("!") else ""
    body = pattern.text.removeprefix("!").strip()
    written = sign + body.removeprefix("^").removesuffix("$").removeprefix("./").removeprefix(
        "/" if is_ref else "./"
    )
    if written in (pattern.text, sign) or pattern.block or any(pattern_faults(written, is_ref=is_ref)):
        return ()
    value = f'"{written}"' if pattern.plain and written[:1] in "!*[&" else written
    return (Fix(f"Write `{written}`", Safety.UNSAFE, edits=(set_value(pattern, value),)),)
