"""The token of a workflow may do more than its jobs need.

## What it does
Reports workflows and jobs without `permissions`, `read-all` and `write-all`, and rights to write that are given to a
whole workflow of several jobs. `write-all`, and missing permissions of workflows that strangers start, are reported
at level `regular`.

## Why it matters
Without `permissions` the token has whatever the repository's settings say, often the right to write everything. An
action that was taken over, or a script that runs a stranger's code, then pushes commits and publishes packages.

## Bad
```yaml title=".github/workflows/test.yml"
name: test  # <-
on: pull_request
concurrency:
  group: test-${{ github.ref }}
  cancel-in-progress: true
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
```

## Good
```yaml title=".github/workflows/test.yml"
name: test
on: pull_request
permissions:
  contents: read
concurrency:
  group: test-${{ github.ref }}
  cancel-in-progress: true
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
```

## Fix
Lets the workflow read its contents, and gives jobs what their actions and commands are known to write. Unsafe: a
step that uses the token for something else is refused.

## References
- [GitHub: permissions of GITHUB_TOKEN](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions)

## Equivalent rules
- `zizmor:excessive-permissions`
- `poutine:default_permissions_on_risky_events`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Job, Permissions, Workflow
from rollsafe.artefacts.recognition.token_needs import Right, needs_of_job
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.formats.yaml_edit import add_entry_after
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.workflow_edits import add_job_key
from rollsafe.text import Located

_EVERYTHING: Final = frozenset({"write-all", "read-all"})
_RISKY: Final = ("pull_request_target", "issue_comment")
_ZIZMOR: Final = ("zizmor:excessive-permissions",)


@rule(
    severity=Severity.WARNING, level=Level.PEDANTIC, earliest=Level.REGULAR, since="0.1.0", fix=Safety.UNSAFE
)
def check(part: Workflow | Job) -> Iterator[Finding]:
    """Yield a finding for a workflow or a job whose token may do too much."""
    if isinstance(part, Job):
        yield from _of_job(part)
    elif not part.problems and part.jobs and part.node.entries:
        yield from _of_workflow(part)


def _of_workflow(workflow: Workflow) -> Iterator[Finding]:
    own = workflow.permissions
    if own is None:
        risky = workflow.has_event(*_RISKY) and any(job.permissions is None for job in workflow.jobs)
        yield Finding(
            workflow.node.entries[0].key,
            "without `permissions` the token of this workflow may do whatever the repository's settings allow",
            fixes=lambda: tuple(_stated(workflow)),
            level=Level.REGULAR if risky else None,
            equivalents=None if risky else _ZIZMOR,
            detail="strangers start this workflow, and it runs with the rights of the repository"
            if risky
            else "",
        )
    elif isinstance(own.node, Scalar):
        yield from _everything(own, "the workflow", workflow.jobs)
    elif isinstance(own.node, Mapping) and len(workflow.jobs) > 1:
        yield from _shared_writes(workflow, own, own.node)
    elif isinstance(own.node, Mapping):
        for where, scope in _writes(own.node):
            yield _shared(where, scope, workflow, level=Level.AUDITOR)


def _shared_writes(workflow: Workflow, own: Permissions, node: Mapping) -> Iterator[Finding]:
    writes = list(_writes(node))
    apart = bool(writes) and all(job.permissions is not None for job in workflow.jobs)
    for where, scope in writes:
        yield _shared(where, scope, workflow, level=Level.AUDITOR if apart else None)


def _writes(node: Mapping) -> Iterator[tuple[Located, str]]:
    for entry in node.entries:
        if isinstance(entry.value, Scalar) and entry.value.text == "write":
            yield entry, entry.name


def _shared(where: Located, scope: str, workflow: Workflow, level: Level | None) -> Finding:
    jobs = len(workflow.jobs)
    whom = f"all {jobs} jobs" if jobs > 1 else "the whole workflow"
    return Finding(where, f"`{scope}: write` is given to {whom}", level=level, equivalents=_ZIZMOR)


def _of_job(job: Job) -> Iterator[Finding]:
    own = job.permissions
    if job.problems or job.is_disabled:
        return
    if own is not None:
        if isinstance(own.node, Scalar):
            yield from _everything(own, f"job `{job.id}`", [job])
    elif job.workflow.permissions is None:
        yield Finding(
            job.key,
            f"without `permissions` the token of job `{job.id}` may do whatever the repository's settings allow",
            level=Level.AUDITOR,
            equivalents=_ZIZMOR,
        )


def _everything(own: Permissions, whose: str, jobs: list[Job]) -> Iterator[Finding]:
    node = own.node
    assert isinstance(node, Scalar)
    if node.text not in _EVERYTHING:
        return
    writes = node.text == "write-all"
    yield Finding(
        own,
        f"`{node.text}`: the token of {whose} may {'write' if writes else 'read'} everything",
        fixes=lambda: tuple(_replaced(own, node, jobs)),
        level=Level.REGULAR if writes else None,
        equivalents=_ZIZMOR,
    )


def _replaced(own: Permissions, node: Scalar, jobs: list[Job]) -> Iterator[Fix]:
    needs = _needs(jobs)
    if any(right.level == "write" for right in needs.values()):
        return
    inside = ", ".join(f"{scope}: {right.level}" for scope, right in needs.items())
    yield Fix(f"Allow `{inside}` only", Safety.UNSAFE, edits=(Edit(Span.of(node), f"{{ {inside} }}"),))


def _needs(jobs: list[Job]) -> dict[str, Right]:
    """Return what the jobs are known to need together; reading the contents when that is not known."""
    found: dict[str, Right] = {}
    for job in jobs:
        for scope, right in needs_of_job(job).items():
            if scope not in found or right.level == "write":
                found[scope] = right
    return dict(sorted(found.items())) or {"contents": Right("read", "")}


def _stated(workflow: Workflow) -> Iterator[Fix]:
    """Yield the fix that lets the workflow read its contents, and jobs write what they are known to."""
    entry = workflow.node.entry("on") or workflow.node.entry("true")
    if entry is None or workflow.node.flow:
        return
    edits = [add_entry_after(workflow.file.text, entry, "permissions", "contents: read")]
    writers = [job for job in workflow.jobs if job.permissions is None and _writes_something(job)]
    for job in writers:
        edit = add_job_key(job, "permissions", _block(job))
        if edit is None:
            return
        edits.append(edit)
    more = f", and what {_names(writers)} is known to write" if writers else ""
    yield Fix(f"Allow `contents: read` only{more}", Safety.UNSAFE, edits=tuple(edits))


def _writes_something(job: Job) -> bool:
    return any(right.level == "write" for right in needs_of_job(job).values())


def _block(job: Job) -> str:
    needs = {"contents": Right("read", ""), **needs_of_job(job)}
    return "\n".join(
        f"{scope}: {right.level}" + (f" # {right.purpose}" if right.level == "write" else "")
        for scope, right in sorted(needs.items())
    )


def _names(jobs: list[Job]) -> str:
    return ", ".join(f"`{job.id}`" for job in jobs[:3])
