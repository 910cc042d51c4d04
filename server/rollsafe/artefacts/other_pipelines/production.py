"""Which environment a job of a pipeline deploys to, from everything its files say about it."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.other_pipelines.model import OtherJob
from rollsafe.artefacts.recognition import (
    EnvironmentKind,
    Production,
    Role,
    Signal,
    environment_of,
    judge,
    name_environment,
    words_of,
)
from rollsafe.text import Span
from rollsafe.text.patterns import lazily

_SHIPPING: Final = frozenset({Role.DEPLOY, Role.MIGRATE})
_TELLING_VARIABLE: Final = lazily(
    r"(RAILS|APP|MIX|DEPLOY|HANAMI)_ENV(IRONMENT)?|TF_WORKSPACE|ENV(IRONMENT)?|STAGE", re.I
)
_SECRET: Final = lazily(r"\$[({]?(?:\w+_)?(?:PROD|PRODUCTION|PRD)(?:_\w+)?\b")
_TESTING: Final = frozenset({"test", "tests", "testing", "e2e"})
_PER_RUN: Final = lazily(
    r"(?:--stack-name|--resource-group|--namespace|-[gn])[ =][\"']?[\w./-]{0,80}\$\{?"
    r"(?:CIRCLE_(?:WORKFLOW_ID|BUILD_NUM|SHA1)|CI_(?:PIPELINE_I?ID|JOB_ID|COMMIT_(?:SHORT_)?SHA|COMMIT_REF_SLUG|MERGE_REQUEST_IID))"
)
"""A place that is named after the run, and goes with it."""
_FEW: Final = 200
_PRODUCTION: Final = EnvironmentKind.PRODUCTION


def production_of(job: OtherJob) -> Production:
    """Judge where a job deploys to; the only one of its pipeline to deploy may lean to production."""
    found = judge(_signals(job))
    tests = not _TESTING.isdisjoint(words_of(job.id))
    few = len(job.pipeline.jobs) <= _FEW
    if found.kind is EnvironmentKind.UNKNOWN and found.leans_production and not tests and few:
        shipping = [one for one in job.pipeline.jobs if not _SHIPPING.isdisjoint(one.roles)]
        if len(shipping) == 1 and shipping[0] is job:
            return found._replace(kind=_PRODUCTION)
    return found


def _signals(job: OtherJob) -> Iterator[Signal]:
    yield from _environment_signals(job)
    yield from _script_signals(job)
    for name, value in job.variables.items():
        if _TELLING_VARIABLE.fullmatch(name):
            yield Signal(environment_of(value), True, "variable", value)
    yield from _name_signals(job)
    if job.is_for_main:
        yield Signal(_PRODUCTION, False, "trigger", "")
    elif job.on_change is not None and not job.asks:
        yield Signal(EnvironmentKind.PREVIEW, False, "trigger", "merge request")


def _environment_signals(job: OtherJob) -> Iterator[Signal]:
    if job.environment is not None:
        name, where = job.environment.text, job.place(job.environment)
        if job.tier:
            yield Signal(environment_of(job.tier), True, "environment", job.tier, where)
        if "$CI_COMMIT_REF" in name or "review" in name or "$CI_MERGE_REQUEST" in name:
            yield Signal(EnvironmentKind.PREVIEW, True, "environment", name, where)
        yield Signal(environment_of(name), True, "environment", name, where)


def _script_signals(job: OtherJob) -> Iterator[Signal]:
    if any(_PER_RUN.search(script.scalar.text) for script in job.scripts):
        yield Signal(EnvironmentKind.PREVIEW, True, "name", "named after the run")
    for script in job.scripts:
        for index, hint in script.script.hints:
            raw = script.script.commands[index]
            place = Span(script.offsets(raw.start), script.offsets(raw.end))
            yield Signal(hint.kind, hint.strong, hint.source, hint.text, place)
    if any(_SECRET.search(script.scalar.text) for script in job.scripts):
        yield Signal(_PRODUCTION, False, "secret", "")


def _name_signals(job: OtherJob) -> Iterator[Signal]:
    for name in (job.id, job.stage):
        kind = name_environment(name)
        if kind is not EnvironmentKind.UNKNOWN:
            yield Signal(kind, False, "name", name, job.key)
            return
