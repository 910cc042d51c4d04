"""A part of a `.proto` file is gone that others were built with.

## What it does
Compares `.proto` files with the revision that is asked for (`--base`, in editors where the branch left main) and
reports messages, enums, services and calls that are gone, and fields and values whose number is gone and not
reserved. What is reserved no longer, and numbers for extensions that are taken away, are told as well. What moved to another file of the same package is not gone. In a package that says it may change, such as
`shop.v1beta1`, it is a remark.

## Why it matters
Callers of a call that is gone get `UNIMPLEMENTED` from the moment of the deployment. A number that is free is given
to another field one day, and old messages are read as something they are not.

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

message Order { // <-
  int64 id = 1;
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
  reserved 2;
  int64 id = 1;
}
```

## Fix
Reserves the number (safe: nothing is read differently, and nobody can use it again).

## References
- [Protocol Buffers: deleting fields](https://protobuf.dev/programming-guides/proto3/#deleting)
- [buf: breaking change rules](https://buf.build/docs/breaking/rules/)

## Equivalent rules
- `buf:MESSAGE_NO_DELETE`
- `buf:ENUM_NO_DELETE`
- `buf:SERVICE_NO_DELETE`
- `buf:RPC_NO_DELETE`
- `buf:FIELD_NO_DELETE`
- `buf:FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED`
- `buf:ENUM_VALUE_NO_DELETE`
- `buf:ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED`
- `buf:FIELD_NO_DELETE_UNLESS_NAME_RESERVED`
- `buf:ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED`
- `buf:PACKAGE_MESSAGE_NO_DELETE`
- `buf:PACKAGE_ENUM_NO_DELETE`
- `buf:PACKAGE_SERVICE_NO_DELETE`
- `buf:RESERVED_MESSAGE_NO_DELETE`
- `buf:RESERVED_ENUM_NO_DELETE`
- `buf:EXTENSION_MESSAGE_NO_DELETE`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts.proto import ProtoFile
from rollsafe.rules import Finding, Safety, Severity, rule
from rollsafe.workspace.facts import Base
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.SAFE)
def check(file: ProtoFile, base: Base, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each such change since the base."""
    from rollsafe.rules.proto_changes import proto_broken  # few projects have such files

    yield from proto_broken(file, base, graph, gone=True)
