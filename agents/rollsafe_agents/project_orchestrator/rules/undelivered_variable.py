"""A variable that the example shows is given to no service of a platform.

## What it does
Compares the variables of a `.env.example` beside a `render.yaml`, or in the `rootDir` of a service, with those that the blueprint
gives its services, groups included. Variables that the platform sets itself, and those about logs, debugging and tests, are left
alone, and so are blueprints that take groups from elsewhere.

## Why it matters
A blueprint says all that a new environment gets; a variable without a value is asked for when it says `sync: false`. One that is
only in the example is unset wherever nobody remembered it, and the service stops at its start or runs with a default.

## Bad
```yaml title="render.yaml"
services:
  - type: web
    name: shop
    runtime: node
    startCommand: node server.js
    healthCheckPath: /up
    envVars:  # <-
      - key: DATABASE_URL
        sync: false
```
```sh title=".env.example"
DATABASE_URL=
PAYMENT_URL=
```

## Good
```yaml title="render.yaml"
services:
  - type: web
    name: shop
    runtime: node
    startCommand: node server.js
    healthCheckPath: /up
    envVars:
      - key: DATABASE_URL
        sync: false
      - key: PAYMENT_URL
        sync: false
```
```sh title=".env.example"
DATABASE_URL=
PAYMENT_URL=
```

## Fix
Has Render ask for the values when the blueprint is used. Unsafe: which service needs them only you know.

## References
- [Render: environment variables of blueprints](https://render.com/docs/blueprint-spec#environment-variables)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.dotenv import EnvFile
from rollsafe.artefacts.platforms import RenderService
from rollsafe.formats.nodes import Sequence
from rollsafe.formats.yaml_edit import add_items
from rollsafe.rules import Confidence, Finding, Fix, Level, Related, Safety, Severity, Span, rule
from rollsafe.rules.drift import is_for_trials
from rollsafe.workspace.graph import Graph

_MOST: Final = 3
_OWN: Final = ("RENDER", "PORT", "NODE_ENV", "NODE_VERSION", "PYTHON_VERSION", "HOST", "HOSTNAME")


@rule(
    severity=Severity.WARNING,
    since="0.1.0",
    fix=Safety.UNSAFE,
    confidence=Confidence.LOW,
    level=Level.PEDANTIC,
)
def check(service: RenderService, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for the variables that only the example has, at the first service that has any."""
    where = service.node.key_at("envVars")
    if where is None or service.is_templated or service.is_development or not _is_first(service, graph):
        return
    example = _example(service, graph)
    every = [one.given for one in graph.find(RenderService, f"path:{service.file.path}")]
    if example is None or None in every:
        return
    given = {name for one in every for name in one or ()}
    missing = [name for name in example.names if name not in given and not _is_aside(name)]
    if not missing:
        return
    named = ", ".join(f"`{name}`" for name in missing[:_MOST]) + (" …" if len(missing) > _MOST else "")
    first = example.names[missing[0]]
    yield Finding(
        where,
        f"no service is given {named}, which `{example.file.name}` shows",
        fixes=partial(_fixes, service, tuple(missing)),
        related=(Related(example.file, Span(first.start, first.end), "is shown here"),),
        detail="unless it is set by hand, it is unset wherever the blueprint is used",
    )


def _is_first(service: RenderService, graph: Graph) -> bool:
    beside = graph.find(RenderService, f"path:{service.file.path}")
    return all(one.start >= service.start for one in beside if one.node.at("envVars") is not None)


def _example(service: RenderService, graph: Graph) -> EnvFile | None:
    here = service.file.directory
    root = (service.node.text_at("rootDir") or "").strip("./")
    homes = [here, *([f"{here}/{root}".strip("/")] if root else [])]
    for home in homes:
        for name in (".env.example", ".env.sample", ".env.template"):
            found = graph.first(EnvFile, f"path:{f'{home}/{name}'.lstrip('/')}")
            if found is not None:
                return found
    return None


def _is_aside(name: str) -> bool:
    return name.startswith(_OWN) or is_for_trials(name)


def _fixes(service: RenderService, missing: tuple[str, ...]) -> tuple[Fix, ...]:
    items = service.node.at("envVars")
    if not isinstance(items, Sequence) or items.flow or not items.items:
        return ()
    edit = add_items(service.file.text, items, [f"key: {name}\nsync: false" for name in missing])
    title = "Have Render ask for it" if len(missing) == 1 else "Have Render ask for them"
    return (Fix(title, Safety.UNSAFE, edits=(edit,)),)
