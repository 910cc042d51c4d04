"""Which environment a job deploys to, from everything the file says about it."""

import re
from collections.abc import Iterator
from posixpath import basename
from typing import TYPE_CHECKING, Final

from rollsafe.artefacts.expressions import context_path, read_template
from rollsafe.artefacts.github_workflow.step import Activity, Step, WordPlace
from rollsafe.artefacts.github_workflow.values import texts
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
from rollsafe.text import Located, Span
from rollsafe.text.patterns import lazily

if TYPE_CHECKING:
    from rollsafe.artefacts.github_workflow.job import Job

_SHIPPING: Final = frozenset({Role.DEPLOY, Role.MIGRATE})
_TELLING_INPUT: Final = lazily(r"env|stage|namespace|context|target|slot|tier", re.I)
_TELLING_VARIABLE: Final = lazily(
    r"(RAILS|APP|MIX|DEPLOY|HANAMI)_ENV(IRONMENT)?|TF_WORKSPACE|ENV(IRONMENT)?|STAGE"
)
_SECRET: Final = lazily(r"\b(?:secrets|vars)\.(?:\w+_)?(?:PROD|PRODUCTION|PRD|LIVE)(?:_\w+)?\b", re.I)
_MAIN: Final = lazily(r"refs/heads/(main|master|production|prod|live)\b|refs/tags/")
_PRODUCTION: Final = EnvironmentKind.PRODUCTION
_LONGEST_NAME: Final = 200
_TESTING: Final = frozenset({"test", "tests", "testing", "e2e"})


def production_of(job: "Job") -> Production:
    """Judge where a job deploys to.

    A job that leans to production and is the only one of its workflow to deploy counts as production,
    though not decisively.
    """
    found = judge(_signals(job))
    tests = not _TESTING.isdisjoint(words_of(f"{job.id} {job.name}"))
    if found.kind is EnvironmentKind.UNKNOWN and found.leans_production and not tests:
        shipping = [one for one in job.workflow.jobs if not _SHIPPING.isdisjoint(one.roles)]
        if len(shipping) == 1 and shipping[0] is job:
            return found._replace(kind=_PRODUCTION)
    return found


def environment_names(job: "Job") -> list[str]:
    """Return the environments a job may name, as far as matrix, inputs and literals tell.

    An expression that cannot be resolved is returned as written.
    """
    environment = job.environment
    return [] if environment is None or not environment.name else _values(job, environment.name)


def _values(job: "Job", text: str) -> list[str]:
    """Return what `text` may stand for, or itself."""
    whole = read_template(text).whole if "${{" in text else None
    path = context_path(whole.root) if whole is not None else None
    return (_values_of(job, path) if path is not None else []) or [text]


def _values_of(job: "Job", path: tuple[str, ...]) -> list[str]:
    if path[0] == "matrix" and job.matrix is not None and len(path) == 2:
        return job.matrix.values(path[1])
    if path[0] == "inputs" or path[:3] == ("github", "event", "inputs"):
        return _input_values(job, path[-1])
    return []


def _input_values(job: "Job", name: str) -> list[str]:
    for trigger in job.workflow.triggers.values():
        for key, node in trigger.inputs.items():
            if key.lower() == name:
                default = node.text_at("default")
                return texts(node.at("options")) or ([default] if default else [])
    return []


def _signals(job: "Job") -> Iterator[Signal]:
    yield from _environment_signals(job)
    yield from _call_signals(job)
    if not _SHIPPING.isdisjoint(job.roles):
        for step in job.steps:
            for activity in job.activities_of(step):
                if not _SHIPPING.isdisjoint(activity.classification.roles):
                    yield from _activity_signals(job, activity)
            yield from _command_signals(job, step)
    yield from _variable_signals(job)
    yield from _secret_signals(job)
    yield from _name_signals(job)
    yield from _trigger_signals(job)


def _environment_signals(job: "Job") -> Iterator[Signal]:
    environment = job.environment
    if environment is None:
        return
    where = environment.name_node
    yield from _possible(environment_names(job), "environment", where)


def _possible(names: list[str], source: str, where: Located | None) -> list[Signal]:
    """Return a signal per name: a job that can go to production among others is a production job."""
    found = [Signal(environment_of(name), True, source, name, where) for name in names]
    return sorted(found, key=lambda signal: signal.kind is not _PRODUCTION)


def _call_signals(job: "Job") -> Iterator[Signal]:
    if job.uses is None:
        return
    yield from _input_signals(job, job.inputs, job.uses)


def _input_signals(job: "Job", inputs: dict[str, str], where: Located) -> Iterator[Signal]:
    for name, value in inputs.items():
        if _TELLING_INPUT.search(name):
            yield from _possible(_values(job, value), "input", where)
        elif value == "true" and environment_of(name) is _PRODUCTION:
            yield Signal(_PRODUCTION, True, "input", name, where)
        elif len(value) < _LONGEST_NAME:
            yield Signal(name_environment(value), False, "input", value, where)


def _activity_signals(job: "Job", activity: Activity) -> Iterator[Signal]:
    if activity.index is None:
        yield from _input_signals(job, activity.step.inputs, activity)
        if any(" --prod" in f" {value}" for value in activity.step.inputs.values()):
            yield Signal(_PRODUCTION, True, "input", "--prod", activity)


def _command_signals(job: "Job", step: Step) -> Iterator[Signal]:
    """Yield what a script's commands say; not those the job's circumstances made meaningless."""
    hints = step.script.hints
    if not hints:
        return
    classified = {index for index, _ in step.script.classified}
    kept = {activity.index for activity in job.activities_of(step)}
    for index, hint in hints:
        if index not in classified or index in kept:
            where = WordPlace(step, index, hint.word)
            yield Signal(hint.kind, hint.strong, hint.source, hint.text, where)


def _secret_signals(job: "Job") -> Iterator[Signal]:
    """Yield whether anything in the job uses a secret or variable of production."""
    match = _SECRET.search(job.file.text_for(job), job.start, job.end)
    if match:
        yield Signal(_PRODUCTION, False, "secret", match.group(), Span(*match.span()))


def _variable_signals(job: "Job") -> Iterator[Signal]:
    for env in (job.env, job.workflow.env):
        for name, value in env.items():
            if _TELLING_VARIABLE.fullmatch(name):
                yield Signal(environment_of(value), True, "variable", value)


def _name_signals(job: "Job") -> Iterator[Signal]:
    """Yield what the names say, the nearest one only: a job's own name outweighs its file's."""
    workflow = job.workflow
    file = basename(job.file.path).partition(".")[0]
    for names in ((job.id, job.name), (workflow.name, file)):
        kinds = {name_environment(name) for name in names} - {EnvironmentKind.UNKNOWN}
        if kinds:
            kind = min(kinds, key=lambda one: one is _PRODUCTION)
            yield Signal(kind, False, "name", " ".join(filter(None, names)), job.key)
            return


def _dispatch_options(job: "Job") -> Iterator[tuple[str, list[str]]]:
    dispatch = job.workflow.triggers.get("workflow_dispatch")
    for name, node in dispatch.inputs.items() if dispatch is not None else ():
        if _TELLING_INPUT.search(name):
            yield name, texts(node.at("options"))


def _trigger_signals(job: "Job") -> Iterator[Signal]:
    triggers = job.workflow.triggers
    for name, options in _dispatch_options(job):
        if any(environment_of(option) is _PRODUCTION for option in options):
            yield Signal(_PRODUCTION, False, "option", name)
    guarded = job.if_ is not None and _MAIN.search(job.if_.text)
    if guarded or any(trigger.ships for trigger in triggers.values()):
        yield Signal(_PRODUCTION, False, "trigger", "")
    elif triggers and set(triggers) <= {"pull_request", "pull_request_target"}:
        yield Signal(EnvironmentKind.PREVIEW, False, "trigger", "pull_request")
