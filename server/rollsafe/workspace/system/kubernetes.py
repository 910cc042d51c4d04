"""Manifests and kustomizations, as an outline tells of them. What a template names is left out."""

from collections.abc import Iterator

from rollsafe.artefacts.images import parse_image
from rollsafe.artefacts.known_images import known_image
from rollsafe.artefacts.kubernetes import (
    ConfigMap,
    Container,
    HorizontalPodAutoscaler,
    Ingress,
    Kustomization,
    Secret,
    Service,
    Workload,
    is_placeholder,
)
from rollsafe.artefacts.kubernetes.container import EnvVar
from rollsafe.artefacts.purposes import is_development_path
from rollsafe.formats.nodes import Scalar
from rollsafe.workspace.system.addresses import addresses_in
from rollsafe.workspace.system.compose import known_of, name_of
from rollsafe.workspace.system.facts import (
    Bulk,
    Door,
    Form,
    Image,
    Key,
    Keys,
    Known,
    Origin,
    Overlay,
    Place,
    Port,
    Route,
    Scaler,
    Unit,
    Variable,
    digest_of,
    place_of,
)
from rollsafe.workspace.wiring import keeps_data

_PROBES = ("readinessProbe", "livenessProbe", "startupProbe")


def unit_of(workload: Workload) -> Unit | None:
    """Return what a workload runs, or what a patch changes of it; None where a template decides its name."""
    if not workload.has_static_name or workload.node.text_at("$patch") == "delete":
        return None
    known = next((one for one in map(_known, workload.containers) if one is not None), None)
    return Unit(
        name=workload.name,
        form=Form.KUBERNETES,
        kind=workload.kind,
        namespace=_plain(workload.namespace),
        place=place_of(workload.file, workload.title_node),
        labels=tuple(sorted(workload.pod_labels.items())),
        images=tuple(one for container in workload.all_containers for one in images_of(container)),
        build=None,
        replicas=workload.replica_count,
        ports=tuple(_ports(workload)),
        probes=tuple(name for name in _PROBES if any(not c.lacks(name) for c in workload.containers)),
        schedule=workload.schedule or "",
        variables=tuple(one for container in workload.all_containers for one in variables_of(container)),
        bulks=tuple(one for container in workload.all_containers for one in bulks_of(container)),
        needs=(),
        aliases=(),
        known=known,
        keeps_data=keeps_data(workload),
        is_development=is_development_path(workload.file.path),
        is_partial=workload.is_patch,
        is_open=False,
    )


def images_of(container: Container) -> Iterator[Image]:
    """Yield the image of a container, unless a template decides its name."""
    node = container.image_node
    image = parse_image(node.text) if node is not None else None
    if node is not None and image is not None and image.path and not is_placeholder(name_of(image)):
        yield Image(name_of(image), node.text, place_of(container.file, node))


def variables_of(container: Container) -> Iterator[Variable]:
    """Yield the variables a container sets one by one."""
    for variable in container.env:
        yield variable_of(variable, place_of(container.file, variable.name_node))


def variable_of(variable: EnvVar, place: Place) -> Variable:
    """Return a variable of a container, written at `place`."""
    reference, value = variable.reference, variable.value
    if reference is not None:
        origin = Origin.SECRET if reference.kind == "Secret" else Origin.CONFIG
        return Variable(variable.name, origin, "", reference.name, reference.key or "", (), place)
    if value is None:
        return Variable(variable.name, Origin.RUNTIME, "", "", "", (), place)
    if is_placeholder(value):
        return Variable(variable.name, Origin.OUTSIDE, "", "", "", (), place)
    origin = Origin.LITERAL if value else Origin.EMPTY
    found = addresses_in(variable.name, value)
    return Variable(variable.name, origin, digest_of(value), "", "", found, place)


def bulks_of(container: Container) -> Iterator[Bulk]:
    """Yield the objects whose keys all become variables."""
    for source in container.env_from:
        where = place_of(container.file, source.node)
        yield Bulk(source.reference.kind, source.reference.name, source.prefix, where)


def door_of(service: Service) -> Door | None:
    """Return a Service; None where a template decides its name."""
    if not service.has_static_name:
        return None
    ports = ((port.port, port.name or "") for port in service.ports)
    return Door(
        service.name,
        _plain(service.namespace),
        service.type,
        tuple(sorted(service.selector.items())),
        tuple((number, name) for number, name in ports if isinstance(number, int)),
        place_of(service.file, service.title_node),
    )


def routes_of(ingress: Ingress) -> Iterator[Route]:
    """Yield where an Ingress or route sends requests."""
    for one in ingress.backends:
        if not is_placeholder(one.service):
            yield Route(
                f"{ingress.kind}/{ingress.name}",
                one.host or "",
                one.path or "",
                one.service,
                _plain(ingress.namespace),
                ingress.tls is not None,
                place_of(ingress.file, one.service_node),
            )


def keys_of(config: ConfigMap) -> Keys | None:
    """Return a ConfigMap or Secret by its keys; None where a template decides its name."""
    if not config.provided_name or is_placeholder(config.provided_name):
        return None
    is_secret = isinstance(config, Secret)
    found: list[Key] = []
    for key in config.keys:
        value = None if is_secret else config.node.at("data", key.name)
        text = value.text if isinstance(value, Scalar) else ""
        addresses = addresses_in(key.name, text) if text else ()
        found.append(
            Key(key.name, digest_of(text) if text else "", addresses, place_of(config.file, key.node))
        )
    where = place_of(config.file, config.title_node)
    return Keys(
        config.provides,
        config.provided_name,
        _plain(config.namespace),
        tuple(found),
        is_example=False,
        place=where,
    )


def generated_keys_of(kustomization: Kustomization) -> Iterator[Keys]:
    """Yield the ConfigMaps and Secrets a kustomization makes, by the keys written in it."""
    for one in kustomization.generators:
        keys: list[Key] = []
        for key in one.keys:
            value = "" if one.kind == "Secret" or key.file is not None else key.node.text.partition("=")[2]
            addresses = addresses_in(key.name, value) if value else ()
            digest = digest_of(value) if value else ""
            keys.append(Key(key.name, digest, addresses, place_of(kustomization.file, key.node)))
        where = place_of(kustomization.file, one.node)
        yield Keys(one.kind, one.name, "", tuple(keys), is_example=False, place=where)


def overlay_of(kustomization: Kustomization) -> Overlay:
    """Return what a kustomization includes, as far as it lies in the project."""
    entries = (*kustomization.resources, *kustomization.components)
    return Overlay(
        kustomization.directory,
        tuple(entry.path for entry in entries if entry.path is not None),
        kustomization.kind == "Component",
        place_of(kustomization.file, kustomization.root),
    )


def scaler_of(scaler: HorizontalPodAutoscaler) -> Scaler | None:
    """Return an autoscaler; None where a template decides what it scales."""
    if not scaler.target_name or is_placeholder(scaler.target_name):
        return None
    least, most = scaler.min_replicas, scaler.max_replicas
    return Scaler(
        f"{scaler.target_kind}/{scaler.target_name}",
        least if isinstance(least, int) else None,
        most if isinstance(most, int) else None,
        place_of(scaler.file, scaler.title_node),
    )


def _known(container: Container) -> Known | None:
    image = container.image
    return known_of(known_image(image)) if image is not None else None


def _ports(workload: Workload) -> Iterator[Port]:
    for port in workload.ports:
        if isinstance(port.number, int):
            published = port.host_port if isinstance(port.host_port, int) else None
            where = place_of(workload.file, port.number_node or port.node)
            yield Port(port.number, port.name or "", published, where)


def _plain(namespace: str | None) -> str:
    return "" if namespace is None or is_placeholder(namespace) else namespace
