"""A few words at the end of something, where they change what its author would do.

There is one for a statement that makes others wait, reads or rewrites the table or cannot be undone, for a
Deployment whose bad release somebody has to notice, for a schedule, and for how long a job, a workflow or a
state with its retries takes at most. What is harmless has none, and neither has what is not known or stands
there already. That nothing but GitHub's default bounds a job matters where it deploys or migrates.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.engine.facts import facts_of_statement, server_version
from rollsafe.text import Span
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.settings import Settings

if TYPE_CHECKING:
    from rollsafe.artefacts.github_workflow import Job, Workflow
    from rollsafe.artefacts.kubernetes import Workload
    from rollsafe.artefacts.migrations import Statement
    from rollsafe.artefacts.migrations.locks import LockFact
    from rollsafe.formats.nodes import Scalar

LOCK, NOTICED, CLOCK, AT_MOST = "\u26c1", "\u27f3", "\u23f2", "\u23f1 \u2264"


_NOT_COUNTED: Final = "Waiting for a runner, an approval or another run is not counted"


class Hint(NamedTuple):
    """Words to show at the offset `at` of the file; `lines` say more, names in backticks."""

    at: int
    text: str
    lines: tuple[str, ...] = ()


def hints_of(artefact: Artefact, within: Span, graph: Graph, settings: Settings) -> Iterator[Hint]:
    """Yield the hints of a file whose places lie in a part of it, in source order."""
    shown = (one for one in artefact.elements if _touches(one, within))
    hints = (hint for one in shown for hint in _of(one, artefact.kind, within, graph, settings))
    yield from (hint for hint in hints if within.start <= hint.at <= within.end)


def _touches(element: Element, within: Span) -> bool:
    place = element.file.place(element)
    return place.start <= within.end and place.end >= within.start


def _of(element: Element, kind: str, within: Span, graph: Graph, settings: Settings) -> Iterable[Hint]:
    if kind == "migration":
        return _of_statement(element, graph, settings)
    if kind == "kubernetes":
        return _of_workload(element, graph)
    if kind == "github-workflow":
        return (*_of_workflow(element), *_of_duration(element, within, graph))
    if kind == "pipeline":
        return _of_pipeline(element)
    if kind == "step-functions":
        return _of_state(element)
    return ()


# Migrations


def _of_statement(element: Element, graph: Graph, settings: Settings) -> Iterator[Hint]:
    from rollsafe.artefacts.migrations import Statement

    if isinstance(element, Statement) and not element.is_down:
        words = " · ".join(_words(list(_facts(element, graph, settings))))
        if words:
            told = facts_of_statement(element, graph, settings)
            lines = told.lines if told is not None else ()
            end = element.file.place(element).end
            at = end + element.file.host.text.startswith(";", end)
            yield Hint(at, f"{LOCK} {words}", lines)


def _facts(statement: "Statement", graph: Graph, settings: Settings) -> Iterator["LockFact"]:
    """Yield what a statement does to things that others use already."""
    from rollsafe.workspace.locking import fact_before

    version = server_version(settings)
    for operation, is_new in zip(statement.all_operations(), statement.newness, strict=True):
        fact = None if is_new else fact_before(operation, statement, version, graph)
        if fact is not None:
            yield fact


def _words(facts: list["LockFact"]) -> Iterator[str]:
    from rollsafe.artefacts.migrations.lock_modes import LockMode

    order = list(LockMode)
    worst = max((fact.mode for fact in facts), key=order.index, default=LockMode.NONE)
    rewrites, scans = any(fact.rewrites for fact in facts), any(fact.scans for fact in facts)
    if worst.blocks_writes or rewrites or scans:
        yield worst.value
    if rewrites or scans:
        yield "rewrite" if rewrites else "full scan"
    if any(not fact.reversible for fact in facts):
        yield "not reversible"


# Workloads and schedules


def _of_workload(element: Element, graph: Graph) -> Iterator[Hint]:
    from rollsafe.artefacts.kubernetes import Workload
    from rollsafe.engine.rollout_facts import rollout_lines
    from rollsafe.formats.nodes import Scalar

    if not isinstance(element, Workload):
        return
    name, schedule = element.name_node, element.node.at("spec", "schedule")
    if element.kind == "Deployment" and element.is_long_running and name is not None:
        yield Hint(name.end, f"{NOTICED} {_noticed(element, graph)}", tuple(rollout_lines(element, graph)))
    if isinstance(schedule, Scalar):
        zone = element.node.text_at("spec", "timeZone")
        yield from _of_schedule(schedule, f" {zone}" if zone else "")


def _noticed(workload: "Workload", graph: Graph) -> str:
    from rollsafe.workspace.rollout_budget import budget_of

    deadline = budget_of(workload, graph).deadline
    if deadline is None:
        return "bad release noticed after a time a template decides"
    length = deadline.value
    return f"bad release noticed after {f'{length // 60} min' if length % 60 == 0 else f'{length} s'}"


def _of_workflow(element: Element) -> Iterator[Hint]:
    from rollsafe.artefacts.github_workflow import Workflow
    from rollsafe.formats.nodes import Scalar

    if isinstance(element, Workflow):
        for trigger in element.triggers.values():
            for item in trigger.node.items_at() if trigger.name == "schedule" and trigger.node else ():
                cron = item.at("cron")
                if isinstance(cron, Scalar):
                    yield from _of_schedule(cron, f" {item.text_at('timezone') or 'UTC'}")


def _of_pipeline(element: Element) -> Iterator[Hint]:
    """Yield when the schedules of a pipeline start it: those of Azure and CircleCI in UTC."""
    from rollsafe.artefacts.other_pipelines import PipelineConfiguration
    from rollsafe.artefacts.workflow_objects import WorkflowObject
    from rollsafe.formats.nodes import Mapping, Scalar

    if isinstance(element, PipelineConfiguration):
        listed = element.root.items_at("schedules")
        workflows = element.root.map_at("workflows")
        for _, workflow in workflows.pairs() if workflows is not None else ():
            timers = (one.map_at("schedule") for one in workflow.items_at("triggers"))
            listed += [one for one in timers if one is not None]
        for one in listed:
            cron = one.at("cron")
            if isinstance(one, Mapping) and isinstance(cron, Scalar):
                yield from _of_schedule(cron, " UTC")
    elif isinstance(element, WorkflowObject) and element.kind == "CronWorkflow":
        zone = element.node.text_at("spec", "timezone")
        schedules = [element.node.at("spec", "schedule"), *element.node.items_at("spec", "schedules")]
        for node in schedules:
            if isinstance(node, Scalar):
                yield from _of_schedule(node, f" {zone}" if zone else "")


def _of_schedule(cron: "Scalar", zone: str) -> Iterator[Hint]:
    from rollsafe.plans.schedules import in_words

    said = in_words(cron.text, zone)
    if said is not None:
        yield Hint(cron.end, f"{CLOCK} {said}")


# How long something takes at most


def _of_duration(element: Element, within: Span, graph: Graph) -> Iterator[Hint]:
    from rollsafe.artefacts.github_workflow import Job, Workflow

    if isinstance(element, Job):
        yield from _of_job(element, graph)
    elif isinstance(element, Workflow) and len(element.jobs) > 1:
        yield from _of_all_jobs(element, within, graph)


def _of_job(job: "Job", graph: Graph) -> Iterator[Hint]:
    from rollsafe.plans.times import MINUTE, spoken
    from rollsafe.workspace.job_limits import limit_of

    limit = limit_of(job, graph)
    is_news = _changes_what_runs(job, graph) if limit.is_default else limit.minutes != job.timeout
    if limit.minutes and is_news:
        default = (" (with defaults)" if job.uses is not None else " (default)") if limit.is_default else ""
        each = " each" if job.matrix is not None and job.max_parallel is None else ""
        at = _behind(job.file.text, job.key.end)
        yield Hint(
            at, f"{AT_MOST} {spoken(limit.minutes * MINUTE)}{each}{default}", (limit.why, _NOT_COUNTED)
        )


def _changes_what_runs(job: "Job", graph: Graph) -> bool:
    from rollsafe.workspace.pipelines import deployments, migrations

    return bool(deployments(job, graph) or migrations(job, graph))


def _of_all_jobs(workflow: "Workflow", within: Span, graph: Graph) -> Iterator[Hint]:
    from rollsafe.engine.job_facts import way_in_words
    from rollsafe.plans.times import MINUTE, spoken
    from rollsafe.workspace.job_limits import longest

    key = workflow.node.key_at("jobs")
    # Most of the time another part is looked at, and the way through all jobs is not needed.
    if key is None or not within.start <= key.end <= within.end:
        return
    found = longest(workflow, graph)
    is_news = not found.is_default or any(_changes_what_runs(job, graph) for job in workflow.jobs)
    if found.minutes and is_news:
        default = " (with defaults)" if found.is_default else ""
        lines = (f"By way of {way_in_words(found.jobs)}", _NOT_COUNTED)
        at = _behind(workflow.file.text, key.end)
        yield Hint(at, f"{AT_MOST} {spoken(found.minutes * MINUTE)}{default}", lines)


def _of_state(element: Element) -> Iterator[Hint]:
    from rollsafe.artefacts.step_functions import State
    from rollsafe.engine.state_facts import budget_of
    from rollsafe.plans.times import spoken

    tries = budget_of(element) if isinstance(element, State) else None
    if isinstance(element, State) and tries is not None and tries.waits is not None:
        line = f"{tries.again + 1} tries of `TimeoutSeconds`, and the waiting between them"
        at = _behind(element.file.host.text, element.file.place(element.key).end)
        yield Hint(at, f"{AT_MOST} {spoken(tries.waits)} with retries", (line,))


def _behind(text: str, at: int) -> int:
    """Return the offset behind the colon of a key that ends at `at`."""
    return at + text.startswith(":", at)
