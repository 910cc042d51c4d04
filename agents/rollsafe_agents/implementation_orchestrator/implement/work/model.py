"""What a move of a goal comes to, and what it is looked up in."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from rollsafe.plans.cluster import rollout_undo
from rollsafe.plans.contribution import assumed, derived, place_in
from rollsafe.plans.model import Claim, Evidence
from rollsafe.text.cached import cached_property
from rollsafe.text.records import field, open_record, replace, state
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.schema import Mention
from rollsafe.workspace.system import Edge, Node, NodeKind, Place, Relation, System
from rollsafe.workspace.system.environments import Environment
from rollsafe.workspace.view import View
from rollsafe_agents.implementation_orchestrator.implement.model import Affected, Counted, Question, Size

BY_HAND: Final = "revert the change and deploy again"
"""How something is taken back that no command here rolls back."""

_GENERIC = ("service", "svc", "server", "app")
_CLOSE = 3


class Deployed(NamedTuple):
    """A workload that is rolled: its key as kubectl takes it, and the file it is written in."""

    namespace: str | None
    key: str
    path: str


@open_record
class Draft:
    """A phase before it is numbered; drafts of the same `rank` can be worked on at the same time."""

    rank: int
    title: str
    change: str
    touches: tuple[str, ...]
    rollback: str
    done_when: str
    claim: Claim
    command: str | None = None
    size: Size = "S"
    is_alone: bool = True


@state
class Work:
    """What a move comes to.

    `settled` are questions of the bank that do not arise or are answered by the move itself.
    """

    named: list[Affected] = field(default_factory=list[Affected])
    conflicts: list[Claim] = field(default_factory=list[Claim])
    drafts: list[Draft] = field(default_factory=list[Draft])
    questions: list[tuple[Question, int]] = field(default_factory=list[tuple[Question, int]])
    answers: dict[str, Claim] = field(default_factory=dict[str, Claim])
    settled: set[str] = field(default_factory=set[str])
    risks: list[Claim] = field(default_factory=list[Claim])
    counts: list[Counted] = field(default_factory=list[Counted])

    def ask(self, name: str, text: str, why: str, fallback: str, weight: int = 50) -> None:
        """Add a question that only people can answer; the heavier come first."""
        question = Question(
            name=name, level=2, text=text, why=why, fallback=fallback, answer=None, is_asked=False
        )
        self.questions.append((question, weight))

    def add(self, other: "Work") -> None:
        """Put another move's work behind this one's."""
        last = max((draft.rank for draft in self.drafts), default=0)
        self.drafts += (replace(draft, rank=draft.rank + last) for draft in other.drafts)
        self.named += other.named
        self.conflicts += other.conflicts
        self.questions += other.questions
        self.answers.update(other.answers)
        self.settled |= other.settled
        self.risks += other.risks
        self.counts += other.counts


@open_record
class Site:
    """What a move is looked up in: the project, its system, and what is rolled in the environment."""

    view: View
    system: System
    environments: Sequence[Environment]
    deployed: Mapping[str, Deployed]

    @cached_property
    def live(self) -> list[Node]:
        """The services that are not for development only; all of them where all are."""
        nodes = self.system.of(NodeKind.SERVICE)
        found = [
            node for node in nodes if not all(unit.is_development for unit in self.system.units[node.id])
        ]
        return found or nodes

    @cached_property
    def aside(self) -> frozenset[str]:
        """The files that are for development and tests only, of services that others run as well."""
        units = [unit for found in self.system.units.values() for unit in found]
        found = frozenset(unit.place.path for unit in units if unit.is_development)
        return found if len(found) < len({unit.place.path for unit in units}) else frozenset()

    def counts(self, edge: Edge) -> bool:
        """Say whether an edge is written anywhere but in files for development and tests."""
        return any(place.path not in self.aside for place in edge.places)

    def places(self, node: Node) -> tuple[Place, ...]:
        """Return where a part is written, files for development and tests last."""
        return tuple(sorted(node.places, key=lambda place: place.path in self.aside))

    def services(self, word: str) -> list[Node]:
        """Return the services a word means: the one of that name, else those whose name it is part of."""
        wanted = _stem(word)
        exact = [
            node for node in self.live if node.name.lower() == word.lower() or _stem(node.name) == wanted
        ]
        if exact:
            return [node for node in exact if node.name.lower() == word.lower()] or exact
        return [node for node in self.live if wanted in _parts(node.name)]

    def stores(self, word: str, product: str | None = None) -> list[Node]:
        """Return the stores of that name, or that run that product."""
        found = self.system.of(NodeKind.STORE)
        named = [node for node in found if node.name.lower() == word.lower()]
        return named or [node for node in found if product is not None and self.product(node) == product]

    def stores_there(self) -> list[Node]:
        """Return the stores that are not for development only; all of them where all are."""
        nodes = self.system.of(NodeKind.STORE)
        live = [node for node in nodes if not all(unit.is_development for unit in self.system.units[node.id])]
        return live or nodes

    def product(self, node: Node) -> str | None:
        """Return what a store runs."""
        units = self.system.units.get(node.id, ())
        return next((unit.known.title for unit in units if unit.known is not None), None)

    def users_of(self, id_: str) -> list[tuple[Node, Edge]]:
        """Return the services that reach a part of the system, each with what says so."""
        live = {node.id: node for node in self.live}
        found: dict[str, tuple[Node, Edge]] = {}
        for edge in self.system.edges_to(id_, Relation.CONNECTS, Relation.DEPENDS):
            if edge.source in live and self.counts(edge):
                known = found.get(edge.source)
                if known is None or (
                    known[1].relation is Relation.DEPENDS and edge.relation is Relation.CONNECTS
                ):
                    found[edge.source] = live[edge.source], edge
        return list(found.values())

    def files_of(self, name: str) -> tuple[str, ...]:
        """Return where a service is changed: its code, and the manifest it is rolled by."""
        known = self.deployed.get(name)
        code = self.system.code.get(f"service:{name}", "")
        return tuple(part for part in (code, known.path if known is not None else "") if part)


def _stem(word: str) -> str:
    """Return a name without what nearly all names end in: `cartservice` is the `cart` people speak of."""
    lower = word.lower()
    for ending in _GENERIC:
        for joint in ("-", "_", ""):
            if lower.endswith(joint + ending) and len(lower) > len(joint + ending) + 1:
                return lower.removesuffix(joint + ending)
    return lower.removesuffix("s") if len(lower) > _CLOSE else lower


def _parts(name: str) -> set[str]:
    return {_stem(part) for part in name.lower().replace("_", "-").replace(".", "-").split("-")}


# Claims and rows ---------------------------------------------------------------------------------


def at(*places: Place) -> tuple[Evidence, ...]:
    """Return places as evidence, the first two."""
    return tuple(Evidence(path=place.path, line=place.line) for place in dict.fromkeys(places))[:2]


def mentioned(mention: Mention) -> Evidence:
    """Return where a statement mentions something."""
    return place_in(mention.statement.file, mention.where)


def undo_of(site: Site, name: str) -> str:
    """Return how a release of a service is taken back."""
    known = site.deployed.get(name)
    return rollout_undo(known.namespace, known.key) if known is not None else BY_HAND


def written_at(node: Node) -> Claim:
    """Return where a part of the system is written."""
    return derived(f"`{node.name}` is written here", *at(*node.places))


def row(name: str, kind: str, text: str, places: Iterable[Evidence], distance: int = 0) -> Affected:
    """Return a part that is touched, and why."""
    found = tuple(places)
    why = derived(text, *found) if found else assumed(text)
    return Affected(name=name, kind=kind, distance=distance, why=why)


def listed(names: Iterable[str], most: int = 4) -> str:
    """Return names as people list them, the first few of many."""
    known = list(dict.fromkeys(names))
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return ", ".join(f"`{name}`" for name in known[:most]) + more
