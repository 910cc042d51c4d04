"""What a goal touches beyond what it names: who depends on it, in the order changes have to arrive."""

from collections import deque
from collections.abc import Sequence
from typing import Final

from rollsafe.plans.contribution import derived, fact
from rollsafe.plans.model import Claim, Evidence
from rollsafe.workspace.system import Edge, Node, NodeKind, Place, Relation, System
from rollsafe_agents.implementation_orchestrator.implement.goal import Goal
from rollsafe_agents.implementation_orchestrator.implement.model import Affected
from rollsafe_agents.implementation_orchestrator.implement.work.model import Site

_LINKS: Final = (Relation.DEPENDS, Relation.CONNECTS, Relation.CALLS, Relation.MIGRATES)
_RUNNING: Final = frozenset({NodeKind.SERVICE, NodeKind.STORE})
_FURTHEST: Final = 2
_MOST_PLACES: Final = 2


def evidence_of(places: tuple[Place, ...]) -> tuple[Evidence, ...]:
    """Return the first of some places as evidence."""
    return tuple(Evidence(path=place.path, line=place.line) for place in places[:_MOST_PLACES])


def affected(goal: Goal, site: Site, named: Sequence[Affected]) -> tuple[Affected, ...]:
    """Return what the goal names, then what depends on that, nearest first.

    `named` are parts that its moves have found. What is for development only is left out.
    """
    system = site.system
    found: dict[str, Affected] = {f"{one.kind}:{one.name}": one for one in named}
    hidden = {node.id for node in system.of(NodeKind.SERVICE)} - {node.id for node in site.live}
    for match in goal.named if not named else ():
        if match.node.id not in hidden:
            found[match.node.id] = _row(match.node, 0, _named(match.node, match.word))
    queue = deque((node, found[id_].distance) for id_ in found if (node := system.by_id.get(id_)) is not None)
    while queue:
        node, distance = queue.popleft()
        if distance == _FURTHEST or node.kind not in _RUNNING:
            continue
        for edge in system.edges_to(node.id, *_LINKS):
            other = system.by_id.get(edge.source)
            if other is None or other.id in found or other.id in hidden or not site.counts(edge):
                continue
            if other.kind in _RUNNING:
                found[other.id] = _row(other, distance + 1, _because(edge, node))
                queue.append((other, distance + 1))
    return tuple(sorted(found.values(), key=lambda one: one.distance))


def _named(node: Node, word: str) -> Claim:
    is_whole = word.lower() == node.name.lower()
    text = "the goal names it" if is_whole else f"the goal says `{word}`"
    return (fact if is_whole else derived)(text, *evidence_of(node.places))


def _row(node: Node, distance: int, why: Claim) -> Affected:
    return Affected(name=node.name, kind=node.kind.value, distance=distance, why=why)


def _because(edge: Edge, node: Node) -> Claim:
    how = f" ({edge.detail})" if edge.detail else ""
    text = f"it {edge.relation} `{node.name}`{how}"
    places = evidence_of(edge.places)
    return (
        (derived if edge.is_derived else fact)(text, *places)
        if places
        else derived(text, *evidence_of(node.places))
    )


def services_in_order(names: list[str], system: System) -> list[list[str]]:
    """Return services in groups: those of a group do not need each other, and need only earlier groups.

    Services that need each other in a circle form the last group together.
    """
    wanted = set(names)
    needs = {
        name: {
            target.name
            for edge in system.edges_from(f"{NodeKind.SERVICE.value}:{name}", *_LINKS)
            if (target := system.by_id.get(edge.target)) is not None
            and target.kind is NodeKind.SERVICE
            and target.name in wanted - {name}
        }
        for name in wanted
    }
    groups: list[list[str]] = []
    done: set[str] = set()
    while len(done) < len(wanted):
        ready = sorted(name for name in wanted - done if needs[name] <= done)
        groups.append(ready or sorted(wanted - done))
        done.update(groups[-1])
    return groups
