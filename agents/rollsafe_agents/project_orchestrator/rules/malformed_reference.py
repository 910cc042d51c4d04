"""What a step or job uses is no reference that GitHub can follow.

## What it does
Reports `uses` that is none of `owner/repository@version`, `owner/repository/path@version`, `./path` and `docker://image`; in a
job, a workflow that is not directly in `.github/workflows`, or one of the same repository with a version.

## Why it matters
GitHub refuses the whole file: no job of it starts. In a workflow that only a tag starts nobody notices before the
release.

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
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8
        with:
          persist-credentials: false
      - uses: .github/actions/greet  # <-
```
```yaml title=".github/actions/greet/action.yml"
name: greet
description: Says hello
runs:
  using: composite
  steps:
    - run: echo hello
      shell: bash
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
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8
        with:
          persist-credentials: false
      - uses: ./.github/actions/greet
```
```yaml title=".github/actions/greet/action.yml"
name: greet
description: Says hello
runs:
  using: composite
  steps:
    - run: echo hello
      shell: bash
```

## Fix
Writes `./` before a path of the repository that is there, and takes away a version that cannot be. Unsafe: it runs from
then on.

## References
- [GitHub: workflow syntax](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax)
- [GitHub: reusing workflows](https://docs.github.com/en/actions/how-tos/reuse-automations/reuse-workflows)

## Equivalent rules
- `actionlint:action`
- `actionlint:workflow-call`
- `languageservices:parse`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import ActionRef, CompositeAction, Job, Step
from rollsafe.artefacts.recognition import joined
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.text.patterns import lazily
from rollsafe.workspace.graph import Graph

_ACTION: Final = lazily(r"[^/@]+/[^/@]+(?:/[^@]*)?@.+\Z")
_WORKFLOW: Final = lazily(r"[^/@\s]+/[^/@\s]+/(?P<path>[^@\s]+)@\S+\Z")
_PLACED: Final = lazily(r"\.github/workflows/[^/]+\.ya?ml\Z")
_OF_ACTIONS: Final = ("actionlint:action", "languageservices:parse")
_OF_WORKFLOWS: Final = ("actionlint:workflow-call", "languageservices:parse")
_HERE: Final = "./"
_AT_COMMIT: Final = "$/"


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(part: Job | Step, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a reference that says too little or too much."""
    uses = part.uses
    problems = part.problems if isinstance(part, Job) else part.owner.problems
    if uses is None or problems or "${{" in uses.text:
        return
    if isinstance(part, Job):
        yield from _of_job(uses)
        return
    wrong = _wrong_action(uses.text)
    if wrong:
        yield Finding(
            uses, f"`{uses.text[:80]}` {wrong}", fixes=_local(part, uses, graph), equivalents=_OF_ACTIONS
        )


def _wrong_action(text: str) -> str:
    if text.startswith((_HERE, _AT_COMMIT)) or text == "." or _ACTION.match(text):
        return ""
    if text.startswith("docker://"):
        image = text.removeprefix("docker://")
        return "names no image" if not image else "has a `:` and no tag" if image.endswith(":") else ""
    if "@" not in text:
        return "names no version behind an `@`"
    return "names no owner before the repository"


def _local(step: Step, uses: ActionRef, graph: Graph) -> tuple[Fix, ...]:
    path = joined(step.owner.root, uses.text) if "@" not in uses.text else None
    if path is None or uses.text.startswith("..") or graph.first(CompositeAction, f"path:{path}") is None:
        return ()
    written = f"{_HERE}{uses.text}"
    start = step.file.text.find(uses.text, uses.start, uses.end)
    edit = Edit(Span(start, start + len(uses.text)), written)
    return (Fix(f"Write `{written}`", Safety.UNSAFE, edits=(edit,)),) if start >= 0 else ()


def _of_job(uses: ActionRef) -> Iterator[Finding]:
    text = uses.text
    if text.startswith((_HERE, _AT_COMMIT)):
        path, at, _ = text[len(_HERE) :].partition("@")
        if at:
            told = f"`{text[:80]}` has a version, and a workflow of the same repository is called without"
            yield Finding(uses, told, fixes=_bare(uses), equivalents=_OF_WORKFLOWS)
        elif not _PLACED.match(path):
            told = f"`{text[:80]}` is not directly in `.github/workflows`"
            yield Finding(uses, told, equivalents=("languageservices:parse",))
        return
    found = _WORKFLOW.match(text)
    if found is None:
        wrong = "names no version behind an `@`" if "@" not in text else "names no workflow of a repository"
        yield Finding(uses, f"`{text[:80]}` {wrong}", equivalents=_OF_WORKFLOWS)
    elif not _PLACED.match(found["path"]):
        told = f"`{text[:80]}` names no workflow directly in `.github/workflows`"
        yield Finding(uses, told, equivalents=("languageservices:parse",))


def _bare(uses: ActionRef) -> tuple[Fix, ...]:
    name = uses.text.partition("@")[0]
    if uses.end - uses.start != len(uses.text):
        return ()
    return (Fix("Leave the version out", Safety.UNSAFE, edits=(Edit(Span(uses.start, uses.end), name),)),)
