"""A condition always holds, because text stands around its expression.

## What it does
Reports an `if:` in which something other than blanks stands outside of `${{ }}`, also the line break at the end of a `|`
block.

## Why it matters
GitHub fills in the expression and gets a text that is not empty: the condition holds whatever it says. A job that was to
run on the main line only deploys every branch.

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
      - run: make test
        if: ${{ github.ref == 'refs/heads/main' }} && success()  # <-
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
        if: github.ref == 'refs/heads/main' && success()
```

## Fix
Takes the `${{ }}` away, so that the whole text is the condition. Unsafe: from then on the condition decides.

## References
- [GitHub: expressions](https://docs.github.com/en/actions/reference/workflows-and-actions/expressions)

## Equivalent rules
- `actionlint:if-cond`
- `zizmor:unsound-condition`
- `poutine:if_always_true`
- `languageservices:parse`
"""

from collections.abc import Iterator

from rollsafe.artefacts.expressions import find_expressions, read_condition
from rollsafe.artefacts.github_workflow import Job, Step
from rollsafe.formats.nodes import Scalar
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(part: Job | Step) -> Iterator[Finding]:
    """Yield a finding for a condition that is a text with an expression in it."""
    guard = part.if_
    if guard is None or not guard.condition.padded:
        return
    yield Finding(
        guard.scalar,
        f"the condition of {_named(part)} always holds: text stands around its `${{{{ }}}}`",
        fixes=_fixes(part.file.text, guard.scalar),
        detail="GitHub compares the filled-in text, which is never empty",
    )


def _named(part: Job | Step) -> str:
    if isinstance(part, Job):
        return f"job `{part.id}`"
    return f"step `{part.label}`"


def _fixes(text: str, scalar: Scalar) -> tuple[Fix, ...]:
    """Return the fix that makes the whole text the condition, where that can be read."""
    bare = "".join(_pieces(scalar.text)).strip()
    if read_condition(bare).problems or not bare:
        return ()
    if scalar.block:
        head, _, rest = text[scalar.start : scalar.end].partition("\n")
        if head.strip() not in ("|", ">", "|+", ">+") or "${{" not in rest:
            return ()
        inside = scalar.text.strip()
        only = next(find_expressions(inside), None)
        if only is None or (only.start, only.end) != (0, len(inside)):
            return ()
        edit = Edit(Span(scalar.start, scalar.start + len(head.rstrip())), f"{head.strip()[0]}-")
        return (Fix("Drop the line break at the end", Safety.UNSAFE, edits=(edit,)),)
    if not scalar.plain or "\n" in text[scalar.start : scalar.end] or _needs_quotes(bare):
        return ()
    return (Fix("Make the whole text the condition", Safety.UNSAFE, edits=(Edit(Span.of(scalar), bare),)),)


def _pieces(text: str) -> Iterator[str]:
    """Yield the text with the inside of each expression in place of the expression."""
    at = 0
    for one in find_expressions(text):
        yield text[at : one.start]
        yield text[one.inner_start : one.inner_end].strip()
        at = one.end
    yield text[at:]


def _needs_quotes(bare: str) -> bool:
    """Say whether YAML would read the condition as something else than a plain text."""
    return bare[0] in "!&*'\"[{|>%@`#-?:," or ": " in bare or " #" in bare
