"""A queue between two services: who calls whom today, what could carry it, and how it takes over."""

from rollsafe.plans.contribution import assumed, derived
from rollsafe.plans.model import Claim
from rollsafe.workspace.system import Edge, Node, Relation
from rollsafe_agents.implementation_orchestrator.implement.model import Counted
from rollsafe_agents.implementation_orchestrator.implement.moves import Move
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

_BROKERS = ("queue", "cache")


def _between(one: Node, other: Node, site: Site) -> Edge | None:
    """Return what says that one service needs another, an address before a mere order of starting."""
    edges = [
        edge
        for edge in site.system.edges_from(one.id, Relation.CONNECTS, Relation.DEPENDS)
        if edge.target == other.id
    ]
    return min(edges, key=lambda edge: edge.relation is Relation.DEPENDS, default=None)


def queue_work(move: Move, site: Site) -> Work | None:
    """Return what a queue between two services comes to; None where the goal means nothing that is here."""
    ends = [site.services(move.subject), site.services(move.new)]
    if not any(ends):
        return None
    work = Work(settled={"place", "protocol", "latency", "data-model", "errors", "consistency", "pattern"})
    for word, found in zip((move.subject, move.new), ends, strict=True):
        _ask_which(word, found, work)
    sender, receiver = ends[0][0] if ends[0] else None, ends[1][0] if ends[1] else None
    if sender is not None and receiver is not None:
        there, back = _between(sender, receiver, site), _between(receiver, sender, site)
        if there is None and back is not None:
            sender, receiver, there = receiver, sender, back
        _call(sender, receiver, there, work)
    for node in (sender, receiver):
        if node is not None:
            work.named.append(row(node.name, "service", "the goal names it", at(*site.places(node))))
    one, other = (
        node.name if node is not None else word
        for node, word in ((sender, move.subject), (receiver, move.new))
    )
    broker = _broker(site, work)
    _ask_delivery(one, other, work)
    claims = tuple(
        written_at(node) if node is not None else assumed("from the words of the goal")
        for node in (sender, receiver)
    )
    _queue_steps(one, other, broker, (claims[0], claims[1]), site, work)
    return work


def _ask_which(word: str, found: list[Node], work: Work) -> None:
    why = "every phase below depends on it"
    if not found:
        text = f"What is `{word}`? Nothing that runs here is called so"
        work.ask(f"which-{word.lower()}", text, why, "a service outside of this repository", 100)
    elif len(found) > 1:
        text = f"Which is meant by `{word}`: {listed(node.name for node in found)}?"
        work.ask(f"which-{word.lower()}", text, why, f"`{found[0].name}`", 100)


def _ask_delivery(one: str, other: str, work: Work) -> None:
    work.ask(
        "order",
        "What becomes of a message that fails again and again, and does their order matter?",
        "it decides the dead-letter queue, the number of consumers and what is done twice",
        "it goes to a dead-letter queue; order does not matter",
        70,
    )
    work.ask(
        "answer",
        f"Does `{one}` need to know at once how `{other}` has decided?",
        "behind a queue the answer comes later, by an event or a status that is asked for",
        "no: it is enough that it will be done",
        65,
    )
    work.risks.append(
        assumed("a message arrives twice, late or out of order: the consumer has to bear all three")
    )
    work.risks.append(
        assumed(
            f"trade-off: `{one}` no longer waits for `{other}`, and no longer sees it fail;"
            f" a timeout and a retry in `{one}` cost nothing to run"
        )
    )


def _call(sender: Node, receiver: Node, edge: Edge | None, work: Work) -> None:
    if edge is not None and edge.relation is Relation.CONNECTS:
        text = f"`{sender.name}` calls `{receiver.name}`: `{edge.detail.partition(' = ')[0]}`"
        work.answers["protocol"] = derived(text, *at(*edge.places))
    else:
        work.ask(
            "call",
            f"Does `{sender.name}` call `{receiver.name}` today, or the other way round?"
            " No address here says so",
            "the queue replaces that call; without one it is a new path",
            f"`{sender.name}` calls `{receiver.name}`",
            95,
        )


def _broker(site: Site, work: Work) -> Node | None:
    """Return a store that can carry messages, if one is here."""
    for layer in _BROKERS:
        for node in site.stores_there():
            if any(
                unit.known is not None and unit.known.layer == layer for unit in site.system.units[node.id]
            ):
                product = site.product(node)
                verb = (
                    "is a broker"
                    if layer == "queue"
                    else "can carry a queue, if nothing is lost with its pod"
                )
                work.answers["pattern"] = derived(
                    f"`{node.name}` ({product}) is here: it {verb}", *at(*site.places(node))
                )
                return node
    work.counts.append(
        Counted(what="broker, which keeps data", count=1, claim=assumed("no broker is written here"))
    )
    work.ask(
        "broker",
        "Which broker? None is written here",
        "it has to be run, watched and backed up; a table of the database can be a queue, too",
        "a table of the database of the sender, read by a worker (outbox)",
        85,
    )
    return None


def _queue_steps(
    one: str, other: str, broker: Node | None, claims: tuple[Claim, Claim], site: Site, work: Work
) -> None:
    sends, receives = claims
    where = f"on `{broker.name}`" if broker is not None else "with its broker"
    work.drafts.append(
        Draft(
            1,
            f"make the queue {where}",
            "queue and dead-letter queue, a volume that outlives pods,"
            " alerts on depth and age of the oldest message",
            (),
            "take it away again: it is empty",
            "a message put in by hand comes out",
            receives,
            size="S" if broker is not None else "L",
        )
    )
    work.drafts.append(
        Draft(
            2,
            f"let `{other}` consume",
            "once per message id; the same work the call does, the call stays",
            site.files_of(other),
            undo_of(site, other),
            "a message put in by hand, twice, is worked off once",
            receives,
            size="M",
        )
    )
    _sender_steps(one, other, sends, site, work)


def _sender_steps(one: str, other: str, sends: Claim, site: Site, work: Work) -> None:
    work.drafts.append(
        Draft(
            3,
            f"let `{one}` publish, behind a switch that is off",
            "in the transaction of the change it reports (outbox), or not at all; the call stays",
            site.files_of(one),
            undo_of(site, one),
            "with the switch off nothing is different",
            sends,
            size="M",
        )
    )
    work.drafts.append(
        Draft(
            4,
            "turn it on, a share at a time",
            "publish instead of calling; the switch goes back at once",
            site.files_of(one),
            "turn the switch off; the consumer works off what is in the queue",
            "depth stays low, the dead-letter queue empty",
            sends,
        )
    )
    work.drafts.append(
        Draft(
            5,
            "take the call out",
            f"the path from `{one}` to `{other}` that nobody goes any more, its address and its switch",
            tuple(dict.fromkeys((*site.files_of(one), *site.files_of(other)))),
            "bring the release of before back",
            "nothing names it",
            sends,
        )
    )
