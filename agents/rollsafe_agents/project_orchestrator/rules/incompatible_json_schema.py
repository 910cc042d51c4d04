"""A JSON Schema of messages changes so that readers or writers of before are left out.

## What it does
Compares JSON Schemas with the revision that is asked for (`--base`, in editors where the branch left main) that lie in a
directory of messages (`events`, `messages`, `topics`, `payloads`, `contracts`), and at level `pedantic` those in
directories that are only called `schemas`. Nobody says who writes and who reads there, so both are asked: it is a
warning where one of them is left out, and an error where one set of values took the place of another. Schemas of
settings are left alone. What OpenAPI and AsyncAPI documents refer to is told there, for those who do read and write it.
Under another `$id` or `version` it is a remark.

## Why it matters
Messages outlive releases, and while a rollout goes on both releases write and read. A reader that refuses a message
stops at it, and all behind it waits.

## Bad
```json title="events/order-placed.schema.json" at="base"
{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "OrderPlaced",
  "type": "object",
  "properties": {
    "id": {"type": "string"},
    "note": {"type": "string", "maxLength": 200}
  }
}
```
```json title="events/order-placed.schema.json"
{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "OrderPlaced",
  "type": "object",
  "properties": {
    "id": {"type": "string"},
    "note": {"type": "string", "maxLength": 100} // <-
  }
}
```

## Good
```json title="events/order-placed.schema.json" at="base"
{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "OrderPlaced",
  "type": "object",
  "properties": {
    "id": {"type": "string"},
    "note": {"type": "string", "maxLength": 200}
  }
}
```
```json title="events/order-placed.schema.json"
{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "OrderPlaced",
  "type": "object",
  "properties": {
    "id": {"type": "string"},
    "note": {"type": "string", "maxLength": 200}
  }
}
```

## Fix
Writes the value of the base again (unsafe: what the change was for is gone with it).

## References
- [JSON Schema: validation](https://json-schema.org/draft/2020-12/json-schema-validation)
- [Confluent: JSON Schema compatibility rules](https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/serdes-json.html#json-schema-compatibility-rules)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import SchemaPart
from rollsafe.rules import Finding, Safety, Severity, rule
from rollsafe.workspace.facts import Base, Today
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(part: SchemaPart, base: Base, today: Today, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each change that leaves somebody out."""
    from rollsafe.rules.schema_changes import schema_broken  # few projects have such files

    yield from schema_broken(part, base, today, graph)
