"""An Avro schema is one that Avro refuses.

## What it does
Reads `.avsc` files as the Avro specification says and reports names that are none, parts that are missing, fields,
symbols and types that are there twice, unions in unions, misspelt types, and defaults that are no value of their type.
A type of another name that nothing here defines may come from a library, and is not told. A default of a branch of a union that is not the first is a warning: Avro takes it from
version 1.12 on.

## Why it matters
Code generators and the schema registry refuse the file, if it gets there before the release. A default that is none
comes up later: when the first reader needs it.

## Bad
```json title="events/order_placed.avsc"
{
  "type": "record",
  "name": "OrderPlaced",
  "namespace": "shop.orders",
  "fields": [
    {"name": "id", "type": "long"},
    {"name": "note", "type": ["null", "string"], "default": "null"}, // <-
    {"name": "total", "type": "doubel"} // <-
  ]
}
```

## Good
```json title="events/order_placed.avsc"
{
  "type": "record",
  "name": "OrderPlaced",
  "namespace": "shop.orders",
  "fields": [
    {"name": "id", "type": "long"},
    {"name": "note", "type": ["null", "string"], "default": null},
    {"name": "total", "type": "double"}
  ]
}
```

## Fix
Writes the nearest type there is, `null` for the text `"null"`, or puts the branch that the default is of first (unsafe:
the generated code is another).

## References
- [Avro specification: schema declaration](https://avro.apache.org/docs/1.12.0/specification/#schema-declaration)
- [Avro specification: unions](https://avro.apache.org/docs/1.12.0/specification/#unions)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.contracts.avro.file import AvroFile
from rollsafe.artefacts.contracts.avro.model import PRIMITIVES, AvroFlaw, AvroSchema, FlawKind, find, quoted
from rollsafe.formats.nodes import Node, Scalar, Sequence
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.text import nearest
from rollsafe.workspace.graph import Graph

_LOGICAL: Final = frozenset({"decimal", "uuid", "date", "duration", "timestamp-millis", "timestamp-micros"})
_WORDS: Final = {"integer": "int", "bool": "boolean", "number": "double", "text": "string", "str": "string"}
"""Names that types have in other languages."""


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(file: AvroFile, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each part that is refused."""
    if not file.is_whole:
        return
    for flaw in file.schemas.flaws:
        is_late = flaw.kind is FlawKind.LATE_DEFAULT
        detail = "versions of Avro before 1.12 refuse it" if is_late else ""
        severity = Severity.WARNING if is_late else None
        yield Finding(flaw.where, flaw.message, partial(_fixes, file, flaw), detail=detail, severity=severity)
    for one in file.schemas.references:
        if find(file.schemas.named, one) is None and not _is_elsewhere(one, graph):
            yield from _unknown(file, one)


def _is_elsewhere(one: AvroSchema, graph: Graph) -> bool:
    """Say whether another file defines a type."""
    return bool(graph.find(AvroFile, f"avro:{one.name}") or graph.find(AvroFile, f"avro:{one.simple}"))


def _unknown(file: AvroFile, one: AvroSchema) -> Iterator[Finding]:
    """Tell a type that is a misspelling of another; one of a wholly different name may come from a library."""
    if one.simple in _LOGICAL and one.mark is one.node:
        message = f"{quoted(one.simple)} is a logical type, which stands beside a type and not in its place"
        yield Finding(one.mark, message)
        return
    basic = _WORDS.get(one.simple.lower()) or nearest(one.simple, PRIMITIVES)
    close = basic or nearest(one.simple, [known.simple for known in file.schemas.named.values()])
    if close is not None:
        severity = None if basic else Severity.WARNING
        message = f"nothing defines the type {quoted(one.name)}; the nearest is {quoted(close)}"
        yield Finding(one.mark, message, _rename(one.mark, close), severity=severity)


def _rename(where: Node, name: str) -> tuple[Fix, ...]:
    return (Fix(f"Write {quoted(name)}", Safety.UNSAFE, edits=(Edit(Span.of(where), f'"{name}"'),)),)


def _fixes(file: AvroFile, flaw: AvroFlaw) -> tuple[Fix, ...]:
    """Return what makes a default one of its type."""
    field, node = flaw.field, flaw.where
    if field is None or not isinstance(node, Scalar):
        return ()
    kinds = [one.kind for one in field.schema.inside] or [field.schema.kind]
    if not node.plain and node.text == "null" and kinds[0] == "null":
        return (Fix("Write `null`", Safety.UNSAFE, edits=(Edit(Span.of(node), "null"),)),)
    if flaw.kind is FlawKind.LATE_DEFAULT:
        return _reordered(file, field.schema, node)
    return ()


def _reordered(file: AvroFile, union: AvroSchema, default: Scalar) -> tuple[Fix, ...]:
    """Return the fix that puts the branch first that a default is of: two words of one line change places."""
    node, kind = union.node, "null" if default.plain and default.text == "null" else ""
    if not isinstance(node, Sequence) or not kind:
        return ()
    at = next((at for at, one in enumerate(union.inside) if one.kind == kind), 0)
    first, other = node.items[0], node.items[at]
    if not (isinstance(first, Scalar) and isinstance(other, Scalar)) or at == 0:
        return ()
    text = file.file.text
    edits = (
        Edit(Span.of(first), text[other.start : other.end]),
        Edit(Span.of(other), text[first.start : first.end]),
    )
    return (Fix("Put `null` first in the union", Safety.UNSAFE, edits=edits),)
