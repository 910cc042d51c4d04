"""What each environment gives to what runs in it: variables, images, replicas and probes, never values.

An environment is an overlay, a directory of manifests, a Compose file, a set of environment files, or one a
pipeline deploys to. What a template or another tool decides is not guessed.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from posixpath import basename, dirname
from typing import Final

from rollsafe.artefacts.dotenv import EnvFile
from rollsafe.artefacts.kubernetes import ConfigMap, Container, Kustomization, Workload
from rollsafe.artefacts.purposes import is_development_path
from rollsafe.artefacts.recognition import EnvironmentKind, environment_of
from rollsafe.artefacts.source import SourceFile
from rollsafe.text.records import field, state
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.overlays import Rendered, Rendering, render_directory, render_files
from rollsafe.workspace.system import kubernetes
from rollsafe.workspace.system.charts.facts import ChartUnit
from rollsafe.workspace.system.facts import Form, Key, Keys, Origin, Place, Recipe, Unit, Variable, place_of
from rollsafe.workspace.system.held import Memo
from rollsafe.workspace.system.jobs import Stage
from rollsafe.workspace.system.model import System
from rollsafe.workspace.system.services import (
    environment_named,
    environment_of_file,
    environment_of_overlay,
)
from rollsafe.workspace.view import View

_PROBES: Final = ("readinessProbe", "livenessProbe", "startupProbe")
_MOST: Final = 12
_PLAIN_PARTS: Final = 2
"""Parts in the name of a Compose file that is for no environment in particular."""

_SHIPPING: Final = frozenset({Stage.DEPLOY, Stage.MIGRATE})


_WRITTEN_IN: Final = frozenset({"kubernetes", "kustomization", "compose", "dotenv"})


class State(StrEnum):
    """What an environment says of a key. What is not mentioned at all is unset."""

    SET = "set"
    DEFAULT = "default"
    CONFIG = "config"
    SECRET = "secret"
    OUTSIDE = "from outside"
    EMPTY = "empty"
    MISSING = "missing key"
    UNKNOWN = "unknown"
    UNSET = "unset"


class Cell(NamedTuple):
    """A key in an environment; `digest` tells values apart, empty where nobody knows the value."""

    state: State
    digest: str
    place: Place


class Fact(NamedTuple):
    """Something that is in force, as text, and where it is written."""

    text: str
    place: Place


@state
class Running:
    """One service in one environment."""

    place: Place
    keys: dict[str, Cell] = field(default_factory=dict[str, Cell])
    images: dict[str, Fact] = field(default_factory=dict[str, Fact])
    replicas: Fact | None = None
    probes: Fact | None = None
    is_open: bool = False
    """Whether more variables come from somewhere that is not read."""


@state
class Environment:
    """What runs in one environment, by name of the service; `label` is unique among all of them.

    `is_named` tells one that something is written for from a mere directory or chart. `is_development`: of a
    Compose file that is for development and tests only.
    """

    label: str
    place: Place
    form: Form | None
    is_named: bool = True
    is_development: bool = False
    services: dict[str, Running] = field(default_factory=dict[str, Running])


_known: Memo[list[Environment]] = Memo()


def environments_of(view: View, system: System) -> list[Environment]:
    """Return the environments things run in: overlays, else directories of manifests, and Compose files.

    While nothing they are written in is edited, they are the same objects.
    """
    files = [one.file for one in view.artefacts.values() if one.kind in _WRITTEN_IN]
    key = (system, tuple(files), tuple(_patch_files(view)))
    known = _known.get(key)
    return known if known is not None else _known.put(key, _environments(view, system))


def _patch_files(view: View) -> Iterator[SourceFile | None]:
    """Yield the files kustomizations patch with; a list of operations has no typed view."""
    for one in view.elements(Kustomization):
        for patch in one.patches:
            if patch.file is not None and patch.file.path is not None:
                yield view.read(patch.file.path)


def _environments(view: View, system: System) -> list[Environment]:
    found = [*_overlays(view), *_charts(system), *_compose(system)]
    if not any(one.form is Form.KUBERNETES and one.is_named for one in found):
        found += _plain_manifests(view, system)
    labels: dict[str, int] = {}
    for one in found:
        labels[one.label] = labels.get(one.label, 0) + 1
    for one in found:
        if labels[one.label] > 1:
            one.label = one.place.path if one.form is Form.COMPOSE else dirname(one.place.path)
    return sorted(found, key=lambda one: (one.form is Form.COMPOSE, one.label))[:_MOST]


# Kubernetes --------------------------------------------------------------------------------------


def _overlays(view: View) -> Iterator[Environment]:
    for one in view.elements(Kustomization):
        name = environment_of_overlay(one.directory)
        if name is None or one.kind == "Component" or is_development_path(f"{one.directory}/x"):
            continue
        rendering = render_directory(one.directory, view)
        environment = Environment(name, place_of(one.file, one.root), Form.KUBERNETES)
        _fill(environment, rendering)
        if environment.services:
            yield environment


def _plain_manifests(view: View, system: System) -> Iterator[Environment]:
    by_directory: dict[str, set[str]] = {}
    rendered = {one.unit for chart in system.charts for one in chart.units}
    for units in system.units.values():
        for unit in units:
            path = unit.place.path
            if unit in rendered or unit.is_partial:
                continue
            if unit.form is Form.KUBERNETES and not is_development_path(path) and "/components/" not in path:
                by_directory.setdefault(dirname(path), set()).add(path)
    # More than that are not shown, and reading them all takes a while in a repository of many services.
    for directory, paths in sorted(by_directory.items(), key=lambda pair: pair[0] or ".")[:_MOST]:
        rendering = render_files(sorted(paths), view)
        environment = Environment(directory or ".", Place(min(paths), 1), Form.KUBERNETES, is_named=False)
        _fill(environment, rendering)
        yield environment


def _fill(environment: Environment, rendering: Rendering) -> None:
    maps = _maps(rendering)
    for one in rendering.workloads:
        if not one.workload.has_static_name or one.workload.is_patch:
            continue
        running = Running(place_of(one.workload.file, one.workload.title_node))
        environment.services[one.workload.name] = running
        for container in one.containers:
            _read_container(one, container, maps, running)
        _read_scale(one, running)


def _maps(rendering: Rendering) -> dict[tuple[str, str], Keys]:
    """Return the ConfigMaps and Secrets of an environment by kind and name, generated ones last."""
    found: dict[tuple[str, str], Keys] = {}
    listed = [kubernetes.keys_of(one) for one in rendering.objects if isinstance(one, ConfigMap)]
    layers = {id(layer): layer for one in rendering.workloads for layer in one.layers}
    for layer in layers.values():
        listed += kubernetes.generated_keys_of(layer)
    for keys in listed:
        if keys is not None:
            known = found.get((keys.kind, keys.name))
            merged = keys if known is None else keys._replace(keys=(*known.keys, *keys.keys))
            found[keys.kind, keys.name] = merged
    return found


def _read_container(
    one: Rendered, container: Container, maps: dict[tuple[str, str], Keys], running: Running
) -> None:
    for item in one.variables_of(container):
        variable = kubernetes.variable_of(item.variable, place_of(item.file, item.where))
        running.keys[variable.name] = _cell(variable, maps)
    for bulk in kubernetes.bulks_of(container):
        keys = maps.get((bulk.kind, bulk.name))
        running.is_open |= keys is None
        for key in keys.keys if keys is not None else ():
            state = State.SECRET if bulk.kind == "Secret" else State.CONFIG
            running.keys.setdefault(f"{bulk.prefix}{key.name}", Cell(state, key.digest, key.place))
    image = one.image_of(container)
    if image is not None:
        running.images[container.name] = Fact(image.text, place_of(image.file, image.where))


def _cell(variable: Variable, maps: dict[tuple[str, str], Keys]) -> Cell:
    if variable.origin is Origin.SECRET:
        return Cell(State.SECRET, "", variable.place)
    if variable.origin is not Origin.CONFIG:
        return Cell(_state(variable.origin), variable.digest, variable.place)
    keys = maps.get(("ConfigMap", variable.source))
    if keys is None:
        return Cell(State.UNKNOWN, "", variable.place)
    key = next((one for one in reversed(keys.keys) if one.name == variable.key), None)
    if key is None:
        return Cell(State.MISSING, "", variable.place)
    return Cell(State.CONFIG, key.digest, key.place)


def _state(origin: Origin) -> State:
    return {
        Origin.LITERAL: State.SET,
        Origin.DEFAULT: State.DEFAULT,
        Origin.OUTSIDE: State.OUTSIDE,
        Origin.EMPTY: State.EMPTY,
    }.get(origin, State.SET)


def _read_scale(one: Rendered, running: Running) -> None:
    workload = one.workload
    if workload.is_long_running and workload.kind != "DaemonSet":
        written = one.replicas
        count = one.replica_count
        if count is not None:
            where = place_of(written.file, written.where) if written is not None else running.place
            running.replicas = Fact(str(count), where)
    main = [container for container in workload.containers if not container.is_init]
    names = [name for name in _PROBES if main and all(one.has(container, name) for container in main)]
    running.probes = Fact(", ".join(names) or "none", _probe_place(workload, running))


def _probe_place(workload: Workload, running: Running) -> Place:
    probes = (probe for container in workload.containers for probe in container.probes)
    first = next(probes, None)
    return place_of(workload.file, first.node) if first is not None else running.place


# Charts ------------------------------------------------------------------------------------------


def _charts(system: System) -> Iterator[Environment]:
    """Yield what charts run in each environment; charts that know the same one share it."""
    found: dict[str, Environment] = {}
    for chart in system.charts:
        one = Environment(chart.label, chart.place, Form.KUBERNETES, is_named=chart.is_named)
        maps = _charted_maps(chart.keys)
        for rendered in chart.units:
            one.services[rendered.unit.name] = _charted(rendered, maps)
        known = found.get(chart.label)
        if known is not None and not known.services.keys() & one.services.keys():
            known.services.update(one.services)
        elif one.services:
            found[chart.label if known is None else f"{chart.label} {chart.directory}"] = one
    yield from found.values()


def _charted_maps(found: Iterable[Keys]) -> dict[tuple[str, str], Keys]:
    maps: dict[tuple[str, str], Keys] = {}
    for keys in found:
        known = maps.get((keys.kind, keys.name))
        maps[keys.kind, keys.name] = keys if known is None else keys._replace(keys=(*known.keys, *keys.keys))
    return maps


def _charted(rendered: ChartUnit, maps: dict[tuple[str, str], Keys]) -> Running:
    unit = rendered.unit
    running = Running(unit.place, is_open=unit.is_open)
    for bulk in unit.bulks:
        keys = maps.get((bulk.kind, bulk.name))
        running.is_open |= keys is None
        for key in keys.keys if keys is not None else ():
            state = State.SECRET if bulk.kind == "Secret" else State.CONFIG
            running.keys[f"{bulk.prefix}{key.name}"] = Cell(state, key.digest, key.place)
    for variable in unit.variables:
        running.keys[variable.name] = _cell(variable, maps)
    for container, image in rendered.images:
        running.images[container] = Fact(image.text, image.place)
    if unit.replicas is not None:
        running.replicas = Fact(str(unit.replicas), rendered.scale or unit.place)
    if not unit.is_open:
        running.probes = Fact(", ".join(unit.probes) or "none", unit.place)
    return running


# Compose -----------------------------------------------------------------------------------------


def _compose(system: System) -> Iterator[Environment]:
    files = {keys.name: keys for keys in system.keys if keys.kind == "file"}
    checked = {recipe.path: recipe for recipe in system.recipes if recipe.has_health_check}
    found: dict[str, Environment] = {}
    for id_, units in sorted(system.units.items()):
        for unit in units:
            if unit.form is Form.COMPOSE and not unit.is_partial:
                path = unit.place.path
                label = environment_of_file(path) or path
                is_development = unit.is_development
                new = Environment(label, Place(path, 1), Form.COMPOSE, is_development=is_development)
                one = found.setdefault(path, new)
                one.services[id_.partition(":")[2]] = _composed(
                    unit, files, checked.get(system.recipe_of.get(id_, ""))
                )
    yield from (found[path] for path in sorted(found))


def _composed(unit: Unit, files: dict[str, Keys], checked: Recipe | None) -> Running:
    running = Running(unit.place)
    for bulk in unit.bulks:
        keys = files.get(bulk.name)
        running.is_open |= keys is None
        running.keys.update((key.name, _key_cell(key)) for key in (keys.keys if keys is not None else ()))
    for variable in unit.variables:
        running.keys[variable.name] = Cell(_state(variable.origin), variable.digest, variable.place)
    for image in unit.images:
        running.images[""] = Fact(image.text, image.place)
    if unit.replicas is not None:
        running.replicas = Fact(str(unit.replicas), unit.place)
    running.probes = Fact(", ".join(unit.probes) or "none", unit.place)
    if checked is not None and unit.build is not None and not unit.probes:
        running.probes = Fact("healthcheck", Place(checked.path, 1))
    return running


def _key_cell(key: Key) -> Cell:
    return Cell(State.SET if key.digest else State.EMPTY, key.digest, key.place)


# Environment files and pipelines -----------------------------------------------------------------


def environment_files(view: View, system: System) -> dict[str, list[Environment]]:
    """Return the environment files by directory, each as an environment of one nameless service."""
    named = {one.file.path for one in view.elements(EnvFile)}
    groups: dict[str, list[Environment]] = {}
    for keys in system.keys:
        if keys.kind == "file" and keys.name in named and not is_development_path(keys.name):
            one = Environment(keys.name, keys.place, None)
            one.services[""] = Running(keys.place, {key.name: _key_cell(key) for key in keys.keys})
            groups.setdefault(dirname(keys.name), []).append(one)
    return {directory: sorted(found, key=lambda one: one.label) for directory, found in groups.items()}


def pipeline_environments(system: System) -> list[Environment]:
    """Return the secrets and variables deploying jobs read, by environment, one nameless service each."""
    found: dict[str, Environment] = {}
    for job in system.jobs:
        if not job.environment or not any(deed.stage in _SHIPPING for deed in job.deeds):
            continue
        name = environment_named(job.environment)
        one = found.setdefault(name, Environment(name, job.place, None))
        running = one.services.setdefault("", Running(job.place))
        for use in job.uses:
            if use.kind != "env":
                state = State.SECRET if use.kind == "secret" else State.CONFIG
                running.keys.setdefault(use.name, Cell(state, use.digest, use.place))
    return [found[name] for name in sorted(found)]


def by_weight(environments: Iterable[Environment], wanted: str) -> list[Environment]:
    """Return environments with the one asked for first, then production, those of a cluster, plain names."""
    return sorted(environments, key=lambda one: (*_weight(one, wanted), one.label))


def _weight(one: Environment, wanted: str) -> tuple[bool, ...]:
    return (
        one.label != wanted,
        environment_of(one.label) is not EnvironmentKind.PRODUCTION,
        one.is_development,
        one.form is Form.COMPOSE,
        not one.is_named,
        len(basename(one.place.path).split(".")) > _PLAIN_PARTS,
    )


def rows_of(environments: Iterable[Environment], service: str) -> dict[str, dict[str, Cell]]:
    """Return the keys of a service, and what each environment that runs it says of them."""
    found: dict[str, dict[str, Cell]] = {}
    for one in environments:
        running = one.services.get(service)
        for key, cell in running.keys.items() if running is not None else ():
            found.setdefault(key, {})[one.label] = cell
    return {key: found[key] for key in sorted(found)}
