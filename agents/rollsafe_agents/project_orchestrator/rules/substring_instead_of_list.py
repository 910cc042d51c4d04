"""A condition looks for a text inside of a text where a list is meant.

## What it does
Reports `contains('a b', x)` in conditions of jobs and steps: a literal text first, a context second. It is reported at
level `regular` where somebody can choose the context.

## Why it matters
`contains` with a text answers for every part of it: a branch called `main-old`, or only `ma`, passes a check
for `main`. A gate that is meant for two branches is open for many.

## Bad
```yaml title=".github/workflows/test.yml"
name: test
on: push
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
        if: contains('refs/heads/main refs/heads/develop', github.ref)  # <-
```

## Good
```yaml title=".github/workflows/test.yml"
name: test
on: push
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
        if: contains(fromJSON('["refs/heads/main", "refs/heads/develop"]'), github.ref)
```

## Fix
Makes a list of the words. Unsafe: the condition holds less often.

## References
- [GitHub: contains](https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#contains)

## Equivalent rules
- `zizmor:unsound-contains`
"""

import json
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.expressions import Call, Expr, Literal, context_path, walk
from rollsafe.artefacts.github_workflow import Guard, Job, Step
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, rule

_CHOSEN: Final = (
    ("env",),
    ("inputs",),
    *(
        ("github", name)
        for name in ("actor", "base_ref", "head_ref", "ref", "ref_name", "sha", "triggering_actor")
    ),
)


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(part: Job | Step) -> Iterator[Finding]:
    """Yield a finding for each text that is searched for a part."""
    guard = part.if_
    if guard is None or "contains" not in guard.text.lower():
        return
    for node in walk(guard.condition.root):
        if isinstance(node, Call) and node.name.lower() == "contains" and len(node.arguments) == 2:
            yield from _of_call(guard, node, node.arguments[0], node.arguments[1])


def _of_call(guard: Guard, call: Call, whole: Expr, wanted: Expr) -> Iterator[Finding]:
    path = context_path(wanted)
    if not isinstance(whole, Literal) or not isinstance(whole.value, str) or path is None:
        return
    chosen = any(path[: len(prefix)] == prefix for prefix in _CHOSEN)
    yield Finding(
        guard.place(call),
        f"`{'.'.join(path)}` passes this condition with any part of `{whole.value.replace('`', '')}`",
        fixes=tuple(_fixes(guard, whole, whole.value)),
        severity=None if chosen else Severity.INFO,
        level=None if chosen else Level.PEDANTIC,
    )


def _fixes(guard: Guard, whole: Literal, text: str) -> Iterator[Fix]:
    words = text.replace(",", " ").split()
    place = guard.place(whole)
    source = guard.file.slice(place)
    if not words or source != f"'{text}'" or "'" in text or not (guard.scalar.plain or guard.scalar.block):
        return
    edit = Edit(place, f"fromJSON('{json.dumps(words, ensure_ascii=False)}')")
    yield Fix("Make a list of the words", Safety.UNSAFE, edits=(edit,))
