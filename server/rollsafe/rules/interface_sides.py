"""Words and places of the two sides of an interface, for findings about what breaks between them."""

from typing import Final

from rollsafe.artefacts.contracts.changes import Change
from rollsafe.artefacts.contracts.changes.protos import ProtoChange
from rollsafe.rules.api import Related
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.interfaces import First, Party, Sides, advice, first_of, first_of_proto
from rollsafe.workspace.usage.model import NOWHERE, Named, Uses

_WORDS: Final = {
    "names": "{name} names {type} here",
    "reaches": "{name} reaches {owner} here",
    "sends": "{name} sends to it, as its description says here",
    "reads": "{name} reads from it, as its description says here",
    "refers": "{name} refers to it here",
}


def used(named: Named | None, graph: Graph) -> Uses:
    """Return where the code names something, as far as that is known by now; nowhere for nothing."""
    return graph.uses(named) if named is not None else NOWHERE


def told(*parts: str) -> str:
    """Return the parts of a detail that say something as one."""
    return "; ".join(part for part in parts if part)


def order_of(change: Change, sides: Sides) -> str:
    """Return the order of deployment that a change of a description leaves; empty where it is none's."""
    first = first_of(change)
    return advice(first, (sides.owner_name,), sides.named()) if first is not None else ""


def order_of_schema(first: First, sides: Sides) -> str:
    """Return the order of deployment that a change of a schema leaves."""
    return advice(first, sides.named("sends"), sides.named("reads"))


def order_of_proto(change: ProtoChange, sides: Sides) -> str:
    """Return the order of deployment that a change of a `.proto` file leaves; empty where it is none's."""
    first = first_of_proto(change)
    if first is None:
        return ""
    owners = (sides.owner_name,) if first is First.OTHERS else ()
    return advice(first, owners, sides.named() if first is First.OTHERS else ())


def related_to(sides: Sides, type_: str = "") -> tuple[Related, ...]:
    """Return the places that say who is on the other side, and where the provider is written, last.

    `type_` is the name of the type that code is said to name.
    """
    found = [_related(one, sides, type_) for one in sides.others if one.does in _WORDS]
    if sides.owner is not None:
        home = sides.owner
        found.append(Related(home.file, home.where, f"`{home.name}` provides it"))
    return tuple(found)


def _related(party: Party, sides: Sides, type_: str) -> Related:
    unknown = "the code" if party.does == "names" else "this application"
    name = f"`{party.name}`" if party.name else unknown
    named = f"`{type_.rpartition('.')[2]}`"
    owner = f"`{sides.owner_name}`" if sides.owner_name else "it"
    return Related(party.file, party.where, _WORDS[party.does].format(name=name, owner=owner, type=named))
