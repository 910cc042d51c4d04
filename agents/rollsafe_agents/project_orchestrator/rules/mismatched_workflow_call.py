"""A job calls a workflow of this repository with other inputs or secrets than it declares.

## What it does
Compares `with` and `secrets` of a job with the `workflow_call` of the file that it `uses`, when that is in the same
repository: names that are not declared, required ones that are missing, values of another type, a file that is not
there.

## Why it matters
GitHub refuses the calling workflow as a whole: no job of it starts. A release that is called by a tag is found broken
on the day of the release.

## Bad
```yaml title=".github/workflows/check.yml"
name: check
on:
  pull_request:
permissions:
  contents: read
jobs:
  test:
    uses: ./.github/workflows/test.yml
    with:
      nodeversion: 22  # <-
```
```yaml title=".github/workflows/test.yml"
name: test
on:
  workflow_call:
    inputs:
      node-version:
        type: number
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
permissions:
  contents: read
jobs:
  test:
    uses: ./.github/workflows/test.yml
    with:
      node-version: 22
```
```yaml title=".github/workflows/test.yml"
name: test
on:
  workflow_call:
    inputs:
      node-version:
        type: number
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
Writes the nearest name that is declared. Unsafe: the value takes effect from then on.

## References
- [GitHub: reusing workflows](https://docs.github.com/en/actions/how-tos/reuse-automations/reuse-workflows)

## Equivalent rules
- `actionlint:workflow-call`
- `actionlint:expression`
- `languageservices:parse`
"""

from collections.abc import Iterator

from rollsafe.artefacts.expressions.types import Plain, words_for
from rollsafe.artefacts.github_workflow import Job, Trigger
from rollsafe.artefacts.github_workflow.contexts import value_type
from rollsafe.artefacts.recognition import joined
from rollsafe.artefacts.shapes import Fault, FaultKind
from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar
from rollsafe.formats.yaml_edit import rename_key
from rollsafe.rules import Finding, Fix, Related, Safety, Severity, rule
from rollsafe.text import nearest
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipelines import called_workflow

_DEPTH = 3
_TYPED = ("actionlint:workflow-call", "actionlint:expression", "languageservices:parse")
_AUTOMATIC = frozenset({"github_token", "actions_step_debug", "actions_runner_debug"})


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(job: Job, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each difference between a call and what is called."""
    uses = job.uses
    if uses is None or not uses.is_local or job.problems:
        return
    called = called_workflow(job, graph)
    if called is None:
        path = joined(job.root, uses.local_path)
        is_whole = f"/{job.file.path}".count("/.github/") == 1  # else the repository is not all there
        if path is not None and is_whole and not graph.has_file(path):
            yield Finding(uses, f"job `{job.id}` calls `{uses.name}`, which is not there")
        return
    trigger = called.triggers.get("workflow_call")
    if called.problems:
        return
    broken = next((one for one in called.reading.faults if _is_at_call(one)), None)
    if broken is not None:
        told = f"job `{job.id}` calls `{uses.name}`, where `{'.'.join(broken.path)}` is wrong"
        yield Finding(uses, told, related=(Related(called.file, broken.where, "what is wrong"),))
        return
    if trigger is None:
        yield Finding(uses, f"job `{job.id}` calls `{uses.name}`, which has no `workflow_call`")
        return
    about = (Related(called.file, trigger.key, "what it declares"),)
    yield from _names(job, "with", "input", trigger.inputs, about)
    yield from _types(job, trigger)
    if isinstance(job.secrets, Mapping):
        yield from _names(job, "secrets", "secret", trigger.secrets, about)
    yield from _missing(job, trigger, about)


def _is_at_call(fault: Fault) -> bool:
    """Say whether what a workflow declares for its callers is no mapping at all."""
    at_key = fault.path[:2] == ("on", "workflow_call") and len(fault.path) == _DEPTH
    return at_key and fault.kind is FaultKind.TYPE


def _entries(job: Job, key: str) -> list[Entry]:
    node = job.node.map_at(key)
    return [entry for entry in node.entries if entry.name != "<<"] if node is not None else []


def _names(
    job: Job, key: str, word: str, declared: dict[str, Node], about: tuple[Related, ...]
) -> Iterator[Finding]:
    known = {name.lower() for name in declared}
    for entry in _entries(job, key):
        if entry.name.lower() in known or (key == "secrets" and entry.name.lower() in _AUTOMATIC):
            continue
        close = nearest(entry.name, declared)
        hint = f"; the nearest is `{close}`" if close is not None else ""
        there = {one.name.lower() for one in _entries(job, key)}
        fixes = (
            (Fix(f"Rename `{entry.name}` to `{close}`", Safety.UNSAFE, edits=(rename_key(entry, close),)),)
            if close is not None and close.lower() not in there
            else ()
        )
        yield Finding(
            entry.key,
            f"`{job.uses.name if job.uses else ''}` declares no {word} `{entry.name}`{hint}",
            related=about,
            fixes=fixes,
        )


def _types(job: Job, trigger: Trigger) -> Iterator[Finding]:
    wanted = {name.lower(): node.text_at("type") or "string" for name, node in trigger.inputs.items()}
    for entry in _entries(job, "with"):
        kind = wanted.get(entry.name.lower(), "string")
        found = value_type(entry.value)
        is_told = isinstance(found, Plain) and found not in (Plain.ANY, Plain.NULL, kind)
        if kind in ("boolean", "number") and is_told:
            told = f"input `{entry.name}` is {words_for(found)} where `{trigger.name}` declares a {kind}"
            yield Finding(entry.value, told, equivalents=_TYPED)


def _missing(job: Job, trigger: Trigger, about: tuple[Related, ...]) -> Iterator[Finding]:
    given = {entry.name.lower() for entry in _entries(job, "with")}
    needed = [name for name, node in trigger.inputs.items() if _is_needed(node) and name.lower() not in given]
    for name in needed:
        yield Finding(
            _place(job, "with"), f"job `{job.id}` gives no input `{name}`, which is required", related=about
        )
    if isinstance(job.secrets, Scalar) and job.secrets.text == "inherit":
        return
    given = {entry.name.lower() for entry in _entries(job, "secrets")}
    for name, node in trigger.secrets.items():
        if node.bool_at("required") is True and name.lower() not in given:
            message = f"job `{job.id}` gives no secret `{name}`, which is required"
            yield Finding(_place(job, "secrets"), message, related=about)


def _is_needed(node: Node) -> bool:
    return node.bool_at("required") is True and node.at("default") is None


def _place(job: Job, key: str) -> Scalar:
    uses = job.node.at("uses")
    return uses if isinstance(uses, Scalar) else job.key
