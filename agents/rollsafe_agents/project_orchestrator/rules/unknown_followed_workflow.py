"""A workflow waits for one that is not there.

## What it does
Compares the names in `on.workflow_run.workflows` with the `name` of each workflow of the repository, or its path where it has
none. Workflows that GitHub makes itself, such as `pages-build-deployment`, are left alone.

## Why it matters
The workflow never starts, and nothing says so. Most often the other one was renamed: a deployment or a report that hung on it
has not happened since.

## Bad
```yaml title=".github/workflows/report.yml"
name: report
on:
  workflow_run:
    workflows: [check]  # <-
    types: [completed]
permissions:
  contents: read
jobs:
  report:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make report
```
```yaml title=".github/workflows/checks.yml"
name: checks
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

## Good
```yaml title=".github/workflows/report.yml"
name: report
on:
  workflow_run:
    workflows: [checks]
    types: [completed]
permissions:
  contents: read
jobs:
  report:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make report
```
```yaml title=".github/workflows/checks.yml"
name: checks
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
Writes the nearest name, or the name of the workflow in the file that is named. Unsafe: the workflow starts from then on.

## References
- [GitHub: workflow_run](https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflow_run)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from rollsafe.artefacts.github_workflow import Workflow
from rollsafe.formats.nodes import Scalar, Sequence, resolve
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.text import nearest
from rollsafe.workspace.graph import Graph

_FOLDER: Final = ".github/workflows/"
_OF_GITHUB: Final = frozenset(
    {"codeql", "pages-build-deployment", "dependabot updates", "automatic dependency submission", "copilot"}
)


@rule(severity=Severity.WARNING, since="0.1.0", confidence=Confidence.MEDIUM, fix=Safety.UNSAFE)
def check(workflow: Workflow, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each name that no workflow has."""
    follows = workflow.triggers.get("workflow_run")
    if follows is None or follows.node is None or workflow.problems or _FOLDER not in workflow.file.path:
        return
    node = resolve(follows.node.at("workflows"))
    items = [resolve(item) for item in node.items] if isinstance(node, Sequence) else [node]
    names = _names(workflow, graph)
    for item in items:
        if not isinstance(item, Scalar) or not item.text or "${{" in item.text:
            continue
        text = item.text
        if text.lower() in _OF_GITHUB or any(fnmatchcase(name, text) for name in names):
            continue
        close = _meant(text, names)
        hint = f"; the nearest is `{close}`" if close is not None else ""
        yield Finding(
            item,
            f"no workflow of the repository is called `{text[:80]}`{hint}",
            fixes=_fixes(item, close),
            level=None if close is not None else Level.PEDANTIC,
        )


def _names(workflow: Workflow, graph: Graph) -> dict[str, str]:
    """Return the path of each workflow of the same repository by its name, or by its path where it has none."""
    home = f"{workflow.root}/{_FOLDER}".lstrip("/")
    found = graph.every(Workflow, "path:")
    below = (one for one in found if one.file.path.startswith(home))
    return {one.name or f"{_FOLDER}{one.file.name}": one.file.path for one in below}


def _meant(text: str, names: dict[str, str]) -> str | None:
    named = (name for name, path in names.items() if path == text or path.endswith(f"/{text}"))
    return next(named, None) or nearest(text, names)


def _fixes(item: Scalar, close: str | None) -> tuple[Fix, ...]:
    if close is None or item.block:
        return ()
    is_simple = all(letter.isalnum() or letter in " -_./" for letter in close) and not item.plain
    value = close if is_simple or close.replace("-", "").replace("_", "").isalnum() else f'"{close}"'
    if '"' in close or "\\" in close:
        return ()
    return (Fix(f"Write `{close}`", Safety.UNSAFE, edits=(set_value(item, value),)),)
