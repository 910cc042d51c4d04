"""The image's program runs as root.

## What it does
Reports a shipped image whose last `USER` is root. An image without a `USER` is reported too, unless its base image is
known to switch to another user.

## Why it matters
Whoever breaks into the program is root in the container, and with one more hole in the kernel or a mounted socket on
the node. A cluster that demands `runAsNonRoot` refuses to start the container.

## Bad
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
COPY . /app
CMD ["node", "/app/server.js"]  # <-
```

## Good
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
COPY . /app
USER 1000
CMD ["node", "/app/server.js"]
```

## Fix
Switches to the user the base image has for it, else to 10001, before the program starts. Unsafe: the program may not
write, nor listen on a port below 1024, where it could before.

## References
- [Dockerfile: USER](https://docs.docker.com/reference/dockerfile/#user)
- [Kubernetes: Pod Security Standards](https://kubernetes.io/docs/concepts/security/pod-security-standards/)

## Equivalent rules
- `hadolint:DL3002`
- `checkov:CKV_DOCKER_3`
- `checkov:CKV_DOCKER_8`
- `trivy:DS-0002`
"""

from collections.abc import Iterator

from rollsafe.artefacts.dockerfile import Dockerfile, DockerInstruction, Stage
from rollsafe.artefacts.dockerfile.users import default_user, known_number
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.dockerfiles import line_above

_OWN_NUMBER = "10001"


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.AUDITOR, fix=Safety.UNSAFE)
def check(dockerfile: Dockerfile) -> Iterator[Finding]:
    """Yield a finding for a shipped image that runs as root."""
    stage = dockerfile.final_stage
    if stage is None or stage.base_word is None:
        return
    user = stage.user
    if user is not None and user.is_root:
        yield Finding(
            Span.of(user.word),
            f"the image of `{dockerfile.file.path}` runs as root: its last `USER` is `{user.word.text}`",
            fixes=(_fix(Edit(Span.of(user.word), _number(stage)), stage),)
            if user.instruction.stage is stage
            else (),
            equivalents=("hadolint:DL3002", "checkov:CKV_DOCKER_8", "trivy:DS-0002"),
        )
    elif user is None and default_user(stage.root.image) is None:
        start = _start(stage)
        yield Finding(
            start.keyword_span if start is not None else stage.title_span,
            f"the image of `{dockerfile.file.path}` runs as root: it has no `USER`",
            fixes=(_fix(line_above(start, f"USER {_number(stage)}"), stage),) if start is not None else (),
            equivalents=("checkov:CKV_DOCKER_3", "trivy:DS-0002"),
        )


def _start(stage: Stage) -> DockerInstruction | None:
    found = [one for one in (stage.last("ENTRYPOINT"), stage.last("CMD")) if one is not None]
    return min(found, key=lambda one: one.start, default=None)


def _number(stage: Stage) -> str:
    image = stage.root.image
    return (known_number(stage, image.name) if image is not None else None) or _OWN_NUMBER


def _fix(edit: Edit, stage: Stage) -> Fix:
    return Fix(f"Run it as user {_number(stage)}", Safety.UNSAFE, edits=(edit,))
