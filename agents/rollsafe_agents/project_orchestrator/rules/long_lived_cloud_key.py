"""A pipeline logs in to a cloud with a key that never expires.

## What it does
Reports login actions of AWS, Google Cloud and Azure that are given a stored key although the provider trusts
GitHub's short-lived tokens: `aws-access-key-id`, `credentials_json`, `creds`. A key that an earlier step got for this
run, or one with a session token, ends by itself. A login that takes either the token or a key is only pedantic, and so
is a secret as `AWS_SECRET_ACCESS_KEY` in the `env` of a workflow, a job or a step, unless the file names an endpoint:
other stores than Amazon's take keys by that name, too. In GitLab and CircleCI it reports commands that log in with such a key: `aws configure set`, `gcloud auth activate-service-account`, `az login --password`.

## Why it matters
A stored key works from anywhere until somebody revokes it. Whoever gets hold of it once, through a log, an action
or a fork, can deploy long after the run has ended. A token of a run is useless minutes later.

## Bad
```yaml title=".github/workflows/upload.yml"
name: upload
on:
  workflow_dispatch:
permissions:
  contents: read
jobs:
  upload:
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - uses: aws-actions/configure-aws-credentials@7474bc4690e29a8392af63c5b98e7449536d5c3a # v4.3.1
        with:
          aws-access-key-id: ${{ secrets.AWS_ACCESS_KEY_ID }}  # <-
          aws-secret-access-key: ${{ secrets.AWS_SECRET_ACCESS_KEY }}
          aws-region: eu-central-1
```

## Good
```yaml title=".github/workflows/upload.yml"
name: upload
on:
  workflow_dispatch:
permissions:
  contents: read
  id-token: write
jobs:
  upload:
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - uses: aws-actions/configure-aws-credentials@7474bc4690e29a8392af63c5b98e7449536d5c3a # v4.3.1
        with:
          role-to-assume: ${{ vars.DEPLOY_ROLE }}
          aws-region: eu-central-1
```

## Fix
There is none in the file alone: the provider has to be told first which repository and branch to trust.

## References
- [GitHub: OpenID Connect](https://docs.github.com/en/actions/concepts/security/openid-connect)

## Equivalent rules
None known.
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Job, Step, Workflow
from rollsafe.artefacts.other_pipelines.model import Dialect, OtherJob
from rollsafe.formats.shell import ShellCommand
from rollsafe.rules import Confidence, Finding, Level, Severity, rule
from rollsafe.text.patterns import lazily

_KEYS: Final = {
    "aws-actions/configure-aws-credentials": ("aws-access-key-id", "AWS"),
    "google-github-actions/auth": ("credentials_json", "Google Cloud"),
    "azure/login": ("creds", "Azure"),
}
_BY_TOKEN: Final = frozenset({"workload_identity_provider", "client-id"})
"""Inputs of a login by the token of the run. AWS takes a role with either."""

_OF_THE_RUN: Final = ("steps.", "needs.")


_IN_ENV: Final = "AWS_SECRET_ACCESS_KEY"
_OTHER_STORE: Final = lazily(
    r"endpoint|session_token|digitalocean|cloudflare|backblaze|wasabi|minio|scaleway|\br2\b", re.I
)
"""Signs of a store with Amazon's interface, which knows no tokens of runs, or of a key that ends."""


@rule(severity=Severity.INFO, since="0.1.0")
def check(part: Workflow | Job | Step | OtherJob) -> Iterator[Finding]:
    """Yield a finding for a login with a stored key."""
    if isinstance(part, OtherJob):
        yield from _elsewhere(part)
        return
    yield from _in_env(part)
    if isinstance(part, Step):
        yield from _by_action(part)


def _in_env(part: Workflow | Job | Step) -> Iterator[Finding]:
    """Yield a finding for a stored key of AWS that commands read from the environment."""
    key = part.node.key_at("env", _IN_ENV)
    text = part.node.text_at("env", _IN_ENV) or ""
    if key is None or "secrets." not in text or _OTHER_STORE.search(part.file.text):
        return
    yield Finding(
        key,
        f"this logs in to AWS with a stored key, `{_IN_ENV}`, which works until somebody revokes it",
        level=Level.PEDANTIC,
        confidence=Confidence.MEDIUM,
        detail="AWS also accepts the token GitHub gives each run, which nobody can use afterwards",
    )


def _by_action(step: Step) -> Iterator[Finding]:
    if step.uses is None or step.is_disabled:
        return
    name, cloud = _KEYS.get(step.uses.name.lower(), ("", ""))
    key = step.node.key_at("with", name) if name else None
    if key is None or _ends_by_itself(step, name):
        return
    either = any(step.input(one) is not None for one in _BY_TOKEN)
    yield Finding(
        key,
        f"this job logs in to {cloud} with a stored key, `{name}`, which works until somebody revokes it",
        detail=f"{cloud} also accepts the token GitHub gives each run, which nobody can use afterwards",
        level=Level.PEDANTIC if either else None,
    )


def _ends_by_itself(step: Step, name: str) -> bool:
    """Say whether a key is one of this run: made by an earlier step, or for a session."""
    given = step.node.text_at("with", name) or ""
    return step.input("aws-session-token") is not None or any(one in given for one in _OF_THE_RUN)


def _elsewhere(job: OtherJob) -> Iterator[Finding]:
    """Yield a finding for the first command of a job of GitLab or CircleCI that logs in with a stored key."""
    if job.pipeline.dialect is Dialect.AZURE:
        return
    for script in job.scripts:
        if script.file is not job.file:
            continue
        for raw, command in zip(script.script.commands, script.commands, strict=True):
            found = _by_command(raw)
            if found is not None:
                name, cloud = found
                yield Finding(
                    command,
                    f"`{job.id}` logs in to {cloud} with a stored key by `{name}`, which works until somebody revokes it",
                    level=Level.PEDANTIC,
                    confidence=Confidence.MEDIUM,
                    detail=f"{cloud} also accepts the token {job.pipeline.dialect} gives each job, which nobody can use "
                    "afterwards",
                )
                return


def _by_command(command: ShellCommand) -> tuple[str, str] | None:
    """Return the words that log in with a stored key, and the cloud."""
    words = command.texts
    if words[:3] == ["aws", "configure", "set"] and words[3:4] and words[3].endswith("aws_secret_access_key"):
        return "aws configure set", "AWS"
    if words[:3] == ["gcloud", "auth", "activate-service-account"]:
        return "gcloud auth activate-service-account", "Google Cloud"
    by_password = command.has_flag("--service-principal") and command.option("-p", "--password") is not None
    return ("az login --service-principal", "Azure") if words[:2] == ["az", "login"] and by_password else None
