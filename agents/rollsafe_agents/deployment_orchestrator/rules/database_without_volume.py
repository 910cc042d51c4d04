"""A database in a Compose file keeps its data in the container.

## What it does
Reports widely used databases, search engines and object stores with no named volume and no directory of the host
where their data is, and caches that are told to write to disk. Development files, and stores that are often only
a buffer, are told at level `pedantic`.

## Why it matters
`docker compose down`, `up --force-recreate` after a new image, or `docker system prune` take the data away.

## Bad
```yaml title="compose.yaml"
services:
  db:  # <-
    image: postgres:16.4
    environment:
      POSTGRES_PASSWORD_FILE: /run/secrets/db
```

## Good
```yaml title="compose.yaml"
services:
  db:
    image: postgres:16.4
    volumes:
      - db-data:/var/lib/postgresql/data
    environment:
      POSTGRES_PASSWORD_FILE: /run/secrets/db

volumes:
  db-data:
```

## Fix
Mounts a new volume where the image keeps its data, and declares it. Unsafe: what the container holds at present is
not moved into it.

## References
- [Docker: volumes](https://docs.docker.com/engine/storage/volumes/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.compose import ComposeService, MountKind
from rollsafe.artefacts.known_images import KnownImage, Layer
from rollsafe.formats.nodes import Sequence
from rollsafe.formats.yaml_edit import add_item
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.compose_edits import add_key, declaration, joined
from rollsafe.workspace.compose_project import companions
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import is_shipped

_STORES = frozenset({Layer.DATABASE, Layer.SEARCH, Layer.STORAGE})
_NEW_LAYOUT = 18
"""From this version on the image of PostgreSQL keeps a directory for each version below its data."""


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(service: ComposeService, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a database whose data goes with its container."""
    known = service.known
    if known is None or known.data is None or not service.lacks("volumes_from"):
        return
    if known.layer is Layer.CACHE and not _is_persistent(service):
        return
    if _is_kept(service, known) or any(
        other is not None and _is_kept(other, known)
        for other in (one.service(service.name) for one in companions(service.compose, graph))
    ):
        return
    is_store = known.layer in _STORES and is_shipped(service.compose, graph)
    yield Finding(
        service.title_node,
        f"{known.title} of service `{service.name}` keeps its data in the container: no volume below `{known.data}`",
        fixes=lambda: tuple(_fixes(service, known)),
        level=None if is_store else Level.PEDANTIC,
        detail=f"`docker compose down` takes the data of `{service.name}` away",
    )


def _is_persistent(service: ComposeService) -> bool:
    """Say whether a cache is told to write what it holds to disk."""
    words = service.command.words if service.command is not None else ()
    return "--appendonly" in words or ("--save" in words and "" not in words)


def _is_kept(service: ComposeService, known: KnownImage) -> bool:
    """Say whether a volume holds the data, or the file says that it is not to be kept."""
    if service.at("tmpfs") is not None or service.at("volumes_from") is not None:
        return True
    moved = [
        one.value for one in service.environment if one.name in ("PGDATA", "MYSQL_DATADIR") and one.value
    ]
    places = [known.data or "", *moved]
    return any(
        mount.kind is not MountKind.ANONYMOUS and _covers(mount.target.rstrip("/"), place)
        for mount in service.mounts
        for place in places
    )


def _covers(target: str, place: str) -> bool:
    return (
        target == place or target.startswith(f"{place}/") or place.startswith(f"{target}/") or "?" in target
    )


def _fixes(service: ComposeService, known: KnownImage) -> Iterator[Fix]:
    target = _target(service, known)
    node, text = service.node.at("volumes"), service.file.text
    if target is None or service.node.flow or not service.node.entries:
        return
    name = f"{service.name}-data"
    item = f"{name}:{target}"
    if isinstance(node, Sequence) and node.items:
        edit = add_item(text, node, item)
    elif service.node.entry("volumes") is None:
        edit = add_key(service, "volumes", f"- {item}")
    else:
        return
    declared = declaration(service.compose, "volumes", name)
    if declared is not None and name not in service.compose.volumes:
        yield Fix(f"Keep the data in the volume `{name}`", Safety.UNSAFE, edits=joined(edit, declared))


def _target(service: ComposeService, known: KnownImage) -> str | None:
    if known.data != "/var/lib/postgresql":
        return known.data
    version = service.image.major_version if service.image is not None else None
    if version is None:
        return None
    return known.data if version >= _NEW_LAYOUT else f"{known.data}/data"
