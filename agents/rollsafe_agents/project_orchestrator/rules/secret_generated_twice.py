"""Two services have secrets generated that are meant to be one.

## What it does
Reports variables in `render.yaml` that are generated for several services of one blueprint under the same name.

## Why it matters
`generateValue` makes a value for each service. What the web service signs or encrypts, sessions, tokens, jobs, the worker cannot
read, and the other way round.

## Bad
```yaml title="render.yaml"
services:
  - type: web
    name: shop
    runtime: node
    startCommand: node server.js
    healthCheckPath: /up
    envVars:
      - key: SECRET_KEY
        generateValue: true
  - type: worker
    name: jobs
    runtime: node
    startCommand: node worker.js
    envVars:
      - key: SECRET_KEY
        generateValue: true  # <-
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
      - key: SECRET_KEY
        generateValue: true
  - type: worker
    name: jobs
    runtime: node
    startCommand: node worker.js
    envVars:
      - key: SECRET_KEY
        fromService: {type: web, name: shop, envVarKey: SECRET_KEY}
```

## Fix
Takes the value from the first service that has it. Unsafe: the second service has another value then.

## References
- [Render: environment variables of blueprints](https://render.com/docs/blueprint-spec#environment-variables)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.platforms import RenderService
from rollsafe.formats.nodes import Mapping, Node
from rollsafe.rules import Confidence, Edit, Finding, Fix, Related, Safety, Severity, Span, rule
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE, confidence=Confidence.MEDIUM)
def check(service: RenderService, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each variable that an earlier service has generated, too."""
    if service.is_templated or service.is_development:
        return
    own = dict(_generated(service))
    before = [
        one for one in graph.find(RenderService, f"path:{service.file.path}") if one.start < service.start
    ]
    for name, item in own.items():
        first = next((one for one in before if name in dict(_generated(one))), None)
        where = item.key_at("generateValue")
        if first is not None and where is not None:
            yield Finding(
                where,
                f"`{name}` of `{service.name}` is generated anew and differs from that of `{first.name}`",
                fixes=partial(_fixes, item, first, name),
                related=(Related(first.file, first.title, "has a value of its own, too"),),
                detail="what one of them signs or encrypts the other cannot read",
            )


def _generated(service: RenderService) -> Iterator[tuple[str, Mapping]]:
    for item in service.node.items_at("envVars"):
        name = item.text_at("key")
        if isinstance(item, Mapping) and name and item.bool_at("generateValue"):
            yield name, item


def _fixes(item: Mapping, first: RenderService, name: str) -> tuple[Fix, ...]:
    key, value = item.key_at("generateValue"), item.at("generateValue")
    plain = first.node.text_at("name") or ""
    if key is None or not isinstance(value, Node) or item.flow or not plain.replace("-", "").isalnum():
        return ()
    text = f"fromService: {{type: {first.type}, name: {plain}, envVarKey: {name}}}"
    edit = Edit(Span(key.start, value.end), text)
    return (Fix(f"Take it from `{plain}`", Safety.UNSAFE, edits=(edit,)),)
