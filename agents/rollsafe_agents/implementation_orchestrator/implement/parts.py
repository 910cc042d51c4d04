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
_MOST_COMPONENTS: Final = 6
_MOST_NAMES: Final = 8
_LARGEST_PLAN: Final = 12
"""Phases a reader can keep in mind; more are a programme, not a change."""


def components(services: Sequence[str], system: System) -> Iterator[Component]:
    """Yield what there is today of each service that is named or that a phase changes."""
    yield from (_component(name, system) for name in services[:_MOST_COMPONENTS])


def _component(name: str, system: System) -> Component:
    node = f"{NodeKind.SERVICE.value}:{name}"
    code = system.code.get(node, "")
    built = system.edges_to(node, Relation.BUILDS)
    place = next((p for edge in built for p in edge.places), None)
    where = unknown(f"where the code of `{name}` is: no Dockerfile or build says so")
    return Component(
        name=name,
        code=fact(f"`{code}`", *evidence_of((place,))) if code and place is not None else where,
        contract=_contract(node, system),
        data=_listed(system, node, "reaches", (Relation.CONNECTS, Relation.DEPENDS), NodeKind.STORE),
        settings=_listed(
            system, node, "reads", (Relation.CONFIG, Relation.SECRET), NodeKind.CONFIG, NodeKind.SECRET
        ),
        deployed_by=_deployed(node, system),
        tests=_tests(name, code, system),
        owner=_owner(node, system),
    )


def _owner(node: str, system: System) -> Claim:
    edges = system.edges_to(node, Relation.OWNS)
    if edges:
        names = " ".join(dict.fromkeys(edge.source.partition(":")[2] for edge in edges))
        return fact(names, *evidence_of(edges[0].places))
    return unknown("no CODEOWNERS entry names one")


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
    known = list(dict.fromkeys(f"`{_name(edge)}`" for edge in edges))
    more = f" and {len(known) - _MOST_NAMES} more" if len(known) > _MOST_NAMES else ""
    names = ", ".join(known[:_MOST_NAMES]) + more
    places = tuple(place for edge in edges for place in edge.places[:1])
    return (
        fact(f"{verb} {names}", *evidence_of(places))
        if places
        else unknown(f"nothing that it {verb} is written here")
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


def risks(goal: Goal, touched: Sequence[Affected], context: PlanContext, system: System) -> Iterator[Claim]:
    """Yield what is known to go wrong: findings on what the goal touches, and what its kind brings."""
    by_rule: dict[str, FindingFact] = {}
    for found in context.findings_in(_paths(touched, context, system)):
        if found.severity in ("error", "warning") and _is_about(found, touched, system):
            by_rule.setdefault(found.rule, found)
    worst = sorted(by_rule.values(), key=lambda found: found.severity != "error")
    for found in worst[:_MOST_FINDINGS]:
        yield derived(f"today: {found.message}", found.evidence, rule=found.rule)
    if goal.has(Theme.EVENTS):
        yield assumed("an event arrives twice, late, or out of order: what handles it has to bear all three")
    if goal.has(Theme.INTERFACE):
        yield assumed("callers outside of this repository are not known to it")
    if goal.has(Theme.SERVICE):
        yield assumed("what was one transaction becomes two that can fail one without the other")


def _paths(touched: Sequence[Affected], context: PlanContext, system: System) -> list[str]:
    """Return the files that say what the goal names, and those of its code."""
    named = [one for one in touched if one.distance == 0]
    told = {place.path for one in named for place in one.why.evidence}
    codes = {system.code.get(f"{one.kind}:{one.name}", "") for one in named} - {"", "."}
    return sorted(
        path
        for path in context.after.paths
        if path in told or any(path.startswith(f"{code}/") for code in codes)
    )


def _is_about(found: FindingFact, touched: Sequence[Affected], system: System) -> bool:
    """Say whether a finding names something that runs and that the goal names, or lies in its code."""
    if found.evidence.path.endswith(".sql"):
        return False
    for one in touched:
        if one.distance == 0 and one.kind in (NodeKind.SERVICE.value, NodeKind.STORE.value):
            code = system.code.get(f"{one.kind}:{one.name}", "")
            inside = code not in ("", ".") and found.evidence.path.startswith(f"{code}/")
            if inside or f"`{one.name}`" in found.message:
                return True
    return False


def counts(goal: Goal, told: Sequence[Counted], steps: Sequence[Phase]) -> Iterator[Counted]:
    """Yield what there will be more of to run, as far as the goal says it."""
    yield from told
    why = assumed("from the words of the goal")
    if not told and goal.has(Theme.SERVICE):
        yield Counted(what="service", count=1, claim=why)
    if not told and goal.has(Theme.EVENTS) and steps:
        yield Counted(what="queue, topic or schedule", count=1, claim=why)


def tests(services: Sequence[str], touched: Sequence[Affected], system: System) -> Iterator[Claim]:
    """Yield which suites there are for what is touched, and where one is missing."""
    for name in services[:_MOST_COMPONENTS]:
        yield _tests(name, system.code.get(f"{NodeKind.SERVICE.value}:{name}", ""), system)
    for row in touched:
        if row.kind == NodeKind.SERVICE.value and row.distance == 1 and row.name not in services:
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
    open_ones = {question.name for question in asked if question.answer is None and question.is_asked}
    calls = [place for edge in flow for place in evidence_of(edge.places)]
    yield _known(
        "interactions are defined",
        calls,
        "who needs whom is written",
        "nothing here says who calls what it names",
    )
    yield _settled("data flow is clear", _OF_DATA, open_ones)
    back = [phase.name for phase in phases if not phase.rollback]
    failing = _settled("errors are handled", {"errors", "order"}, open_ones)
    yield (
        failing
        if failing.verdict != "PASS" or not phases or back
        else _box("errors are handled", "PASS", assumed("every phase says how it is taken back"))
    )
    suite = [place for one in suites for place in one.evidence[:1]]
    yield _known("there is a way to test it", suite, "a suite is there", "no suite of what changes was found")
    yield _settled("performance is considered", {"scale", "latency", "empty-start", "stop"}, open_ones)
    yield _aligned(conflicts, [place for one in touched for place in one.why.evidence[:1]])
    text = f"{len(phases)} phase{'s' * (len(phases) != 1)}, each shipped by itself"
    if not phases:
        yield _box("it comes in reviewable pieces", "UNKNOWN", unknown("no phase can be derived yet"))
        return
    yield _box(
        "it comes in reviewable pieces", "PASS" if len(phases) <= _LARGEST_PLAN else "FAIL", assumed(text)
    )


_OF_DATA: Final = {
    "consistency",
    "data-model",
    "place",
    "which-table",
    "readers",
    "writers",
    "own-data",
    "old-rows",
    "call",
}


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
