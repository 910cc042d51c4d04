"""Changes of settings: a variable that gets another name or value, replicas, probes."""

from collections.abc import Iterator

from rollsafe.plans.cluster import rollout_status
from rollsafe.plans.contribution import assumed, derived, fact
from rollsafe.plans.model import Evidence
from rollsafe.text import nearest
from rollsafe.workspace.system import Node
from rollsafe.workspace.system.environments import Cell, Environment
from rollsafe.workspace.system.facts import Form
from rollsafe.workspace.system.services import environment_named
from rollsafe_agents.implementation_orchestrator.implement.moves import Act, Move
from rollsafe_agents.implementation_orchestrator.implement.work.model import (
    Draft,
    Site,
    Work,
    at,
    listed,
    row,
    undo_of,
)

_SETTLED = {"pattern", "data-model", "protocol", "consistency", "latency", "errors", "scale"}


def settings_work(move: Move, site: Site) -> Work | None:
    """Return what a change of settings comes to; None where the goal means nothing that is here."""
    match move.act:
        case Act.RENAME_KEY:
            return _rename(move, site)
        case Act.SET_KEY:
            return _set(move, site)
        case Act.SCALE | Act.PROBE:
            return _of_workload(move, site)
        case _:
            return None


_Holder = tuple[Environment, str, str, Cell]


def _holders(key: str, site: Site) -> Iterator[_Holder]:
    """Yield who has a variable where: environment, service, the name as written, and the cell."""
    names = {node.name for node in site.live}
    for environment in site.environments:
        for service, running in sorted(environment.services.items()):
            for name, cell in running.keys.items():
                if name.lower() == key.lower() and service in names and not environment.is_development:
                    yield environment, service, name, cell


def _known_keys(site: Site) -> list[str]:
    return sorted(
        {name for one in site.environments for running in one.services.values() for name in running.keys}
    )


def _place(cell: Cell) -> Evidence:
    return Evidence(path=cell.place.path, line=cell.place.line)


def _nowhere(work: Work, key: str, site: Site) -> None:
    close = nearest(key, _known_keys(site))
    holder = next(iter(_holders(close, site)), None) if close is not None else None
    if holder is not None:
        text = f"nothing here is given a variable `{key}`; the nearest is `{close}`"
        work.conflicts.append(derived(text, _place(holder[3])))
    else:
        work.ask(
            "which-key",
            f"Who reads `{key}`? No environment here sets it",
            "every phase below depends on it",
            "none is planned for",
            100,
        )


def _rename(move: Move, site: Site) -> Work:
    work = Work(settled=set(_SETTLED) | {"place"})
    wanted = {node.name for node in site.services(move.where)} if move.where else set[str]()
    found = [one for one in _holders(move.subject, site) if not wanted or one[1] in wanted]
    if not found:
        _nowhere(work, move.subject, site)
        return work
    old, new = found[0][2], move.new
    places = [_place(cell) for *_, cell in found]
    services = list(dict.fromkeys(service for _, service, _, _ in found))
    labels = listed(environment.label for environment, *_ in found)
    work.named.append(row(old, "config", f"set for {listed(services)} in {labels}", places[:2]))
    taken = [one for one in _holders(new, site) if one[1] in services]
    if taken:
        others = listed(environment.label for environment, *_ in taken)
        text = f"`{taken[0][1]}` has a variable `{taken[0][2]}` already, in {others}"
        work.conflicts.append(derived(text, _place(taken[0][3])))
    work.drafts += _renamed((old, new), services, places, site)
    work.answers["place"] = derived(f"in {listed(services)}: they are given it", *places[:2])
    return work


def _renamed(
    names: tuple[str, str], services: list[str], places: list[Evidence], site: Site
) -> Iterator[Draft]:
    """Yield how a variable gets another name: both, then its readers, then the new one alone."""
    old, new = names
    files = tuple(dict.fromkeys(place.path for place in places))
    claim = derived(f"`{old}` is written here", *places[:2])
    lines = ", ".join(dict.fromkeys(f"{place.path}:{place.line}" for place in places[:6]))
    yield Draft(
        1,
        f"set `{new}` beside `{old}`",
        f"the same value under both names: {lines}",
        files,
        f"take `{new}` out again: nobody reads it",
        f"every environment that has `{old}` has `{new}`",
        claim,
    )
    for name in services:
        yield _release(
            site, name, f"read `{new}`", f"read `{new}`, else `{old}`; say at start which it was", 2
        )
    yield Draft(
        3,
        f"take `{old}` out",
        f"no release that reads `{old}` can come back: {lines}",
        files,
        f"set `{old}` again, from `{new}`",
        f"nothing names `{old}`",
        claim,
    )


def _release(site: Site, name: str, title: str, change: str, rank: int) -> Draft:
    """Return a release of a service."""
    known = site.deployed.get(name)
    status = rollout_status(known.namespace, known.key) if known is not None else None
    node = site.system.by_id.get(f"service:{name}")
    claim = derived(f"`{name}` is written here", *at(*node.places)) if node is not None else assumed(name)
    return Draft(
        rank,
        f"{title} in `{name}`",
        change,
        site.files_of(name),
        undo_of(site, name),
        "its tests pass and the rollout ends",
        claim,
        status,
        "M",
    )


def _set(move: Move, site: Site) -> Work | None:
    found = list(_holders(move.subject, site))
    work = Work(settled=set(_SETTLED) | {"place"})
    if not found:
        if not site.environments:
            return None
        _nowhere(work, move.subject, site)
        return work
    chosen, wanted = _meant(move.where, found, site)
    places = list(dict.fromkeys(_place(cell) for *_, cell in chosen))
    states = ", ".join(dict.fromkeys(f"{cell.state} in {one.label}" for one, _, _, cell in chosen))
    key = found[0][2]
    work.named.append(row(key, "config", states, places[:2]))
    shared = [one for one in found if one not in chosen and _place(one[3]) in places]
    if shared:
        others = listed(environment.label for environment, *_ in shared)
        only = wanted or "the one meant"
        text = f"the line that sets `{key}` counts for {others} as well: write it for {only} alone"
        work.risks.append(derived(text, _place(shared[0][3])))
    services = list(dict.fromkeys(service for _, service, _, _ in chosen))
    work.drafts += (_given(key, name, places, rank, site) for rank, name in enumerate(services, 1))
    work.answers["place"] = derived(f"in {listed(services)}: they are given it", *places[:2])
    return work


def _meant(where: str, found: list[_Holder], site: Site) -> tuple[list[_Holder], str]:
    """Return those a goal means by an environment or a service, and the environment."""
    labels = {environment.label for environment, *_ in found}
    wanted = environment_named(where) if environment_named(where) in labels else ""
    services = {node.name for node in site.services(where)} if where and not wanted else set[str]()
    chosen = [
        one
        for one in found
        if (not wanted or one[0].label == wanted) and (not services or one[1] in services)
    ]
    return chosen, wanted


def _given(key: str, name: str, places: list[Evidence], rank: int, site: Site) -> Draft:
    """Return the rollout that gives a service another value."""
    known = site.deployed.get(name)
    return Draft(
        rank,
        f"change `{key}` for `{name}`",
        "one line, no release of the code: pods read it when they start",
        tuple(dict.fromkeys(place.path for place in places)),
        undo_of(site, name) if known is not None else "set it back and deliver again",
        "the rollout ends and the behaviour is the new one",
        derived(f"`{key}` is set here", *places[:2]),
        rollout_status(known.namespace, known.key) if known is not None else None,
    )


def _of_workload(move: Move, site: Site) -> Work | None:
    found = site.services(move.subject)
    if len(found) != 1:
        return None
    node = found[0]
    work = Work(settled=set(_SETTLED) | {"place", "pattern", "data-model"})
    (_scale if move.act is Act.SCALE else _probe)(move, node, site, work)
    return work


def _scale(move: Move, node: Node, site: Site, work: Work) -> None:
    written = [
        (one.label, one.services[node.name].replicas)
        for one in site.environments
        if one.form is Form.KUBERNETES and node.name in one.services
    ]
    known = [(label, scale) for label, scale in written if scale is not None]
    for label, scale in known[:3]:
        text = f"{scale.text} pod{'s' * (scale.text != '1')} in {label} today"
        work.risks.append(fact(text, Evidence(path=scale.place.path, line=scale.place.line)))
    kinds = {f"{unit.kind}/{unit.name}" for unit in site.system.units.get(node.id, ())}
    for scaler in site.system.scalers:
        if scaler.target in kinds:
            text = (
                f"an autoscaler sets the number of `{node.name}`: change its bounds, it undoes anything else"
            )
            work.conflicts.append(derived(text, *at(scaler.place)))
    stores = listed(name.partition(":")[2] for name in _stores(node, site))
    if stores:
        work.risks.append(
            assumed(f"each pod opens connections to {stores}: their limit has to bear {move.new} pods")
        )
    place = known[0][1].place if known else node.places[0]
    work.drafts.append(
        _manifest(
            site,
            node,
            f"run {move.new} pods of `{node.name}`",
            f"`replicas: {move.new}`",
            place.path,
            at(place),
        )
    )


def _stores(node: Node, site: Site) -> Iterator[str]:
    for edge in site.system.edges_from(node.id):
        if edge.target.startswith("store:"):
            yield edge.target


def _probe(move: Move, node: Node, site: Site, work: Work) -> None:
    name = {"health": "readiness"}.get(move.new.lower(), move.new.lower())
    probe = f"{name}Probe"
    for unit in site.system.units.get(node.id, ()):
        if probe in unit.probes or (
            unit.form is Form.COMPOSE and "healthcheck" in unit.probes and name == "readiness"
        ):
            text = f"`{node.name}` has a {name} probe already"
            work.risks.append(derived(text, *at(unit.place)))
            break
    why = {
        "readiness": "it asks what the service needs to answer, and nothing it can do without",
        "liveness": "it asks the process alone: what asks a database restarts every pod when that is slow",
        "startup": "as long as the slowest start takes; until then the other probes wait",
    }[name]
    _ask_port(node, site, work)
    kubernetes = next(
        (one for one in site.system.units.get(node.id, ()) if one.form is Form.KUBERNETES), None
    )
    place = kubernetes.place if kubernetes is not None else node.places[0]
    work.drafts.append(
        _manifest(site, node, f"give `{node.name}` a {name} probe", why, place.path, at(place))
    )


def _ask_port(node: Node, site: Site, work: Work) -> None:
    if not any(unit.ports for unit in site.system.units.get(node.id, ())):
        text = f"What does `{node.name}` answer on? No port of it is written here"
        why = "a probe needs something to ask: a port, or a command in the container"
        work.ask("probe-port", text, why, "a command that looks at the process", 60)


def _manifest(
    site: Site, node: Node, title: str, change: str, path: str, places: tuple[Evidence, ...]
) -> Draft:
    known = site.deployed.get(node.name)
    return Draft(
        1,
        title,
        change,
        (path,),
        undo_of(site, node.name),
        "the rollout ends" if known is not None else "the new pods serve",
        derived(f"`{node.name}` is written here", *places),
        rollout_status(known.namespace, known.key) if known is not None else None,
    )


KEYS = frozenset({Act.RENAME_KEY, Act.SET_KEY, Act.SCALE, Act.PROBE})
"""The moves that change settings alone."""
