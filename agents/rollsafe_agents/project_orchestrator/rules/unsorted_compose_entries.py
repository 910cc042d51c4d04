"""Keys or entries of a Compose file are not in dclint's order.

## What it does
Reports top-level keys, keys of a service, services, dependencies and ports that stand in another order than dclint
asks for. The order means nothing to Compose: this is style, for teams that have agreed on it.

## Why it matters
Files that are all written in one order are read faster, and two branches that add an entry collide less often.

## Bad
```yaml title="compose.yaml"
name: shop
services:
  web:
    image: registry.example/web:1.2.0
  api:  # <-
    image: registry.example/api:1.2.0
```

## Good
```yaml title="compose.yaml"
name: shop
services:
  api:
    image: registry.example/api:1.2.0
  web:
    image: registry.example/web:1.2.0
```

## Fix
Puts the entries into order, each with the comments right above it. Safe: Compose reads the same. Where a comment
stands alone between two of them, or an alias has to come behind its anchor, there is no fix.

## References
- [dclint: rules](https://github.com/zavoloklom/docker-compose-linter/blob/main/docs/rules.md)

## Equivalent rules
- `dclint:top-level-properties-order`
- `dclint:service-keys-order`
- `dclint:services-alphabetical-order`
- `dclint:service-dependencies-alphabetical-order`
- `dclint:service-ports-alphabetical-order`
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Final, TypeAlias

from rollsafe.artefacts.compose import ComposeFile, ComposeService
from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, Sequence
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.compose_edits import in_order, key_rank

_TOP: Final = ("version", "name", "include", "services", "networks", "volumes", "secrets", "configs")
_DIGITS: Final = re.compile(r"(\d+)")

_Rank: TypeAlias = "tuple[tuple[int, int, str], ...]"
"""Texts and numbers of a name in turn: the kind of a part, its number, its text."""


@rule(severity=Severity.HINT, since="0.1.0", fix=Safety.SAFE, level=Level.AUDITOR)
def check(compose: ComposeFile) -> Iterator[Finding]:
    """Yield a finding for each entry that comes too late."""
    yield from _top(compose)
    services = compose.root.map_at("services")
    if services is not None:
        yield from _services(compose, services)
    for service in compose.services.values():
        yield from _keys(service)
        yield from _dependencies(service)
        yield from _ports(service)


def _top(compose: ComposeFile) -> Iterator[Finding]:
    entries = compose.root.entries
    extensions = sorted(entry.name for entry in entries if entry.name.startswith("x-"))
    order = [*extensions, *_TOP]
    wanted = [order.index(entry.name) if entry.name in order else len(order) for entry in entries]
    fixes = partial(_fixes, compose, entries, wanted, is_flow=compose.root.flow)
    for entry in _late(entries, wanted, is_strict=False):
        message = f"`{entry.name}` comes too late at the top level: {', '.join(f'`{one}`' for one in _TOP)}"
        yield Finding(entry.key, message, fixes=fixes, equivalents=("dclint:top-level-properties-order",))


def _keys(service: ComposeService) -> Iterator[Finding]:
    entries = service.node.entries
    order = sorted({key_rank(entry.name) for entry in entries})
    wanted = [order.index(key_rank(entry.name)) for entry in entries]
    late = list(_late(entries, wanted, is_strict=True))
    fixes = partial(_fixes, service.compose, entries, wanted, is_flow=service.node.flow)
    for entry in late:
        yield Finding(
            entry.key,
            f"`{entry.name}` of service `{service.name}` comes behind a key that dclint wants after it",
            fixes=fixes,
            equivalents=("dclint:service-keys-order",),
        )


def _services(compose: ComposeFile, services: Mapping) -> Iterator[Finding]:
    entries = services.entries
    names = sorted({entry.name for entry in entries}, key=lambda name: (name.casefold(), name))
    wanted = [names.index(entry.name) for entry in entries]
    for index, entry in enumerate(entries):
        behind = [at for at in wanted[:index] if at > wanted[index]]
        if behind:
            yield Finding(
                entry.key,
                f"service `{entry.name}` comes behind `{names[min(behind)]}`",
                fixes=partial(_fixes, compose, entries, wanted, is_flow=services.flow),
                equivalents=("dclint:services-alphabetical-order",),
            )


def _dependencies(service: ComposeService) -> Iterator[Finding]:
    node, key = service.node.at("depends_on"), service.key_at("depends_on")
    if isinstance(node, Mapping):
        parts: list[Entry] | list[Node] = node.entries
        names = [entry.name for entry in node.entries]
    elif isinstance(node, Sequence):
        parts = node.items
        names = [item.text if isinstance(item, Scalar) else "" for item in node.items]
    else:
        return
    order = sorted(names, key=lambda name: (name.casefold(), name))
    if key is not None and names != order:
        wanted = [order.index(name) for name in names]
        yield Finding(
            key,
            f"the dependencies of service `{service.name}` are not in alphabetical order",
            fixes=partial(_fixes, service.compose, parts, wanted, is_flow=node.flow),
            equivalents=("dclint:service-dependencies-alphabetical-order",),
        )


def _ports(service: ComposeService) -> Iterator[Finding]:
    node, key = service.node.at("ports"), service.key_at("ports")
    if key is None or not isinstance(node, Sequence):
        return
    ranks = [_rank(_published(item)) for item in node.items]
    if ranks != sorted(ranks):
        order = sorted(range(len(ranks)), key=lambda index: (ranks[index], index))
        wanted = [order.index(index) for index in range(len(ranks))]
        yield Finding(
            key,
            f"the ports of service `{service.name}` are not in order",
            fixes=partial(_fixes, service.compose, node.items, wanted, is_flow=node.flow),
            equivalents=("dclint:service-ports-alphabetical-order",),
        )


def _published(item: Node) -> str:
    if isinstance(item, Mapping):
        return item.text_at("published") or ""
    text = item.text.partition("/")[0] if isinstance(item, Scalar) else ""
    parts = text.rsplit(":", 2)
    return (parts[1] or parts[2]) if len(parts) == 3 else parts[0]


def _rank(text: str) -> _Rank:
    return tuple(_rank_of(part) for part in _DIGITS.split(text) if part)


def _rank_of(part: str) -> tuple[int, int, str]:
    """Return where a part comes: signs such as `$` first, then numbers, then letters."""
    if part.isascii() and part.isdigit() and len(part) < 10:
        return (0, int(part), "")
    return (1 if part[0].isalpha() else -1, 0, part.casefold())


def _late(entries: list[Entry], wanted: list[int], *, is_strict: bool) -> Iterator[Entry]:
    """Yield entries that stand behind one that is to come after them: the one before, or any before."""
    last = -1
    for entry, at in zip(entries, wanted, strict=True):
        if at < last:
            yield entry
        last = at if is_strict else max(last, at)


def _fixes(
    compose: ComposeFile, parts: list[Entry] | list[Node], wanted: list[int], *, is_flow: bool
) -> tuple[Fix, ...]:
    edits = in_order(compose.file.text, parts, wanted) if not is_flow else ()
    return (Fix("Put the entries into order", Safety.SAFE, edits=edits),) if edits else ()
