"""Who calls whom at run time, as far as names of Services in the environment of workloads tell it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from rollsafe.artefacts.compose import ComposeService, settled
from rollsafe.artefacts.kubernetes import ConfigMap, Container, Ingress, KubernetesObject, Workload
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Scalar
from rollsafe.text import Located
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.view import View
from rollsafe.workspace.wiring import services_of

_HOST = re.compile(r"(?:\A|//|@)(?P<host>[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?=[.:/]|\Z)", re.I)
_MAX_VALUE: Final = 2_000


class Call(NamedTuple):
    """`consumer` reaches `provider` (names of workloads or Compose services); the place says so."""

    consumer: str
    provider: str
    file: SourceFile
    where: Located


def calls_between(workloads: Sequence[Workload], view: View) -> list[Call]:
    """Return which workloads reach each other through the addresses in their environment."""
    return calls_among(workloads, view.graph)


def calls_among(workloads: Sequence[Workload], graph: Graph) -> list[Call]:
    """Return the same as `calls_between`, asked of a graph."""
    by_service = {
        service.name: workload.name for workload in workloads for service in services_of(workload, graph)
    }
    found: dict[tuple[str, str], Call] = {}
    for workload in workloads:
        for container in workload.all_containers:
            for value, file, where in _values(container, graph):
                for host in _hosts(value):
                    provider = by_service.get(host)
                    if provider is not None and provider != workload.name:
                        found.setdefault(
                            (workload.name, provider), Call(workload.name, provider, file, where)
                        )
    return list(found.values())


def compose_calls(services: Iterable[ComposeService]) -> list[Call]:
    """Return which services start after or address each other."""
    listed = list(services)
    names = {service.name for service in listed}
    found: dict[tuple[str, str], Call] = {}
    for service in listed:
        places: list[tuple[str, Located]] = [(one.service, one.node) for one in service.depends_on]
        for variable in service.environment:
            where = variable.value_span
            if variable.value is not None and where is not None:
                places += [(host, where) for host in _hosts(settled(variable.value))]
        for provider, place in places:
            if provider in names and provider != service.name:
                call = Call(service.name, provider, service.file, place)
                found.setdefault((service.name, provider), call)
    return list(found.values())


def providers_first(names: Sequence[str], calls: Iterable[Call]) -> list[str]:
    """Return `names` so that each stands after what it calls; in a circle the given order counts."""
    needs: Mapping[str, set[str]] = {name: set() for name in names}
    for call in calls:
        if call.consumer in needs and call.provider in needs:
            needs[call.consumer].add(call.provider)
    ordered: list[str] = []
    pending = list(names)
    while pending:
        ready = next((one for one in pending if needs[one].isdisjoint(pending)), pending[0])
        pending.remove(ready)
        ordered.append(ready)
    return ordered


class Entrance(NamedTuple):
    """Where requests from outside reach a workload: `host` and `path` None mean any."""

    object: KubernetesObject
    where: Located
    host: str | None
    path: str | None
    is_encrypted: bool


def entrances(workload: Workload, view: View) -> list[Entrance]:
    """Return the Ingresses, routes and public Services by which requests from outside reach a workload."""
    return list(_entrances(workload, view))


def _entrances(workload: Workload, view: View) -> Iterator[Entrance]:
    for service in services_of(workload, view.graph):
        if service.type in ("LoadBalancer", "NodePort"):
            yield Entrance(service, service.title_node, None, None, is_encrypted=False)
        for ingress in view.graph.find(Ingress, f"backend:{service.name}"):
            for backend in ingress.backends:
                if backend.service == service.name and ingress.shares_namespace(service):
                    encrypted = ingress.tls is not None
                    yield Entrance(ingress, backend.service_node, backend.host, backend.path, encrypted)


def _values(container: Container, graph: Graph) -> Iterator[tuple[str, SourceFile, Located]]:
    """Yield the values of a container's environment that are written out; Secrets are not looked into."""
    for variable in container.env:
        if variable.value is not None and variable.value_node is not None:
            yield variable.value, container.file, variable.value_node
        elif variable.reference is not None and variable.reference.kind == "ConfigMap":
            yield from _config_values(variable.reference.name, variable.reference.key, graph)
    for source in container.env_from:
        if source.reference.kind == "ConfigMap":
            yield from _config_values(source.reference.name, None, graph)


def _config_values(name: str, key: str | None, graph: Graph) -> Iterator[tuple[str, SourceFile, Located]]:
    for config in graph.find(ConfigMap, f"ConfigMap/{name}"):
        for one in config.keys:
            value = config.node.at("data", one.name)
            if isinstance(value, Scalar) and key in (None, one.name):
                yield value.text, config.file, one.node


def _hosts(value: str) -> list[str]:
    return [match["host"] for match in _HOST.finditer(value[:_MAX_VALUE])]
