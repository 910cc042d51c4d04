"""A deployment logs in with a token that its job is not allowed to ask for.

## What it does
Reports steps that log in to AWS, Google Cloud or Azure with the token GitHub gives each run, in jobs whose
`permissions` do not let them have it: `id-token: write` is granted by nothing but those words. Workflows that are
called get it from their callers, and runners of one's own may log in another way; these are left alone.

In GitLab it reports `CI_JOB_JWT`, which GitLab 17 took away, and in Azure a step that uses `SYSTEM_ACCESSTOKEN`
without having it in its `env`.

## Why it matters
The login fails, so nothing is deployed, and it fails only there: no pull request runs the job.

## Bad
```yaml title=".github/workflows/deploy.yml"
name: deploy
on:
  push:
    branches: [main]
permissions:
  contents: read
concurrency:
  group: deploy-production
  cancel-in-progress: false
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
  deploy:
    needs: [test]
    environment: production
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - uses: aws-actions/configure-aws-credentials@a03048d87541d1d9fcf2ecf528a4a65ba9bd7838 # v5.0.0
        with:
          role-to-assume: arn:aws:iam::123456789012:role/deploy  # <-
          aws-region: eu-central-1
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
```

## Good
```yaml title=".github/workflows/deploy.yml"
name: deploy
on:
  push:
    branches: [main]
permissions:
  contents: read
concurrency:
  group: deploy-production
  cancel-in-progress: false
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
  deploy:
    needs: [test]
    environment: production
    permissions:
      contents: read
      id-token: write  # the token it logs in with
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - uses: aws-actions/configure-aws-credentials@a03048d87541d1d9fcf2ecf528a4a65ba9bd7838 # v5.0.0
        with:
          role-to-assume: arn:aws:iam::123456789012:role/deploy
          aws-region: eu-central-1
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
```

## Fix
Gives the job the permission besides those it has. Unsafe: the job can log in from then on.

## References
- [GitHub: OpenID Connect](https://docs.github.com/en/actions/concepts/security/openid-connect)

## Equivalent rules
None known.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from rollsafe.artefacts.github_workflow import Job, Permissions, Step
from rollsafe.artefacts.other_pipelines.model import Dialect, OtherJob
from rollsafe.formats.nodes import Mapping as Table
from rollsafe.formats.nodes import Scalar, walk
from rollsafe.formats.yaml_edit import add_child, add_entry, set_value
from rollsafe.rules import Confidence, Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.workflow_edits import add_job_key

_WITH_TOKEN: Final = {
    "aws-actions/configure-aws-credentials": "role-to-assume",
    "google-github-actions/auth": "workload_identity_provider",
    "azure/login": "client-id",
}
"""The input with which an action logs in with a token of the run."""

_OTHERWISE: Final = frozenset(
    {
        "aws-access-key-id", "web-identity-token-file", "role-chaining", "creds", "credentials_json", "client-secret",
        "auth-type", "use-existing-credentials",
    }
)  # fmt: skip
"""Inputs with which it logs in another way."""

_ASKED: Final = {
    Dialect.GITLAB: re.compile(r"\$\{?(CI_JOB_JWT(?:_V[12])?)\b"),
    Dialect.AZURE: re.compile(r"\$(?:\{|env:)?(SYSTEM_ACCESSTOKEN)\b(?![:+-])"),
}
_WHY: Final = {
    Dialect.GITLAB: "GitLab 17 took it away, and `id_tokens` asks for none",
    Dialect.AZURE: "`env` does not hand `$(System.AccessToken)` to the step",
}
"""A token that is there for those only who ask for it, and how they would."""

_WRITE: Final = "write  # the token it logs in with"


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(step: Step | OtherJob) -> Iterator[Finding]:
    """Yield a finding for a login that the job's permissions rule out."""
    if isinstance(step, OtherJob):
        yield from _elsewhere(step)
        return
    job = step.owner
    name = _WITH_TOKEN.get(step.uses_text.partition("@")[0].lower())
    value = step.input(name) if name is not None else None
    if name is None or not isinstance(job, Job) or value is None or step.is_disabled or job.is_disabled:
        return
    if job.workflow.has_event("workflow_call") or _logs_in_otherwise(job, step):
        return
    granted = job.permissions or job.workflow.permissions
    if granted is not None and (granted.allows_writing("id-token") or _is_computed(granted)):
        return
    edit = _granting(job, granted)
    yield Finding(
        value,
        f"job `{job.id}` logs in with `{name}`, and has no `id-token: write` to get the token for it",
        fixes=() if edit is None else (Fix("Let the job ask for the token", Safety.UNSAFE, edits=(edit,)),),
        detail=f"`{step.label}` fails, and what `{job.id}` does after it is not done",
    )


def _elsewhere(job: OtherJob) -> Iterator[Finding]:
    """Yield a finding for the first use of a token that the job of another service has not been given."""
    asked = _ASKED.get(job.pipeline.dialect)
    known = {name.upper() for name in (*job.variables, *job.tokens)}
    if asked is None or not job.is_whole:
        return
    for script in job.scripts:
        match = asked.search(script.scalar.text) if script.file is job.file else None
        if match is None or match[1] in known or match[1] in {name.upper() for name in script.given}:
            continue
        where = Span(script.offsets(match.start(1)), script.offsets(match.end(1)))
        edit = _handed_over(job, script.scalar) if job.pipeline.dialect is Dialect.AZURE else None
        yield Finding(
            where,
            f"`{match[1]}` is empty in `{job.id}`: {_WHY[job.pipeline.dialect]}",
            fixes=() if edit is None else (Fix("Hand the token to the step", Safety.UNSAFE, edits=(edit,)),),
            confidence=Confidence.MEDIUM,
            detail=f"what `{job.id}` does with it is refused, and what comes after it is not done",
        )
        return


def _handed_over(job: OtherJob, script: Scalar) -> Edit | None:
    """Return the edit that gives a step of Azure the token of the run."""
    for step in walk(job.body) if job.body is not None else ():
        if isinstance(step, Table) and any(entry.value is script for entry in step.entries) and not step.flow:
            held = step.entry("env")
            pair = ("SYSTEM_ACCESSTOKEN", "$(System.AccessToken)")
            if held is not None:
                return add_child(job.file.text, held, *pair)
            return (
                add_entry(job.file.text, step, "env", ": ".join(pair)) if step.entry("task") is None else None
            )
    return None


def _logs_in_otherwise(job: Job, step: Step) -> bool:
    if not _OTHERWISE.isdisjoint(step.inputs):
        return True
    if "self-hosted" in job.runs_on or not job.runs_on or any("$" in label for label in job.runs_on):
        return True
    variables: Mapping[str, str] = {**job.workflow.env, **job.env, **step.env}
    if any(name in variables for name in ("AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE")):
        return True
    before = job.steps[: step.index]
    return any(one.uses_text.partition("@")[0] == step.uses_text.partition("@")[0] for one in before)


def _is_computed(granted: Permissions) -> bool:
    return any("${{" in level for level in granted.scopes.values())


def _granting(job: Job, granted: Permissions | None) -> Edit | None:
    """Return the edit after which the job has the permission, and those it had."""
    text = job.file.text
    own = job.permissions
    if own is not None:
        if isinstance(own.node, Table) and own.node.entries:
            held = own.node.entry("id-token")
            value = held.value if held is not None else None
            if isinstance(value, Scalar):
                return set_value(value, "write")
            return (
                add_entry(text, own.node, "id-token", _WRITE) if held is None and not own.node.flow else None
            )
        return None
    if granted is not None and isinstance(granted.node, Scalar):
        return None
    scopes = granted.scopes if granted is not None else {"contents": "read"}
    lines = [f"{scope}: {level}" for scope, level in scopes.items() if scope != "id-token"]
    return add_job_key(job, "permissions", "\n".join([*lines, f"id-token: {_WRITE}"]))
