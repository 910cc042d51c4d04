"""What a job of another service's pipeline amounts to: its stage, what it waits for, its limits."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.other_pipelines import Dialect, OtherJob
from rollsafe.engine.facts import Facts
from rollsafe.engine.job_facts import in_order, quoted
from rollsafe.plans.times import spoken
from rollsafe.text import Span

_NO_LIMIT: Final = {
    Dialect.GITLAB: "How long it runs at most is unknown: without `timeout`, the project's setting decides",
    Dialect.AZURE: "Runs at most 60 min (Azure's default), unless the pool of its agents decides otherwise",
    Dialect.CIRCLECI: "How long it runs at most is unknown: the plan at CircleCI decides",
}
_LOCK: Final = {Dialect.GITLAB: "resource group", Dialect.CIRCLECI: "serial group"}


def pipeline_facts(job: OtherJob, offset: int) -> Facts | None:
    """Return what is known of a job where its name stands."""
    if not job.key.start <= offset <= job.key.end:
        return None
    return Facts(Span.of(job.key), f"Job `{job.id}`", tuple(_lines(job)))


def _lines(job: OtherJob) -> Iterator[str]:
    dialect = job.pipeline.dialect
    if job.stage:
        yield f"Stage {quoted(job.stage)}"
    waits = in_order({one.id: one for one in job.needs_closure}, lambda one: [it.id for it in one.needed()])
    if waits:
        yield f"Waits for {' → '.join(waits)}"
    if job.is_manual or job.kind == "approval":
        yield "Somebody has to start it"
    if job.environment is not None and job.environment.text:
        yield f"Environment {quoted(job.environment.text)}"
    if job.lock is not None and job.lock.text:
        yield f"One at a time in {_LOCK.get(dialect, 'lock')} {quoted(job.lock.text)}"
    yield from _duration(job)


def _duration(job: OtherJob) -> Iterator[str]:
    if job.kind == "approval":
        return
    if job.kind == "called pipeline":
        yield "How long it runs at most is unknown: it starts another pipeline"
    elif job.limit is not None and job.limited is not None:
        yield f"Runs at most {spoken(job.limit)} ({job.limited.text})"
    elif job.pipeline.dialect in _NO_LIMIT:
        yield _NO_LIMIT[job.pipeline.dialect]
    if job.tries > 1 and job.retries is not None:
        yield f"Runs up to {job.tries} times ({job.retries.text})"
