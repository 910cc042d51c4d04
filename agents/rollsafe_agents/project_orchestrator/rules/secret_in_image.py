"""A secret stays readable in an image.

## What it does
Reports `ENV` and `ARG` with the literal value of a secret. An `ARG` or `ENV` that is merely called like one, and gets
its value from outside, is reported at level `pedantic`.

## Why it matters
Both stay in the image's configuration and history. Whoever can pull the image can read them with `docker history`,
for as long as the image exists; deleting them in a later layer does not help.

## Bad
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
ENV API_TOKEN=8b1f0c6e2d7a4f55  # <-
USER 1000
```

## Good
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
USER 1000
```

## Fix
Removes the instruction. Manual: the value has to be handed to the container when it starts, or mounted while the image
is built (`RUN --mount=type=secret,id=…`), and rotated because it is in the history.

## References
- [Docker: build secrets](https://docs.docker.com/build/building/secrets/)
- [BuildKit: SecretsUsedInArgOrEnv](https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/)

## Equivalent rules
- `hadolint:DL3064`
- `trivy:DS-0031`
- `buildkit:SecretsUsedInArgOrEnv`
"""

import re
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import Final

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.artefacts.secrets import Certainty, is_public, secret_in
from rollsafe.formats.dockerfile_nodes import Pair
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.dockerfiles import quiet_level, without_instruction
from rollsafe.text.patterns import lazily

_CALLED: Final = lazily(
    r"(?:^|_)(?:api_?key|auth|credentials?|key|passw(?:or)?d|pword|secret|token)(?:_|$)|(?:password|secret)$",
    re.I,
)
_HARMLESS: Final = lazily(
    r"public|(?:^|_)(?:file|path|dir|url|uri|name|id|algorithm|type|length|size|ttl|expiry|required|enabled)$"
    r"|^(?:ssh_auth_sock|sort_key|auth_(?:mode|method|type))$|gpg_key|signing_key_id|_key_id$|gpg_keys",
    re.I,
)
_KNOWN: Final = frozenset(
    {
        *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AZURE_CLIENT_SECRET"),
        *("GITHUB_TOKEN", "OPENAI_API_KEY", "HF_TOKEN", "NPM_TOKEN"),
    }
)
_EMPTY: Final = frozenset({"", "0", "1", "true", "false", "none", "null"})


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.MANUAL)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for each variable that is, or is called like, a secret."""
    if instruction.deed not in ("ENV", "ARG"):
        return
    for pair in instruction.held.pairs:
        value = pair.value.text if pair.value is not None else ""
        how, called = _judged(pair.name.text, value)
        if how is not None:
            yield _literal(instruction, pair, how)
        elif called and (value.lower() not in _EMPTY or (instruction.deed == "ARG" and not value)):
            yield _named(instruction, pair)


@lru_cache(maxsize=1_024)
def _judged(name: str, value: str) -> tuple[Certainty | None, bool]:
    """Return how a value is a secret, and whether its name says that it is one."""
    how = secret_in(name, value) if value and not _HARMLESS.search(name) else None
    return how, _is_called_so(name) and not is_public(value)


def _is_called_so(name: str) -> bool:
    return name in _KNOWN or (_CALLED.search(name) is not None and _HARMLESS.search(name) is None)


def _literal(instruction: DockerInstruction, pair: Pair, how: Certainty) -> Finding:
    value = pair.value if pair.value is not None else pair.name
    alone = len(instruction.held.pairs) == 1
    return Finding(
        Span(value.start, value.end),
        f"the value of `{pair.name.text}` stays readable in the image",
        fixes=partial(_removal, instruction) if alone else (),
        severity=None if how is Certainty.SHAPE else Severity.WARNING,
        confidence=Confidence.HIGH if how is Certainty.SHAPE else Confidence.MEDIUM,
        level=quiet_level(instruction) if how is not Certainty.SHAPE else None,
        detail="whoever can pull the image, or read this repository, can use it until it is rotated",
        sensitive=True,
    )


def _removal(instruction: DockerInstruction) -> tuple[Fix, ...]:
    title = "Remove it (hand it over when the container starts)"
    return (Fix(title, Safety.MANUAL, edits=(without_instruction(instruction),)),)


def _named(instruction: DockerInstruction, pair: Pair) -> Finding:
    kept = "stays in the history of the image" if instruction.deed == "ARG" else "stays in the image"
    return Finding(
        Span(pair.name.start, pair.name.end),
        f"what `{pair.name.text}` is set to {kept}",
        severity=Severity.WARNING,
        confidence=Confidence.LOW,
        level=Level.PEDANTIC if instruction.is_shipped else Level.AUDITOR,
    )
