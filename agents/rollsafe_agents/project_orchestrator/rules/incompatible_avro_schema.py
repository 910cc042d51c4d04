"""An Avro schema no longer reads what it wrote, or is not read by those who have the old one.

## What it does
Compares `.avsc` files with the revision that is asked for (`--base`, in editors where the branch left main) by Avro's own
rules of schema resolution: fields are matched by name and alias, defaults fill what is missing, numbers are promoted,
and a union has to take each branch that may be written. It is an error where the new schema cannot read what was
written with the old one, and a warning where only readers that still have the old schema are kept out. A decimal with
another scale and a time in another unit are read and mean something else, which is an error as well.

## Why it matters
Messages outlive releases: what is in a topic or a file was written with the old schema. A consumer that cannot read
one of them stops at it, and all behind it waits. While a rollout goes on both releases write and read.

## Bad
```json title="events/order_placed.avsc" at="base"
{
  "type": "record",
  "name": "OrderPlaced",
  "namespace": "shop.orders",
  "fields": [
    {"name": "id", "type": "long"},
    {"name": "note", "type": ["null", "string"], "default": null}
  ]
}
```
```json title="events/order_placed.avsc"
{
  "type": "record",
  "name": "OrderPlaced",
  "namespace": "shop.orders",
  "fields": [
    {"name": "id", "type": "long"},
    {"name": "note", "type": ["null", "string"], "default": null},
    {"name": "customer", "type": ["null", "string"]} // <-
  ]
}
```

## Good
```json title="events/order_placed.avsc" at="base"
{
  "type": "record",
  "name": "OrderPlaced",
  "namespace": "shop.orders",
  "fields": [
    {"name": "id", "type": "long"},
    {"name": "note", "type": ["null", "string"], "default": null}
  ]
}
```
```json title="events/order_placed.avsc"
{
  "type": "record",
  "name": "OrderPlaced",
  "namespace": "shop.orders",
  "fields": [
    {"name": "id", "type": "long"},
    {"name": "note", "type": ["null", "string"], "default": null},
    {"name": "customer", "type": ["null", "string"], "default": null}
  ]
}
```

## Fix
Gives a new field that may be null the default `null` (safe: what is written stays as it is), or keeps the old name of a
field as an alias where one of the same type took its place (unsafe: the two may mean different things).

## References
- [Avro specification: schema resolution](https://avro.apache.org/docs/1.12.0/specification/#schema-resolution)
- [Confluent: schema evolution and compatibility](https://docs.confluent.io/platform/current/schema-registry/fundamentals/schema-evolution.html)

## Equivalent rules
- `avro:READER_FIELD_MISSING_DEFAULT_VALUE`
- `avro:TYPE_MISMATCH`
- `avro:NAME_MISMATCH`
- `avro:FIXED_SIZE_MISMATCH`
- `avro:MISSING_ENUM_SYMBOLS`
- `avro:MISSING_UNION_BRANCH`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts.avro.file import AvroFile
from rollsafe.rules import Finding, Safety, Severity, rule
from rollsafe.workspace.facts import Base
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.SAFE)
def check(file: AvroFile, base: Base, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each change that one side cannot read."""
    from rollsafe.rules.avro_changes import avro_broken  # few projects have such files

    yield from avro_broken(file, base, graph)
