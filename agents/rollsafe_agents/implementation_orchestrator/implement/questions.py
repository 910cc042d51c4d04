"""The twelve questions: which matter for a goal, which the repository answers, which to settle first."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from rollsafe.plans.contribution import assumed, derived, fact
from rollsafe.plans.kind import PlanRequestError
from rollsafe.plans.model import Claim
from rollsafe.text import nearest
from rollsafe.workspace.system import NodeKind, Relation, Stage, System
from rollsafe.workspace.system.facts import Form
from rollsafe_agents.implementation_orchestrator.implement.goal import Goal, Theme
from rollsafe_agents.implementation_orchestrator.implement.model import Affected, Question
from rollsafe_agents.implementation_orchestrator.implement.reach import evidence_of

MOST_ASKED: Final = 3
"""Questions put first; more are not read."""


@dataclass(frozen=True)
class Ground:
    """What answers are looked for in."""

    goal: Goal
    system: System
    affected: tuple[Affected, ...]
    table_places: Mapping[str, Claim]

    @property
    def services(self) -> list[str]:
        """The services the goal names."""
        return [one.name for one in self.affected if one.distance == 0 and one.kind == NodeKind.SERVICE.value]


Answer = Callable[[Ground], Claim | None]


@dataclass(frozen=True)
class _Entry:
    """A question of the bank. `weight` says how much the plan depends on it, by theme; `base` without any."""

    name: str
    level: int
    text: str
    why: str
    fallback: str
    base: int
    themes: Mapping[Theme, int]
    answer: Answer


def questions(ground: Ground, answers: Mapping[str, str]) -> tuple[Question, ...]:
    """Return the questions that matter, those to settle first in front; `answers` are the user's, by name.

    Raises:
        PlanRequestError: an answer is to a question there is not.
    """
    found = [*_which(ground.goal), *((_question(one, ground), _weight(one, ground.goal)) for one in _BANK)]
    known = {question.name for question, _ in found}
    for name in answers:
        if name not in known:
            close = nearest(name, known)
            raise PlanRequestError(
                f"no question `{name}`"
                + (f"; nearest: `{close}`" if close else f"; there are {', '.join(known)}")
            )
    told = [(_answered(question, answers), weight) for question, weight in found]
    order = sorted(
        (one for one in told if one[1] > 0),
        key=lambda one: (one[0].answer is not None, -one[1], one[0].level),
    )
    open_ones = [question.name for question, _ in order if question.answer is None][:MOST_ASKED]
    return tuple(q.model_copy(update={"is_asked": q.name in open_ones}) for q, _ in order)


def _answered(question: Question, answers: Mapping[str, str]) -> Question:
    given = answers.get(question.name)
    return question if given is None else question.model_copy(update={"answer": assumed(f"you say: {given}")})


def _which(goal: Goal) -> Iterator[tuple[Question, int]]:
    """Yield a question for each word that fits several services; nothing weighs more."""
    for word, names in goal.ambiguous.items():
        listed = " or ".join(f"`{name}`" for name in names)
        yield (
            Question(
                name=f"which-{word}",
                level=1,
                text=f"Which is meant by `{word}`: {listed}?",
                why="every phase below depends on it",
                fallback="none of them is planned for",
                answer=None,
                is_asked=False,
            ),
            100,
        )


def _question(entry: _Entry, ground: Ground) -> Question:
    return Question(
        name=entry.name,
        level=entry.level,
        text=entry.text,
        why=entry.why,
        fallback=entry.fallback,
        answer=entry.answer(ground),
        is_asked=False,
    )


def _weight(entry: _Entry, goal: Goal) -> int:
    return entry.base + sum(weight for theme, weight in entry.themes.items() if theme in goal.themes)


# What the repository says ------------------------------------------------------------------------


def _nobody(_ground: Ground) -> Claim | None:
    return None


def _scale(ground: Ground) -> Claim | None:
    for name in ground.services:
        for unit in ground.system.units.get(f"service:{name}", ()):
            if unit.form is Form.KUBERNETES and unit.replicas is not None:
                pods = f"{unit.replicas} pod{'s' * (unit.replicas != 1)}"
                return derived(f"as many as today, by {pods} of `{name}`", *evidence_of((unit.place,)))
    return None


def _topology(ground: Ground) -> Claim | None:
    named = [one for one in ground.affected if one.distance == 0 and one.kind == NodeKind.SERVICE.value]
    if not named or ground.goal.has(Theme.SERVICE):
        return None
    listed = ", ".join(f"`{one.name}`" for one in named)
    return derived(
        f"in {listed}: the goal names it", *(place for one in named for place in one.why.evidence[:1])
    )


def _patterns(ground: Ground) -> Claim | None:
    if ground.goal.has(Theme.DATA):
        for node in ground.system.of(NodeKind.MIGRATIONS):
            tools = {
                edge.detail for edge in ground.system.edges_from(node.id, Relation.MIGRATES) if edge.detail
            }
            by = f" by {', '.join(sorted(tools))}" if tools else ""
            return fact(f"the schema changes{by} in `{node.name}`", *evidence_of(node.places))
    for name in ground.services:
        for edge in ground.system.edges_to(f"service:{name}", Relation.BUILDS):
            if edge.places:
                return fact(f"`{name}` is built by a Dockerfile of its own", *evidence_of(edge.places))
    return None


def _data_model(ground: Ground) -> Claim | None:
    return next(
        (ground.table_places[name] for name in ground.goal.tables if name in ground.table_places), None
    )


def _protocol(ground: Ground) -> Claim | None:
    names = {one.name for one in ground.affected}
    for one in ground.system.connections:
        source, target = one.source.partition(":")[2], one.target.partition(":")[2]
        if source in names and target in names and one.scheme:
            return fact(f"`{source}` reaches `{target}` by {one.scheme}", *evidence_of((one.place,)))
    return None


def _tests(ground: Ground) -> Claim | None:
    for job in ground.system.jobs:
        for deed in job.deeds:
            if deed.stage is Stage.TEST:
                text = f"job `{job.name}` of `{job.workflow}` runs `{deed.title}`"
                return fact(text, *evidence_of((deed.place,)))
    return None


_BANK: Final = (
    _Entry(
        "problem", 1, "Which problem does this solve, and for whom?",
        "it decides what may be left out", "the goal as it is written", 5, {}, _nobody,
    ),
    _Entry(
        "success", 1, "By which number or event will you see that it worked?",
        "each phase is done when it shows", "the tests pass and no error rate rises", 6, {}, _nobody,
    ),
    _Entry(
        "scale", 1, "How many requests, rows or events does it have to bear?",
        "it decides between a loop and a queue, and how a backfill is cut", "as many as today", 2,
        {Theme.SPEED: 6, Theme.EVENTS: 2}, _scale,
    ),
    _Entry(
        "place", 2, "Which service does it belong to?",
        "without it no phase can be named", "a service of its own is not planned", 8,
        {Theme.SERVICE: 2}, _topology,
    ),
    _Entry(
        "consistency", 2, "May readers see old data for a while, and for how long?",
        "it decides whether two writes need one transaction, an outbox or a compensation",
        "yes, for seconds", 0, {Theme.EVENTS: 6, Theme.DATA: 4, Theme.SERVICE: 3}, _nobody,
    ),
    _Entry(
        "pattern", 2, "Which way of doing it does the repository follow already?",
        "a second way has to be run and learned as well", "the one that is there", 2, {}, _patterns,
    ),
    _Entry(
        "latency", 2, "How long may a request take, and what is shown when it takes longer?",
        "it decides what happens in the request and what after it", "no longer than today", 0,
        {Theme.SPEED: 7, Theme.SURFACE: 3, Theme.INTERFACE: 2}, _nobody,
    ),
    _Entry(
        "data-model", 3, "Which tables and columns change, and who reads them today?",
        "the schema changes in releases of its own, before and after the code", "none", 0,
        {Theme.DATA: 7, Theme.REMOVAL: 3}, _data_model,
    ),
    _Entry(
        "protocol", 3, "Do the parts call each other, or do they exchange events?",
        "it decides who has to be up for whom", "as they do today", 0,
        {Theme.EVENTS: 5, Theme.SERVICE: 4, Theme.INTERFACE: 3}, _protocol,
    ),
    _Entry(
        "errors", 3, "What happens when a part fails half-way: is it tried again, undone, or reported?",
        "what is tried again has to bear it", "it is reported and tried again by hand", 1,
        {Theme.EVENTS: 6, Theme.INTERFACE: 2, Theme.SERVICE: 2}, _nobody,
    ),
    _Entry(
        "tests", 3, "Which test fails today and passes when it is done?",
        "a phase is done when its test says so", "one is written first, in the suite there is", 3, {}, _tests,
    ),
    _Entry(
        "signals", 3, "Which number tells, once it runs, that it is broken?",
        "somebody has to notice before the users do", "the error rate of the services it touches", 2,
        {Theme.SPEED: 2}, _nobody,
    ),
)  # fmt: skip
