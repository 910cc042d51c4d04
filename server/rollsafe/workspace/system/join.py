"""Outlines joined: the nodes and edges of the whole system."""

from collections.abc import Iterable, Iterator, Mapping
from posixpath import basename

from rollsafe.workspace.owners import last_owning
from rollsafe.workspace.system.charts.facts import ChartFacts
from rollsafe.workspace.system.coverage import coverage
from rollsafe.workspace.system.facts import (
    Address,
    Contract,
    Form,
    Image,
    Keys,
    Known,
    Origin,
    OwnerLine,
    Place,
    Step,
    Unit,
    Variable,
)
from rollsafe.workspace.system.jobs import JobFact
from rollsafe.workspace.system.join_jobs import add_jobs
from rollsafe.workspace.system.layers import Layer, is_data
from rollsafe.workspace.system.model import Connection, NodeKind, Relation, System
from rollsafe.workspace.system.outline import Outline
from rollsafe.workspace.system.parts import Parts
from rollsafe.workspace.system.services import Services, environment_of_file, environment_of_overlay, is_own

_NOT_RELATIONAL = frozenset({"ClickHouse", "MongoDB", "Cassandra", "CouchDB", "InfluxDB", "Neo4j"})
"""Databases that common tools for migrations are not for, unless a path says so."""


def join(
    outlines: Iterable[Outline],
    contracts: tuple[Contract, ...],
    jobs: tuple[JobFact, ...],
    charts: tuple[ChartFacts, ...] = (),
) -> System:
    """Return the system that outlines, by path, contracts known by name, jobs and charts make."""
    listed = [*outlines, *map(_outline_of, charts)]
    recipes = tuple(recipe for one in listed for recipe in one.recipes)
    stores = {one.path: one.known for one in recipes if one.known is not None and is_data(one.known)}
    services = Services(
        units=tuple(dict.fromkeys(_built_on(unit, stores) for one in listed for unit in one.units)),
        doors=tuple(dict.fromkeys(door for one in listed for door in one.doors)),
        recipes=recipes,
        overlays=tuple(dict.fromkeys(overlay for one in listed for overlay in one.overlays)),
    )
    return _Join(listed, services, contracts, jobs, charts).system()


def _built_on(unit: Unit, stores: Mapping[str, Known]) -> Unit:
    """Return a unit as what its Dockerfile begins with, where that is a store."""
    known = stores.get(unit.build.dockerfile or "") if unit.build is not None else None
    if known is None or unit.known is not None:
        return unit
    return unit._replace(known=known, keeps_data=known.keeps_data)


def _outline_of(chart: ChartFacts) -> Outline:
    """Return what a chart tells in one environment, as if it were written out."""
    return Outline(
        units=tuple(one.unit for one in chart.units),
        doors=chart.doors,
        routes=chart.routes,
        keys=chart.keys,
        scalers=chart.scalers,
        overlays=(chart.overlay,),
    )


class _Join:
    def __init__(
        self,
        outlines: list[Outline],
        services: Services,
        contracts: tuple[Contract, ...],
        jobs: tuple[JobFact, ...],
        charts: tuple[ChartFacts, ...],
    ) -> None:
        self.services = services
        self.jobs = jobs
        self.charts = charts
        self.parts = Parts()
        self.connections: dict[Connection, None] = {}
        self.keys = tuple(dict.fromkeys(keys for one in outlines for keys in one.keys))
        self.routes = tuple(dict.fromkeys(route for one in outlines for route in one.routes))
        self.scalers = tuple(dict.fromkeys(scaler for one in outlines for scaler in one.scalers))
        self.steps = tuple(step for one in outlines for step in one.steps)
        self.owners = tuple(line for one in outlines for line in one.owners)
        self.entities = tuple(entity for one in outlines for entity in one.entities)
        self.claims = tuple(claim for one in outlines for claim in one.claims)
        found = tuple(contract for one in outlines for contract in one.contracts)
        self.contracts = (*found, *contracts)
        self._by_name: dict[tuple[str, str], list[Keys]] = {}
        for keys in self.keys:
            self._by_name.setdefault((keys.kind, keys.name), []).append(keys)

    def system(self) -> System:
        for id_, units in self.services.by_id.items():
            self._service(id_, units)
        self._images()
        self._doors()
        self._contracts()
        self._environments()
        self._migrations()
        add_jobs(self.parts, self.services, self.jobs, self._homes())
        self._owners()
        nodes, edges = self.parts.sorted()
        return System(
            nodes=nodes,
            edges=edges,
            connections=tuple(self.connections),
            units={id_: tuple(units) for id_, units in self.services.by_id.items()},
            code=dict(self.services.code),
            doors=self.services.doors,
            routes=self.routes,
            keys=self.keys,
            scalers=self.scalers,
            recipes=self.services.recipes,
            contracts=self.contracts,
            entities=self.entities,
            claims=self.claims,
            jobs=self.jobs,
            coverage=coverage(self.services, self.jobs),
            charts=self.charts,
            tool_of={home or ".": steps[0].tool for home, steps in self._homes().items()},
            recipe_of={id_: path for id_, (path, _, _) in self.services.recipe_of.items()},
        )

    # -- services

    def _service(self, id_: str, units: list[Unit]) -> None:
        kind = NodeKind.STORE if id_.startswith("store:") else NodeKind.SERVICE
        layer, name = self.services.layer(id_), id_.partition(":")[2]
        self.parts.node(kind, name, layer, *(unit.place for unit in units))
        for unit in units:
            if unit.form is Form.KUBERNETES:
                thing = self.parts.node(
                    NodeKind.OBJECT, f"{unit.kind}/{unit.name}", Layer.PLATFORM, unit.place
                )
                self.parts.edge(thing, id_, Relation.RUNS, "", unit.place)
            for port in unit.ports:
                node = self.parts.node(NodeKind.PORT, f"{name}/{port.number}", layer, port.place)
                self.parts.edge(id_, node, Relation.LISTENS, port.name, port.place)
            if unit.schedule:
                node = self.parts.node(NodeKind.SCHEDULE, unit.schedule, Layer.DELIVERY, unit.place)
                self.parts.edge(id_, node, Relation.SCHEDULE, unit.schedule, unit.place)
            for need in unit.needs:
                target = self.services.ids.get(need.name)
                if target is None and not unit.is_partial:
                    target = self.parts.node(NodeKind.EXTERNAL, need.name, Layer.UNKNOWN, need.place)
                    self.connections[
                        Connection(id_, target, "", need.name, None, "depends_on", need.place, True)
                    ] = None
                if target is not None and target != id_:
                    self.parts.edge(id_, target, Relation.DEPENDS, "", need.place)
            self._variables(id_, unit)

    def _variables(self, id_: str, unit: Unit) -> None:
        for variable in unit.variables:
            self._reads(id_, variable)
            for address, place in self._addresses(variable):
                self._connect(id_, unit, variable.name, address, place)
        for bulk in unit.bulks:
            for keys in self._by_name.get((bulk.kind, bulk.name), ()):
                for key in keys.keys:
                    self._key(id_, bulk.kind, bulk.name, key.name, f"{bulk.prefix}{key.name}", bulk.place)
                    for address in key.addresses:
                        self._connect(id_, unit, f"{bulk.prefix}{key.name}", address, key.place)

    def _reads(self, id_: str, variable: Variable) -> None:
        match variable.origin:
            case Origin.SECRET | Origin.CONFIG:
                kind = "Secret" if variable.origin is Origin.SECRET else "ConfigMap"
                self._key(id_, kind, variable.source, variable.key, variable.name, variable.place)
            case Origin.RUNTIME:
                pass
            case _:
                node = self.parts.node(NodeKind.CONFIG, variable.name, Layer.PLATFORM, variable.place)
                self.parts.edge(id_, node, Relation.CONFIG, variable.origin.value, variable.place)

    def _key(self, id_: str, kind: str, source: str, key: str, name: str, place: Place) -> None:
        is_secret = kind == "Secret"
        node_kind = NodeKind.SECRET if is_secret else NodeKind.CONFIG
        written = [
            one.place
            for keys in self._by_name.get((kind, source), ())
            for one in keys.keys
            if one.name == key
        ]
        node = self.parts.node(node_kind, f"{source}/{key}", Layer.PLATFORM, *(written or [place]))
        self.parts.edge(id_, node, Relation.SECRET if is_secret else Relation.CONFIG, name, place)

    def _addresses(self, variable: Variable) -> Iterator[tuple[Address, Place]]:
        yield from ((address, variable.place) for address in variable.addresses)
        if variable.origin is Origin.CONFIG:
            for keys in self._by_name.get(("ConfigMap", variable.source), ()):
                for key in keys.keys:
                    if key.name == variable.key:
                        yield from ((address, key.place) for address in key.addresses)

    def _connect(self, id_: str, unit: Unit, variable: str, address: Address, place: Place) -> None:
        inside = self.services.is_inside(address.host, unit)
        found = self.services.at_host(address.host, unit)
        targets = [target for target in found if target != id_]
        if not found and address.is_sure:
            kind = NodeKind.EXTERNAL
            layer = Layer.UNKNOWN
            targets = [self.parts.node(kind, address.host.lower(), layer, place)]
        for target in targets:
            detail = f"{variable} = {_written(address)}"
            self.parts.edge(id_, target, Relation.CONNECTS, detail, place)
            one = Connection(
                id_,
                target,
                address.scheme,
                address.host,
                address.port,
                variable,
                place,
                is_dangling=not found and inside,
            )
            self.connections.setdefault(one)

    # -- images, ways in, contracts

    def _images(self) -> None:
        built = self.services.recipe_of
        for recipe in self.services.recipes:
            node = self.parts.node(NodeKind.DOCKERFILE, recipe.path, Layer.DELIVERY, Place(recipe.path, 1))
            for base in recipe.bases:
                self.parts.edge(node, self._image(base), Relation.BASED_ON, base.text, base.place)
        for id_, units in self.services.by_id.items():
            recipe_path = built.get(id_)
            for unit in units:
                for image in unit.images:
                    node = self._image(image)
                    self.parts.edge(id_, node, Relation.USES_IMAGE, image.text, image.place)
                    if recipe_path is not None and is_own(image, id_, unit, recipe_path[0]):
                        self._built(recipe_path, node)
            if recipe_path is not None:
                self._built(recipe_path, id_)

    def _built(self, recipe: tuple[str, Place, bool], target: str) -> None:
        path, place, by_name = recipe
        self.parts.edge(f"dockerfile:{path}", target, Relation.BUILDS, "", place, is_derived=by_name)

    def _image(self, image: Image) -> str:
        return self.parts.node(NodeKind.IMAGE, image.name, Layer.PLATFORM, image.place)

    def _doors(self) -> None:
        behind = {(door.name, door.namespace): units for door, units in self.services.behind.items()}
        for door, units in self.services.behind.items():
            node = self.parts.node(NodeKind.OBJECT, f"Service/{door.name}", Layer.PLATFORM, door.place)
            for target in {self.services.id_of(unit): None for unit in units}:
                if target is not None:
                    self.parts.edge(node, target, Relation.ROUTES, "", door.place)
            if door.type in ("LoadBalancer", "NodePort"):
                outside = self.parts.node(NodeKind.ENTRANCE, door.type, Layer.PLATFORM, door.place)
                self.parts.edge(outside, node, Relation.ROUTES, "", door.place)
        for route in self.routes:
            name = f"{route.host or '*'}{route.path or '/'}"
            outside = self.parts.node(NodeKind.ENTRANCE, name, Layer.PLATFORM, route.place)
            if any(key[0] == route.door for key in behind):
                self.parts.edge(
                    outside, f"object:Service/{route.door}", Relation.ROUTES, route.object, route.place
                )
            elif f"service:{route.door}" in self.parts:
                # The values of a chart from elsewhere name a host; what stands between is that chart's.
                target = f"service:{route.door}"
                self.parts.edge(outside, target, Relation.ROUTES, route.object, route.place, is_derived=True)
        for scaler in self.scalers:
            if f"object:{scaler.target}" in self.parts:
                node = self.parts.node(
                    NodeKind.OBJECT, f"autoscaler of {scaler.target}", Layer.PLATFORM, scaler.place
                )
                self.parts.edge(node, f"object:{scaler.target}", Relation.SCALES, "", scaler.place)

    def _contracts(self) -> None:
        for contract in self.contracts:
            node = self.parts.node(NodeKind.CONTRACT, contract.path, Layer.API, contract.place)
            provider = self._provider(contract.path)
            if provider is not None:
                self.parts.edge(provider, node, Relation.PROVIDES, "", contract.place, is_derived=True)

    def _provider(self, path: str) -> str | None:
        """Return the service in whose code a file lies, the innermost one; else one its path names."""
        inside = [
            (len(directory), id_)
            for id_, directory in self.services.code.items()
            if (directory == "." or path.startswith(f"{directory}/")) and id_.startswith("service:")
        ]
        if inside:
            longest = max(length for length, _ in inside)
            owners = [id_ for length, id_ in inside if length == longest]
            return owners[0] if len(owners) == 1 else None
        parts = [*path.split("/")[:-1], basename(path).partition(".")[0]]
        named = (self.services.ids.get(part) for part in reversed(parts))
        return next((id_ for id_ in named if id_ is not None and id_.startswith("service:")), None)

    # -- environments, migrations, owners

    def _environments(self) -> None:
        for overlay in self.services.overlays:
            name = None if overlay.is_component else environment_of_overlay(overlay.directory)
            if name is not None:
                self._environment(name, self.services.overlaid[overlay.directory], overlay.place)
        for id_, units in self.services.by_id.items():
            for unit in units:
                name = environment_of_file(unit.place.path) if unit.form is Form.COMPOSE else None
                if name is not None:
                    self._environment(name, (id_,), unit.place)

    def _environment(self, name: str, ids: Iterable[str], place: Place) -> None:
        node = self.parts.node(NodeKind.ENVIRONMENT, name, Layer.DELIVERY, place)
        for id_ in ids:
            self.parts.edge(node, id_, Relation.RUNS, "", place, is_derived=True)

    def _homes(self) -> dict[str, list[Step]]:
        found: dict[str, list[Step]] = {}
        for step in self.steps:
            found.setdefault(step.home, []).append(step)
        return found

    def _migrations(self) -> None:
        products = {
            id_: unit.known.title
            for id_, units in self.services.by_id.items()
            for unit in units
            if unit.known is not None and unit.known.layer == "database"
        }
        for home, steps in self._homes().items():
            node = self.parts.node(NodeKind.MIGRATIONS, home or ".", Layer.DATA, steps[0].place)
            target = _database_of(home, products)
            if target is not None:
                places = (steps[0].place, self.services.by_id[target][0].place)
                self.parts.edge(node, target, Relation.MIGRATES, steps[0].tool, *places, is_derived=True)

    def _owners(self) -> None:
        for id_, units in self.services.by_id.items():
            recipe = self.services.recipe_of.get(id_)
            path = recipe[0] if recipe is not None else units[0].place.path
            line = _owner_of(path, self.owners)
            for name in line.owners if line is not None else ():
                assert line is not None
                node = self.parts.node(NodeKind.OWNER, name, Layer.UNKNOWN, line.place)
                self.parts.edge(node, id_, Relation.OWNS, path, line.place)


def _database_of(home: str, products: Mapping[str, str]) -> str | None:
    """Return the database a directory of migrations is for: the one its path names, else the only one."""
    words = set(home.lower().split("/"))
    names = {id_: {title.lower(), id_.partition(":")[2].lower()} for id_, title in products.items()}
    named = [id_ for id_, known in names.items() if known & words]
    if named:
        return named[0] if len(named) == 1 else None
    relational = [id_ for id_, title in products.items() if title not in _NOT_RELATIONAL]
    return relational[0] if len(relational) == 1 else None


def _owner_of(path: str, lines: tuple[OwnerLine, ...]) -> OwnerLine | None:
    at = last_owning(tuple(line.pattern for line in lines), path)
    return lines[at] if at is not None else None


def _written(address: Address) -> str:
    scheme = f"{address.scheme}://" if address.scheme else ""
    return f"{scheme}{address.host}" + (f":{address.port}" if address.port is not None else "")
