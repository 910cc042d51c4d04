"""Workflows of CircleCI: jobs with `requires`, approvals, matrices."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.other_pipelines.model import Dialect, OtherJob, OtherPipeline, Said, Wait, When
from rollsafe.artefacts.other_pipelines.reading import LARGEST, MOST_JOBS, legs_of, mapping, roots, text_of
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar

_NAME = re.compile(r"(?:^|/)\.circleci/[^/]+\.ya?ml$")
_FAILED: Final = frozenset({"failed", "not_run", "unauthorized"})


def is_pipeline(file: SourceFile) -> bool:
    """Say whether a file is CircleCI's configuration."""
    return _NAME.search(file.path) is not None and len(file.text) <= LARGEST


def read(file: SourceFile) -> list[OtherPipeline]:
    """Return the workflows of a configuration."""
    found = roots(file)
    listed = found[0].map_at("workflows") if found else None
    made: list[OtherPipeline] = []
    for entry in listed.entries[:200] if listed is not None else ():
        body = mapping(entry.value)
        if body is not None and body.at("jobs") is not None:
            pipeline = OtherPipeline(Dialect.CIRCLECI, f"{file.path}#{entry.name}", file, entry.key)
            _read(pipeline, body, found[0])
            made += [pipeline] if pipeline.jobs else []
    return made


def _read(made: OtherPipeline, body: Mapping, root: Mapping) -> None:
    asked: list[tuple[OtherJob, Node | None]] = []
    for item in body.items_at("jobs")[:MOST_JOBS]:
        key = (
            item
            if isinstance(item, Scalar)
            else item.entries[0].key
            if isinstance(item, Mapping) and item.entries
            else None
        )
        if not isinstance(key, Scalar):
            continue
        given = None if isinstance(item, Scalar) else item.at(key.text)
        name = (given.text_at("name") if given is not None else None) or key.text
        job = OtherJob(made, name, key)
        made.jobs.append(job)
        _fill(job, key.text, given, root)
        asked.append((job, given.at("requires") if given is not None else None))
    ids = {job.id for job in made.jobs}
    for job, requires in asked:
        job.waits = list(_waits(made, job, requires, ids))
    _starts(made, body)


def _fill(job: OtherJob, name: str, given: Node | None, root: Mapping) -> None:
    if given is not None and given.text_at("type") == "approval":
        job.kind = "approval"
        job.asks = Said("`type: approval`: somebody has to say yes", given.at("type") or job.key)
        return
    matrix = given.at("matrix", "parameters") if given is not None else None
    if matrix is not None:
        job.legs = legs_of(matrix)
    if given is not None and given.at("filters") is not None:
        job.is_optional = True
    definition = root.map_at("jobs", name)
    if definition is None:
        job.pipeline.unread.append(Said(f"what `{name}` does: it is defined elsewhere", job.key))
    else:
        parallel = definition.int_at("parallelism")
        job.legs = parallel if parallel is not None and job.legs == 1 else job.legs
        _steps(job, definition, root)


def _steps(job: OtherJob, definition: Mapping, root: Mapping) -> None:
    for step in definition.items_at("steps")[:400]:
        name = text_of(step)
        inner = root.at("commands", name, "steps") if name is not None else None
        for one in inner.items_at()[:200] if inner is not None else [step]:
            run = one.at("run")
            job.run(run if isinstance(run, Scalar) else run.at("command") if run is not None else None)


def _waits(made: OtherPipeline, job: OtherJob, requires: Node | None, ids: set[str]) -> Iterator[Wait]:
    for item in requires.items_at()[:400] if requires is not None else ():
        name = text_of(item)
        states: set[str] = set()
        if isinstance(item, Mapping) and item.entries:
            name = item.entries[0].name
            value = item.entries[0].value
            states = (
                {text_of(value) or ""}
                if isinstance(value, Scalar)
                else {text_of(one) or "" for one in value.items_at()}
            )
        if states:
            said = Said(f"`requires: {name}: {', '.join(sorted(states))}`", item)
            job.condition = said
            job.when = When.FAILURE if states <= _FAILED | {"canceled"} else When.ALWAYS
        if name in ids:
            yield Wait(name or "", f"requires `{name}`", item)
        elif name is not None:
            made.dangling.append(Said(f"`{job.id}` requires `{name}`, which is no job of it", item))


def _starts(made: OtherPipeline, body: Mapping) -> None:
    for trigger in body.items_at("triggers"):
        cron = trigger.at("schedule", "cron")
        if isinstance(cron, Scalar):
            made.crons.append(Said(cron.text, cron))
    if not made.crons:
        made.triggers.append(Said("push", made.where))
    for key in ("when", "unless"):
        node = body.key_at(key)
        if node is not None:
            made.unread.append(Said(f"whether it runs: `{key}` decides", node))
