"""A key of a workflow has an empty list or mapping.

## What it does
Reports `[]` and `{}` as the value of a key that says something by what is in it. Rows of a matrix, labels of runners, options
of a choice and times of a schedule have to be there; `permissions: {}` says something and is left alone.

## Why it matters
A matrix without values and a job without a machine fail; a filter or an `env` with nothing in it looks as if it did
something.

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
    env: {}  # <-
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
Removes the key, where nothing depends on it.

## References
- [GitHub: workflow syntax](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax)

## Equivalent rules
- `actionlint:syntax-check`
"""

from collections.abc import Iterator
from functools import partial
from typing import Final, NamedTuple

from rollsafe.artefacts.github_workflow import Job, Step, Workflow
from rollsafe.formats.nodes import Entry, Mapping, Sequence, resolve
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule

_FILTERS: Final = frozenset(
    f"{name}{ending}" for name in ("branches", "tags", "paths") for ending in ("", "-ignore")
) | {"types", "workflows", "names", "versions"}
_NEEDED: Final = frozenset({"schedule", "options", "runs-on", "labels"})
_IDLE: Final = frozenset(
    {
        *(
            "needs",
            "env",
            "defaults",
            "run",
            "outputs",
            "matrix",
            "strategy",
            "credentials",
            "services",
            "with",
        ),
        *("include", "exclude", "secrets", "container", "concurrency", "environment", "snapshot"),
    }
)
_DEEPEST: Final = 6
_MOST: Final = 2_000


class _Empty(NamedTuple):
    holder: Mapping
    entry: Entry
    is_row: bool


@rule(severity=Severity.HINT, since="0.1.0", level=Level.PEDANTIC, earliest=Level.REGULAR, fix=Safety.SAFE)
def check(part: Workflow | Job | Step) -> Iterator[Finding]:
    """Yield a finding for each key with nothing in its list or mapping."""
    own = part.file.slice(part)
    if ("[" not in own and "{" not in own) or (part.owner if isinstance(part, Step) else part).problems:
        return
    for found in _empties(part):
        name = found.entry.name
        is_needed = found.is_row or name in _NEEDED
        yield Finding(
            found.entry.key,
            f"`{name}` is empty",
            fixes=() if is_needed else partial(_fixes, part, found),
            severity=Severity.WARNING if is_needed else None,
            level=Level.REGULAR if is_needed else None,
        )


def _fixes(part: Workflow | Job | Step, found: _Empty) -> tuple[Fix, ...]:
    text = part.file.text
    name = found.entry.name
    edit = remove_entry(text, found.holder, name) if len(found.holder.entries) > 1 else None
    safety = Safety.UNSAFE if name in _FILTERS else Safety.SAFE
    return () if edit is None else (Fix(f"Remove `{name}`", safety, edits=(edit,)),)


def _empties(part: Workflow | Job | Step) -> Iterator[_Empty]:
    """Yield the empty values below a part, those of its own jobs and steps left out."""
    left = {"jobs"} if isinstance(part, Workflow) else {"steps"}
    pending: list[tuple[Mapping, str, int]] = [(part.node, "", 0)]
    visits = 0
    while pending and visits < _MOST:
        visits += 1
        holder, above, depth = pending.pop()
        is_matrix = above == "matrix"
        for entry in holder.entries:
            value = resolve(entry.value)
            if entry.value is not value or (depth == 0 and entry.name in left):
                continue
            is_empty = (isinstance(value, Sequence) and not value.items) or (
                isinstance(value, Mapping) and value.flow and not value.entries
            )
            known = entry.name in _FILTERS or entry.name in _NEEDED or entry.name in _IDLE
            is_row = is_matrix and entry.name not in ("include", "exclude")
            if is_empty and (known or is_row) and above not in ("env", "with", "outputs", "inputs"):
                yield _Empty(holder, entry, is_row)
            elif isinstance(value, Mapping) and depth < _DEEPEST and not is_matrix:
                pending.append((value, entry.name, depth + 1))
