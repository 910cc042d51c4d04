"""A Compose file declares something that no service uses.

## What it does
Reports networks, volumes, secrets and configs that no service of the project names: of the file, of those beside
it with Compose's own names, of those it includes or that extend its services.

## Why it matters
It is what a rename leaves behind, or the sign that a service forgot it: a volume that is declared and mounted
nowhere keeps no data.

## Bad
```yaml title="compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
    volumes:
      - uploads:/srv/uploads
volumes:
  uploads:
  exports:  # <-
```

## Good
```yaml title="compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
    volumes:
      - uploads:/srv/uploads
volumes:
  uploads:
```

## Fix
Removes the declaration. Unsafe: a service may have forgotten it.

## References
- [Compose: volumes](https://docs.docker.com/reference/compose-file/volumes/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.compose import SINGULAR, ComposeFile
from rollsafe.formats.nodes import Entry
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.workspace.compose_project import companions, is_part_of_more
from rollsafe.workspace.graph import Graph

_SECTIONS = ("networks", "volumes", "secrets", "configs")


@rule(severity=Severity.INFO, since="0.1.0", fix=Safety.UNSAFE, level=Level.PEDANTIC)
def check(compose: ComposeFile, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each declaration nobody uses."""
    if not compose.services:
        return
    used = {(use.section, use.name) for one in compose.services.values() for use in one.uses}
    left = [
        (section, entry)
        for section in _SECTIONS
        for entry in _own_entries(compose, section)
        if (section, entry.name) not in used and (section, entry.name) != ("networks", "default")
    ]
    if not left or is_part_of_more(compose, graph) or _is_extended(compose, graph):
        return
    for other in companions(compose, graph):
        used |= {(use.section, use.name) for one in other.services.values() for use in one.uses}
    for section, entry in left:
        if (section, entry.name) not in used and not any("$" in name for _, name in used):
            yield Finding(
                entry.key,
                f"no service uses the {SINGULAR[section]} `{entry.name}`",
                fixes=tuple(_fixes(compose, section, entry.name)),
            )


def _own_entries(compose: ComposeFile, section: str) -> list[Entry]:
    node = compose.root.map_at(section)
    return [entry for entry in node.entries if entry.name not in ("", "<<")] if node is not None else []


def _is_extended(compose: ComposeFile, graph: Graph) -> bool:
    return any(
        service.extends is not None and service.extends.path == compose.file.path
        for other in graph.every(ComposeFile, "path:")
        if other is not compose
        for service in other.services.values()
    )


def _fixes(compose: ComposeFile, section: str, name: str) -> Iterator[Fix]:
    text, node = compose.file.text, compose.root.map_at(section)
    if node is None:
        return
    alone = len(node.entries) == 1
    edit = remove_entry(text, compose.root, section) if alone else remove_entry(text, node, name)
    if edit is not None:
        yield Fix(f"Remove the {SINGULAR[section]} `{name}`", Safety.UNSAFE, edits=(edit,))
