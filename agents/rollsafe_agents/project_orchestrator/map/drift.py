"""Where documents and reality part: names, ports and paths that are not there, services nobody documents."""

import re
from collections.abc import Iterator, Sequence
from posixpath import basename
from typing import Final

from rollsafe.plans.contribution import derived
from rollsafe.plans.model import Claim
from rollsafe.workspace.system import NodeKind, System
from rollsafe.workspace.system.facts import ClaimKind, DocClaim
from rollsafe.workspace.system.files import is_document
from rollsafe.workspace.view import View
from rollsafe_agents.project_orchestrator.map.evidence import at, listed
from rollsafe_agents.project_orchestrator.map.model import MapService

_MOST: Final = 40
_COMPONENTS: Final = frozenset({"Component", "Resource"})
_WORD = re.compile(r"[\w.-]+")


def drift_of(system: System, services: Sequence[MapService], view: View) -> list[Claim]:
    """Return what documents and catalogues say that is not so, and what they leave out."""
    found = [*_catalogue(system, services), *_claims(system, view), *_undocumented(services, view)]
    return found[:_MOST]


def _catalogue(system: System, services: Sequence[MapService]) -> Iterator[Claim]:
    components = [one for one in system.entities if one.kind in _COMPONENTS]
    names = {one.name for one in services}
    for one in components:
        if one.name not in names:
            yield derived(f"the catalogue has `{one.name}`, nothing that runs is called so", at(one.place))
    known = {one.name for one in components}
    missing = [one for one in services if one.kind == "service"]
    missing = [one for one in missing if one.name not in known]
    if components and missing:
        text = f"not in the catalogue: {listed(one.name for one in missing)}"
        yield derived(text, at(components[0].place), *missing[0].claim.evidence[:1])


def _claims(system: System, view: View) -> Iterator[Claim]:
    ports = _ports(system)
    names = {node.name for node in system.of(NodeKind.SERVICE, NodeKind.STORE)}
    names |= {door.name for door in system.doors}
    directories = _directories(view.paths)
    told: set[tuple[str, str, str]] = set()
    for claim in system.claims:
        key = (claim.kind.value, claim.text, claim.place.path)
        text = None if key in told else _wrong(claim, ports, names, view.paths, directories)
        if text is not None:
            told.add(key)
            yield derived(text, at(claim.place))


def _wrong(
    claim: DocClaim, ports: set[int], names: set[str], paths: frozenset[str], directories: set[str]
) -> str | None:
    if claim.kind is ClaimKind.PATH:
        options = [option.rstrip("/") for option in claim.text.split("\n")]
        # A path that begins elsewhere than at the top may be short for one further down.
        ours = any(_begins_at_top(option, directories) for option in options)
        known = not ours or any(_is_there(option, paths, directories) for option in options)
        return None if known else f"`{options[0]}` does not exist"
    if claim.kind is ClaimKind.PORT:
        return None if not ports or int(claim.text) in ports else f"nothing here listens on port {claim.text}"
    is_known = not names or claim.text in names or claim.text in map(basename, directories)
    return None if is_known else f"no service is called `{claim.text}`"


def _begins_at_top(path: str, directories: set[str]) -> bool:
    first = path.partition("/")[0]
    return first in directories


def _is_there(path: str, paths: frozenset[str], directories: set[str]) -> bool:
    if path in paths or path in directories:
        return True
    return any(one.endswith(f"/{path}") for one in (*paths, *directories))


def _ports(system: System) -> set[int]:
    found = {port.number for units in system.units.values() for unit in units for port in unit.ports}
    found |= {
        port.published
        for units in system.units.values()
        for unit in units
        for port in unit.ports
        if port.published is not None
    }
    found |= {port.number for recipe in system.recipes for port in recipe.ports}
    return found | {number for door in system.doors for number, _ in door.ports}


def _directories(paths: frozenset[str]) -> set[str]:
    """Return every directory of the project."""
    found: set[str] = set()
    for path in paths:
        at_ = path.rpartition("/")[0]
        while at_ and at_ not in found:
            found.add(at_)
            at_ = at_.rpartition("/")[0]
    return found


def _undocumented(services: Sequence[MapService], view: View) -> Iterator[Claim]:
    documents = [view.read(path) for path in sorted(view.paths) if path.endswith(".md") and is_document(path)]
    words = {word.strip(".-").lower() for one in documents if one for word in _WORD.findall(one.text)}
    if not words:
        return
    for one in services:
        if one.kind == "service" and one.name.lower() not in words:
            yield derived(f"no document speaks of `{one.name}`", *one.claim.evidence[:1])
