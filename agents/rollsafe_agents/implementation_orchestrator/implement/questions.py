"""The twelve questions: which matter for a goal, which the repository answers, which to settle first."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from rollsafe.plans.contribution import assumed, derived, fact, place_in
from rollsafe.plans.kind import PlanRequestError
from rollsafe.plans.model import Claim
from rollsafe.text import nearest
from rollsafe.text.records import open_record
from rollsafe.workspace.schema import tables_called
from rollsafe.workspace.system import NodeKind, Stage
from rollsafe_agents.implementation_orchestrator.implement.assembling import Ground
from rollsafe_agents.implementation_orchestrator.implement.goal import Goal, Theme
from rollsafe_agents.implementation_orchestrator.implement.model import Question
from rollsafe_agents.implementation_orchestrator.implement.reach import evidence_of

_MOST_NAMED: Final = 6
MOST_ASKED: Final = 3
"""Questions put first; more are not read."""


Answer = Callable[[Ground], Claim | None]


@open_record
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
    found = [*ground.work.questions, *_which(ground), *_of_bank(ground)]
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


def _of_bank(ground: Ground) -> Iterator[tuple[Question, int]]:
    if ground.work.conflicts and not ground.phases:
        return
    for one in _BANK:
        if one.name in ground.work.settled and one.name not in ground.work.answers:
            continue
        yield _question(one, ground), _weight(one, ground.goal)


def _which(ground: Ground) -> Iterator[tuple[Question, int]]:
    """Yield a question for each word that fits several services; nothing weighs more."""
    if ground.is_plain:
        return
    for word, names in ground.goal.ambiguous.items():
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
    text, answer = entry.text, ground.work.answers.get(entry.name) or entry.answer(ground)
    if entry.name == "place" and answer is None and len(ground.site.live) > 1:
        text = f"{text[:-1]}: {_named(ground)}?"
    return Question(
        name=entry.name,
        level=entry.level,
        text=text,
        why=entry.why,
        fallback=entry.fallback,
        answer=answer,
        is_asked=False,
    )


def _named(ground: Ground) -> str:
    names = [f"`{node.name}`" for node in ground.site.live]
    more = f" or another of {len(names)}" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def _weight(entry: _Entry, goal: Goal) -> int:
    return entry.base + sum(weight for theme, weight in entry.themes.items() if theme in goal.themes)


# What the repository says ------------------------------------------------------------------------


def _nobody(_ground: Ground) -> Claim | None:
    return None


def _topology(ground: Ground) -> Claim | None:
    named = [one for one in ground.affected if one.distance == 0 and one.kind == NodeKind.SERVICE.value]
    if ground.goal.has(Theme.SERVICE):
        return None
    if named:
        names = ", ".join(f"`{one.name}`" for one in named)
        return derived(
            f"in {names}: the goal names it", *(place for one in named for place in one.why.evidence[:1])
        )
    live = ground.site.live
    if len(live) == 1 and live[0].places:
        return derived(f"in `{live[0].name}`: there is no other service here", *evidence_of(live[0].places))
    return None


def _patterns(ground: Ground) -> Claim | None:
    if ground.goal.has(Theme.DATA):
        for node in ground.system.of(NodeKind.MIGRATIONS):
            tool = ground.system.tool_of.get(node.name)
            by = f" by {tool}" if tool else ""
            return fact(f"the schema changes{by} in `{node.name}`", *evidence_of(node.places))
    if ground.goal.has(Theme.EVENTS):
        for node in ground.site.stores_there():
            units = ground.system.units[node.id]
            if any(unit.known is not None and unit.known.layer == "queue" for unit in units):
                return fact(f"messages go through `{node.name}`", *evidence_of(node.places))
    return None


def _data_model(ground: Ground) -> Claim | None:
    for name in ground.goal.tables:
        for table in tables_called(name, ground.site.view.graph):
            if not table.is_gone:
                columns = ", ".join(f"`{column}`" for column in list(table.state.types)[:8])
                text = f"`{name}` has {columns}" if columns else f"`{name}` is there"
                return derived(text, place_in(table.last.file, table.last))
    return None


def _protocol(ground: Ground) -> Claim | None:
    names = {f"service:{one.name}" for one in ground.affected}
    for one in ground.system.connections:
        if one.source in names and one.target in names and one.scheme:
            source, target = one.source.partition(":")[2], one.target.partition(":")[2]
            return fact(f"`{source}` reaches `{target}` by {one.scheme}", *evidence_of((one.place,)))
    return None


def _tests(ground: Ground) -> Claim | None:
    """Return the suite of what the goal names, else one of the whole repository."""
    wanted = {f"service:{name}" for name in ground.services}
    found = [cover for cover in ground.system.coverage if cover.stage is Stage.TEST]
    own = [cover for cover in found if cover.service in wanted and not cover.is_whole]
    whole = [cover for cover in found if cover.is_whole]
    for cover in (*own, *whole):
        path, _, job = cover.job.partition(":")[2].rpartition("#")
        return fact(f"job `{job}` of `{path}` runs `{cover.title}`", *evidence_of((cover.place,)))
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
        {Theme.SPEED: 6, Theme.EVENTS: 2}, _nobody,
    ),
    _Entry(
        "place", 2, "Which service does it belong to?",
        "without it no phase can be named", "none: no phase is planned", 8,
        {Theme.SERVICE: 2}, _topology,
    ),
    _Entry(
        "consistency", 2, "May readers see old data for a while, and for how long?",
        "it decides whether two writes need one transaction, an outbox or a compensation",
        "yes, for seconds", 0, {Theme.EVENTS: 6, Theme.DATA: 4, Theme.SERVICE: 3}, _nobody,
    ),
    _Entry(
        "pattern", 2, "Which way of doing it does the repository follow already?",
        "a second way has to be run and learned as well", "the one that is there", 0,
        {Theme.DATA: 2, Theme.EVENTS: 3, Theme.SERVICE: 2, Theme.INTERFACE: 2}, _patterns,
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
        "tests", 3, "Which suite tells that it works?",
        "a phase is done when its test says so", "one is written first", 3, {}, _tests,
    ),
    _Entry(
        "signals", 3, "Which number tells, once it runs, that it is broken?",
        "somebody has to notice before the users do", "the error rate of the services it touches", 2,
        {Theme.SPEED: 2}, _nobody,
    ),
)  # fmt: skip
