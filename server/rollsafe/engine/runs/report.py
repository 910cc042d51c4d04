"""The story of a run: for the person who takes over, and for the audit."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from rollsafe.engine.runs.journal import Entry
from rollsafe.engine.runs.run import Run
from rollsafe.plans.model import DeploymentPlan
from rollsafe.plans.run_report import Event, ReportedEntry, RunReport
from rollsafe.plans.writing import cell, code, flat, short_ref, table

_FORM = "%Y-%m-%dT%H:%M:%SZ"


def report(run: Run) -> RunReport:
    """Return the story of a run."""
    entries = run.stored.entries
    titles = _titles(run.plan)
    return RunReport(
        run=run.stored.id,
        title=run.plan.title,
        environment=run.stored.environment,
        plan=run.plan.content_hash,
        base=run.plan.base,
        state=run.state.value,
        is_sealed=run.stored.is_sealed,
        seconds=int(_between(entries[0], entries[-1]).total_seconds()) if entries else 0,
        entries=tuple(
            ReportedEntry(
                event=entry.event,
                step=entry.step,
                title=titles.get(entry.step, ""),
                at=entry.at,
                who=entry.who,
                command=entry.command,
                note=entry.note,
                back=entry.back,
            )
            for entry in entries
        ),
    )


def written(run: Run) -> str:
    """Return the story of a run as Markdown."""
    return "\n".join(_lines(run, report(run))) + "\n"


def _lines(run: Run, told: RunReport) -> Iterator[str]:
    yield f"# Run {told.run}: {flat(told.title)}"
    yield ""
    seal = "the journal is as it was written" if told.is_sealed else "**the journal was altered**"
    base = f"base {short_ref(told.base)}" if told.base else "no base"
    yield f"**{told.state.upper()}** · plan {told.plan} · {base} · {_span(told.seconds)} · {seal}"
    yield ""
    head = ("time (UTC)", "after", "who", "what", "command", "note")
    yield from table(head, _rows(told), "Nothing is written down.")
    yield ""
    yield from _standing(run)


def _rows(told: RunReport) -> Iterator[tuple[str, ...]]:
    before: str | None = None
    for entry in told.entries:
        after = _span(int((_moment(entry.at) - _moment(before)).total_seconds())) if before else "–"
        before = entry.at
        place = f" {entry.step}" if entry.step else ""
        title = f": {cell(entry.title)}" if entry.title else ""
        command = code(entry.command) if entry.command else "–"
        yield (
            entry.at.replace("T", " ").rstrip("Z"),
            after,
            cell(entry.who),
            f"{entry.event}{place}{title}",
            command,
            cell(entry.note) or "–",
        )


def _standing(run: Run) -> Iterator[str]:
    missing = [step for step in run.plan.steps if _is_left(run, str(step.number))]
    if run.state.is_over:
        yield f"Nothing is left to do: the run is {run.state}."
    elif run.next_back is not None:
        yield f"Next: {run.next_back.name} {flat(run.next_back.title)}."
    elif run.next_step is not None:
        yield f"Next: step {run.next_step.number} {flat(run.next_step.title)}; {len(missing)} left."
    for one in run.left_alone:
        yield f"Left as it is: {one.name} {flat(one.title)}."


def _is_left(run: Run, number: str) -> bool:
    past = (e.step for e in run.stored.entries if e.event in (Event.DONE, Event.SKIPPED))
    return number not in past


def _titles(plan: DeploymentPlan) -> dict[str, str]:
    return {str(step.number): step.title for step in plan.steps} | {
        step.name: step.title for step in plan.rollback
    }


def _between(first: Entry, last: Entry) -> timedelta:
    return _moment(last.at) - _moment(first.at)


def _moment(text: str) -> datetime:
    return datetime.strptime(text, _FORM)


def _span(seconds: int) -> str:
    minutes, rest = divmod(max(seconds, 0), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
