"""Pipelines of Azure: stages, jobs, templates, parameters and variables."""

import re
from posixpath import join, normpath
from typing import Final

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
    items,
    roots,
    scalar,
    texts,
    value,
)

_STAGE, _JOB, _STEP, _PARAMETER, _VARIABLE = "stage", "job", "step", "parameter", "variable"
_JOBS: Final = ("job", "deployment")
_DEEPEST: Final = 40
_TEMPLATE = lazily(r"^(?:steps|jobs|stages|variables|extends):", re.M)
_USED = lazily(
    r"\bparameters(?:\.|\[')(?P<parameter>\w+)|\bvariables(?:\.|\[')(?P<variable>[\w.]+)"
    r"|\$\((?P<macro>[A-Za-z_][\w.]*)\)"
    r"|\bstageDependencies\.(?P<stage>\w+)(?:\.(?P<inner>\w+))?|\bdependencies\.(?P<waited>\w+)"
)


def may_be_template(file: SourceFile) -> bool:
    """Say whether a file that is of no other kind looks like a template of a pipeline."""
    return "\nparameters:" in f"\n{file.text}" and _TEMPLATE.search(file.text) is not None


def mentions(file: SourceFile) -> tuple[Mention, ...]:
    """Return the names of a pipeline or of a template of one."""
    found = roots(file)
    if not found:
        return ()
    into, root = Mentions(file), found[0]
    _parameters(into, value(root, "parameters"))
    _below(into, root, "", 0)
    for node in walk(root):
        if isinstance(node, Scalar) and ("$" in node.text or "ependencies." in node.text):
            _in_text(into, node)
    return tuple(into.found)


def _parameters(into: Mentions, node: Node | None) -> None:
    for one in items(node):
        name = scalar(value(one, "name"))
        if name is not None:
            into.define(name, _PARAMETER, name.text.lower())
    for entry in entries(node):
        into.define(entry.key, _PARAMETER, entry.name.lower())


def _below(into: Mentions, node: Node, stage: str, depth: int) -> None:
    """Note the stages and jobs below a node; what stands under a condition is written one level deeper."""
    if depth > _DEEPEST:
        return
    if isinstance(node, Sequence):
        for one in node.items:
            _below(into, one, stage, depth + 1)
    if not isinstance(node, Mapping):
        return
    named = scalar(value(node, _STAGE))
    if named is not None:
        stage = named.text.lower()
        into.define(named, _STAGE, stage)
    _waits(into, node, stage, is_stage=named is not None)
    _template(into, node)
    _variables(into, value(node, "variables"))
    for entry in node.entries:
        if isinstance(entry.value, (Mapping, Sequence)) and entry.name not in ("parameters", "variables"):
            _below(into, entry.value, stage, depth + 1)


def _waits(into: Mentions, node: Mapping, stage: str, *, is_stage: bool) -> None:
    for key in _JOBS:
        job = scalar(value(node, key))
        if job is not None:
            into.define(job, _JOB, f"{stage}/{job.text.lower()}")
    for one in texts(value(node, "dependsOn")):
        name = one.text.lower()
        into.refer(one, into.own(_STAGE, name) if is_stage else into.own(_JOB, f"{stage}/{name}"))


def _template(into: Mentions, node: Mapping) -> None:
    written = scalar(value(node, "template"))
    if written is None or "$" in written.text:
        return
    name, _, repository = written.text.partition("@")
    if repository not in ("", "self"):
        return
    above = "" if name.startswith("/") else into.file.directory
    path = normpath(join(above, name.lstrip("/")))
    into.refer(written, Symbol(path, FILE))
    for entry in entries(value(node, "parameters")):
        into.refer(entry.key, Symbol(path, _PARAMETER, entry.name.lower()))


def _variables(into: Mentions, node: Node | None) -> None:
    for one in items(node):
        name = scalar(value(one, "name"))
        if name is not None:
            into.define(name, _VARIABLE, name.text.lower())
        if isinstance(one, Mapping):
            _template(into, one)
    for entry in entries(node):
        if "${{" not in entry.name:
            into.define(entry.key, _VARIABLE, entry.name.lower())


def _in_text(into: Mentions, node: Scalar) -> None:
    at = script_offsets(into.file.text, node)
    for found in _USED.finditer(node.text):
        for group, text in found.groupdict().items():
            if text:
                place = Span(at(found.start(group)), at(found.end(group)))
                into.refer_at(place, *_meant(into, group, text.lower(), (found["stage"] or "").lower()))


def _meant(into: Mentions, group: str, name: str, stage: str) -> tuple[Symbol, ...]:
    if group == "parameter":
        return (into.own(_PARAMETER, name),)
    if group in ("variable", "macro"):
        return (into.own(_VARIABLE, name),)
    if group == "inner":
        return (into.own(_JOB, f"{stage}/{name}"),)
    return (
        (into.own(_STAGE, name),)
        if group == "stage"
        else (into.own(_STAGE, name), into.own(_JOB, f"/{name}"))
    )
