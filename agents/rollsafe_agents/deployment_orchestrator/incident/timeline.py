"""When what happened: from the journal of the run where there is one, else lines to fill in."""

from collections.abc import Iterator

from rollsafe.plans.cluster import helm, kubectl
from rollsafe.plans.commands import line
from rollsafe.plans.contribution import Phase
from rollsafe.plans.model import Step
from rollsafe.plans.run_report import Event, ReportedEntry, RunReport
from rollsafe.workspace.delivery import Means
from rollsafe_agents.deployment_orchestrator.incident.model import Moment
from rollsafe_agents.deployment_orchestrator.rollback.way_back import WayBack
from rollsafe_agents.deployment_orchestrator.sections.cluster_steps import ROLLING, namespace_of

_MOST_LINES = 12


def timeline(way: WayBack, run: RunReport | None) -> list[Moment]:
    """Return what happened, in order; what no file and no journal says has no time."""
    carried_out = _of_run(run) if run is not None else _of_plan(way)
    return [
        _open(
            "the change was merged", ask=line("git", "log", "--merges", "--format=%cI %h %s", "--max-count=5")
        ),
        *carried_out,
        _open("the first sign that something is wrong"),
        _open("somebody knows of it"),
        _open("the decision to go back"),
        *([] if run is not None else [_open("the way back begins")]),
        _open("the old release serves again"),
        _open("data is checked, the pipelines go on"),
    ]


def _of_run(run: RunReport) -> Iterator[Moment]:
    for entry in run.entries:
        yield Moment(at=entry.at, what=_told(entry), who=entry.who, note=entry.note, ask=None)


def _told(entry: ReportedEntry) -> str:
    if entry.event is Event.STARTED:
        return "the run of the plan starts"
    step = f"step {entry.step}" if entry.step.isdigit() else entry.step
    return " ".join(part for part in (step, entry.title, f"({entry.event})") if part)


def _of_plan(way: WayBack) -> Iterator[Moment]:
    asks = list(_asks(way))
    around = way.of_phases(Phase.FREEZE, Phase.SUSPEND, Phase.RESUME, Phase.RECORD)
    steps = [step for step in way.done if step.number not in around]
    for step in steps[:_MOST_LINES]:
        yield _open(f"step {step.number} {step.title}", ask=_ask(step, asks))
    if len(steps) > _MOST_LINES:
        yield _open(f"{len(steps) - _MOST_LINES} more steps")


def _ask(step: Step, asks: list[str]) -> str | None:
    return next(iter(asks), None) if step.phase == Phase.DEPLOY.words else None


def _asks(way: WayBack) -> Iterator[str]:
    """Yield commands that tell when something was deployed."""
    for delivery in way.context.rollout.deliveries:
        if delivery.means is Means.CHART and delivery.release:
            yield helm(delivery.namespace, "history", delivery.release)
        elif delivery.job is not None:
            yield line("gh", "run", "list", "--workflow", delivery.job.file.name, "--limit", "10")
    for one in way.context.rollout.kept:
        if one.current.kind in ROLLING:
            yield kubectl(namespace_of(one.delivery, [one]), "rollout", "history", one.current.key)


def _open(what: str, ask: str | None = None) -> Moment:
    return Moment(at=None, what=what, who=None, note="", ask=ask)
