"""A message does not say in which version of its schema it is.

## What it does
Looks for messages of AsyncAPI documents that say no version, where others of the same document do: in a header or field such as
`schema_version`, `specversion` or `dataschema`, in the `$id` of the schema, in the name of the message or of its channel (`orders.v2`).
Where no message of a document says one, the first is told, at the level `auditor`. Messages whose schema stands elsewhere, or in a registry
(`schemaFormat`), are left alone.

## Why it matters
Messages outlive releases: those of last month are still in the topic when a consumer of today starts from the beginning. Without a version it has
to guess from the fields which shape it has before it, and guesses wrong after the first incompatible change.

## Bad
```yaml title="events/asyncapi.yaml"
asyncapi: 3.0.0
info: {title: Payments, version: 2.1.0}
servers:
  broker: {host: "broker.example.com:9092", protocol: kafka}
channels:
  payments:
    address: shop.payments
    messages:
      requested:
        name: requested
        headers:
          type: object
          properties:
            schema-version: {type: string}
        payload:
          type: object
          properties:
            paymentId: {type: string}
      refused:
        name: refused # <-
        payload:
          type: object
          properties:
            paymentId: {type: string}
operations:
  tell-of-payments:
    action: send
    channel: {$ref: "#/channels/payments"}
```

## Good
```yaml title="events/asyncapi.yaml"
asyncapi: 3.0.0
info: {title: Payments, version: 2.1.0}
servers:
  broker: {host: "broker.example.com:9092", protocol: kafka}
channels:
  payments:
    address: shop.payments
    messages:
      requested:
        name: requested
        headers:
          type: object
          properties:
            schema-version: {type: string}
        payload:
          type: object
          properties:
            paymentId: {type: string}
      refused:
        name: refused
        payload:
          type: object
          properties:
            paymentId: {type: string}
        headers:
          type: object
          properties:
            schema-version:
              type: string
              description: The version of the payload
operations:
  tell-of-payments:
    action: send
    channel: {$ref: "#/channels/payments"}
```

## Fix
Describes the header, under the name others of the document use. Manual: producers have to send it.

## References
- [AsyncAPI: Message Object](https://www.asyncapi.com/docs/reference/specification/latest#messageObject)

## Equivalent rules
None known.
"""

import re
from collections.abc import Iterator

from rollsafe.artefacts.contracts import EventDocument
from rollsafe.artefacts.contracts.exchanges import Exchange, Exchanges, exchanges_of
from rollsafe.artefacts.recognition.messages import tells_version
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.message_edits import place_of, with_header

_IN_NAME = re.compile(r"(?:^|[^a-z])v\d|(?<=[a-z])V\d|\d+\.\d+|\{version\}", re.A)
_HEADER = "schema-version"


@rule(
    severity=Severity.INFO,
    since="0.1.0",
    fix=Safety.MANUAL,
    level=Level.PEDANTIC,
    confidence=Confidence.MEDIUM,
)
def check(document: EventDocument) -> Iterator[Finding]:
    """Yield a finding for each message without a version beside others that have one."""
    exchanges = exchanges_of(document)
    described = [one for one in exchanges.all if _is_described(exchanges, one)]
    without = [one for one in described if not _has_version(exchanges, one)]
    is_usual = len(without) < len(described)
    header = _usual_header(exchanges, described) if without else ""
    for one in without if is_usual else without[:1]:
        yield Finding(
            place_of(one),
            f"`{one.name}` does not say its version, and others of the document do"
            if is_usual
            else f"Neither `{one.name}` nor any other message of the document says its version",
            fixes=_fixes(document, one, header),
            detail="what was sent before an incompatible change is read by consumers that were made after it",
            level=None if is_usual else Level.AUDITOR,
        )


def _is_described(exchanges: Exchanges, one: Exchange) -> bool:
    """Say whether all of a message can be seen, and a broker keeps it."""
    headers, fields = exchanges.headers(one.node), exchanges.fields(one.node)
    is_seen = not headers.is_open and not fields.is_open and bool(fields.names)
    return is_seen and all(channel.is_kept_by_broker for channel in one.channels)


def _has_version(exchanges: Exchanges, one: Exchange) -> bool:
    names = exchanges.headers(one.node).names | exchanges.fields(one.node).names
    if any(tells_version(name) for name in names):
        return True
    payload = exchanges.resolved(one.node.at("payload"))
    if payload is not None and (payload.at("$id") is not None or payload.at("x-version") is not None):
        return True
    if any("cloudevents" in (node.text_at() or "") for node in exchanges.said(one.node, "contentType")):
        return True
    told = (one.name, one.node.text_at("messageId") or "", *(channel.address for channel in one.channels))
    return any(_IN_NAME.search(name) for name in told)


def _usual_header(exchanges: Exchanges, described: list[Exchange]) -> str:
    """Return the name others of the document give the version."""
    names = (name for it in described for name in sorted(exchanges.headers(it.node).names))
    return next((name for name in names if tells_version(name)), _HEADER)


def _fixes(document: EventDocument, one: Exchange, name: str) -> tuple[Fix, ...]:
    edit = with_header(document, one.node, name, "The version of the payload")
    return (Fix(f"Describe a header `{name}`", Safety.MANUAL, edits=(edit,)),) if edit is not None else ()
