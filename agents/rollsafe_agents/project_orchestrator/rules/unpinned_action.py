"""A job with something to lose runs an action whose code can change under it.

## What it does
Reports actions and reusable workflows of third parties that are named by a tag or a branch, in jobs that deploy,
migrate, publish, hold secrets or may write, once per file. Elsewhere, and for GitHub's own actions, it is reported
at level `pedantic`.

## Why it matters
A tag is moved by whoever controls the action's repository, or has taken it over. The next run then executes their
code with the job's secrets and its right to deploy. This has happened to widely used actions.

## Bad
```yaml title=".github/workflows/publish.yml"
name: publish
on:
  push:
    tags: ["v*"]
permissions:
  contents: read
jobs:
  publish:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - uses: shop-tools/upload-action@v2  # <-
        with:
          token: ${{ secrets.UPLOAD_TOKEN }}
```
```yaml title=".github/workflows/nightly.yml"
name: nightly
on:
  schedule:
    - cron: "0 3 * * *"
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - uses: shop-tools/upload-action@8f4b7f84864484a7bf31766abe9204da3cbe65b3 # v2.1.0
        with:
          dry-run: true
```

## Good
```yaml title=".github/workflows/publish.yml"
name: publish
on:
  push:
    tags: ["v*"]
permissions:
  contents: read
jobs:
  publish:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - uses: shop-tools/upload-action@8f4b7f84864484a7bf31766abe9204da3cbe65b3 # v2.1.0
        with:
          token: ${{ secrets.UPLOAD_TOKEN }}
```
```yaml title=".github/workflows/nightly.yml"
name: nightly
on:
  schedule:
    - cron: "0 3 * * *"
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - uses: shop-tools/upload-action@8f4b7f84864484a7bf31766abe9204da3cbe65b3 # v2.1.0
        with:
          dry-run: true
```

## Fix
Pins the commit the repository uses elsewhere, with its version behind it. Unsafe: it may be another version than the tag names at present.
Where the repository pins it nowhere, there is no fix: the commit has to be looked up.

## References
- [GitHub: using third-party actions](https://docs.github.com/en/actions/reference/security/secure-use#using-third-party-actions)

## Equivalent rules
- `zizmor:unpinned-uses`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import ActionRef, Job, Step
from rollsafe.artefacts.recognition import Role
from rollsafe.formats.yaml_edit import line_end
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.action_steps import version_of
from rollsafe.text.patterns import lazily
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pins import pinned_steps

_SHA: Final = lazily(r"[0-9a-f]{40}|[0-9a-f]{64}")
_NUMBER: Final = lazily(r"#.*\d")
_OWNER: Final = lazily(r"[A-Za-z0-9][\w.-]*")
_BRANCHES: Final = frozenset({"main", "master", "develop", "dev", "trunk", "latest"})
_OWN: Final = frozenset({"actions", "github"})
_RISKY: Final = frozenset({Role.DEPLOY, Role.MIGRATE, Role.PUBLISH, Role.AUTHENTICATE})


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(user: Step | Job, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for an action that is not pinned to a commit."""
    ref = user.uses
    off = user.is_skipped if isinstance(user, Step) else user.is_disabled
    if ref is None or off or ref.is_local or ref.is_image or not ref.owner or _SHA.fullmatch(ref.ref):
        return
    if not _OWNER.fullmatch(ref.owner) or "${{" in ref.text:
        return
    quiet = ref.owner in _OWN or _is_repeated(user, ref) or not _is_precious(user, ref)
    kind = "branch" if ref.ref in _BRANCHES else "tag"
    named = f"the {kind} `{ref.ref}`" if ref.ref else "no version at all"
    place = ref.ref_span or Span(ref.start, ref.end)
    yield Finding(
        place,
        f"`{ref.name}` is named by {named}, which its owner can move",
        fixes=tuple(_fixes(user, ref, graph)),
        level=Level.PEDANTIC if quiet else None,
        detail=f"whoever controls `{ref.repository}` decides what the next run executes with this job's secrets",
    )


def _is_repeated(user: Step | Job, ref: ActionRef) -> bool:
    """Say whether the file names the same action in the same way further up: one cause, one finding."""
    at = user.file.text.find(ref.text)
    return 0 <= at < ref.start


def _is_precious(user: Step | Job, ref: ActionRef) -> bool:
    """Say whether there is something to lose: a branch moves by itself, a tag only on purpose."""
    job = user if isinstance(user, Job) else user.owner
    return ref.ref in _BRANCHES or (isinstance(job, Job) and _has_something_to_lose(user, job))


def _has_something_to_lose(user: Step | Job, job: Job) -> bool:
    if job.roles & _RISKY or (isinstance(user, Job) and user.secrets is not None):
        return True
    if isinstance(user, Step) and any("secrets." in value for value in user.inputs.values()):
        return True
    permissions = job.permissions or job.workflow.permissions
    return permissions is not None and any(
        permissions.allows_writing(scope) for scope in ("contents", "packages", "id-token", "deployments")
    )


def _fixes(user: Step | Job, ref: ActionRef, graph: Graph) -> Iterator[Fix]:
    if ref.ref and ref.ref_span is None:
        return
    pinned = {
        step.uses.ref: version_of(step) for step in pinned_steps(ref.name, graph) if step.uses is not None
    }
    for commit, version in sorted(pinned.items()):
        place = ref.ref_span or Span(ref.end, ref.end)
        edits = [Edit(place, commit if ref.ref_span else f"@{commit}")]
        rest = user.file.text[ref.end : line_end(user.file.text, ref.end)]
        if version and not rest.strip():
            edits.append(Edit(Span(ref.end, ref.end), f" # v{version}"))
        elif version and _NUMBER.search(rest) and version not in rest:
            continue
        title = f"Pin to the commit `{commit[:12]}`, as elsewhere in this repository"
        yield Fix(title, Safety.UNSAFE, edits=tuple(edits))
