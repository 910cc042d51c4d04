"""A job calls a workflow that asks for more than the job may do.

## What it does
Compares the `permissions` of a job that calls a workflow of the same repository, or those of its workflow, with what the jobs
of the called one ask for. A caller without any leaves the settings of the repository to decide, and is left alone.

## Why it matters
GitHub refuses the run as a whole: permissions can only become fewer on the way down. A release that is called by a tag is
found broken on the day of the release.

## Bad
```yaml title=".github/workflows/check.yml"
name: check
on:
  pull_request:
permissions:
  contents: read
jobs:
  notes:
    permissions:
      contents: read
      pull-requests: read
    uses: ./.github/workflows/notes.yml  # <-
```
```yaml title=".github/workflows/notes.yml"
name: notes
on:
  workflow_call:
permissions:
  contents: read
jobs:
  notes:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      contents: read
      pull-requests: write
    steps:
      - run: make notes
```

## Good
```yaml title=".github/workflows/check.yml"
name: check
on:
  pull_request:
permissions:
  contents: read
jobs:
  notes:
    permissions:
      contents: read
      pull-requests: write
    uses: ./.github/workflows/notes.yml
```
```yaml title=".github/workflows/notes.yml"
name: notes
on:
  workflow_call:
permissions:
  contents: read
jobs:
  notes:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      contents: read
      pull-requests: write
    steps:
      - run: make notes
```

## Fix
Gives the job what is asked for, where its permissions are listed one by one. Unsafe: the token may do more.

## References
- [GitHub: permissions of called workflows](https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations#supported-keywords-for-jobs-that-call-a-reusable-workflow)

## Equivalent rules
- `languageservices:parse`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Job, Permissions
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.formats.yaml_edit import add_entry, set_value
from rollsafe.rules import Finding, Fix, Related, Safety, Severity, rule
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipelines import called_workflow

_RANKS: Final = {"none": 0, "read": 1, "write": 2}
_EVERYTHING: Final = {"read-all": 1, "write-all": 2}


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(job: Job, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for the first permission that a called workflow asks for in vain."""
    uses = job.uses
    if uses is None or not uses.is_local or job.problems:
        return
    given = job.permissions or job.workflow.permissions
    called = called_workflow(job, graph) if given is not None else None
    if given is None or called is None or called.problems or "workflow_call" not in called.triggers:
        return
    for asking in called.jobs:
        wanted = asking.permissions or called.permissions
        lacking = _lacking(wanted, given) if wanted is not None else None
        if wanted is not None and lacking is not None:
            scope, level = lacking
            yield Finding(
                uses,
                f"job `{job.id}` may not do what `{uses.name}` asks for in job `{asking.id}`: `{_asked(scope, level)}`",
                fixes=_fixes(job, given, scope, level),
                related=(Related(called.file, wanted.key, "what it asks for"),),
            )
            return


def _asked(scope: str, level: str) -> str:
    return f"{scope}: {level}" if scope else level


def _lacking(wanted: Permissions, given: Permissions) -> tuple[str, str] | None:
    """Return scope and level of something asked for that is not given; the scope is empty for everything."""
    if isinstance(wanted.node, Scalar):
        asked = wanted.node.text
        is_given = isinstance(given.node, Scalar) and _EVERYTHING.get(given.node.text, 0) >= _EVERYTHING.get(
            asked, 0
        )
        return None if asked not in _EVERYTHING or is_given else ("", asked)
    for scope, level in wanted.scopes.items():
        if level in _RANKS and _RANKS[level] > _RANKS.get(given.level(scope), 2):
            return scope, level
    return None


def _fixes(job: Job, given: Permissions, scope: str, level: str) -> tuple[Fix, ...]:
    node = given.node
    if not scope or not isinstance(node, Mapping) or not node.entries:
        return ()
    written = node.at(scope)
    if written is not None and not isinstance(written, Scalar):
        return ()
    edit = add_entry(job.file.text, node, scope, level) if written is None else set_value(written, level)
    return (Fix(f"Allow `{scope}: {level}`", Safety.UNSAFE, edits=(edit,)),)
