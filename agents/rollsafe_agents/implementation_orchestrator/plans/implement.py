"""The implementation plan: questions first, then phases that can be shipped and taken back one by one."""

import re
from collections.abc import Iterator, Mapping, Sequence

from rollsafe.artefacts.migrations import Migration
from rollsafe.plans.contribution import PlanContext, assumed, derived, unknown
from rollsafe.plans.kind import PlanKind, PlanOption, PlanRequest, PlanRequestError
from rollsafe.plans.model import Claim, Evidence, PlanDocument, Verdict
from rollsafe.text import nearest
from rollsafe.text.secrets import without_secrets
from rollsafe.workspace.inventory import environment_names, service_names, table_names
from rollsafe.workspace.rollout import rollout_of
from rollsafe.workspace.system import System, system_of
from rollsafe_agents.implementation_orchestrator.implement.decision import decision
from rollsafe_agents.implementation_orchestrator.implement.flow import diagram, drawn, edges_among
from rollsafe_agents.implementation_orchestrator.implement.goal import Goal, Theme, read_goal
from rollsafe_agents.implementation_orchestrator.implement.model import (
    Affected,
    ImplementationPlan,
    Phase,
    Question,
)
from rollsafe_agents.implementation_orchestrator.implement.parts import (
    boxes,
    components,
    counts,
    risks,
    tests,
)
from rollsafe_agents.implementation_orchestrator.implement.phases import Deployed, Placed, phases
from rollsafe_agents.implementation_orchestrator.implement.questions import Ground, questions
from rollsafe_agents.implementation_orchestrator.implement.reach import affected, evidence_of

_CODE = re.compile(r"`([A-Za-z][\w./-]{1,80})`")
_COMING = re.compile(r"\b(?:add|build|call(?:ed)?|create|introduce|named?|new|own)\b[^`.\n]{0,40}$", re.I)
_LONGEST_TITLE = 70
_PLACING = frozenset({"place", "data-model"})
"""Questions whose answers name parts of the system."""
_AGENT = "implementation-orchestrator"
_ROLLED = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
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
    ground = _ground(context, body, answers)
    goal, system, touched = ground.goal, ground.system, ground.affected
    asked = questions(ground, answers)
    steps = phases(goal, touched, Placed(system, _deployed(context))) if _is_placed(goal, touched) else ()
    conflicts = tuple(_conflicts(context, body, source, system))
    suites = tuple(tests(touched, system))
    verdict, reason = _verdict(goal, conflicts, asked, steps)
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
        components=tuple(components(touched, system, context)),
        flow=diagram(touched, system),
        flow_text=drawn(touched, system),
        phases=steps,
        risks=tuple(risks(goal, touched, context)),
        counts=tuple(counts(goal, steps)),
        tests=suites,
        boxes=tuple(boxes(touched, edges_among(touched, system), asked, steps, conflicts, suites)),
        not_covered=tuple(_not_covered(context, goal)),
        next_actions=_next_actions(conflicts, asked, steps),
        decision=decision(_title(text), context.after.paths, touched, asked, steps),
    )


def _ground(context: PlanContext, body: str, answers: Mapping[str, str]) -> Ground:
    """Return what the words of a goal, and the answers that say where it belongs, stand for here."""
    system = system_of(context.after)
    placing = [answer for name, answer in answers.items() if name in _PLACING or name.startswith("which-")]
    goal = read_goal("\n".join((body, *placing)), system, table_names(context.after.graph))
    return Ground(goal, system, affected(goal, system), dict(_tables(context, goal)))


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


def _tables(context: PlanContext, goal: Goal) -> Iterator[tuple[str, Claim]]:
    """Yield where each table the goal names is created."""
    for name in goal.tables:
        for migration in context.after.graph.find(Migration, f"creates:{name}"):
            line = migration.file.line_number(migration)
            text = f"table `{name}` is there; every reader of it is concerned"
            yield name, derived(text, Evidence(path=migration.file.path, line=line))
            break


def _deployed(context: PlanContext) -> dict[str, Deployed]:
    """Return the workloads of the environment that are rolled, by name."""
    everything = rollout_of(context.after, None, sorted(context.after.artefacts), context.environment)
    return {
        one.current.workload.name: Deployed(
            one.current.namespace or one.delivery.namespace, one.current.key, one.current.workload.file.path
        )
        for one in everything.workloads
        if one.current.kind in _ROLLED and one.current.workload.name
    }


def _is_placed(goal: Goal, touched: Sequence[Affected]) -> bool:
    return bool(touched or goal.tables or goal.has(Theme.SERVICE))


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


def _verdict(
    goal: Goal, conflicts: Sequence[Claim], asked: Sequence[Question], steps: Sequence[Phase]
) -> tuple[Verdict, str]:
    first = sum(one.is_asked for one in asked)
    if conflicts:
        return (
            Verdict.BLOCKED,
            f"by {len(conflicts)} conflict{'s' * (len(conflicts) > 1)} with the repository",
        )
    if not steps:
        return Verdict.INCOMPLETE, "the goal names nothing of this repository"
    if first:
        return Verdict.INCOMPLETE, f"{first} question{'s' * (first > 1)} to settle first"
    if goal.has(Theme.REMOVAL):
        return Verdict.RISKS, "what is removed at the end does not come back"
    return Verdict.READY, f"{len(steps)} phase{'s' * (len(steps) > 1)}, each taken back by itself"


def _not_covered(context: PlanContext, goal: Goal) -> Iterator[Claim]:
    code = sorted(
        {
            path.rpartition(".")[2]
            for path in context.after.paths
            if path not in context.after.artefacts and "." in path
        }
        & {"py", "ts", "tsx", "js", "go", "rb", "java", "kt", "rs", "php", "cs", "swift", "ex", "scala"}
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
    conflicts: Sequence[Claim], asked: Sequence[Question], steps: Sequence[Phase]
) -> tuple[str, ...]:
    first = [one for one in asked if one.is_asked]
    found = [f"Settle the conflict: {conflicts[0].text}"] if conflicts else []
    found += [f"Answer: {one.text}" for one in first]
    found += ["Write the decision down and have it read by the owners of what it touches"]
    found += (
        [f"Begin with {steps[0].name}: {steps[0].title}"]
        if steps
        else ["Name a service, table or file the goal is about"]
    )
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
)
