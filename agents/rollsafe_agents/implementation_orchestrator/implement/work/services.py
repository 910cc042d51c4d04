"""Services that come, go, or are split."""

from collections.abc import Iterator

from rollsafe.plans.cluster import kubectl
from rollsafe.plans.contribution import assumed, derived
from rollsafe.workspace.system import Edge, Node, Relation
from rollsafe_agents.implementation_orchestrator.implement.model import Counted
from rollsafe_agents.implementation_orchestrator.implement.moves import Act, Move
from rollsafe_agents.implementation_orchestrator.implement.work.model import (
    Draft,
    Site,
    Work,
    at,
    listed,
    row,
    undo_of,
    written_at,
)


def service_work(move: Move, site: Site) -> Work | None:
    """Return what a change of services comes to; None where the goal means nothing that is here."""
    match move.act:
        case Act.REMOVE:
            return _remove(move, site)
        case Act.EXTRACT:
            return _extract(move, site)
        case Act.NEW_SERVICE:
            return _new(move, site)
        case _:
            return None


_REMOVED = frozenset(
    {"place", "protocol", "consistency", "latency", "pattern", "scale", "errors", "tests", "data-model"}
)
"""What is not asked of something that goes away."""


def _remove(move: Move, site: Site) -> Work | None:
    found = site.services(move.subject)
    if len(found) != 1:
        return None
    node = found[0]
    work = Work(settled=set(_REMOVED))
    work.named.append(row(node.name, "service", "the goal names it", at(*site.places(node))))
    for edge in site.system.edges_to(f"object:Service/{node.name}", Relation.ROUTES):
        kind, _, name = edge.source.partition(":")
        if kind == "entrance":
            text = f"requests from outside reach it by `{name}`: whoever uses that is not written here"
            work.risks.append(derived(text, *at(*edge.places)))
    users = site.users_of(node.id)
    work.drafts += (_without(node, user, edge, site) for user, edge in users)
    if not users:
        text = f"Who calls `{node.name}`? No address here leads to it"
        work.ask("callers", text, "whoever does breaks with it", "nobody", 90)
    work.drafts += _going(node, site)
    for edge in _stores_of(node, site):
        if len(site.users_of(edge.target)) == 1:
            name = edge.target.partition(":")[2]
            text = f"`{name}` is used by `{node.name}` alone: what is in it goes with it, or moves first"
            work.risks.append(derived(text, *at(*edge.places)))
    return work


def _stores_of(node: Node, site: Site) -> list[Edge]:
    edges = site.system.edges_from(node.id, Relation.CONNECTS, Relation.DEPENDS)
    return [edge for edge in edges if edge.target.startswith("store:")]


def _without(node: Node, user: Node, edge: Edge, site: Site) -> Draft:
    """Return the release of a caller that no longer calls."""
    variable = edge.detail.partition(" = ")[0] if edge.relation is Relation.CONNECTS else ""
    by = f" (`{variable}`)" if variable else ""
    return Draft(
        1,
        f"stop calling it in `{user.name}`",
        f"no call{by}; what it gave is left out or made otherwise",
        site.files_of(user.name),
        undo_of(site, user.name),
        "no call goes out",
        derived(f"`{user.name}` needs `{node.name}`", *at(*edge.places)),
        size="M",
    )


def _going(node: Node, site: Site) -> Iterator[Draft]:
    """Yield how something that nobody calls goes away: watched, stopped, removed."""
    known = site.deployed.get(node.name)
    quiet = None
    if known is not None:
        quiet = kubectl(known.namespace, "logs", known.key, "--all-containers", "--since=24h")
    claim = written_at(node)
    yield Draft(
        2,
        "see that nobody calls it",
        "its log and the counters of its entrance over a whole period of jobs and reports",
        (),
        "none needed: it only reads",
        "no request is in it",
        claim,
        quiet,
    )
    yield Draft(
        3,
        f"run no pod of `{node.name}`",
        "zero replicas: it is still there to come back in a minute",
        site.files_of(node.name)[-1:],
        "the number of before",
        "nobody misses it for a week",
        claim,
    )
    yield Draft(
        4,
        f"take `{node.name}` away",
        "its manifests, pipeline, secrets, alerts, and the code",
        tuple(dict.fromkeys(place.path for place in node.places)),
        "bring the files back and deploy them",
        "nothing names it",
        claim,
    )


def _new(move: Move, site: Site) -> Work | None:
    name = move.subject.lower()
    if name in ("new", "separate", "own", "another", "dedicated", "micro", "the"):
        return None
    work = Work(settled={"place", "pattern"})
    taken = [
        node
        for node in site.services(name)
        if node.name.lower() in (name, f"{name}service", f"{name}-service")
    ]
    if taken:
        work.conflicts.append(
            derived(f"a service `{taken[0].name}` is there already", *at(*site.places(taken[0])))
        )
        return work
    work.counts.append(Counted(what="service", count=1, claim=assumed("from the words of the goal")))
    _begin(f"`{name}`", work, 1)
    work.drafts.append(
        Draft(
            3,
            "let its callers call it, behind a switch",
            "a timeout shorter than their own, and what they do without an answer",
            (),
            "turn the switch off",
            "with the switch on their error rate is as before",
            assumed("the goal says who calls it, or the question does"),
            size="M",
        )
    )
    return work


def _begin(name: str, work: Work, rank: int) -> None:
    told = assumed("the goal speaks of a new service")
    work.drafts.append(
        Draft(
            rank,
            f"agree on the interface of {name}",
            "operations, errors, timeouts, who owns it: a description that tests can read",
            (),
            "none needed: nothing runs",
            "its callers' owners have read it",
            told,
        )
    )
    work.drafts.append(
        Draft(
            rank + 1,
            f"run {name} without traffic",
            "image, manifest with probes and requests, secrets of its own, pipeline, alerts;"
            " nothing calls it yet",
            (),
            "take its manifest away; nothing calls it",
            "it is ready in every environment and its own tests pass there",
            told,
            size="L",
        )
    )


def _extract(move: Move, site: Site) -> Work | None:
    found = site.services(move.subject)
    if not found:
        return None
    node = found[0]
    work = Work(settled={"place"})
    if len(found) > 1:
        text = f"Which is meant by `{move.subject}`: {listed(one.name for one in found)}?"
        why = "every phase below depends on it"
        work.ask(f"which-{move.subject.lower()}", text, why, f"`{node.name}`", 100)
    work.named.append(row(node.name, "service", "the goal names it", at(*site.places(node))))
    name = f"`{move.new.lower()}`" if move.new else "the new service"
    work.counts.append(Counted(what="service", count=1, claim=assumed("from the words of the goal")))
    _own_data(node, site, work)
    _begin(name, work, 1)
    work.drafts += _handing_over(node, name, site)
    work.risks.append(
        assumed(
            "trade-off: one more thing to run, release and be woken by, for a release of its own;"
            " a module behind an interface costs neither"
        )
    )
    return work


def _own_data(node: Node, site: Site, work: Work) -> None:
    stores = _stores_of(node, site)
    if not stores:
        return
    names = listed(edge.target.partition(":")[2] for edge in stores)
    text = f"Which tables of {names} move with it, and who else reads them?"
    why = "two services on one schema cannot be released apart"
    work.ask("own-data", text, why, "none: it asks for what it needs", 85)
    text = (
        f"`{node.name}` keeps its data in {names}: what was one transaction becomes two"
        " that can fail one without the other"
    )
    work.risks.append(derived(text, *at(*stores[0].places)))


def _handing_over(node: Node, name: str, site: Site) -> Iterator[Draft]:
    claim = written_at(node)
    yield Draft(
        3,
        f"let `{node.name}` hand it over, behind a switch",
        f"the same work by {name}; both answers compared before the new one counts",
        site.files_of(node.name),
        undo_of(site, node.name),
        "no answer differs for a week",
        claim,
        size="L",
    )
    yield Draft(
        4,
        f"take it out of `{node.name}`",
        "the code, its settings and secrets, once no release that needs them can come back",
        site.files_of(node.name),
        undo_of(site, node.name),
        "nothing names it",
        claim,
        size="M",
    )


SERVICES = frozenset({Act.REMOVE, Act.EXTRACT, Act.NEW_SERVICE})
"""The moves that change which services there are."""
