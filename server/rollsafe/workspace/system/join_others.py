"""What is neither a service nor a job as a part of the graph: images, ways in, contracts, migrations."""

from collections.abc import Iterable, Mapping

from rollsafe.workspace.system.facts import Contract, Door, Overlay, Place, Recipe, Route, Scaler, Step, Unit
from rollsafe.workspace.system.fragments import Asked
from rollsafe.workspace.system.index import Index
from rollsafe.workspace.system.join_services import image_node
from rollsafe.workspace.system.layers import Layer
from rollsafe.workspace.system.model import NodeKind, Relation
from rollsafe.workspace.system.names import Names
from rollsafe.workspace.system.parts import Parts
from rollsafe.workspace.system.services import environment_of_overlay

_NOT_RELATIONAL = frozenset({"ClickHouse", "MongoDB", "Cassandra", "CouchDB", "InfluxDB", "Neo4j"})
"""Databases that common tools for migrations are not for, unless a path says so."""


def parts_of_recipe(recipe: Recipe) -> Parts:
    """Return a Dockerfile and the images it builds on."""
    parts = Parts()
    node = parts.node(NodeKind.DOCKERFILE, recipe.path, Layer.DELIVERY, Place(recipe.path, 1))
    for base in recipe.bases:
        parts.edge(node, image_node(parts, base), Relation.BASED_ON, base.text, base.place)
    return parts


def parts_of_door(door: Door, targets: Iterable[str]) -> Parts:
    """Return a Service that leads to some services."""
    parts = Parts()
    node = parts.node(NodeKind.OBJECT, f"Service/{door.name}", Layer.PLATFORM, door.place)
    for target in targets:
        parts.edge(node, target, Relation.ROUTES, "", door.place)
    if door.type in ("LoadBalancer", "NodePort"):
        outside = parts.node(NodeKind.ENTRANCE, door.type, Layer.PLATFORM, door.place)
        parts.edge(outside, node, Relation.ROUTES, "", door.place)
    return parts


def parts_of_route(route: Route, index: Asked[Index]) -> Parts:
    """Return a way in from outside."""
    parts = Parts()
    name = f"{route.host or '*'}{route.path or '/'}"
    outside = parts.node(NodeKind.ENTRANCE, name, Layer.PLATFORM, route.place)
    if index.ask(Index.has_door, route.door):
        parts.edge(outside, f"object:Service/{route.door}", Relation.ROUTES, route.object, route.place)
    elif index.ask(Index.has, f"service:{route.door}"):
        # The values of a chart from elsewhere name a host; what stands between is that chart's.
        target = f"service:{route.door}"
        parts.edge(outside, target, Relation.ROUTES, route.object, route.place, is_derived=True)
    return parts


def parts_of_scaler(scaler: Scaler, index: Asked[Index]) -> Parts:
    """Return an autoscaler, where there is what it scales."""
    parts = Parts()
    if index.ask(Index.has_object, scaler.target):
        name = f"autoscaler of {scaler.target}"
        node = parts.node(NodeKind.OBJECT, name, Layer.PLATFORM, scaler.place)
        parts.edge(node, f"object:{scaler.target}", Relation.SCALES, "", scaler.place)
    return parts


def parts_of_contract(contract: Contract, names: Names) -> Parts:
    """Return the description of an interface, with the service that surely has it."""
    parts = Parts()
    node = parts.node(NodeKind.CONTRACT, contract.path, Layer.API, contract.place)
    provider = names.provider(contract.path)
    if provider is not None:
        parts.edge(provider, node, Relation.PROVIDES, "", contract.place, is_derived=True)
    return parts


def parts_of_overlay(overlay: Overlay, ids: Iterable[str]) -> Parts:
    """Return the environment a kustomization is for, which runs some services."""
    parts = Parts()
    name = None if overlay.is_component else environment_of_overlay(overlay.directory)
    if name is not None:
        node = parts.node(NodeKind.ENVIRONMENT, name, Layer.DELIVERY, overlay.place)
        for id_ in ids:
            parts.edge(node, id_, Relation.RUNS, "", overlay.place, is_derived=True)
    return parts


def parts_of_migrations(home: str, first: Step, target: str | None, place: Place | None) -> Parts:
    """Return a directory of migrations, with the database they are for and a place that runs it."""
    parts = Parts()
    node = parts.node(NodeKind.MIGRATIONS, home or ".", Layer.DATA, first.place)
    if target is not None and place is not None:
        parts.edge(node, target, Relation.MIGRATES, first.tool, first.place, place, is_derived=True)
    return parts


def databases_of(services: Mapping[str, Iterable[Unit]]) -> dict[str, str]:
    """Return the databases among services, with the name of the product."""
    return {
        id_: unit.known.title
        for id_, units in services.items()
        for unit in units
        if unit.known is not None and unit.known.layer == "database"
    }


def database_of(home: str, products: Mapping[str, str]) -> str | None:
    """Return the database a directory of migrations is for: the one its path names, else the only one."""
    words = set(home.lower().split("/"))
    names = {id_: {title.lower(), id_.partition(":")[2].lower()} for id_, title in products.items()}
    named = [id_ for id_, known in names.items() if known & words]
    if named:
        return named[0] if len(named) == 1 else None
    relational = [id_ for id_, title in products.items() if title not in _NOT_RELATIONAL]
    return relational[0] if len(relational) == 1 else None
