"""A `.proto` file gives what is on the wire another meaning.

## What it does
Compares `.proto` files with the revision that is asked for (`--base`, in editors where the branch left main) and
reports fields with another number, type or cardinality, numbers with another name, fields that moved into or out of a
`oneof`, and calls that take or answer another message, or a stream instead of one; another package, which is part of
the address of each call; fields that are `required` for the first time or no longer; and fields that take a number
which was reserved. Types that are read as each other's (`int32` and `int64`), names, those in JSON too, defaults, `oneof`
and another version of the language are warnings.

## Why it matters
While the deployment runs, and in everything that was stored before, both revisions meet: numbers are all that is on
the wire, and one side reads them as what they are not. Nothing fails; the values are just wrong.

## Bad
```proto title="proto/shop/v1/order.proto" at="base"
syntax = "proto3";

package shop.v1;

message Order {
  int64 id = 1;
  string note = 2;
}
```
```proto title="proto/shop/v1/order.proto"
syntax = "proto3";

package shop.v1;

message Order {
  int64 id = 1;
  bool note = 2; // <-
}
```

## Good
```proto title="proto/shop/v1/order.proto" at="base"
syntax = "proto3";

package shop.v1;

message Order {
  int64 id = 1;
  string note = 2;
}
```
```proto title="proto/shop/v1/order.proto"
syntax = "proto3";

package shop.v1;

message Order {
  int64 id = 1;
  reserved 2;
  bool has_note = 3;
}
```

## Fix
None: give what is new a number of its own, and reserve the old one.

## References
- [Protocol Buffers: updating a message type](https://protobuf.dev/programming-guides/proto3/#updating)
- [buf: breaking change rules](https://buf.build/docs/breaking/rules/)

## Equivalent rules
- `buf:FIELD_SAME_TYPE`
- `buf:FIELD_WIRE_COMPATIBLE_TYPE`
- `buf:FIELD_SAME_NAME`
- `buf:FIELD_SAME_CARDINALITY`
- `buf:FIELD_SAME_LABEL`
- `buf:FIELD_SAME_ONEOF`
- `buf:ENUM_VALUE_SAME_NAME`
- `buf:RPC_SAME_REQUEST_TYPE`
- `buf:RPC_SAME_RESPONSE_TYPE`
- `buf:RPC_SAME_CLIENT_STREAMING`
- `buf:RPC_SAME_SERVER_STREAMING`
- `buf:FIELD_NO_DELETE`
- `buf:FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED`
- `buf:ENUM_VALUE_NO_DELETE`
- `buf:ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED`
- `buf:FIELD_NO_DELETE_UNLESS_NAME_RESERVED`
- `buf:ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED`
- `buf:FIELD_WIRE_JSON_COMPATIBLE_TYPE`
- `buf:FIELD_WIRE_COMPATIBLE_CARDINALITY`
- `buf:FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY`
- `buf:FIELD_SAME_JSON_NAME`
- `buf:FIELD_SAME_DEFAULT`
- `buf:MESSAGE_SAME_REQUIRED_FIELDS`
- `buf:ONEOF_NO_DELETE`
- `buf:RESERVED_MESSAGE_NO_DELETE`
- `buf:RESERVED_ENUM_NO_DELETE`
- `buf:FILE_SAME_PACKAGE`
- `buf:FILE_SAME_SYNTAX`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts.proto import ProtoFile
from rollsafe.rules import Finding, Severity, rule
from rollsafe.workspace.facts import Base
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0")
def check(file: ProtoFile, base: Base, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each such change since the base."""
    from rollsafe.rules.proto_changes import proto_broken  # few projects have such files

    yield from proto_broken(file, base, graph, gone=False)
