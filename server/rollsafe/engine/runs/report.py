"""The story of a run: for the person who takes over, and for the audit."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rollsafe.engine.runs.journal import Entry, StoredRun
from rollsafe.engine.runs.run import Run
from rollsafe.plans.model import DeploymentPlan
from rollsafe.plans.run_report import Event, ReportedEntry, RunReport
from rollsafe.plans.writing import cell, code, flat, short_ref, table

_FORM = "%Y-%m-%dT%H:%M:%SZ"


def report(run: Run) -> RunReport:
    """Return the story of a run."""
    entries = run.stored.entries
    plan = run.plan if run.is_readable else None
    titles = _titles(plan) if plan is not None else {}
    return RunReport(
        run=run.stored.id,
        title=run.stored.title,
        environment=run.stored.environment,
        plan=plan.content_hash if plan is not None else "",
        base=plan.base if plan is not None else None,
        state=run.state.value,
        is_sealed=run.stored.is_sealed,
        seconds=duration(entries),
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


def listed(runs: Sequence[Run]) -> str:
    """Return the runs of a project as Markdown."""
    head = ("run", "started (UTC)", "environment", "state", "plan")
    rows = (
        (
            str(run.stored.id),
            _clock(_began(run.stored)),
            cell(run.stored.environment),
            run.state,
            cell(run.stored.title),
        )
        for run in runs
    )
    return "\n".join(("# Runs", "", *table(head, rows, "No run yet."))) + "\n"


def _began(kept: StoredRun) -> str:
    return kept.entries[0].at if kept.entries else "–"


def _clock(at: str) -> str:
    return at.replace("T", " ").rstrip("Z")


def _lines(run: Run, told: RunReport) -> Iterator[str]:
    yield f"# Run {told.run}: {flat(told.title)}"
    yield ""
    seal = "the journal is as it was written" if told.is_sealed else "**the journal was altered**"
    base = f"base {short_ref(told.base)}" if told.base else "no base"
    yield f"**{told.state.upper()}** · plan {told.plan} · {base} · {span(told.seconds)} · {seal}"
    yield ""
    head = ("time (UTC)", "after", "who", "what", "command", "note")
    yield from table(head, _rows(told), "Nothing is written down.")
    yield ""
    yield from _standing(run)


def _rows(told: RunReport) -> Iterator[tuple[str, ...]]:
    before: str | None = None
    for entry in told.entries:
        after = span(int((_moment(entry.at) - _moment(before)).total_seconds())) if before else "–"
        before = entry.at
        place = f" {entry.step}" if entry.step else ""
        title = f": {cell(entry.title)}" if entry.title else ""
        command = code(entry.command) if entry.command else "–"
        yield (
            _clock(entry.at),
            after,
            cell(entry.who),
            f"{entry.event}{place}{title}",
            command,
            cell(entry.note) or "–",
        )


def _standing(run: Run) -> Iterator[str]:
    if not run.is_readable:
        yield "Its plan was made by another version of rollsafe and cannot be read."
        return
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


def _moment(text: str) -> datetime:
    return datetime.strptime(text, _FORM)


def duration(entries: Sequence[Entry]) -> int:
    """Return the seconds from the first entry to the last."""
    if not entries:
        return 0
    return max(int((_moment(entries[-1].at) - _moment(entries[0].at)).total_seconds()), 0)


def span(seconds: int) -> str:
    """Return a time as people write it: `2 h 05 min`, `3 min 20 s`, `12 s`."""
    minutes, rest = divmod(max(seconds, 0), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
