"""What parts of the graph are looked up in while others are made."""

from collections.abc import Iterable

from rollsafe.text.cached import cached_property
from rollsafe.workspace.system.facts import Form, Keys, Place
from rollsafe.workspace.system.services import Services, Where


class Index:
    """Services, the host names they answer to, and the objects whose keys they read."""

    def __init__(self, services: Services, keys: Iterable[Keys]) -> None:
        self._services = services
        self._keys: dict[tuple[str, str], list[Keys]] = {}
        for one in keys:
            self._keys.setdefault((one.kind, one.name), []).append(one)

    def id_named(self, name: str) -> str | None:
        """Return the id of the service or store of a name."""
        return self._services.ids.get(name)

    def has(self, id_: str) -> bool:
        """Say whether there is a service or store of that id."""
        return id_ in self._services.by_id

    def at_host(self, host: str, where: Where) -> tuple[str, ...]:
        """Return the ids of the services that `host` leads to from `where`, those beside it first."""
        return self._services.at_host(host, where)

    def is_inside(self, host: str, where: Where) -> bool:
        """Say whether a host name can only be one of the system itself."""
        return self._services.is_inside(host, where)

    def is_selected(self, labels: tuple[tuple[str, str], ...]) -> bool:
        """Say whether a Service finds pods with these labels."""
        return self._services.is_selected(labels)

    def recipe_of(self, id_: str) -> tuple[str, Place, bool] | None:
        """Return the Dockerfile of a service, what says so, and whether that is only a name."""
        return self._services.recipe_of.get(id_)

    def keys(self, kind: str, name: str) -> tuple[Keys, ...]:
        """Return the objects or files of that kind and name, by their keys."""
        return tuple(self._keys.get((kind, name), ()))

    def has_door(self, name: str) -> bool:
        """Say whether there is a Service of that name, in whatever namespace."""
        return name in self._doors

    def has_object(self, name: str) -> bool:
        """Say whether there is an object of that `Kind/name`: a workload of a service, or a Service."""
        return name in self._objects

    @cached_property
    def _doors(self) -> frozenset[str]:
        return frozenset(door.name for door in self._services.doors)

    @cached_property
    def _objects(self) -> frozenset[str]:
        doors = {f"Service/{name}" for name in self._doors}
        units = (unit for units in self._services.by_id.values() for unit in units)
        return frozenset(doors | {f"{one.kind}/{one.name}" for one in units if one.form is Form.KUBERNETES})
