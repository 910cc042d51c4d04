"""Who talks to whom: protocol, addresses and where they are set, contract, timeouts."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from rollsafe.plans.contribution import derived, fact, unknown
from rollsafe.plans.model import Claim
from rollsafe.workspace.system import Connection, NodeKind, Place, Relation, System
from rollsafe.workspace.system.environments import Environment
from rollsafe_agents.project_orchestrator.map.evidence import all_at, at, name_of
from rollsafe_agents.project_orchestrator.map.model import MapAddress, MapEdge, MapEntrance, Mode

_PROTOCOLS: Final = {
    **dict.fromkeys(("postgres", "postgresql", "pgsql", "jdbc"), "PostgreSQL"),
    **dict.fromkeys(("mysql", "mysql2", "mariadb"), "MySQL"),
    **dict.fromkeys(("redis", "rediss", "valkey"), "Redis"),
    **dict.fromkeys(("amqp", "amqps"), "AMQP"),
    **dict.fromkeys(("mongodb", "mongodb+srv"), "MongoDB"),
    **dict.fromkeys(("http", "https"), "HTTP"),
    **dict.fromkeys(("grpc", "grpcs"), "gRPC"),
    **dict.fromkeys(("ws", "wss"), "WebSocket"),
    "clickhouse": "ClickHouse",
    "kafka": "Kafka",
    "nats": "NATS",
}
_ASYNC: Final = frozenset({"AMQP", "Kafka", "NATS", "MQTT", "Pulsar", "RabbitMQ", "Apache Kafka"})
_SUFFIX = re.compile(r"_(?:URL|URI|HOST|HOSTNAME|ADDR|ADDRESS|ENDPOINT|SERVER|DSN|PORT|UPSTREAM)\Z", re.I)
_STARTS: Final = "starts after it"


def edges_of(system: System, environments: Sequence[Environment]) -> list[MapEdge]:
    """Return what services need of each other and of others, one for each pair.

    `environments` have the one that is shown of a service first.
    """
    pairs: dict[tuple[str, str], list[Connection]] = {}
    starts: dict[tuple[str, str], list[Place]] = {}
    aside = _development(system)
    for connection in system.connections:
        if connection.place.path not in aside.get(connection.source, ()):
            pairs.setdefault((connection.source, connection.target), []).append(connection)
    for node in system.of(NodeKind.SERVICE, NodeKind.STORE):
        for edge in system.edges_from(node.id, Relation.DEPENDS):
            places = [place for place in edge.places if place.path not in aside.get(node.id, ())]
            if places:
                starts[edge.source, edge.target] = places
    where = _Where(environments, [one for found in pairs.values() for one in found])
    return [
        _edge(system, where, *pair, pairs.get(pair, ()), starts.get(pair, ()))
        for pair in sorted(pairs.keys() | starts.keys())
    ]


class _Where:
    """Which environments say that services are connected, by the lines it is written on."""

    def __init__(self, environments: Sequence[Environment], found: Sequence[Connection]) -> None:
        self.environments = environments
        self.by_variable: dict[tuple[str, str], set[str]] = {}
        for one in found:
            self.by_variable.setdefault((one.source, one.variable), set()).update(self.labels(one))

    def labels(self, one: Connection) -> list[str]:
        """Return the environments in which a connection is written."""
        name = name_of(one.source)
        found: list[str] = []
        for environment in self.environments:
            running = environment.services.get(name)
            cell = running.keys.get(one.variable) if running is not None else None
            is_said = cell is not None and cell.place == one.place
            if is_said or (running is not None and environment.place.path == one.place.path):
                found.append(environment.label)
        return found

    def is_elsewhere(self, found: Sequence[Connection]) -> bool:
        """Say whether the environment shown of a service has other addresses in the variables of these."""
        name = name_of(found[0].source) if found else ""
        shown = next((one.label for one in self.environments if name in one.services), None)
        variables = {(one.source, one.variable) for one in found}
        others = all(shown in self.by_variable[variable] for variable in variables)
        return bool(found) and others and not any(shown in self.labels(one) for one in found)


def _development(system: System) -> dict[str, set[str]]:
    """Return the files for development only, by service; none for a service that is only there."""
    found: dict[str, set[str]] = {}
    for id_, units in system.units.items():
        if not all(unit.is_development for unit in units):
            found[id_] = {unit.place.path for unit in units if unit.is_development}
    return found


def _edge(
    system: System,
    where: _Where,
    source: str,
    target: str,
    found: Sequence[Connection],
    starts: Sequence[Place],
) -> MapEdge:
    addresses = [MapAddress(variable=c.variable, address=_address(c), evidence=at(c.place)) for c in found]
    places = [*(c.place for c in found), *starts]
    spoken = [c for c in found if c.variable != "depends_on"]
    protocol = _protocol(system, target, spoken) if spoken else _STARTS
    is_dangling = any(c.is_dangling for c in found)
    is_external = target.startswith("external:")
    return MapEdge(
        source=source,
        target=target,
        protocol=protocol,
        mode=_mode(system, target, protocol),
        addresses=tuple(dict.fromkeys(addresses)),
        contracts=tuple(name_of(edge.target) for edge in system.edges_from(target, Relation.PROVIDES)),
        timeout=_timeout(system, source, spoken),
        state="dangling" if is_dangling else "external" if is_external else "found",
        environments=tuple(dict.fromkeys(label for c in found for label in where.labels(c))),
        is_elsewhere=is_external and not is_dangling and where.is_elsewhere(found),
        claim=_claim(source, target, places, is_dangling=is_dangling),
    )


def _claim(source: str, target: str, places: Sequence[Place], *, is_dangling: bool) -> Claim:
    one, other = name_of(source), name_of(target)
    if is_dangling:
        return derived(f"`{one}` needs `{other}`, and nothing here is called so", *all_at(places))
    return fact(f"`{one}` needs `{other}`", *all_at(places))


def _address(connection: Connection) -> str:
    scheme = f"{connection.scheme}://" if connection.scheme else ""
    return f"{scheme}{connection.host}" + (f":{connection.port}" if connection.port is not None else "")


def _protocol(system: System, target: str, found: Sequence[Connection]) -> str:
    units = system.units.get(target, ())
    known = next((unit.known for unit in units if unit.known is not None), None)
    schemes = list(dict.fromkeys(_PROTOCOLS.get(c.scheme, c.scheme) for c in found if c.scheme))
    if schemes:
        return " and ".join(schemes)
    if known is not None:
        return known.title
    names = {edge.detail.lower() for edge in system.edges_from(target, Relation.LISTENS)}
    doors = system.doors_called.get(name_of(target), ())
    names |= {name.lower() for door in doors for _, name in door.ports}
    for word in ("grpc", "http"):
        if any(word in name for name in names):
            return _PROTOCOLS[word]
    return "unknown"


def _mode(system: System, target: str, protocol: str) -> Mode:
    units = system.units.get(target, ())
    if protocol in _ASYNC or any(unit.known is not None and unit.known.layer == "queue" for unit in units):
        return "async"
    return "unknown" if protocol in (_STARTS, "unknown") else "sync"


def _timeout(system: System, source: str, found: Sequence[Connection]) -> Claim:
    stems = {_SUFFIX.sub("", connection.variable).upper() for connection in found}
    for unit in system.units[source]:
        for variable in unit.variables:
            name = variable.name.upper()
            if "TIMEOUT" in name and any(stem and name.startswith(stem) for stem in stems):
                return fact(f"`{variable.name}`", at(variable.place))
    return unknown("no timeout in the configuration")


def entrances_of(system: System) -> list[MapEntrance]:
    """Return the ways in: routes, public Services, ports published on a host."""
    ways: dict[tuple[str, str, bool | None], list[Place]] = {}
    for name, target, is_encrypted, place in (*_routed(system), *_public(system), *_published(system)):
        ways.setdefault((name, target, is_encrypted), []).append(place)
    return [
        MapEntrance(
            name=name,
            target=target,
            is_encrypted=is_encrypted,
            claim=fact(f"`{name}` leads to `{name_of(target)}`", *all_at(places)),
        )
        for (name, target, is_encrypted), places in ways.items()
    ]


_Way = tuple[str, str, bool | None, Place]


def _routed(system: System) -> Iterable[_Way]:
    for route in system.routes:
        behind = system.edges_from(f"object:Service/{route.door}", Relation.ROUTES)
        name = f"{route.host or '*'}{route.path or '/'}"
        own = f"service:{route.door}"
        nobody = (
            own if own in system.by_id and route.object.startswith("chart ") else f"external:{route.door}"
        )
        for target in [edge.target for edge in behind] or [nobody]:
            yield name, target, route.is_encrypted, route.place


def _public(system: System) -> Iterable[_Way]:
    for door in system.doors:
        if door.type in ("LoadBalancer", "NodePort"):
            for edge in system.edges_from(f"object:Service/{door.name}", Relation.ROUTES):
                yield f"{door.type} {door.name}", edge.target, None, door.place


def _published(system: System) -> Iterable[_Way]:
    for id_, units in system.units.items():
        for unit in units:
            for port in unit.ports:
                if port.published is not None and not unit.is_development:
                    yield f"host port {port.published}", id_, None, port.place
