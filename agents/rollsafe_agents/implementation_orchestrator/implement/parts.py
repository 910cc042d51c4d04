"""The remaining parts of the plan: what there is today, what goes wrong, what grows, and the self-check."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from rollsafe.plans.contribution import FindingFact, PlanContext, assumed, derived, fact, unknown
from rollsafe.plans.model import Claim, Evidence
from rollsafe.workspace.system import Edge, NodeKind, Relation, Stage, System
from rollsafe_agents.implementation_orchestrator.implement.goal import Goal, Theme
from rollsafe_agents.implementation_orchestrator.implement.model import (
    Affected,
    Box,
    Component,
    Counted,
    Phase,
    Question,
)
from rollsafe_agents.implementation_orchestrator.implement.reach import evidence_of

_MOST_FINDINGS: Final = 6
_LARGEST_PLAN: Final = 12
"""Phases a reader can keep in mind; more are a programme, not a change."""


def components(touched: Sequence[Affected], system: System, context: PlanContext) -> Iterator[Component]:
    """Yield what there is of each affected service today."""
    for one in touched:
        if one.kind == NodeKind.SERVICE.value:
            yield _component(one.name, system, context)


def _component(name: str, system: System, context: PlanContext) -> Component:
    node = f"{NodeKind.SERVICE.value}:{name}"
    code = system.code.get(node, "")
    built = system.edges_to(node, Relation.BUILDS)
    place = next((p for edge in built for p in edge.places), None)
    where = unknown(f"where the code of `{name}` is: no Dockerfile or build says so")
    return Component(
        name=name,
        code=fact(f"`{code}`", *evidence_of((place,))) if code and place is not None else where,
        contract=_contract(node, system),
        data=_listed(
            system, node, "keeps its data in", (Relation.CONNECTS, Relation.DEPENDS), NodeKind.STORE
        ),
        settings=_listed(
            system, node, "reads", (Relation.CONFIG, Relation.SECRET), NodeKind.CONFIG, NodeKind.SECRET
        ),
        deployed_by=_deployed(node, system),
        tests=_tests(name, code, system),
        owner=context.owner(f"{code}/Dockerfile" if code else place.path if place is not None else ""),
    )


def _contract(node: str, system: System) -> Claim:
    for edge in system.edges_from(node, Relation.PROVIDES):
        if edge.places:
            return fact(f"`{_name(edge)}`", *evidence_of(edge.places))
    return unknown("no description of its interface is in the repository")


def _listed(system: System, node: str, verb: str, relations: Sequence[Relation], *kinds: NodeKind) -> Claim:
    edges = [
        edge
        for edge in system.edges_from(node, *relations)
        if (target := system.by_id.get(edge.target)) is not None and target.kind in kinds and edge.places
    ]
    names = ", ".join(dict.fromkeys(f"`{_name(edge)}`" for edge in edges))
    places = tuple(place for edge in edges for place in edge.places[:1])
    return (
        fact(f"{verb} {names}", *evidence_of(places))
        if places
        else assumed(f"{verb} nothing that is written down")
    )


def _deployed(node: str, system: System) -> Claim:
    for edge in system.edges_to(node, Relation.DEPLOYS):
        if edge.places:
            job = system.by_id.get(edge.source)
            name = (job.name if job is not None else edge.source).rpartition("#")[2]
            how = f": `{edge.detail}`" if edge.detail else ""
            return fact(f"job `{name}` of `{edge.places[0].path}`{how}", *evidence_of(edge.places[:1]))
    return unknown("no job deploys it by name")


def _tests(name: str, code: str, system: System) -> Claim:
    for job in system.jobs:
        for deed in job.deeds:
            about = any(word in (name, code) or (code and word.startswith(f"{code}/")) for word in deed.words)
            if deed.stage is Stage.TEST and (about or name in job.words):
                return fact(f"`{deed.title}` in job `{job.name}`", *evidence_of((deed.place,)))
    return unknown(f"no job runs tests of `{name}` by name")


def _name(edge: Edge) -> str:
    return edge.target.partition(":")[2]


def risks(goal: Goal, touched: Sequence[Affected], context: PlanContext) -> Iterator[Claim]:
    """Yield what is known to go wrong: findings on what the goal touches, and what its kind brings."""
    paths = {place.path for one in touched if one.distance == 0 for place in one.why.evidence}
    by_rule: dict[str, FindingFact] = {}
    for found in context.findings_in(paths):
        if found.severity in ("error", "warning"):
            by_rule.setdefault(found.rule, found)
    worst = sorted(by_rule.values(), key=lambda found: found.severity != "error")
    for found in worst[:_MOST_FINDINGS]:
        yield derived(f"today: {found.message}", found.evidence, rule=found.rule)
    if goal.has(Theme.DATA, Theme.REMOVAL):
        yield assumed(
            "the previous release meets the new schema during the rollout, and again after a rollback"
        )
    if goal.has(Theme.EVENTS):
        yield assumed("an event arrives twice, late, or out of order: what handles it has to bear all three")
    if goal.has(Theme.INTERFACE):
        yield assumed("callers outside of this repository are not known to it")
    if goal.has(Theme.SERVICE):
        yield assumed("what was one transaction becomes two that can fail one without the other")


def counts(goal: Goal, phases: Sequence[Phase]) -> Iterator[Counted]:
    """Yield what there will be more of to run, as far as the goal says it."""
    told = assumed("from the words of the goal")
    if goal.has(Theme.SERVICE):
        yield Counted(what="services", count=1, claim=told)
    if goal.has(Theme.EVENTS):
        yield Counted(what="queues, topics or schedules", count=1, claim=told)
    migrations = sum(phase.title.endswith("the schema") for phase in phases)
    if migrations:
        yield Counted(what="releases with a migration", count=migrations, claim=told)


def tests(touched: Sequence[Affected], system: System) -> Iterator[Claim]:
    """Yield which suites there are for what is touched, and where one is missing."""
    for one in touched:
        if one.kind == NodeKind.SERVICE.value and one.distance == 0:
            code = system.code.get(f"{NodeKind.SERVICE.value}:{one.name}", "")
            yield _tests(one.name, code, system)
    for row in touched:
        if row.kind == NodeKind.SERVICE.value and row.distance == 1:
            yield assumed(
                f"`{row.name}` calls what changes: one test of theirs together, with the old and new answer"
            )


def boxes(
    touched: Sequence[Affected],
    flow: Sequence[Edge],
    asked: Sequence[Question],
    phases: Sequence[Phase],
    conflicts: Sequence[Claim],
    suites: Sequence[Claim],
) -> Iterator[Box]:
    """Yield the seven points a plan has to pass."""
    open_ones = {question.name for question in asked if question.answer is None}
    calls = [place for edge in flow for place in evidence_of(edge.places)]
    yield _known(
        "interactions are defined", calls, "who calls whom is written", "nothing says who calls whom"
    )
    yield _settled("data flow is clear", {"consistency", "data-model", "place"}, open_ones)
    yield _settled("errors are handled", {"errors"}, open_ones)
    suite = [place for one in suites for place in one.evidence[:1]]
    yield _known("there is a way to test it", suite, "a suite is there", "no suite of what changes was found")
    yield _settled("performance is considered", {"scale", "latency"}, open_ones)
    yield _aligned(conflicts, [place for one in touched for place in one.why.evidence[:1]])
    small = 0 < len(phases) <= _LARGEST_PLAN
    text = f"{len(phases)} phases, each shipped by itself"
    yield _box("it comes in reviewable pieces", "PASS" if small else "FAIL", assumed(text))


def _known(name: str, places: Sequence[Evidence], there: str, missing: str) -> Box:
    claim = derived(there, *places[:2]) if places else unknown(missing)
    return _box(name, "PASS" if places else "UNKNOWN", claim)


def _settled(name: str, topics: set[str], open_ones: set[str]) -> Box:
    left = sorted(topics & open_ones)
    if left:
        return _box(name, "UNKNOWN", unknown(f"open: {', '.join(f'`{one}`' for one in left)}"))
    return _box(name, "PASS", assumed("the questions about it are answered, or do not arise"))


def _aligned(conflicts: Sequence[Claim], places: Sequence[Evidence]) -> Box:
    name = "it fits what there is"
    if conflicts:
        return _box(name, "FAIL", conflicts[0])
    if not places:
        return _box(name, "UNKNOWN", unknown("the goal names nothing of this repository"))
    return _box(name, "PASS", derived("all it names is there", *places[:2]))


def _box(name: str, verdict: Literal["PASS", "FAIL", "UNKNOWN"], claim: Claim) -> Box:
    return Box(name=name, verdict=verdict, claim=claim)
