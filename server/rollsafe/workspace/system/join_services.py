"""A service as a part of the graph: what it runs, listens on, reads, reaches, and who answers for it."""

from collections.abc import Iterator

from rollsafe.workspace.owners import last_owning
from rollsafe.workspace.system.facts import Address, Form, Image, Origin, OwnerLine, Place, Unit, Variable
from rollsafe.workspace.system.fragments import Asked
from rollsafe.workspace.system.index import Index
from rollsafe.workspace.system.layers import Layer, layer_of
from rollsafe.workspace.system.model import Connection, NodeKind, Relation
from rollsafe.workspace.system.parts import Parts
from rollsafe.workspace.system.services import Where, environment_of_file, is_own, where_of


def image_node(parts: Parts, image: Image) -> str:
    """Add the node of an image, and return its id."""
    return parts.node(NodeKind.IMAGE, image.name, Layer.PLATFORM, image.place)


class ServiceParts:
    """Collects what one service or store adds to the graph."""

    def __init__(
        self, id_: str, units: tuple[Unit, ...], owners: tuple[OwnerLine, ...], index: Asked[Index]
    ) -> None:
        self._id = id_
        self._units = units
        self._name = id_.partition(":")[2]
        self._index = index
        self.parts = Parts()
        self.connections: dict[Connection, None] = {}
        self._layer = self._layer_of_it()
        self._add(owners)

    def _layer_of_it(self) -> Layer:
        known = next((unit.known for unit in self._units if unit.known is not None), None)
        kind = next((unit.kind for unit in self._units if unit.form is Form.KUBERNETES), "")
        listens = any(unit.ports for unit in self._units) or any(
            self._index.ask(Index.is_selected, unit.labels) for unit in self._units
        )
        return layer_of(self._name, kind, known, listens=listens)

    def _add(self, owners: tuple[OwnerLine, ...]) -> None:
        kind = NodeKind.STORE if self._id.startswith("store:") else NodeKind.SERVICE
        self.parts.node(kind, self._name, self._layer, *(unit.place for unit in self._units))
        for unit in self._units:
            self._unit(unit)
            self._needs(unit)
            self._variables(unit, where_of(unit))
            self._environment(unit)
        self._images()
        self._owner(owners)

    def _unit(self, unit: Unit) -> None:
        if unit.form is Form.KUBERNETES:
            thing = self.parts.node(NodeKind.OBJECT, f"{unit.kind}/{unit.name}", Layer.PLATFORM, unit.place)
            self.parts.edge(thing, self._id, Relation.RUNS, "", unit.place)
        for port in unit.ports:
            node = self.parts.node(NodeKind.PORT, f"{self._name}/{port.number}", self._layer, port.place)
            self.parts.edge(self._id, node, Relation.LISTENS, port.name, port.place)
        if unit.schedule:
            node = self.parts.node(NodeKind.SCHEDULE, unit.schedule, Layer.DELIVERY, unit.place)
            self.parts.edge(self._id, node, Relation.SCHEDULE, unit.schedule, unit.place)

    def _needs(self, unit: Unit) -> None:
        for need in unit.needs:
            target = self._index.ask(Index.id_named, need.name)
            if target is None and not unit.is_partial:
                target = self.parts.node(NodeKind.EXTERNAL, need.name, Layer.UNKNOWN, need.place)
                told = Connection(
                    self._id, target, "", need.name, None, "depends_on", need.place, is_dangling=True
                )
                self.connections[told] = None
            if target is not None and target != self._id:
                self.parts.edge(self._id, target, Relation.DEPENDS, "", need.place)

    def _environment(self, unit: Unit) -> None:
        name = environment_of_file(unit.place.path) if unit.form is Form.COMPOSE else None
        if name is not None:
            node = self.parts.node(NodeKind.ENVIRONMENT, name, Layer.DELIVERY, unit.place)
            self.parts.edge(node, self._id, Relation.RUNS, "", unit.place, is_derived=True)

    # -- variables

    def _variables(self, unit: Unit, where: Where) -> None:
        for variable in unit.variables:
            self._reads(variable)
            for address, place in self._addresses(variable):
                self._connect(where, variable.name, address, place)
        for bulk in unit.bulks:
            for keys in self._index.ask(Index.keys, bulk.kind, bulk.name):
                for key in keys.keys:
                    name = f"{bulk.prefix}{key.name}"
                    self._key(bulk.kind, bulk.name, key.name, name, bulk.place)
                    for address in key.addresses:
                        self._connect(where, name, address, key.place)

    def _reads(self, variable: Variable) -> None:
        match variable.origin:
            case Origin.SECRET | Origin.CONFIG:
                kind = "Secret" if variable.origin is Origin.SECRET else "ConfigMap"
                self._key(kind, variable.source, variable.key, variable.name, variable.place)
            case Origin.RUNTIME:
                pass
            case _:
                node = self.parts.node(NodeKind.CONFIG, variable.name, Layer.PLATFORM, variable.place)
                self.parts.edge(self._id, node, Relation.CONFIG, variable.origin.value, variable.place)

    def _key(self, kind: str, source: str, key: str, name: str, place: Place) -> None:
        is_secret = kind == "Secret"
        written = [
            one.place
            for keys in self._index.ask(Index.keys, kind, source)
            for one in keys.keys
            if one.name == key
        ]
        node_kind = NodeKind.SECRET if is_secret else NodeKind.CONFIG
        node = self.parts.node(node_kind, f"{source}/{key}", Layer.PLATFORM, *(written or [place]))
        self.parts.edge(self._id, node, Relation.SECRET if is_secret else Relation.CONFIG, name, place)

    def _addresses(self, variable: Variable) -> Iterator[tuple[Address, Place]]:
        yield from ((address, variable.place) for address in variable.addresses)
        if variable.origin is Origin.CONFIG:
            for keys in self._index.ask(Index.keys, "ConfigMap", variable.source):
                for key in keys.keys:
                    if key.name == variable.key:
                        yield from ((address, key.place) for address in key.addresses)

    def _connect(self, where: Where, variable: str, address: Address, place: Place) -> None:
        inside = self._index.ask(Index.is_inside, address.host, where)
        found = self._index.ask(Index.at_host, address.host, where)
        targets = [target for target in found if target != self._id]
        if not found and address.is_sure:
            name = address.host.lower()
            targets = [self.parts.node(NodeKind.EXTERNAL, name, Layer.UNKNOWN, place)]
        for target in targets:
            detail = f"{variable} = {_written(address)}"
            self.parts.edge(self._id, target, Relation.CONNECTS, detail, place)
            one = Connection(
                self._id,
                target,
                address.scheme,
                address.host,
                address.port,
                variable,
                place,
                is_dangling=not found and inside,
            )
            self.connections.setdefault(one)

    # -- where it comes from

    def _images(self) -> None:
        recipe = self._index.ask(Index.recipe_of, self._id)
        for unit in self._units:
            for image in unit.images:
                node = image_node(self.parts, image)
                self.parts.edge(self._id, node, Relation.USES_IMAGE, image.text, image.place)
                if recipe is not None and is_own(image, self._id, unit, recipe[0]):
                    self._built(recipe, node)
        if recipe is not None:
            self._built(recipe, self._id)

    def _built(self, recipe: tuple[str, Place, bool], target: str) -> None:
        path, place, by_name = recipe
        self.parts.edge(f"dockerfile:{path}", target, Relation.BUILDS, "", place, is_derived=by_name)

    def _owner(self, owners: tuple[OwnerLine, ...]) -> None:
        recipe = self._index.ask(Index.recipe_of, self._id)
        path = recipe[0] if recipe is not None else self._units[0].place.path
        at = last_owning(tuple(line.pattern for line in owners), path)
        if at is not None:
            line = owners[at]
            for name in line.owners:
                node = self.parts.node(NodeKind.OWNER, name, Layer.UNKNOWN, line.place)
                self.parts.edge(node, self._id, Relation.OWNS, path, line.place)


def _written(address: Address) -> str:
    scheme = f"{address.scheme}://" if address.scheme else ""
    return f"{scheme}{address.host}" + (f":{address.port}" if address.port is not None else "")
