"""A call that creates something cannot be repeated without creating it again.

## What it does
Looks for `POST` operations of OpenAPI documents that answer `201` to what clients send, take no header such as `Idempotency-Key`, have no `409` for what is
there already, and get no id from the client. Logins, tokens and searches are left alone. Paths about money and orders (`/payments`, `/orders`, `/refunds` …) are told to those who like
hygiene, all others at the level `auditor`. Operations whose parameters or bodies stand in files nobody reads are left alone.

## Why it matters
An answer that is lost on its way looks to the client like a call that failed. It calls again, and the customer pays twice. With a key, the
service knows the second call for what it is and answers as it did the first time.

## Bad
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info: {title: Payments, version: 1.0.0}
paths:
  /payments:
    post: # <-
      operationId: pay
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              properties:
                amount: {type: integer}
      responses:
        "201": {description: Paid}
```

## Good
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info: {title: Payments, version: 1.0.0}
paths:
  /payments:
    post:
      operationId: pay
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              properties:
                amount: {type: integer}
      responses:
        "201": {description: Paid}
      parameters:
        - name: Idempotency-Key
          in: header
          description: The same for every attempt of one call
          schema:
            type: string
```

## Fix
Describes the header. Manual: the service has to remember keys and what it answered to them.

## References
- [The Idempotency-Key HTTP header field](https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/)
- [Zalando RESTful API guidelines: idempotent POST and PATCH](https://opensource.zalando.com/restful-api-guidelines/#229)

## Equivalent rules
None known.
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.contracts import ApiDocument, ApiOperation, Resolver, entries_of
from rollsafe.artefacts.recognition.messages import identifies
from rollsafe.formats.nodes import Node, Sequence
from rollsafe.formats.yaml_edit import add_entry, add_item
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.workspace.contract_references import resolver
from rollsafe.workspace.graph import Graph

_COSTLY = re.compile(
    r"(?:^|[/_-])(?:payments?|charges?|transfers?|refunds?|payouts?|withdrawals?|purchases?|orders?|bookings?"
    r"|reservations?|invoices?|subscriptions?|checkouts?|deposits?|transactions?|donations?)$"
)
_HARMLESS = re.compile(
    r"(?:^|[/_-])(?:auth|oauth2?|log-?in|sign-?in|log-?out|tokens?|refresh|sessions?|verify|search|query|password|preview)\b",
    re.I,
)
"""What is called again without harm, whatever it answers."""
_KEYS = re.compile(r"idempot|request-?id|dedup|client-?token|(?:^|-)nonce$|if-(?:none-)?match", re.I)
_DEEPEST: Final = 3
_MOST: Final = 20
"""Parts of a schema that are looked at; what is made of more may have anything."""
_HEADER: Final = "name: Idempotency-Key\nin: header\ndescription: The same for every attempt of one call\n"


@rule(
    severity=Severity.WARNING,
    since="0.1.0",
    fix=Safety.MANUAL,
    level=Level.PEDANTIC,
    confidence=Confidence.MEDIUM,
)
def check(document: ApiDocument, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each creation that cannot be told from its repetition."""
    follow = resolver(graph)
    for operation in document.operations:
        if operation.method != "post" or not _creates(operation) or operation.item.value("$ref") is not None:
            continue
        if _HARMLESS.search(operation.path.name):
            continue
        if _has_key(document, operation, follow) or _has_own_id(document, operation, follow):
            continue
        yield Finding(
            operation.entry.key,
            f"`{operation.label}` creates anew with every attempt, and takes no key to know them by",
            fixes=_fixes(document, operation),
            detail="a client whose answer was lost calls again, and what it asked for is done twice",
            level=None if _COSTLY.search(operation.path.name.rstrip("/").lower()) else Level.AUDITOR,
        )


def _creates(operation: ApiOperation) -> bool:
    """Say whether a call makes something of what is sent, and has no answer for what is there already."""
    statuses = {one.name.upper() for one in entries_of(operation.node.at("responses"))}
    return "201" in statuses and not statuses & {"409", "4XX"}


def _has_key(document: ApiDocument, operation: ApiOperation, follow: Resolver) -> bool:
    """Say whether a header knows attempts of one call, or that cannot be seen."""
    for item in [*operation.item.items_at("parameters"), *operation.node.items_at("parameters")]:
        target = follow.value(item, document.file.path)
        if target is None:
            return True
        place, name = target.node.text_at("in"), target.node.text_at("name") or ""
        if place in ("header", "query") and _KEYS.search(name):
            return True
        if place == "body" and _holds_id(target.node.at("schema"), target.path, follow):
            return True
    return False


def _has_own_id(document: ApiDocument, operation: ApiOperation, follow: Resolver) -> bool:
    """Say whether the client gives what it creates an id, or that cannot be seen."""
    written = operation.node.at("requestBody")
    if written is None:
        return not document.is_swagger
    body = follow.value(written, document.file.path)
    if body is None:
        return True
    contents = list(entries_of(body.node.at("content")))
    return not contents or any(_holds_id(one.value.at("schema"), body.path, follow) for one in contents)


def _holds_id(schema: Node | None, path: str, follow: Resolver, seen: frozenset[int] = frozenset()) -> bool:
    """Say whether an object has an id the client gives, or that cannot be seen."""
    target = follow.value(schema, path) if schema is not None else None
    if target is None or len(seen) > _DEEPEST or id(target.node) in seen:
        return True
    for entry in entries_of(target.node.at("properties")):
        if identifies(entry.name) or _KEYS.search(entry.name):
            inner = follow.value(entry.value, target.path)
            if inner is None or inner.node.bool_at("readOnly") is not True:
                return True
    parts = [one for word in ("allOf", "oneOf", "anyOf") for one in target.node.items_at(word)]
    around = seen | {id(target.node)}
    return len(parts) > _MOST or any(_holds_id(one, target.path, follow, around) for one in parts)


def _fixes(document: ApiDocument, operation: ApiOperation) -> tuple[Fix, ...]:
    text, node = document.file.text, operation.node
    lines = _HEADER + ("type: string" if document.is_swagger else "schema:\n  type: string")
    written = node.at("parameters")
    if isinstance(written, Sequence) and written.items:
        edit = add_item(text, written, lines)
    elif written is None and node.entries:
        first, *rest = lines.split("\n")
        edit = add_entry(text, node, "parameters", "\n".join([f"- {first}", *(f"  {one}" for one in rest)]))
    else:
        return ()
    return (Fix("Describe an `Idempotency-Key`", Safety.MANUAL, edits=(edit,)),)
