"""A package is published with a token that was stored, where the registry trusts the workflow itself.

## What it does
Reports actions and commands that publish to PyPI, npm, crates.io, RubyGems or NuGet in jobs that may not ask for a token
of their own (`id-token: write`), or that are given a password.

## Why it matters
A stored token works from anywhere until somebody revokes it. With trusted publishing the registry accepts this workflow
of this repository only, with a token that is valid for minutes.

## Bad
```yaml title=".github/workflows/test.yml"
name: publish
on:
  release:
    types: [published]
permissions:
  contents: read
jobs:
  publish:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - uses: pypa/gh-action-pypi-publish@ed0c53931b1dc9bd32cbe73a98c7f6766f8a527e  # <-
        with:
          password: ${{ secrets.PYPI_TOKEN }}
```

## Good
```yaml title=".github/workflows/test.yml"
name: publish
on:
  release:
    types: [published]
permissions:
  contents: read
jobs:
  publish:
    runs-on: ubuntu-24.04
    permissions:
      contents: read
      id-token: write # to publish without a password
    timeout-minutes: 10
    steps:
      - uses: pypa/gh-action-pypi-publish@ed0c53931b1dc9bd32cbe73a98c7f6766f8a527e
```

## Fix
Drops the password of the action for PyPI, and lets the job ask for a token. PyPI has to be told of the workflow first; there is
no fix for the others.

## References
- [PyPI: trusted publishers](https://docs.pypi.org/trusted-publishers/)
- [npm: trusted publishing](https://docs.npmjs.com/trusted-publishers)

## Equivalent rules
- `zizmor:use-trusted-publishing`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Job, Step
from rollsafe.artefacts.recognition.publishing import publishes_package
from rollsafe.artefacts.recognition.switches import All, State, Switch, Test
from rollsafe.formats.nodes import Mapping
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Finding, Fix, Level, Related, Safety, Severity, Span, rule
from rollsafe.rules.action_steps import action_of, state_in
from rollsafe.rules.workflow_edits import add_job_key_after

_PYPI_ACTION: Final = "pypa/gh-action-pypi-publish"
_PYPI: Final = ("https://upload.pypi.org/legacy/", "https://test.pypi.org/legacy/")
_NPM: Final = ("https://registry.npmjs.org", "https://registry.npmjs.org/")
_WITH_TOKEN: Final[dict[str, Test]] = {
    "actions/setup-node": All(
        (
            Switch("registry-url", default=True, values=_NPM),
            Switch("always-auth"),
        )
    ),
    "pypa/gh-action-pypi-publish": All(
        (
            Switch("password", is_text=True),
            Switch("repository-url", default=True, values=_PYPI),
            Switch("repository_url", default=True, values=_PYPI),
        )
    ),
    "rubygems/configure-rubygems-credentials": All(
        (
            Switch("api-token", is_text=True),
            Switch("gem-server", default=True, values=("https://rubygems.org",)),
        )
    ),
    "rubygems/release-gem": Switch("setup-trusted-publisher", opposite=True),
}
_TELLING: Final = ("password", "api-token", "setup-trusted-publisher", "always-auth")


@rule(severity=Severity.INFO, level=Level.PEDANTIC, since="0.1.0", fix=Safety.MANUAL)
def check(step: Step) -> Iterator[Finding]:
    """Yield a finding for a step that publishes with a stored token."""
    if step.is_skipped:
        return
    if step.uses is not None:
        if state_in(step, _WITH_TOKEN) is not State.OFF:
            yield Finding(
                step.uses,
                f"`{action_of(step)}` is given a stored token, where the registry can trust the workflow itself",
                fixes=tuple(_fixes(step)),
                related=tuple(_given(step)),
            )
        return
    job = step.owner
    if step.run is None or not isinstance(job, Job) or _has_own_token(job):
        return
    for command in step.commands:
        if publishes_package(command.texts):
            yield Finding(
                Span(command.start, command.end),
                f"`{command.name}` publishes with a stored token, where the registry can trust the workflow itself",
            )


def _given(step: Step) -> Iterator[Related]:
    nodes = (step.input(name) for name in _TELLING)
    yield from (Related(step.file, node, "says so") for node in nodes if node is not None)


def _fixes(step: Step) -> Iterator[Fix]:
    """Yield the fix that drops a password, and lets the job ask for a token of its own."""
    inputs, job = step.node.at("with"), step.owner
    name = "password" if action_of(step) == _PYPI_ACTION else ""
    if not isinstance(inputs, Mapping) or inputs.entry(name) is None or not isinstance(job, Job):
        return
    only = len(inputs.entries) == 1
    edits = [
        remove_entry(step.file.text, step.node, "with")
        if only
        else remove_entry(step.file.text, inputs, name)
    ]
    if not _has_own_token(job):
        if job.permissions is not None:
            return
        edits.append(
            add_job_key_after(
                job, "permissions", "contents: read\nid-token: write # to publish without a password"
            )
        )
    found = tuple(edit for edit in edits if edit is not None)
    if len(found) == len(edits):
        yield Fix("Publish without a password, once PyPI trusts this workflow", Safety.MANUAL, edits=found)


def _has_own_token(job: Job) -> bool:
    permissions = job.permissions or job.workflow.permissions
    return permissions is not None and permissions.allows_writing("id-token")
