"""Pipelines of GitLab: jobs, stages, what they extend and refer to, and the files they include."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.other_pipelines.gitlab_project import files_of
from rollsafe.artefacts.other_pipelines.included import Included
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, walk
from rollsafe.formats.scalar_text import script_offsets
from rollsafe.text import Span
from rollsafe.text.patterns import lazily
from rollsafe.workspace.symbols.model import (
    FILE,
    Mention,
    Mentions,
    Symbol,
    entries,
    inner,
    items,
    roots,
    scalar,
    texts,
    value,
)

_JOB, _KEY, _STAGE, _INPUT = "job", "key of a job", "stage", "input"
_NO_JOBS: Final = frozenset({"include", "stages", "spec", "workflow", "default", "variables"})
_GIVEN = lazily(r"\$\[\[\s*inputs\.([\w-]+)")


def files_with(file: SourceFile) -> tuple[str, ...]:
    """Return the files of the pipeline that a file is part of, the one it begins with first."""
    around = file.around
    if isinstance(around, Included):
        found = files_of(around)
        if file.path in found:
            return tuple(found)
    return (file.path,)


def mentions(file: SourceFile) -> tuple[Mention, ...]:
    """Return the names of a pipeline."""
    found = roots(file)
    header = found[0] if len(found) > 1 and value(found[0], "spec") is not None else None
    body = found[1] if header is not None else found[0] if found else None
    if body is None:
        return ()
    into = Mentions(file, files_with(file)[0])
    for entry in entries(inner(header, "spec", "inputs")):
        into.define_as(_key(entry.key), Symbol(file.path, _INPUT, entry.name))
    for one in texts(value(body, "stages")):
        into.define(one, _STAGE, one.text)
    _include(into, value(body, "include"))
    for entry in entries(body):
        into.define(entry.key, _JOB, entry.name)
        for inner_ in entries(entry.value):
            into.define(inner_.key, _KEY, f"{entry.name}/{inner_.name}")
        if entry.name not in _NO_JOBS:
            _job(into, entry.value)
    _anywhere(into, body)
    return tuple(into.found)


def _key(node: Node) -> Scalar:
    assert isinstance(node, Scalar)
    return node


def _job(into: Mentions, node: Node) -> None:
    stage = scalar(value(node, "stage"))
    into.refer(stage, into.own(_STAGE, stage.text if stage is not None else ""))
    for key in ("extends", "dependencies"):
        for one in texts(value(node, key)):
            into.refer(one, into.own(_JOB, one.text))
    for one in _needed(value(node, "needs")):
        # One of several runs side by side is named as `build: [linux]`.
        into.refer(one, into.own(_JOB, one.text.partition(": [")[0]))
    stop = scalar(inner(node, "environment", "on_stop"))
    into.refer(stop, into.own(_JOB, stop.text if stop is not None else ""))
    _include(into, inner(node, "trigger", "include"))


def _needed(node: Node | None) -> Iterator[Scalar]:
    yield from texts(node)
    for one in items(node):
        job = scalar(value(one, "job"))
        elsewhere = any(value(one, key) is not None for key in ("project", "pipeline"))
        if job is not None and not elsewhere:
            yield job


def _include(into: Mentions, node: Node | None) -> None:
    """Note the local files an `include` takes in, and the inputs they are given."""
    for one in [node] if not isinstance(node, Sequence) else node.items:
        local = scalar(one) or scalar(value(one, "local"))
        if local is None or "://" in local.text or any(sign in local.text for sign in "*$"):
            continue
        home = into.home.rpartition("/")[0]
        name = local.text.strip().lstrip("/").removeprefix("./")
        path = f"{home}/{name}" if home else name
        into.refer(local, Symbol(path, FILE))
        for given in entries(value(one, "inputs")):
            into.refer(given.key, Symbol(path, _INPUT, given.name))


def _anywhere(into: Mentions, body: Mapping) -> None:
    """Note `!reference`s, and the inputs that texts take in."""
    for node in walk(body):
        if isinstance(node, Sequence) and node.tag == "!reference":
            named = texts(node)
            for index, one in enumerate(named[:3]):
                job = into.own(_JOB, named[0].text)
                key = into.own(_KEY, f"{named[0].text}/{named[min(1, len(named) - 1)].text}")
                into.refer(one, *((key, job) if index else (job,)))
        elif isinstance(node, Scalar) and "$[[" in node.text:
            at = script_offsets(into.file.text, node)
            for found in _GIVEN.finditer(node.text):
                place = Span(at(found.start(1)), at(found.end(1)))
                into.refer_at(place, Symbol(into.file.path, _INPUT, found[1]))
