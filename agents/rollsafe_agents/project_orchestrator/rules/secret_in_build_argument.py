r"""A secret is handed to an image build as an argument.

## What it does
Reports `docker build --build-arg` and the `build-args` of `docker/build-push-action` whose value is a secret of the
workflow, directly or through an environment variable.

## Why it matters
Build arguments stay in the image's history and in the build cache. Whoever can pull the image can read the secret
with `docker history`, for as long as the image exists.

## Bad
```yaml title=".github/workflows/build.yml"
name: build
on:
  push:
    branches: [main]
permissions:
  contents: read
jobs:
  build:
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - name: Build
        env:
          SENTRY_TOKEN: ${{ secrets.SENTRY_TOKEN }}
        run: |
          docker build \
            --build-arg VERSION=1.2.0 \
            --build-arg SENTRY_TOKEN=${SENTRY_TOKEN} \  # <-
            .
```

## Good
```yaml title=".github/workflows/build.yml"
name: build
on:
  push:
    branches: [main]
permissions:
  contents: read
jobs:
  build:
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - name: Build
        env:
          SENTRY_TOKEN: ${{ secrets.SENTRY_TOKEN }}
        run: |
          docker build \
            --build-arg VERSION=1.2.0 \
            --secret id=sentry_token,env=SENTRY_TOKEN \
            .
```

## Fix
There is none: the Dockerfile has to mount the secret (`RUN --mount=type=secret,id=…`) where it used the argument.

## References
- [Docker: build secrets](https://docs.docker.com/build/building/secrets/)

## Equivalent rules
None known.
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Job, Step
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.shell import ShellCommand, ShellWord
from rollsafe.rules import Finding, Severity, Span, rule
from rollsafe.text import Located
from rollsafe.text.patterns import lazily

_BUILDERS: Final = frozenset({"docker", "podman", "buildah", "nerdctl"})
_VARIABLE: Final = lazily(r"\$\{?([A-Za-z_]\w*)\}?")
_SECRET: Final = lazily(r"\$\{\{[^}]*\bsecrets\.\w+")
_ARGUMENT: Final = lazily(r"^[ \t]*([A-Za-z_]\w*)=(.*)$", re.M)


@rule(severity=Severity.ERROR, since="0.1.0")
def check(step: Step) -> Iterator[Finding]:
    """Yield a finding for each build argument that holds a secret."""
    if step.is_disabled:
        return
    if step.uses is not None and step.uses.name == "docker/build-push-action":
        yield from _in_action(step)
    elif step.run is not None and "--build-arg" in step.run.text:
        secrets = _secret_variables(step)
        for command in step.commands:
            if command.name in _BUILDERS:
                yield from _in_command(command, secrets)


def _secret_variables(step: Step) -> frozenset[str]:
    """Return the names of the environment variables that hold secrets in the step."""
    owner = step.owner
    env = dict(step.env)
    if isinstance(owner, Job):
        env = {**owner.workflow.env, **owner.env, **env}
    return frozenset(name for name, value in env.items() if _SECRET.search(value))


def _in_command(command: ShellCommand, secrets: frozenset[str]) -> Iterator[Finding]:
    for at, text in enumerate(command.texts):
        if text == "--build-arg" and at + 1 < len(command.texts):
            yield from _judged(command.word(at + 1), command.texts[at + 1], secrets)
        elif text.startswith("--build-arg="):
            yield from _judged(command.word(at), text.removeprefix("--build-arg="), secrets)


def _judged(word: ShellWord, argument: str, secrets: frozenset[str]) -> Iterator[Finding]:
    name, equals, value = argument.partition("=")
    used = _VARIABLE.findall(value) if equals else [name]
    if _SECRET.search(value) or not secrets.isdisjoint(used):
        yield _finding(Span(word.start, word.end), name)


def _in_action(step: Step) -> Iterator[Finding]:
    node = step.input("build-args")
    if not isinstance(node, Scalar):
        return
    for match in _ARGUMENT.finditer(node.text):
        if _SECRET.search(match[2]):
            yield _finding(node, match[1])


def _finding(place: Located, name: str) -> Finding:
    return Finding(
        place,
        f"the secret behind `{name}` stays readable in the image: it is a build argument",
        detail=f"`docker history` of the image shows `{name}` to whoever can pull it, and the build cache keeps it",
    )
