"""Which units are one service, who answers under a host name, and where a service's code lies."""

import re
from collections.abc import Iterator
from posixpath import basename, dirname
from typing import Final

from rollsafe.artefacts.recognition import EnvironmentKind, environment_of
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily
from rollsafe.text.records import field, state
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.system.facts import Door, Form, Image, Overlay, Place, Recipe, Unit
from rollsafe.workspace.system.layers import Layer, layer_of

_IN_CLUSTER = lazily(r"[a-z0-9-]+(?:\.[a-z0-9-]+)?\.svc(?:\.cluster\.local)?\Z", re.I)
_PLACES: Final = frozenset({"overlays", "environments", "envs", "env", "stages", "clusters"})
_WORD = lazily(r"[a-z0-9]+")
_CALLED: Final = {
    **dict.fromkeys(("prod", "prd", "live"), "production"),
    **dict.fromkeys(("stage", "stg"), "staging"),
    "dev": "development",
}


def environment_named(name: str) -> str:
    """Return an environment's name with the common short forms written out."""
    return _CALLED.get(name.lower(), name)


def environment_of_overlay(directory: str) -> str | None:
    """Return the environment a kustomization's directory is for; None where its path names none."""
    name, above = basename(directory), basename(dirname(directory))
    if not name or (above not in _PLACES and environment_of(name) is EnvironmentKind.UNKNOWN):
        return None
    return environment_named(name)


def environment_of_file(path: str) -> str | None:
    """Return the environment a file's name says: `compose.prod.yaml`, `.env.staging`; None without one."""
    for word in _WORD.findall(basename(path).lower()):
        if environment_of(word) is not EnvironmentKind.UNKNOWN:
            return environment_named(word)
    return None


class Where(NamedTuple):
    """From where a host name is looked up; `is_open`: other projects' services can be reached, too."""

    form: Form
    directory: str
    is_open: bool


def where_of(unit: Unit) -> Where:
    """Return from where a unit looks up host names."""
    return Where(unit.form, dirname(unit.place.path), unit.is_open)


@state
class Services:
    """All units by service, and the indexes that names are looked up in."""

    units: tuple[Unit, ...]
    doors: tuple[Door, ...]
    recipes: tuple[Recipe, ...]
    overlays: tuple[Overlay, ...]
    by_id: dict[str, list[Unit]] = field(default_factory=dict[str, list[Unit]])

    def __post_init__(self) -> None:
        complete = {unit.name for unit in self.units if not unit.is_partial}
        stores = {unit.name for unit in self.units if _is_store(unit)}
        for unit in self.units:
            if unit.name in complete:
                kind = "store" if unit.name in stores else "service"
                self.by_id.setdefault(f"{kind}:{unit.name}", []).append(unit)

    @cached_property
    def ids(self) -> dict[str, str]:
        """The id of the service of each name."""
        return {id_.partition(":")[2]: id_ for id_ in self.by_id}

    def id_of(self, unit: Unit) -> str | None:
        """Return the id of the service a unit belongs to; None for a fragment of nothing."""
        return self.ids.get(unit.name)

    # -- host names

    @cached_property
    def behind(self) -> dict[Door, tuple[Unit, ...]]:
        """The workloads whose pods each Service finds."""
        by_label: dict[tuple[str, str], list[Unit]] = {}
        for unit in self.units:
            for label in unit.labels:
                by_label.setdefault(label, []).append(unit)
        return {door: tuple(_selected(door, by_label)) for door in self.doors}

    @cached_property
    def _doors(self) -> dict[str, list[Door]]:
        found: dict[str, list[Door]] = {}
        for door in self.doors:
            found.setdefault(door.name, []).append(door)
        return found

    @cached_property
    def _hosts(self) -> dict[str, list[Unit]]:
        """The Compose services by each host name they answer to."""
        found: dict[str, list[Unit]] = {}
        for unit in self.units:
            if unit.form is Form.COMPOSE and unit.name in self.ids:
                for name in dict.fromkeys((unit.name, *unit.aliases)):
                    found.setdefault(name, []).append(unit)
        return found

    def is_selected(self, labels: tuple[tuple[str, str], ...]) -> bool:
        """Say whether a Service finds pods with these labels."""
        wanted = (selector for label in labels for selector in self._selectors.get(label, ()))
        return any(selector.issubset(labels) for selector in wanted)

    @cached_property
    def _selectors(self) -> dict[tuple[str, str], list[frozenset[tuple[str, str]]]]:
        """What Services select by, under the first label of each."""
        found: dict[tuple[str, str], list[frozenset[tuple[str, str]]]] = {}
        for door in self.doors:
            if door.selector:
                found.setdefault(door.selector[0], []).append(frozenset(door.selector))
        return found

    def at_host(self, host: str, where: Where) -> tuple[str, ...]:
        """Return the ids of the services that `host` leads to from `where`, those beside it first."""
        name = host.partition(".")[0]
        if where.form is Form.COMPOSE:
            known = self._hosts.get(host, ())
            beside = [one for one in known if dirname(one.place.path) == where.directory]
            return tuple(dict.fromkeys(self.ids[one.name] for one in beside or known))
        if "." in host and not self.is_inside(host, where):
            return ()
        doors = self._doors.get(name, ())
        found = {self.id_of(one): None for door in doors for one in self.behind[door]}
        return tuple(id_ for id_ in found if id_ is not None)

    def is_inside(self, host: str, where: Where) -> bool:
        """Say whether a host name can only be one of the system itself."""
        if "." not in host:
            return not where.is_open
        if where.form is not Form.KUBERNETES:
            return False
        name, _, rest = host.partition(".")
        return _IN_CLUSTER.match(host) is not None or (
            "." not in rest and any(door.namespace == rest for door in self._doors.get(name, ()))
        )

    # -- code

    @cached_property
    def recipe_of(self) -> dict[str, tuple[str, Place, bool]]:
        """The Dockerfile of each service: its path, what says so, and whether that is only a name."""
        found: dict[str, tuple[str, Place, bool]] = {}
        paths = {recipe.path for recipe in self.recipes}
        for id_, units in self.by_id.items():
            for unit in units:
                build = unit.build
                if build is not None and build.dockerfile in paths and id_ not in found:
                    found[id_] = build.dockerfile, build.place, False
        taken = {path for path, _, _ in found.values()}
        for recipe in self.recipes:
            named = None if recipe.is_development else self._named_like(recipe.path)
            if named is not None and named not in found and recipe.path not in taken:
                found[named] = recipe.path, Place(recipe.path, 1), True
        at_root = [one.path for one in self.recipes if not dirname(one.path) and not one.is_development]
        bare = [id_ for id_ in self.own if id_ not in found]
        if len(at_root) == len(self.own) == len(bare) == 1 and at_root[0] not in taken:
            found[bare[0]] = at_root[0], Place(at_root[0], 1), True
        return {**dict(self._same_image(found)), **found}

    @cached_property
    def own(self) -> list[str]:
        """The services that run no widely used image; those for development where there are no others."""
        found = [id_ for id_, units in self.by_id.items() if id_.startswith("service:") and _is_own(units)]
        live = [id_ for id_ in found if not all(unit.is_development for unit in self.by_id[id_])]
        return live or found

    def _same_image(
        self, built: dict[str, tuple[str, Place, bool]]
    ) -> Iterator[tuple[str, tuple[str, Place, bool]]]:
        """Yield the services that run an image of one that is built here."""
        by_image: dict[str, tuple[str, Place, bool]] = {}
        for id_, recipe in built.items():
            for unit in self.by_id[id_]:
                by_image.update((i.name, recipe) for i in unit.images if is_own(i, id_, unit, recipe[0]))
        for id_, units in self.by_id.items():
            images = (image for unit in units for image in unit.images if image.name in by_image)
            image = next(images, None)
            if image is not None and id_ not in built:
                yield id_, (by_image[image.name][0], image.place, by_image[image.name][2])

    def _named_like(self, path: str) -> str | None:
        for part in reversed(dirname(path).split("/")):
            for id_ in (self.ids.get(part), self.by_image.get(part)):
                if id_ is not None and id_.startswith("service:"):
                    return id_
        return None

    @cached_property
    def by_image(self) -> dict[str, str]:
        """The one service that runs the image whose name ends like this."""
        users: dict[str, set[str]] = {}
        for id_, units in self.by_id.items():
            for unit in units:
                for image in unit.images:
                    users.setdefault(basename(image.name), set()).add(id_)
        return {name: min(ids) for name, ids in users.items() if len(ids) == 1}

    @cached_property
    def code(self) -> dict[str, str]:
        """The directory each service is built from; `.` is the root."""
        found: dict[str, str] = {}
        for id_, units in self.by_id.items():
            contexts = [unit.build.context for unit in units if unit.build is not None]
            recipe = self.recipe_of.get(id_)
            directory = dirname(recipe[0]) if recipe is not None else ""
            code = next((one for one in contexts if one), "") or directory
            if code or recipe is not None or any(one is not None for one in contexts):
                found[id_] = code or "."
        return found

    @cached_property
    def overlaid(self) -> dict[str, tuple[str, ...]]:
        """The services each kustomization brings, by its directory."""
        by_directory = {overlay.directory: overlay for overlay in self.overlays}
        by_file: dict[str, dict[str, None]] = {}
        for id_, units in self.by_id.items():
            for unit in units:
                by_file.setdefault(unit.place.path, {})[id_] = None
        return {one: tuple(_included(one, by_directory, by_file)) for one in sorted(by_directory)}


def _included(
    directory: str, overlays: dict[str, Overlay], by_file: dict[str, dict[str, None]]
) -> Iterator[str]:
    pending, seen, told = [directory], {directory}, set[str]()
    for path in pending:
        for id_ in by_file.get(path, ()):
            if id_ not in told:
                told.add(id_)
                yield id_
        overlay = overlays.get(path)
        for one in overlay.includes if overlay is not None else ():
            if one not in seen:
                seen.add(one)
                pending.append(one)


def is_own(image: Image, id_: str, unit: Unit, recipe: str) -> bool:
    """Say whether an image is the one a service's Dockerfile gives: built so, or by the name of either."""
    if unit.build is not None and unit.build.dockerfile == recipe:
        return True
    name = basename(image.name)
    return name == id_.partition(":")[2] or name in recipe.split("/")[:-1]


def _is_own(units: list[Unit]) -> bool:
    return all(unit.known is None for unit in units)


def _is_store(unit: Unit) -> bool:
    return unit.known is not None and layer_of("", "", unit.known, listens=True) is Layer.DATA


def _selected(door: Door, by_label: dict[tuple[str, str], list[Unit]]) -> Iterator[Unit]:
    if door.selector:
        wanted = set(door.selector)
        for unit in by_label.get(door.selector[0], ()):
            shares = not door.namespace or not unit.namespace or door.namespace == unit.namespace
            if shares and wanted <= set(unit.labels):
                yield unit
