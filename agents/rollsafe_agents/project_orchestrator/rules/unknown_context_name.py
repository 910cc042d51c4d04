"""An expression names something that does not exist.

## What it does
Reads every expression with the names that its place has: contexts, earlier steps with their ids, jobs listed in `needs` and
their outputs, rows of the matrix, declared inputs, outputs of local actions and of called workflows of the repository.

## Why it matters
GitHub puts an empty text there and goes on: an image without its tag, a condition that never holds, a deployment to the
environment called nothing. A context that does not exist at all makes it refuse the file.

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
      - id: build
        run: echo "image=app" >> "$GITHUB_OUTPUT"
      - run: make test
        env:
          IMAGE: ${{ steps.bulid.outputs.image }}  # <-
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
      - id: build
        run: echo "image=app" >> "$GITHUB_OUTPUT"
      - run: make test
        env:
          IMAGE: ${{ steps.build.outputs.image }}
```

## Fix
Writes the nearest name there is, or adds the job to `needs`. Unsafe: the value is another one from then on.

## References
- [GitHub: contexts](https://docs.github.com/en/actions/reference/workflows-and-actions/contexts)

## Equivalent rules
- `actionlint:expression`
- `languageservices:parse`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.expressions import FaultKind
from rollsafe.artefacts.expressions.types import shown
from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step, Workflow
from rollsafe.rules import Confidence, Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.workflow_edits import add_needs
from rollsafe.text import nearest
from rollsafe.workspace.called_actions import interface_of
from rollsafe.workspace.expression_faults import FoundFault, expression_faults
from rollsafe.workspace.graph import Graph

_OF_GITHUB: Final = (("github",), ("job",), ("runner",), ("strategy",))
"""Contexts that GitHub fills in: a name may be newer than what is known of them here."""
_DEPTH: Final = 3


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(part: Workflow | Job | Step | CompositeAction, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each name that nothing at its place has."""
    for found in expression_faults(part, graph):
        if found.fault.kind in (FaultKind.CONTEXT, FaultKind.NAME):
            yield Finding(
                Span(found.start, found.end),
                _message(part, found),
                fixes=_fixes(part, found),
                severity=Severity.WARNING if _may_be_newer(part, found, graph) else None,
                confidence=Confidence.MEDIUM if _may_be_newer(part, found, graph) else None,
                level=Level.PEDANTIC if found.fault.path == ("secrets",) else None,
                equivalents=None if found.fault.kind is FaultKind.CONTEXT else ("actionlint:expression",),
                detail=_detail(part, found),
            )


def _may_be_newer(part: Workflow | Job | Step | CompositeAction, found: FoundFault, graph: Graph) -> bool:
    """Say whether a name may be newer than what is known of GitHub, or of the action a step uses.

    A secret that is not declared may come from a caller that passes on all of its own.
    """
    path = found.fault.path
    if path == ("secrets",):
        return True
    if path[:1] != ("steps",) or len(path) != _DEPTH:
        return path[:1] in _OF_GITHUB
    owner = part.owner if isinstance(part, Step) else part
    steps = owner.steps if isinstance(owner, Job | CompositeAction) else ()
    step = next((one for one in steps if one.id.lower() == path[1].lower()), None)
    interface = interface_of(step, graph) if step is not None else None
    return interface is not None and bool(interface.date)


def _job(part: Workflow | Job | Step | CompositeAction) -> Job | None:
    owner = part.owner if isinstance(part, Step) else part
    return owner if isinstance(owner, Job) else None


def _forgotten(part: Workflow | Job | Step | CompositeAction, found: FoundFault) -> Job | None:
    """Return the job that an expression asks for and that its own job does not wait for."""
    job = _job(part)
    if job is None or found.fault.path != ("needs",):
        return None
    return job.workflow.job(found.fault.name)


def _message(part: Workflow | Job | Step | CompositeAction, found: FoundFault) -> str:
    fault, job = found.fault, _job(part)
    close = nearest(fault.name, fault.known)
    hint = f"; the nearest is `{close}`" if close is not None else ""
    if fault.kind is FaultKind.CONTEXT:
        return f"{fault.message}{hint}"
    if fault.path == ("needs",) and job is not None:
        if _forgotten(part, found) is not None:
            return f"job `{job.id}` reads `needs.{fault.name}` without waiting for `{fault.name}`"
        return f"job `{job.id}` waits for no job `{fault.name}`{hint}"
    if fault.path == ("secrets",):
        return f"the workflow declares no secret `{fault.name}`{hint}"
    if fault.path == ("steps",):
        return f"no step before this one has the id `{fault.name}`{hint}"
    if not close and fault.known:
        hint = f", only {shown(fault.known)}"
    return f"{fault.message}{hint}"


def _detail(part: Workflow | Job | Step | CompositeAction, found: FoundFault) -> str:
    if found.fault.kind is FaultKind.CONTEXT:
        return f"GitHub refuses `{part.file.path}` as a whole and starts none of its jobs"
    if found.fault.path == ("secrets",):
        return "only a caller with `secrets: inherit` gives it; any other leaves it empty"
    return "GitHub puts an empty text in its place and goes on"


def _fixes(part: Workflow | Job | Step | CompositeAction, found: FoundFault) -> tuple[Fix, ...]:
    fault, job = found.fault, _job(part)
    forgotten = _forgotten(part, found)
    if forgotten is not None and job is not None:
        edit = add_needs(job, (forgotten.id,))
        waits = job in forgotten.needs_closure or forgotten is job
        return (
            ()
            if edit is None or waits
            else (Fix(f"Wait for `{forgotten.id}`", Safety.UNSAFE, edits=(edit,)),)
        )
    close = nearest(fault.name, fault.known)
    span = Span(found.start, found.end)
    if close is None or part.file.slice(span).strip("'") != fault.name:
        return ()
    quote = "'" if part.file.slice(span).startswith("'") else ""
    return (Fix(f"Write `{close}`", Safety.UNSAFE, edits=(Edit(span, f"{quote}{close}{quote}"),)),)
