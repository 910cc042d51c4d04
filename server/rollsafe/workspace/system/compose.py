"""Compose files, as an outline tells of them."""

from collections.abc import Iterator

from rollsafe.artefacts.compose import ComposeFile, ComposeService, EnvVariable, settled, with_defaults
from rollsafe.artefacts.compose.values import scalars_of
from rollsafe.artefacts.images import ImageReference
from rollsafe.artefacts.known_images import KnownImage
from rollsafe.formats.interpolation import DollarEscape, read_references
from rollsafe.workspace.system.addresses import addresses_in
from rollsafe.workspace.system.facts import (
    BuildUse,
    Bulk,
    Form,
    Image,
    Known,
    Needs,
    Origin,
    Port,
    Unit,
    Variable,
    digest_of,
    place_of,
)


def units_of(compose: ComposeFile) -> Iterator[Unit]:
    """Yield the services of a file."""
    is_open = bool(compose.includes) or any(
        network.value.bool_at("external") is not False and network.value.at("external") is not None
        for network in compose.networks.values()
    )
    for service in compose.services.values():
        if service.name:
            yield _unit(service, is_development=compose.is_development, is_open=is_open)


def _unit(service: ComposeService, *, is_development: bool, is_open: bool) -> Unit:
    health = service.healthcheck
    known = known_of(service.known)
    return Unit(
        name=service.name,
        form=Form.COMPOSE,
        kind="service",
        namespace="",
        place=place_of(service.file, service.title_node),
        labels=(),
        images=tuple(_images(service)),
        build=_build(service),
        replicas=service.replicas if service.at("deploy", "replicas") is not None else 1,
        ports=tuple(_ports(service)),
        probes=("healthcheck",) if health is not None and not health.is_disabled else (),
        schedule="",
        variables=tuple(_variable(service, one) for one in service.environment),
        bulks=tuple(
            Bulk("file", use.path, "", place_of(service.file, use.node))
            for use in service.env_files
            if use.path is not None
        ),
        needs=tuple(Needs(one.service, place_of(service.file, one.node)) for one in service.depends_on),
        aliases=tuple(_aliases(service)),
        known=known,
        keeps_data=known is not None and known.keeps_data,
        is_development=is_development,
        is_partial=service.is_fragment,
        is_open=is_open or service.extends_elsewhere,
    )


def _aliases(service: ComposeService) -> Iterator[str]:
    for key in ("container_name", "hostname"):
        text = service.text_at(key)
        if text:
            yield settled(text)
    for name in service.networks:
        aliases = service.at("networks", name.text, "aliases")
        yield from (one.text for one in scalars_of(aliases))
    for item in scalars_of(service.at("links")):
        yield item.text.rpartition(":")[2]
    for item in scalars_of(service.at("extra_hosts")):
        yield item.text.partition(":")[0].partition("=")[0]


def known_of(image: KnownImage | None) -> Known | None:
    """Return what is known about an image."""
    return None if image is None else Known(image.title, image.layer.value, image.port, image.keeps_data)


def name_of(image: ImageReference) -> str:
    """Return an image's name with its registry, without tag and digest."""
    return f"{image.registry}/{image.repository}" if image.registry else image.path


def _images(service: ComposeService) -> Iterator[Image]:
    image, node = service.image, service.image_node
    if image is not None and node is not None and image.repository:
        text = with_defaults(node.text)
        yield Image(name_of(image), text if text is not None else node.text, place_of(service.file, node))


def _build(service: ComposeService) -> BuildUse | None:
    build = service.build
    return (
        None
        if build is None
        else BuildUse(build.context, build.dockerfile, place_of(service.file, build.node))
    )


def _ports(service: ComposeService) -> Iterator[Port]:
    seen: set[int] = set()
    for port in service.ports:
        if port.target is not None and port.target.first not in seen:
            seen.add(port.target.first)
            published = port.published.first if port.published is not None else None
            yield Port(port.target.first, "", published, place_of(service.file, port.node))
    for exposed in service.exposed_ports:
        if exposed.first not in seen:
            yield Port(exposed.first, "", None, place_of(service.file, service.title_node))


def _variable(service: ComposeService, variable: EnvVariable) -> Variable:
    place = place_of(service.file, variable.name_span)
    value = variable.value
    if value is None:
        return Variable(variable.name, Origin.OUTSIDE, "", "", variable.name, (), place)
    origin, key = _origin(value)
    addresses = addresses_in(variable.name, settled(value))
    return Variable(variable.name, origin, digest_of(value), "", key, addresses, place)


def _origin(value: str) -> tuple[Origin, str]:
    if not value:
        return Origin.EMPTY, ""
    known = with_defaults(value)
    if known == value:
        return Origin.LITERAL, ""
    if known is not None:
        return (Origin.DEFAULT if known else Origin.EMPTY), ""
    found = read_references(value, DollarEscape.DOUBLED).found
    return Origin.OUTSIDE, next((one.name for one in found if one.default is None), "")
