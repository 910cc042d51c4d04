"""Single points of failure and bottlenecks, as far as replicas, probes and connections tell."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from rollsafe.plans.contribution import derived
from rollsafe.plans.model import Claim
from rollsafe.workspace.system import Place, Relation, System
from rollsafe.workspace.system.environments import Environment, Running
from rollsafe.workspace.system.facts import Form
from rollsafe_agents.project_orchestrator.map.evidence import all_at, at, listed, name_of
from rollsafe_agents.project_orchestrator.map.model import MapEdge, MapEntrance, MapService, MapWeakness

_LONG: Final = 4
"""Services one request goes through, one after the other, from which on a chain is worth a remark."""
_SHOWN: Final = 16
_WIDE: Final = 3
"""Callers from which on a service is a bottleneck."""


def weaknesses_of(
    system: System,
    services: Sequence[MapService],
    edges: Sequence[MapEdge],
    entrances: Sequence[MapEntrance],
    environments: Sequence[Environment],
) -> list[MapWeakness]:
    """Return what everything stands and falls with, the worst first."""
    live = {one.id for one in services}
    known = [edge for edge in edges if edge.source in live and edge.target in live]
    callers: dict[str, dict[str, MapEdge]] = {}
    for edge in known:
        callers.setdefault(edge.target, {}).setdefault(edge.source, edge)
    reached = set(callers) | {one.target for one in entrances} | set(_behind_doors(system))
    found = [*_dead(system)]
    found += list(_single(system, live & reached, callers, entrances, environments))
    found += _fan_in(callers)
    found += _chains(known)
    found += _one_host(system, live, environments)
    return found


def _behind_doors(system: System) -> Iterator[str]:
    for door in system.doors:
        for edge in system.edges_from(f"object:Service/{door.name}", Relation.ROUTES):
            yield edge.target


def _dead(system: System) -> Iterator[MapWeakness]:
    for door in system.doors:
        is_dead = door.selector and not system.edges_from(f"object:Service/{door.name}", Relation.ROUTES)
        if is_dead:
            text = f"Service `{door.name}` finds no pod that is written here"
            claim = derived(text, at(door.place))
            yield MapWeakness(kind="no pods", subject=f"object:Service/{door.name}", claim=claim)


def _single(
    system: System,
    reached: set[str],
    callers: Mapping[str, Mapping[str, MapEdge]],
    entrances: Sequence[MapEntrance],
    environments: Sequence[Environment],
) -> Iterator[MapWeakness]:
    scaled = {scaler.target for scaler in system.scalers if scaler.least is None or scaler.least > 1}
    for id_ in sorted(reached):
        name = name_of(id_)
        workloads = [unit for unit in system.units[id_] if unit.form is Form.KUBERNETES]
        if any(f"{unit.kind}/{unit.name}" in scaled for unit in workloads):
            continue
        alone = [one for one in environments if _is_alone(one, name)]
        who = [*(name_of(caller) for caller in callers.get(id_, ())), *(_ways(id_, entrances))]
        if alone:
            places = [place for one in alone for place in _where(one.services[name])]
            whom = f"it serves {listed(who)}" if who else "who needs it is not written here"
            text = f"`{name}` is one pod in {listed(one.label for one in alone)}; {whom}"
            yield MapWeakness(kind="single replica", subject=id_, claim=derived(text, *all_at(places)))
        bare = [one for one in environments if one.form is Form.KUBERNETES and _is_bare(one, name)]
        if bare:
            places = [one.services[name].place for one in bare]
            text = f"`{name}` has no probe in {listed(one.label for one in bare)}: a hang is not noticed"
            yield MapWeakness(kind="no probe", subject=id_, claim=derived(text, *all_at(places)))


def _ways(id_: str, entrances: Sequence[MapEntrance]) -> list[str]:
    return list(dict.fromkeys(one.name for one in entrances if one.target == id_))


def _is_alone(environment: Environment, name: str) -> bool:
    running = environment.services.get(name)
    is_kubernetes = environment.form is Form.KUBERNETES
    return (
        is_kubernetes
        and running is not None
        and running.replicas is not None
        and running.replicas.text == "1"
    )


def _is_bare(environment: Environment, name: str) -> bool:
    running = environment.services.get(name)
    return running is not None and running.probes is not None and running.probes.text == "none"


def _where(running: Running) -> Iterator[Place]:
    if running.replicas is not None:
        yield running.replicas.place


def _fan_in(callers: Mapping[str, Mapping[str, MapEdge]]) -> Iterator[MapWeakness]:
    for id_ in sorted(callers):
        who = [caller for caller in callers[id_] if caller.startswith("service:")]
        is_store = id_.startswith("store:")
        if len(who) >= (2 if is_store else _WIDE):
            places = list(dict.fromkeys(edge.claim.evidence[0] for edge in callers[id_].values()))
            names = listed(name_of(one) for one in who)
            if is_store:
                text = f"`{name_of(id_)}` is shared by {names}: its schema and its load are theirs together"
                yield MapWeakness(kind="shared store", subject=id_, claim=derived(text, *places[:4]))
            else:
                text = f"`{name_of(id_)}` is needed by {len(who)} services: {names}"
                yield MapWeakness(kind="fan-in", subject=id_, claim=derived(text, *places[:4]))


def _chains(edges: Sequence[MapEdge]) -> Iterator[MapWeakness]:
    calls: dict[str, dict[str, MapEdge]] = {}
    for edge in edges:
        if edge.mode != "async" and edge.target != edge.source:
            calls.setdefault(edge.source, {})[edge.target] = edge
    cycle, order = _walked({one: sorted(others) for one, others in calls.items()})
    if cycle:
        yield MapWeakness(
            kind="cycle", subject=cycle[0], claim=_path(cycle, calls, "call each other in a circle")
        )
        return
    longest = _longest(order, calls)
    if len(longest) >= _LONG:
        claim = _path(longest, calls, "wait for each other, one after the other")
        yield MapWeakness(kind="long chain", subject=longest[0], claim=claim)


def _path(path: list[str], calls: Mapping[str, Mapping[str, MapEdge]], what: str) -> Claim:
    places = [calls[one][other].claim.evidence[0] for one, other in pairwise(path)]
    names = [f"`{name_of(one)}`" for one in path]
    if len(names) > _SHOWN:
        names[_SHOWN - 1 : -1] = [f"{len(names) - _SHOWN} more"]
    return derived(f"{' → '.join(names)} {what}", *places[:8])


def _walked(calls: Mapping[str, Sequence[str]]) -> tuple[list[str], list[str]]:
    """Return a circle of calls, its first member last again, and who is called before who calls."""
    order: list[str] = []
    done: set[str] = set()
    for start in sorted(calls):
        path: list[str] = []
        pending: list[tuple[str, bool]] = [(start, False)]
        while pending:
            node, is_left = pending.pop()
            if is_left:
                order.append(path.pop())
                done.add(node)
            elif node in path:
                return [*path[path.index(node) :], node], []
            elif node not in done:
                path.append(node)
                pending.append((node, True))
                pending += ((one, False) for one in reversed(calls.get(node, ())))
    return [], order


def _longest(order: Sequence[str], calls: Mapping[str, Mapping[str, MapEdge]]) -> list[str]:
    """Return the longest chain of calls; `order` has who is called before who calls."""
    length: dict[str, int] = {}
    following: dict[str, str] = {}
    for node in order:
        others = sorted(calls.get(node, ()))
        if others:
            following[node] = max(others, key=lambda one: length[one])
        length[node] = 1 + max((length[one] for one in others), default=0)
    node = max(sorted(length), key=lambda one: length[one], default="")
    path: list[str] = []
    while node:
        path.append(node)
        node = following.get(node, "")
    return path


def _one_host(system: System, live: set[str], environments: Sequence[Environment]) -> Iterator[MapWeakness]:
    hosted = [one for one in environments if one.form is Form.COMPOSE]
    if not hosted or any(one.form is Form.KUBERNETES for one in environments):
        return
    paths = {unit.place.path for id_ in live for unit in system.units[id_] if not unit.is_development}
    shown = [one for one in hosted if one.place.path in paths]
    if shown:
        labels = listed(one.label for one in shown)
        text = f"everything in {labels} runs on one host and stands and falls with it"
        places = [one.place for one in shown]
        yield MapWeakness(kind="single host", subject=shown[0].label, claim=derived(text, *all_at(places)))
