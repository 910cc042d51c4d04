"""An event has a filter and the filter that ignores the same.

## What it does
Reports events of a workflow with both `branches` and `branches-ignore`, `tags` and `tags-ignore`, or `paths` and
`paths-ignore`.

## Why it matters
GitHub refuses the whole file: no job of it starts. In a workflow that only a tag starts nobody notices before the
release.

## Bad
```yaml title=".github/workflows/check.yml"
name: check
on:
  pull_request:
    paths:
      - "src/**"
    paths-ignore:  # <-
      - "src/docs/**"
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
  pull_request:
    paths:
      - "src/**"
      - "!src/docs/**"
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
Adds what is ignored to the other filter, with `!` before it. Unsafe: which changes start the workflow is decided
anew.

## References
- [GitHub: workflow syntax](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax)

## Equivalent rules
- `actionlint:events`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Trigger, Workflow
from rollsafe.formats.nodes import Mapping, Scalar, Sequence
from rollsafe.formats.yaml_edit import add_items
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Edit, Finding, Fix, Related, Safety, Severity, rule
from rollsafe.text.patterns import lazily

_FILTERS: Final = ("branches", "tags", "paths")
_WITH_BOTH: Final = {
    "branches": ("push", "pull_request", "pull_request_target", "merge_group", "workflow_run"),
    "tags": ("push",),
    "paths": ("push", "pull_request", "pull_request_target"),
}
_PLAIN = lazily(r"[\w./*?+@\[\]-]+")


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(workflow: Workflow) -> Iterator[Finding]:
    """Yield a finding for each pair of filters that exclude each other."""
    if workflow.problems:
        return
    for trigger in workflow.triggers.values():
        for name in _FILTERS:
            if trigger.name in _WITH_BOTH[name]:
                yield from _of_pair(workflow, trigger, name)


def _of_pair(workflow: Workflow, trigger: Trigger, name: str) -> Iterator[Finding]:
    node = trigger.node
    ignoring = f"{name}-ignore"
    if not isinstance(node, Mapping):
        return
    one, other = node.key_at(name), node.key_at(ignoring)
    if one is None or other is None or _is_empty(node, name) or _is_empty(node, ignoring):
        return
    first, second = (one, other) if one.start < other.start else (other, one)
    yield Finding(
        second,
        f"`{trigger.name}` has both `{name}` and `{ignoring}`",
        fixes=_fixes(workflow.file.text, node, name),
        related=(Related(workflow.file, first, "the other filter"),),
    )


def _is_empty(node: Mapping, name: str) -> bool:
    value = node.at(name)
    return isinstance(value, Sequence) and not value.items


def _fixes(text: str, node: Mapping, name: str) -> tuple[Fix, ...]:
    """Return the fix that makes one filter of two lists; none where an item would have to be written anew."""
    kept, ignored = node.at(name), node.at(f"{name}-ignore")
    if node.flow or not isinstance(kept, Sequence) or not isinstance(ignored, Sequence):
        return ()
    patterns = [one.text for one in ignored.items if isinstance(one, Scalar) and _PLAIN.fullmatch(one.text)]
    removed = remove_entry(text, node, f"{name}-ignore")
    if removed is None or len(patterns) != len(ignored.items):
        return ()
    added = add_items(text, kept, [f'"!{pattern}"' for pattern in patterns])
    edits: tuple[Edit, ...] = (added, removed) if added.span.start < removed.span.start else (removed, added)
    return (Fix(f"Add what is ignored to `{name}`", Safety.UNSAFE, edits=edits),)
