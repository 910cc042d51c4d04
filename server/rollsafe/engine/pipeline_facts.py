"""What a job of another service's pipeline amounts to: its stage, what it waits for, its limits."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.other_pipelines import Dialect, OtherJob
from rollsafe.engine.facts import Facts
from rollsafe.engine.job_facts import in_order, quoted
from rollsafe.plans.times import spoken
from rollsafe.text import Span

_UNKNOWN: Final = "How long it runs at most is unknown"
_NO_LIMIT: Final = {
    Dialect.GITLAB: f"{_UNKNOWN}: without `timeout`, the project's setting decides",
    Dialect.AZURE: f"{_UNKNOWN}: without `timeoutInMinutes`, Azure's default of 60 min",
    Dialect.CIRCLECI: f"{_UNKNOWN}: the plan at CircleCI decides",
}
_TIMEOUT: Final = {Dialect.GITLAB: "timeout", Dialect.AZURE: "timeoutInMinutes"}
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
    closure = {one.id: one for one in job.needs_closure}
    groups = {one.id for one in closure.values() if one.kind == "group"}
    waits = in_order(closure, lambda one: [it.id for it in one.needed()], groups)
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
        yield f"{_UNKNOWN}: it starts another pipeline"
    elif job.limit is not None and job.limited is not None:
        yield f"Runs at most {spoken(job.limit)} ({job.limited.text})"
    elif (written := _written(job)) is not None:
        yield f"{_UNKNOWN}: {quoted(written)}"
    elif job.pipeline.dialect in _NO_LIMIT:
        yield _NO_LIMIT[job.pipeline.dialect]
    if job.tries > 1 and job.retries is not None:
        yield f"Runs up to {job.tries} times ({job.retries.text})"


def _written(job: OtherJob) -> str | None:
    """Return a time limit that is written and bounds nothing as it stands: an expression, or Azure's 0."""
    key = _TIMEOUT.get(job.pipeline.dialect)
    text = job.node.text_at(key) if job.node is not None and key is not None else None
    return f"{key}: {text}" if text is not None else None
