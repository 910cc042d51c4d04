"""A value in a Compose file is not what the specification asks for.

## What it does
Reports values of the wrong type, words that are none of those allowed, keys that a mapping has to have, and
container names Docker does not take. Values with variables are left alone.

## Why it matters
`docker compose` refuses the whole file. `stop_grace_period: 30` and `command: [sleep, 10]` are the usual ones:
durations and words of a command are texts, and YAML reads a number.

## Bad
```yaml title="compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
    user: 1000  # <-
    healthcheck:
      test: ["CMD", "/app/healthy"]
```

## Good
```yaml title="compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
    user: "1000"
    healthcheck:
      test: ["CMD", "/app/healthy"]
```

## Fix
Writes a number as text, or text as the number it shows. A single value where a list is wanted becomes a list of
one, a dependency without a condition gets the one that Compose takes by default, and a container's name loses the
characters that may not be in it; these are unsafe.

## References
- [Compose specification](https://docs.docker.com/reference/compose-file/)

## Equivalent rules
- `dclint:invalid-schema`
- `dclint:service-container-name-regex`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.compose import ComposeFile, ComposeService
from rollsafe.artefacts.shapes import Fault, FaultKind, described
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.formats.yaml_edit import add_entry, set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.fields import place_of, retyping_fixes, told_value
from rollsafe.text import nearest
from rollsafe.text.patterns import lazily

_CONTAINER_NAME: Final = lazily(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
_REFUSED: Final = lazily(r"[^a-zA-Z0-9_.-]+")


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.SAFE)
def check(compose: ComposeFile) -> Iterator[Finding]:
    """Yield a finding for each value that Compose does not take."""
    for fault in compose.faults:
        if fault.path == ("version",):
            continue  # Compose takes it out before it looks at anything.
        if fault.kind in (FaultKind.TYPE, FaultKind.WORD):
            yield _wrong(compose, fault)
        elif fault.kind is FaultKind.MISSING and fault.holder is not None:
            yield _missing(compose, fault, fault.holder)
    for service in compose.services.values():
        yield from _named(service)


def _wrong(compose: ComposeFile, fault: Fault) -> Finding:
    node, shape = fault.where, fault.shape
    written = told_value(node)
    wanted = f"is {described(shape)}"
    fixes = retyping_fixes(compose.file.text, fault)
    if fault.kind is FaultKind.WORD and isinstance(node, Scalar):
        wanted = "is " + " or ".join(f"`{word}`" for word in shape.words)
        close = nearest(node.text, shape.words)
        fixes = ()
        if close is not None:
            fixes = (Fix(f"Write `{close}`", Safety.UNSAFE, edits=(set_value(node, close),)),)
    place = place_of(node) if isinstance(node, Mapping) else node
    message = f"`{'.'.join(fault.path) or compose.file.name}` {wanted}, not {written}"
    return Finding(
        place, message, fixes=fixes, detail=_refused(compose), equivalents=("dclint:invalid-schema",)
    )


def _missing(compose: ComposeFile, fault: Fault, holder: Mapping) -> Finding:
    fixes: tuple[Fix, ...] = ()
    if fault.path[-1:] == ("condition",) and holder.entries:
        edit = add_entry(compose.file.text, holder, "condition", "service_started")
        fixes = (Fix("Add `condition: service_started`", Safety.UNSAFE, edits=(edit,)),)
    message = (
        f"`{'.'.join(fault.path)}` is missing: Compose takes no `{'.'.join(fault.path[:-1])}` without it"
    )
    return Finding(
        place_of(holder),
        message,
        fixes=fixes,
        detail=_refused(compose),
        equivalents=("dclint:invalid-schema",),
    )


def _named(service: ComposeService) -> Iterator[Finding]:
    node = service.node.at("container_name")
    if (
        not isinstance(node, Scalar)
        or node.is_null
        or "$" in node.text
        or _CONTAINER_NAME.fullmatch(node.text)
    ):
        return
    kept = _REFUSED.sub("-", node.text).strip("-._")
    fixes: tuple[Fix, ...] = ()
    if _CONTAINER_NAME.fullmatch(kept):
        fixes = (Fix(f"Name it `{kept}`", Safety.UNSAFE, edits=(set_value(node, kept),)),)
    yield Finding(
        node,
        f"`{node.text}` is no name of a container: letters, digits, `_`, `.` and `-`, at least two",
        fixes=fixes,
        detail=f"Docker refuses to make the container of `{service.name}`",
        equivalents=("dclint:service-container-name-regex",),
    )


def _refused(compose: ComposeFile) -> str:
    return f"`docker compose up` refuses `{compose.file.path}` as a whole"
