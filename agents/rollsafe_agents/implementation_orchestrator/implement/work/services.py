"""Services that come, go, or are split."""

from rollsafe.plans.cluster import kubectl
from rollsafe.plans.contribution import assumed, derived
from rollsafe.workspace.system import Relation
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


def _remove(move: Move, site: Site) -> Work | None:
    found = site.services(move.subject)
    if len(found) != 1:
        return None
    node = found[0]
    work = Work(
        settled={
            "place",
            "protocol",
            "consistency",
            "latency",
            "pattern",
            "scale",
            "errors",
            "tests",
            "data-model",
        }
    )
    work.named.append(row(node.name, "service", "the goal names it", at(*site.places(node))))
    users = site.users_of(node.id)
    ways = [
        edge
        for edge in site.system.edges_to(f"object:Service/{node.name}", Relation.ROUTES)
        if edge.source.startswith("entrance:")
    ]
    for edge in ways:
        name = edge.source.partition(":")[2]
        work.risks.append(
            derived(
                f"requests from outside reach it by `{name}`: whoever uses that is not written here",
                *at(*edge.places),
            )
        )
    for user, edge in users:
        variable = edge.detail.partition(" = ")[0] if edge.relation is Relation.CONNECTS else ""
        by = f" (`{variable}`)" if variable else ""
        work.drafts.append(
            Draft(
                1,
                f"stop calling it in `{user.name}`",
                f"no call{by}; what it gave is left out or made otherwise",
                site.files_of(user.name),
                undo_of(site, user.name),
                "no call goes out",
                derived(f"`{user.name}` needs `{node.name}`", *at(*edge.places)),
                size="M",
            )
        )
    if not users:
        work.ask(
            "callers",
            f"Who calls `{node.name}`? No address here leads to it",
            "whoever does breaks with it",
            "nobody",
            90,
        )
    known = site.deployed.get(node.name)
    quiet = (
        kubectl(known.namespace, "logs", known.key, "--all-containers", "--since=24h")
        if known is not None
        else None
    )
    claim = written_at(node)
    work.drafts.append(
        Draft(
            2,
            "see that nobody calls it",
            "its log and the counters of its entrance over a whole period of jobs and reports",
            (),
            "none needed: it only reads",
            "no request is in it",
            claim,
            quiet,
        )
    )
    work.drafts.append(
        Draft(
            3,
            f"run no pod of `{node.name}`",
            "zero replicas: it is still there to come back in a minute",
            site.files_of(node.name)[-1:],
            "the number of before",
            "nobody misses it for a week",
            claim,
        )
    )
    store = [
        edge
        for edge in site.system.edges_from(node.id, Relation.CONNECTS, Relation.DEPENDS)
        if edge.target.startswith("store:")
    ]
    alone = [edge for edge in store if len(site.users_of(edge.target)) == 1]
    paths = tuple(dict.fromkeys(place.path for place in node.places))
    work.drafts.append(
        Draft(
            4,
            f"take `{node.name}` away",
            "its manifests, pipeline, secrets, alerts, and the code",
            paths,
            "bring the files back and deploy them",
            "nothing names it",
            claim,
        )
    )
    for edge in alone:
        name = edge.target.partition(":")[2]
        work.risks.append(
            derived(
                f"`{name}` is used by `{node.name}` alone: what is in it goes with it, or moves first",
                *at(*edge.places),
            )
        )
    return work


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
        work.ask(
            f"which-{move.subject.lower()}",
            f"Which is meant by `{move.subject}`: {listed(one.name for one in found)}?",
            "every phase below depends on it",
            f"`{node.name}`",
            100,
        )
    work.named.append(row(node.name, "service", "the goal names it", at(*site.places(node))))
    name = f"`{move.new.lower()}`" if move.new else "the new service"
    work.counts.append(Counted(what="service", count=1, claim=assumed("from the words of the goal")))
    stores = [
        edge
        for edge in site.system.edges_from(node.id, Relation.CONNECTS, Relation.DEPENDS)
        if edge.target.startswith("store:")
    ]
    names = listed(edge.target.partition(":")[2] for edge in stores)
    if stores:
        work.ask(
            "own-data",
            f"Which tables of {names} move with it, and who else reads them?",
            "two services on one schema cannot be released apart",
            "none: it asks for what it needs",
            85,
        )
        work.risks.append(
            derived(
                f"`{node.name}` keeps its data in {names}: what was one transaction becomes two"
                " that can fail one without the other",
                *at(*stores[0].places),
            )
        )
    _begin(name, work, 1)
    claim = written_at(node)
    work.drafts.append(
        Draft(
            3,
            f"let `{node.name}` hand it over, behind a switch",
            f"the same work by {name}; both answers compared before the new one counts",
            site.files_of(node.name),
            undo_of(site, node.name),
            "no answer differs for a week",
            claim,
            size="L",
        )
    )
    work.drafts.append(
        Draft(
            4,
            f"take it out of `{node.name}`",
            "the code, its settings and secrets, once no release that needs them can come back",
            site.files_of(node.name),
            undo_of(site, node.name),
            "nothing names it",
            claim,
            size="M",
        )
    )
    work.risks.append(
        assumed(
            "trade-off: one more thing to run, release and be woken by, for a release of its own;"
            " a module behind an interface costs neither"
        )
    )
    return work


SERVICES = frozenset({Act.REMOVE, Act.EXTRACT, Act.NEW_SERVICE})
"""The moves that change which services there are."""
