"""Charts from elsewhere, by the values they are given: what nearly all charts call by the same names."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.images import parse_image
from rollsafe.artefacts.known_images import KnownImage, known_image
from rollsafe.artefacts.kubernetes import is_placeholder
from rollsafe.text.patterns import lazily
from rollsafe.workspace.system.addresses import addresses_in
from rollsafe.workspace.system.charts.rendering import Foreign
from rollsafe.workspace.system.charts.values import (
    NOTHING,
    UNKNOWN,
    Items,
    Leaf,
    Table,
    Value,
    at,
    first_place,
    holds,
    text_of,
)
from rollsafe.workspace.system.compose import known_of, name_of
from rollsafe.workspace.system.facts import (
    Form,
    Image,
    Origin,
    Place,
    Port,
    Route,
    Unit,
    Variable,
    digest_of,
)

_VARIABLES: Final = (
    "env",
    "envs",
    "environment",
    "extraEnv",
    "extraEnvs",
    "extraEnvVars",
    "extraEnvironment",
)
_REPLICAS: Final = ("replicaCount", "replicas")
_PORTS: Final = (("image", "port"), ("service", "targetPort"), ("containerPort",), ("service", "port"))
_SECRETS = lazily(r"secrets?\Z", re.I)
_NAME = lazily(r"[A-Za-z_][\w.-]*\Z")


def foreign_unit(foreign: Foreign, chart: str) -> tuple[Unit, Place | None] | None:
    """Return what a chart from elsewhere runs, and where its replicas are written; None where none is known.

    `chart` is the name of the chart that brings it along, where it is the only one that runs something.
    """
    values, part = foreign.values, foreign.part
    known = _known(part.name)
    image = _image(values)
    if image is None and known is None:
        return None
    name = text_of(at(values, ("fullnameOverride",))) or text_of(at(values, ("nameOverride",)))
    count = next((one for key in _REPLICAS if (one := at(values, (key,))) != Leaf(None)), None)
    place = values.places.get("image") or (image.place if image is not None else part.place)
    unit = Unit(
        name=name or (part.key if known is not None else chart or part.key),
        form=Form.KUBERNETES,
        kind=f"chart {part.name}",
        namespace="",
        place=place,
        labels=(),
        images=(image,) if image is not None else (),
        build=None,
        replicas=count.value if isinstance(count, Leaf) and isinstance(count.value, int) else None,
        ports=tuple(_ports(values)),
        probes=(),
        schedule="",
        variables=tuple(_variables(values)),
        bulks=(),
        needs=(),
        aliases=(),
        known=known_of(known),
        keeps_data=known is not None and known.keeps_data,
        is_development=False,
        is_partial=False,
        is_open=True,
    )
    return unit, first_place(count) if count is not None else None


def foreign_routes(foreign: Foreign, name: str) -> Iterator[Route]:
    """Yield the ways in that the values of a chart from elsewhere ask for."""
    ingress = at(foreign.values, ("ingress",))
    if holds(at(ingress, ("enabled",))) is False and at(ingress, ("enabled",)) != NOTHING:
        return
    is_encrypted = any(holds(at(ingress, (key,))) for key in ("tls", "tlsSecretName", "tlsSecret"))
    hosts = at(ingress, ("hosts",))
    for one in (at(ingress, ("host",)), *(hosts.items if isinstance(hosts, Items) else ())):
        host = at(one, ("host",)) if isinstance(one, Table) else one
        place = first_place(host)
        if place is not None and text_of(host) and not is_placeholder(text_of(host)):
            label = f"chart {foreign.part.name}"
            yield Route(label, text_of(host), "", name, "", is_encrypted, place)


def _known(name: str) -> KnownImage | None:
    for text in (f"bitnami/{name}", name):
        found = known_image(parse_image(text))
        if found is not None:
            return found
    return None


def _image(values: Table) -> Image | None:
    written = at(values, ("image",))
    if isinstance(written, Table):
        registry, repository, tag = (
            text_of(at(written, (key,))) for key in ("registry", "repository", "tag")
        )
        text = f"{registry}/{repository}" if registry and repository else repository
        text += f":{tag}" if tag and at(written, ("tag",)) is not UNKNOWN else ""
        place = first_place(at(written, ("repository",)))
    else:
        text, place = text_of(written), first_place(written)
    image = parse_image(text) if text and not is_placeholder(text) else None
    return Image(name_of(image), text, place) if image is not None and place is not None else None


def _ports(values: Table) -> Iterator[Port]:
    for path in _PORTS:
        found = at(values, path)
        number = found.value if isinstance(found, Leaf) else None
        place = first_place(found)
        if isinstance(number, int) and not isinstance(number, bool) and place is not None:
            yield Port(number, "", None, place)
            return


def _variables(values: Table) -> Iterator[Variable]:
    for key in _VARIABLES:
        yield from _of_list(at(values, (key,)))
        yield from _of_table(at(values, (key,)))
    for key, table in values.entries.items():
        if _SECRETS.search(key) and isinstance(table, Table):
            for name, names in table.entries.items():
                yield from _of_secret(name, names)


def _of_table(found: Value) -> Iterator[Variable]:
    if isinstance(found, Table):
        for name, value in found.entries.items():
            place = first_place(value) or found.places.get(name)
            if place is not None and isinstance(value, Leaf):
                yield _variable(name, value, place)


def _of_list(found: Value) -> Iterator[Variable]:
    for item in found.items if isinstance(found, Items) else ():
        name = at(item, ("name",))
        place = first_place(name)
        if place is None:
            continue
        for kind, origin in (("secretKeyRef", Origin.SECRET), ("configMapKeyRef", Origin.CONFIG)):
            reference = at(item, ("valueFrom", kind))
            if isinstance(reference, Table):
                source, key = (text_of(at(reference, (one,))) for one in ("name", "key"))
                yield Variable(text_of(name), origin, "", source, key, (), place)
        value = at(item, ("value",))
        if isinstance(value, Leaf) and value.value is not None:
            yield _variable(text_of(name), value, place)


def _of_secret(secret: str, names: Value) -> Iterator[Variable]:
    """Yield the variables that come from one secret: the name of each, and the key it is taken from."""
    if isinstance(names, Table):
        for name, key in names.entries.items():
            place = first_place(key) or names.places.get(name)
            if (
                isinstance(key, Leaf)
                and isinstance(key.value, str)
                and _NAME.match(key.value)
                and place is not None
            ):
                yield Variable(name, Origin.SECRET, "", secret, key.value, (), place)


def _variable(name: str, value: Leaf, place: Place) -> Variable:
    text = text_of(value)
    if is_placeholder(text):
        return Variable(name, Origin.OUTSIDE, "", "", "", (), place)
    origin = Origin.LITERAL if text else Origin.EMPTY
    return Variable(name, origin, digest_of(text), "", "", addresses_in(name, text), place)
