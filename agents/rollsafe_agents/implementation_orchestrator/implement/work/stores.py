"""Stores that are replaced or upgraded: who uses them, what is kept in them, in which order it is done."""

import re
from collections.abc import Iterator

from rollsafe.plans.cluster import rollout_status
from rollsafe.plans.contribution import assumed, derived, fact
from rollsafe.plans.model import Claim, Evidence
from rollsafe.workspace.system import Edge, Node, Relation
from rollsafe.workspace.system.environments import Fact
from rollsafe_agents.implementation_orchestrator.implement.model import Counted
from rollsafe_agents.implementation_orchestrator.implement.moves import Act, Move, product_of
from rollsafe_agents.implementation_orchestrator.implement.work.model import (
    Draft,
    Site,
    Work,
    at,
    listed,
    row,
    undo_of,
)

_SAME_PROTOCOL = (
    frozenset({"Redis", "Valkey"}),
    frozenset({"MySQL", "MariaDB"}),
    frozenset({"Elasticsearch", "OpenSearch"}),
    frozenset({"Kafka", "Redpanda"}),
    frozenset({"PostgreSQL", "CockroachDB"}),
)
"""Products that clients of each other can talk to, if not in everything."""

_SETTLED = {"place", "protocol", "data-model", "latency", "scale"}
_VERSION = re.compile(r":v?(?P<version>\d+(?:\.\d+)*)")


def store_work(move: Move, site: Site) -> Work | None:
    """Return what replacing or upgrading a store comes to; None where the goal means nothing that is here."""
    product = product_of(move.subject)
    word = move.where if move.act is Act.UPGRADE and move.where else move.subject
    found = site.stores(word, product) or site.stores(move.subject, product)
    work = Work(settled=set(_SETTLED))
    if not found:
        if product is None:
            return None
        _nowhere(work, product, site)
        return work
    for node in found:
        runs = site.product(node) or "a store"
        work.named.append(row(node.name, "store", f"it runs {runs}", at(*site.places(node))))
    if move.act is Act.UPGRADE:
        _upgrade(move, found, site, work)
    else:
        _replace(move, found, site, work)
    return work


def _nowhere(work: Work, product: str, site: Site) -> None:
    """Say that nothing here runs a product, with what does."""
    stores = [(node, site.product(node)) for node in site.stores_there()]
    known = [(node, title) for node, title in stores if title is not None]
    if known:
        names = ", ".join(dict.fromkeys(f"`{node.name}` ({title})" for node, title in known[:4]))
        places = [place for node, _ in known for place in at(*site.places(node))[:1]]
        work.conflicts.append(derived(f"nothing here runs {product}; what is here: {names}", *places[:2]))
    else:
        work.ask(
            "which-store",
            f"Where does {product} run? No file here says so",
            "every phase below depends on it",
            "outside of this repository",
            100,
        )


def _images(node: Node, site: Site) -> list[tuple[str, Fact]]:
    """Return the images of a store by environment, those for development left out."""
    found: list[tuple[str, Fact]] = []
    for one in site.environments:
        running = one.services.get(node.name)
        if running is not None and not one.is_development:
            found += ((one.label, image) for image in list(running.images.values())[:1])
    return found


def _is_cache(node: Node, site: Site) -> bool:
    units = site.system.units.get(node.id, ())
    return any(unit.known is not None and unit.known.layer == "cache" for unit in units)


def _ask_data(node: Node, work: Work, site: Site) -> None:
    if _is_cache(node, site):
        work.ask(
            "empty-start",
            f"May `{node.name}` begin empty, or is there something in it that is nowhere else:"
            " sessions, carts, queues?",
            "a cache fills itself, everything else has to be copied",
            "it may begin empty",
            90,
        )
    else:
        work.ask(
            "stop",
            f"How long may `{node.name}` refuse writes while its data is moved?",
            "it decides between a dump and a replica that takes over",
            "an hour at night",
            90,
        )


def _replace(move: Move, found: list[Node], site: Site, work: Work) -> None:
    old, new = found[0], move.new
    before = site.product(old) or move.old
    if before == new:
        work.conflicts.append(derived(f"`{old.name}` runs {new} already", *at(*site.places(old))))
        return
    there = [node for node in site.stores_there() if site.product(node) == new and node not in found]
    if there:
        work.answers["pattern"] = fact(f"`{there[0].name}` runs {new} already", *at(*site.places(there[0])))
    is_alike = any({before, new} <= group for group in _SAME_PROTOCOL)
    text = (
        f"clients of {before} can talk to {new}: addresses change, code need not"
        if is_alike
        else f"{new} speaks another protocol than {before}: clients, queries and keys change"
    )
    work.risks.append(assumed(text))
    _ask_data(old, work, site)
    if not there:
        work.counts.append(
            Counted(what="store while both run", count=1, claim=assumed("until the last phase"))
        )
        work.drafts.append(_beside(old, new, site))
    users = site.users_of(old.id)
    rank = 1 if there else 2
    work.drafts += (_moved((old, before, new), user, edge, rank, site) for user, edge in users)
    if not users:
        text = f"Who uses `{old.name}`? No address here leads to it"
        work.ask("users", text, "each of them is moved by a release of its own", "one service", 80)
    work.drafts.append(_retired(old, rank + 1, site))
    if not is_alike:
        text = (
            f"trade-off: {new} for this alone is one more product to run and know,"
            " and one less if it is here already"
        )
        work.risks.append(assumed(text))


def _beside(old: Node, new: str, site: Site) -> Draft:
    """Return the phase that runs the new product beside the old one."""
    return Draft(
        1,
        f"run a {new} beside `{old.name}`",
        f"its own name, volume, password, probes and alerts, in every environment that has `{old.name}`",
        tuple(dict.fromkeys(place.path for place in old.places)),
        "take it away again: nobody uses it",
        "it answers, and nobody uses it",
        derived(f"`{old.name}` is written here", *at(*site.places(old))),
        size="M",
    )


def _moved(change: tuple[Node, str, str], user: Node, edge: Edge, rank: int, site: Site) -> Draft:
    """Return the release of a user of a store that goes to the new product."""
    old, before, new = change
    is_alike = any({before, new} <= group for group in _SAME_PROTOCOL)
    known = site.deployed.get(user.name)
    variable = edge.detail.partition(" = ")[0] if edge.relation is Relation.CONNECTS else ""
    how = (
        f"`{variable}` leads to it"
        if variable
        else "its address is not among the settings here: the code or a secret has it"
    )
    if not is_alike:
        how = (
            f"behind a switch: write to both, read from {before}; then read from {new}."
            f" {how[:1].upper()}{how[1:]}"
        )
    return Draft(
        rank,
        f"move `{user.name}` to {new}",
        how,
        tuple(dict.fromkeys((*(place.path for place in edge.places), *site.files_of(user.name)))),
        undo_of(site, user.name),
        "its error rate is as before",
        derived(f"`{user.name}` needs `{old.name}`", *at(*edge.places)),
        rollout_status(known.namespace, known.key) if known is not None else None,
        "S" if is_alike else "L",
    )


def _retired(old: Node, rank: int, site: Site) -> Draft:
    return Draft(
        rank,
        f"take `{old.name}` away",
        "once nothing connects to it any more; keep its volume or a dump as long as somebody may ask for it",
        tuple(dict.fromkeys(place.path for place in old.places)),
        "run it again; without its volume it begins empty",
        "no client is connected to it for a day",
        derived(f"`{old.name}` is written here", *at(*site.places(old))),
    )


def _upgrade(move: Move, found: list[Node], site: Site, work: Work) -> None:
    node, runs = found[0], site.product(found[0]) or "it"
    files = _versions(move, node, site, work)
    claim = derived(f"`{node.name}` is written here", *at(*site.places(node)))
    _ask_data(node, work, site)
    users = listed(one.name for one, _ in site.users_of(node.id)) or "its users"
    work.drafts.append(
        Draft(
            1,
            "rehearse it on a copy",
            f"restore the last backup into {runs} {move.new},"
            f" run the tests of {users} against it, note how long it takes",
            (),
            "none needed: it is a copy",
            "tests pass, and the time is known",
            claim,
            size="M",
        )
    )
    if not _is_cache(node, site):
        text = (
            f"{runs} does not open the files of another major version:"
            " the new one begins with an empty volume"
        )
        work.risks.append(assumed(text))
        work.drafts += _switched_over((node.name, f"{runs} {move.new}", users), files, claim)
        return
    work.drafts.append(
        Draft(
            2,
            f"run {runs} {move.new} as `{node.name}`",
            "change the tag; it starts with what its volume holds, or empty",
            files,
            "the tag of before, if it reads what the new one has written",
            "it answers, and its users' error rate is as before",
            claim,
        )
    )


def _versions(move: Move, node: Node, site: Site, work: Work) -> tuple[str, ...]:
    """Note what every environment runs, and return the files that say it."""
    images = _images(node, site)
    for label, image in images[:4]:
        evidence = Evidence(path=image.place.path, line=image.place.line)
        work.risks.append(fact(f"{label} runs `{image.text}`", evidence))
        match = _VERSION.search(image.text.partition("@")[0])
        version = match["version"] if match is not None else ""
        if version and _begins(version, move.new):
            work.conflicts.append(derived(f"{label} runs {version} already", evidence))
        elif move.old and version and not _begins(version, move.old):
            work.conflicts.append(derived(f"the goal says {move.old}; {label} runs {version}", evidence))
    written = tuple(dict.fromkeys(image.place.path for _, image in images))
    return written or tuple(dict.fromkeys(place.path for place in node.places))


def _switched_over(names: tuple[str, str, str], files: tuple[str, ...], claim: Claim) -> Iterator[Draft]:
    """Yield how a store that keeps data is followed by one of another version."""
    node, version, users = names
    yield Draft(
        2,
        f"run {version} beside `{node}`",
        "empty, with a volume of its own; fill it from a dump, or let it follow as a replica",
        files,
        "take it away again: nobody uses it",
        "it holds what the old one holds",
        claim,
        size="M",
    )
    yield Draft(
        3,
        "switch over",
        f"stop writing ({users}), let the last changes arrive, point everybody at the new one, start again",
        files,
        "point everybody back, as long as nothing was written to the new one",
        "writes arrive in the new one",
        claim,
        size="L",
    )
    yield Draft(
        4,
        "take the old one away",
        "after a week; keep its volume or a dump as long as somebody may ask for it",
        files,
        "none for what was written since: only from the new one",
        "no client is connected to it",
        claim,
    )


def _begins(version: str, wanted: str) -> bool:
    parts, other = version.split("."), wanted.split(".")
    return parts[: len(other)] == other


STORES = frozenset({Act.REPLACE, Act.UPGRADE})
"""The moves that change a store."""
