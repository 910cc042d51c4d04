"""Which Compose files make one project: overrides, files laid over others by `-f`, `include`, `extends`."""

import re
from typing import Final

from rollsafe.artefacts.compose import ComposeFile, ComposeService
from rollsafe.text.patterns import lazily
from rollsafe.workspace.graph import Graph

_NAME: Final = lazily(r"(?P<stem>(?:docker-|podman-)?compose)(?P<variant>[._-].+)?\.ya?ml", re.I)


def companions(compose: ComposeFile, graph: Graph) -> tuple[ComposeFile, ...]:
    """Return the files that may be given to Compose together with this one, itself left out.

    These are the others beside it with Compose's own names, and those that include it or that it includes.
    """
    return graph.remember(("companions", compose), lambda: tuple(_companions(compose, graph)))


def _companions(compose: ComposeFile, graph: Graph) -> list[ComposeFile]:
    others = [one for one in graph.every(ComposeFile, "path:") if one is not compose]
    included = {one.path for one in compose.includes}
    is_named_so = _NAME.fullmatch(compose.file.name) is not None
    return [
        one
        for one in others
        if (is_named_so and one.file.directory == compose.file.directory and _NAME.fullmatch(one.file.name))
        or one.file.path in included
        or any(part.path == compose.file.path for part in one.includes)
    ]


def is_part_of_more(compose: ComposeFile, graph: Graph) -> bool:
    """Say whether what is missing may stand in a file that is not known to belong to it."""
    if compose.is_override or compose.tree.templated:
        return True
    return any(one.path is None or not graph.has_file(one.path) for one in compose.includes)


def is_declared(compose: ComposeFile, section: str, name: str, graph: Graph) -> bool:
    """Say whether a file of the project declares `name` under a top-level key."""
    if section == "networks" and name in ("default", "host", "none", "bridge"):
        return True
    if name in compose.declared(section):
        return True
    return any(name in one.declared(section) for one in companions(compose, graph))


def base_in(service: ComposeService, graph: Graph) -> tuple[str, bool] | None:
    """Return the file a service extends one of, and whether that file has it; None when it is not known."""
    extends = service.extends
    if extends is None or not extends.is_elsewhere or extends.path is None:
        return None
    other = graph.first(ComposeFile, f"path:{extends.path}")
    return (extends.path, extends.service in other.services) if other is not None else None
