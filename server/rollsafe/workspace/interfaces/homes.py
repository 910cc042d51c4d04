"""Which service a file belongs to, and who reaches a service, as the manifests of a project tell it."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.compose import ComposeFile, ComposeService
from rollsafe.artefacts.known_images import known_image
from rollsafe.artefacts.kubernetes import Workload
from rollsafe.artefacts.source import SourceFile
from rollsafe.text import Located
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.dependencies import Call, calls_among, compose_calls
from rollsafe.workspace.graph import Graph

_PLAIN: Final = frozenset({"api", "service", "server", "app", "rest", "http", "public", "the", "events"})
"""Words in titles of interfaces that name nothing."""
_WORD = re.compile(r"[A-Za-z0-9]+")


class Home(NamedTuple):
    """A service: where it is written, and the directory of its code, empty where nobody says it."""

    name: str
    directory: str
    file: SourceFile
    where: Located


def home_of(path: str, graph: Graph, title: str = "") -> Home | None:
    """Return the service in whose code a file lies, else the one that its path or `title` names.

    None where several may be meant.
    """
    known = _homes(graph)
    inside = [one for one in known if one.directory and path.startswith(f"{one.directory}/")]
    if inside:
        longest = max(len(one.directory) for one in inside)
        named = {one.name: one for one in inside if len(one.directory) == longest}
        return next(iter(named.values())) if len(named) == 1 else None
    by_name = {one.name: one for one in reversed(known)}
    parts = [*path.split("/")[:-1], path.rpartition("/")[2].partition(".")[0]]
    by_path = next((by_name[part] for part in reversed(parts) if part in by_name), None)
    return by_path or by_name.get("-".join(_words(title))) or _only(by_name)


def _only(by_name: dict[str, Home]) -> Home | None:
    return next(iter(by_name.values())) if len(by_name) == 1 else None


def _words(title: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(title[:80]) if word.lower() not in _PLAIN]


def callers_of(name: str, graph: Graph) -> tuple[Call, ...]:
    """Return the services that reach the one called `name`, with the place that says so."""
    return tuple(call for call in _calls(graph) if call.provider == name)


def _calls(graph: Graph) -> tuple[Call, ...]:
    return graph.remember(("interfaces", "calls"), lambda: _all_calls(graph))


def _all_calls(graph: Graph) -> tuple[Call, ...]:
    composed = (call for one in _compose_files(graph) for call in compose_calls(one.services.values()))
    found: dict[tuple[str, str], Call] = {}
    for call in (*calls_among(_workloads(graph), graph), *composed):
        found.setdefault((call.consumer, call.provider), call)
    return tuple(found.values())


def _homes(graph: Graph) -> tuple[Home, ...]:
    """Return what is made here and runs: no databases, queues and other images from elsewhere."""
    return graph.remember(("interfaces", "homes"), lambda: tuple(_all_homes(graph)))


def _all_homes(graph: Graph) -> Iterator[Home]:
    for compose in _compose_files(graph):
        for service in compose.services.values():
            if service.name and not service.is_fragment and not _is_foreign(service):
                context = service.build.context if service.build is not None else None
                yield Home(service.name, context or "", service.file, service.title_node)
    for workload in _workloads(graph):
        images = [container.image for container in workload.containers if container.image is not None]
        if not (images and all(known_image(image) is not None for image in images)):
            yield Home(workload.name, "", workload.file, workload.title_node)


def _is_foreign(service: ComposeService) -> bool:
    return service.build is None and service.known is not None


def _compose_files(graph: Graph) -> tuple[ComposeFile, ...]:
    return graph.every(ComposeFile, "path:")


def _workloads(graph: Graph) -> tuple[Workload, ...]:
    found = graph.every(Workload, "name:")
    return tuple(one for one in found if not one.is_patch and one.has_static_name)
