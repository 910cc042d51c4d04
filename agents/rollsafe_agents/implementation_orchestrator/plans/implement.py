"""The implementation plan: questions first, then phases that can be shipped and taken back one by one."""

import re
from collections.abc import Iterator, Mapping, Sequence

from rollsafe.plans.contribution import PlanContext, assumed, derived, unknown
from rollsafe.plans.kind import PlanKind, PlanOption, PlanRequest, PlanRequestError, Slot
from rollsafe.plans.model import Claim, Evidence, PlanDocument, Verdict
from rollsafe.text import nearest
from rollsafe.text.secrets import without_secrets
from rollsafe.workspace.inventory import environment_names, service_names, table_names
from rollsafe.workspace.system import System
from rollsafe_agents.implementation_orchestrator.implement.assembling import Ground, ground_of
from rollsafe_agents.implementation_orchestrator.implement.decision import decision
from rollsafe_agents.implementation_orchestrator.implement.flow import diagram, drawn, edges_among
from rollsafe_agents.implementation_orchestrator.implement.goal import Theme
from rollsafe_agents.implementation_orchestrator.implement.model import ImplementationPlan, Phase, Question
from rollsafe_agents.implementation_orchestrator.implement.parts import (
    boxes,
    components,
    counts,
    risks,
    tests,
)
from rollsafe_agents.implementation_orchestrator.implement.questions import questions
from rollsafe_agents.implementation_orchestrator.implement.reach import evidence_of

_CODE = re.compile(r"`([A-Za-z][\w./-]{1,80})`")
_COMING = re.compile(r"\b(?:add|build|call(?:ed)?|create|introduce|named?|new|own)\b[^`.\n]{0,40}$", re.I)
_LONGEST_TITLE = 70
_PLACING = frozenset({"place", "data-model"})
"""Questions whose answers name parts of the system."""
_AGENT = "implementation-orchestrator"
_LANGUAGES = frozenset(
    {"cs", "ex", "go", "java", "js", "kt", "php", "py", "rb", "rs", "scala", "swift", "ts", "tsx"}
)


def make(context: PlanContext, request: PlanRequest) -> PlanDocument:
    """Return the plan for a goal in words, or for the document `--from` names.

    Raises:
        PlanRequestError: there is neither, the document does not exist, or an answer fits no question.
    """
    text, source, body = _goal(context, request)
    answers = _answers(request)
    placing = [answer for name, answer in answers.items() if name in _PLACING or name.startswith("which-")]
    ground = ground_of(context, body, placing)
    goal, system, touched, steps = ground.goal, ground.system, ground.affected, ground.phases
    services = ground.services
    asked = questions(ground, answers)
    conflicts = (*ground.work.conflicts, *_conflicts(context, body, source, system))
    suites = tuple(tests(services, touched, system))
    edges = edges_among(services, touched, ground.site)
    verdict, reason = _verdict(ground, conflicts, asked)
    open_ones = [one for one in asked if one.answer is None]
    return ImplementationPlan(
        title=f"Implementation plan: {_title(text)}",
        verdict=verdict,
        verdict_reason=reason,
        **context.head,
        not_understood=context.frame.skipped,
        unknowns=tuple(unknown(one.text) for one in open_ones),
        goal=text,
        source=source,
        conflicts=conflicts,
        affected=touched,
        questions=asked,
        assumptions=tuple(assumed(f"{one.fallback} (`{one.name}`)") for one in open_ones),
        components=tuple(components(services, system)),
        flow=diagram(edges),
        flow_text=drawn(edges),
        phases=steps,
        risks=(*risks(goal, touched, context, system), *ground.work.risks),
        counts=tuple(counts(goal, ground.work.counts, steps)),
        tests=suites,
        boxes=tuple(boxes(touched, edges, asked, steps, conflicts, suites)),
        not_covered=tuple(_not_covered(context, ground)),
        next_actions=_next_actions(conflicts, asked, steps, ground),
        decision=decision(_title(text), context.after.paths, touched, asked, steps),
    )


def _goal(context: PlanContext, request: PlanRequest) -> tuple[str, Evidence | None, str]:
    """Return the goal, where it is written, and the text its names are read from.

    Of a document only the title is the goal: what else it holds is not for this plan to repeat.
    """
    path = request.one("from")
    if path is None:
        if not request.subject.strip():
            raise PlanRequestError("`implement` needs a goal in words, or a plan with --from FILE")
        return without_secrets(request.subject), None, _masked(request.subject)
    file = context.after.read(path.removeprefix("./"))
    if file is None:
        raise PlanRequestError(f"--from {path}: the project has no such file")
    return without_secrets(_title(file.text)), Evidence(path=file.path, line=1), _masked(file.text)


def _masked(text: str) -> str:
    return "\n".join(map(without_secrets, text.splitlines()))


def _title(text: str) -> str:
    line = next((line.lstrip("# ").strip() for line in text.splitlines() if line.strip(" #-")), text)
    return line if len(line) <= _LONGEST_TITLE else f"{line[: _LONGEST_TITLE - 1].rstrip()}…"


def _answers(request: PlanRequest) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for given in request.options.get("answer", ()):
        name, sign, text = given.partition("=")
        if not sign or not text.strip():
            raise PlanRequestError(f"--answer {given}: an answer is NAME=TEXT")
        found[name.strip()] = without_secrets(text)
    return found


def _conflicts(context: PlanContext, text: str, source: Evidence | None, system: System) -> Iterator[Claim]:
    """Yield what the goal takes to be there and is not."""
    if source is not None:
        for found in context.findings_in([source.path]):
            if found.agent == _AGENT:
                yield derived(found.message, found.evidence, rule=found.rule)
        return
    graph = context.after.graph
    known = {
        *service_names(graph), *table_names(graph), *environment_names(graph), *context.after.paths,
        *(node.name for node in system.nodes),
    }  # fmt: skip
    names = {name.lower() for name in known}
    for match in _CODE.finditer(text):
        word = match[1]
        if word.lower() in names or _COMING.search(text[: match.start()]):
            continue
        close = nearest(word, known)
        node = next((node for node in system.nodes if node.name == close and node.places), None)
        if node is not None:
            said = f"the goal names `{word}`, which is not there; the nearest is `{close}`"
            yield derived(said, *evidence_of(node.places))


def _verdict(ground: Ground, conflicts: Sequence[Claim], asked: Sequence[Question]) -> tuple[Verdict, str]:
    first, steps = sum(one.is_asked for one in asked), ground.phases
    if conflicts:
        return (
            Verdict.BLOCKED,
            f"by {len(conflicts)} conflict{'s' * (len(conflicts) > 1)} with the repository",
        )
    if not steps and not ground.affected and not ground.is_plain:
        return Verdict.INCOMPLETE, "the goal names nothing of this repository"
    if first:
        return Verdict.INCOMPLETE, f"{first} question{'s' * (first > 1)} to settle first"
    if not steps:
        return Verdict.INCOMPLETE, "the goal does not say what is to be done with what it names"
    if ground.goal.has(Theme.REMOVAL):
        return Verdict.RISKS, "what is removed at the end does not come back"
    return Verdict.READY, f"{len(steps)} phase{'s' * (len(steps) > 1)}, each taken back by itself"


def _not_covered(context: PlanContext, ground: Ground) -> Iterator[Claim]:
    goal = ground.goal
    if not goal.themes and not ground.is_plain:
        yield unknown("what kind of change this is: goals are read by English words and by the names here")
    code = sorted(
        {
            path.rpartition(".")[2]
            for path in context.after.paths
            if path not in context.after.artefacts and "." in path
        }
        & _LANGUAGES
    )
    if code:
        listed = ", ".join(f"`.{one}`" for one in code)
        yield unknown(
            f"what the code does ({listed}): only configuration, migrations, pipelines and documents are read"
        )
    if goal.has(Theme.ACCESS):
        yield unknown("who may do what: a security review has to say")
    if goal.has(Theme.SURFACE):
        yield unknown("what the user sees and understands: a design has to say")
    yield unknown("effort in days, and who is free: nothing in a repository says so")


def _next_actions(
    conflicts: Sequence[Claim], asked: Sequence[Question], steps: Sequence[Phase], ground: Ground
) -> tuple[str, ...]:
    first = [one for one in asked if one.is_asked]
    found = [f"Settle the conflict: {conflicts[0].text}"] if conflicts else []
    found += [f"Answer: {one.text}" for one in first[:1]]
    found += ["Write the decision down and have it read by the owners of what it touches"]
    if steps:
        found.append(f"Begin with {steps[0].name}: {steps[0].title}")
    elif not ground.affected:
        found.append("Name a service, table, variable or file the goal is about")
    else:
        found.append("Say what is to be done: rename, drop, add, replace, upgrade, remove, a queue between")
    return tuple(found[:2] + found[-1:] if len(found) > 3 else found)


PLAN = PlanKind(
    title="Implementation plan",
    summary="a goal in words, or a plan as a document, as phases that are shipped and taken back one by one",
    model=ImplementationPlan,
    make=make,
    subject="GOAL",
    needs_subject=True,
    instead="from",
    options=(
        PlanOption("from", "A plan in the project to take the goal from", "FILE"),
        PlanOption("answer", "The answer to a question; may be repeated", "NAME=TEXT"),
    ),
    slots=(
        Slot("goal", "What the goal comes to", "What does the goal come to for the parts it touches?"),
        Slot("assumptions", "What is taken for granted", "What has to be true for the phases to work out?"),
        Slot("flow", "How data moves", "How does data move before, during and after the phases?"),
        Slot("risks", "Risks and trade-offs", "Which risk weighs most, and what is given up for what?"),
    ),
)
