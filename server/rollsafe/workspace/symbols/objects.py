"""Workflows that are Kubernetes objects: templates and tasks of Argo, pipelines and tasks of Tekton."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar, walk
from rollsafe.formats.scalar_text import script_offsets
from rollsafe.text import Span
from rollsafe.text.patterns import lazily
from rollsafe.workspace.symbols.model import (
    Mention,
    Mentions,
    Symbol,
    inner,
    items,
    roots,
    scalar,
    texts,
    value,
)

_OBJECT, _TEMPLATE, _TASK, _PARAMETER, _RESULT = "object", "template", "task", "parameter", "result"
_SHARED: Final = (
    "WorkflowTemplate",
    "ClusterWorkflowTemplate",
    "Task",
    "ClusterTask",
    "Pipeline",
    "StepAction",
)
_ARGO_USED = lazily(r"\{\{=?\s*(tasks|steps|inputs\.parameters|workflow\.parameters)\.([\w-]+)")
_TEKTON_USED = lazily(r"\$\((params|tasks)\.([\w-]+)(?:\.results\.([\w-]+))?")
_WORD = lazily(r"(?<![\w.-])([A-Za-z0-9][\w-]*)")


def mentions(file: SourceFile) -> tuple[Mention, ...]:
    """Return the names of a file's workflows."""
    found: list[Mention] = []
    for root in roots(file):
        group = scalar(value(root, "apiVersion"))
        engine = group.text.partition("/")[0] if group is not None else ""
        if engine in ("argoproj.io", "tekton.dev"):
            into = Mentions(file, _home(file, root))
            _object(into, root)
            (_argo if engine == "argoproj.io" else _tekton)(into, root)
            found += into.found
    return tuple(found)


def _home(file: SourceFile, root: Mapping) -> str:
    """Return under which home an object defines names: its own where others find it by its name."""
    kind, name = scalar(value(root, "kind")), scalar(inner(root, "metadata", "name"))
    if kind is not None and name is not None and kind.text in _SHARED:
        return f"@{kind.text}/{name.text}"
    return file.path


def _object(into: Mentions, root: Mapping) -> None:
    name = scalar(inner(root, "metadata", "name"))
    if name is not None and into.home.startswith("@"):
        into.define_as(name, Symbol(into.home, _OBJECT))


# Argo


def _argo(into: Mentions, root: Mapping) -> None:
    spec = value(root, "spec")
    spec = value(spec, "workflowSpec") or spec
    scope = "" if into.home.startswith("@") else f"{root.start}"
    shared = _referred(inner(spec, "workflowTemplateRef"), "WorkflowTemplate", "ClusterWorkflowTemplate")
    if shared is not None:
        into.refer(shared[1], Symbol(shared[0], _OBJECT))
    home = shared[0] if shared is not None else into.home
    for key in ("entrypoint", "onExit"):
        named = scalar(value(spec, key))
        if named is not None:
            own = into.own(_TEMPLATE, f"{scope}/{named.text}")
            into.refer(named, own, Symbol(home, _TEMPLATE, f"/{named.text}"))
    _declared(into, inner(spec, "arguments", "parameters"), f"{scope}/workflow")
    for template in items(value(spec, "templates")):
        name = scalar(value(template, "name"))
        if name is not None:
            into.define(name, _TEMPLATE, f"{scope}/{name.text}")
            _template(into, template, scope, name.text)
    _argo_texts(into, spec, "workflow.parameters", f"{scope}/workflow")


def _template(into: Mentions, template: Node, scope: str, name: str) -> None:
    within = f"{scope}/{name}"
    _declared(into, inner(template, "inputs", "parameters"), within)
    tasks = items(inner(template, "dag", "tasks"))
    steps = [one for row in items(value(template, "steps")) for one in (items(row) or [row])]
    for task in (*tasks, *steps):
        own = scalar(value(task, "name"))
        if own is not None:
            into.define(own, _TASK, f"{within}/{own.text}")
        called = scalar(value(task, "template"))
        if called is not None:
            into.refer(called, into.own(_TEMPLATE, f"{scope}/{called.text}"))
        _template_ref(into, value(task, "templateRef"))
        for one in texts(value(task, "dependencies")):
            into.refer(one, into.own(_TASK, f"{within}/{one.text}"))
        _depends(into, scalar(value(task, "depends")), within)
    _argo_texts(into, template, "tasks", within)


def _template_ref(into: Mentions, node: Node | None) -> None:
    shared = _referred(node, "WorkflowTemplate", "ClusterWorkflowTemplate")
    if shared is not None:
        into.refer(shared[1], Symbol(shared[0], _OBJECT))
        template = scalar(value(node, "template"))
        if template is not None:
            into.refer(template, Symbol(shared[0], _TEMPLATE, f"/{template.text}"))


def _referred(node: Node | None, kind: str, cluster_kind: str) -> tuple[str, Scalar] | None:
    name, scope = scalar(value(node, "name")), scalar(value(node, "clusterScope"))
    if name is None:
        return None
    return f"@{cluster_kind if scope is not None and scope.as_bool() else kind}/{name.text}", name


def _depends(into: Mentions, node: Scalar | None, within: str) -> None:
    if node is None:
        return
    at = script_offsets(into.file.text, node)
    for found in _WORD.finditer(node.text):
        place = Span(at(found.start(1)), at(found.end(1)))
        into.refer_at(place, into.own(_TASK, f"{within}/{found[1]}"))


def _argo_texts(into: Mentions, node: Node | None, of: str, within: str) -> None:
    """Note what the texts of a template name: its tasks and inputs, or the arguments of the workflow."""
    for one, found in _uses(_ARGO_USED, "{{", node):
        if (found[1] == "workflow.parameters") is (of == "workflow.parameters"):
            kind = _TASK if found[1] in ("tasks", "steps") else _PARAMETER
            at = script_offsets(into.file.text, one)
            place = Span(at(found.start(2)), at(found.end(2)))
            into.refer_at(place, into.own(kind, f"{within}/{found[2]}"))


# Tekton


def _tekton(into: Mentions, root: Mapping) -> None:
    spec = value(root, "spec")
    kind = scalar(value(root, "kind"))
    scope = "" if into.home.startswith("@") else f"{root.start}"
    _declared(into, value(spec, "params"), scope)
    _declared(into, value(spec, "results"), scope, _RESULT)
    _reference(into, value(spec, "pipelineRef"), "Pipeline", value(spec, "params"))
    _reference(into, value(spec, "taskRef"), "Task", value(spec, "params"))
    for inline in ("pipelineSpec", "taskSpec"):
        _declared(into, inner(spec, inline, "params"), scope)
    pipeline = value(spec, "pipelineSpec") or spec
    tasks = [*items(value(pipeline, "tasks")), *items(value(pipeline, "finally"))]
    results: dict[str, str] = {}
    for task in tasks:
        name, called = scalar(value(task, "name")), scalar(inner(task, "taskRef", "name"))
        if name is not None:
            into.define(name, _TASK, f"{scope}/{name.text}")
            results[name.text] = (
                f"@{_kind_of(value(task, 'taskRef'), 'Task')}/{called.text}" if called else ""
            )
        _reference(into, value(task, "taskRef"), "Task", value(task, "params"))
        for one in texts(value(task, "runAfter")):
            into.refer(one, into.own(_TASK, f"{scope}/{one.text}"))
    if kind is not None and kind.text not in ("PipelineRun", "TaskRun"):
        _tekton_texts(into, spec, scope, results)
    else:
        _tekton_texts(into, pipeline, scope, results)


def _kind_of(node: Node | None, kind: str) -> str:
    said = scalar(value(node, "kind"))
    return said.text if said is not None else kind


def _reference(into: Mentions, node: Node | None, kind: str, given: Node | None) -> None:
    name = scalar(value(node, "name"))
    if name is None:
        return
    home = f"@{_kind_of(node, kind)}/{name.text}"
    into.refer(name, Symbol(home, _OBJECT))
    for one in items(given):
        parameter = scalar(value(one, "name"))
        if parameter is not None:
            into.refer(parameter, Symbol(home, _PARAMETER, f"/{parameter.text}"))


def _tekton_texts(into: Mentions, node: Node | None, scope: str, results: dict[str, str]) -> None:
    for one, found in _uses(_TEKTON_USED, "$(", node):
        at = script_offsets(into.file.text, one)
        kind = _TASK if found[1] == "tasks" else _PARAMETER
        named = into.own(kind, f"{scope}/{found[2]}")
        into.refer_at(Span(at(found.start(2)), at(found.end(2))), named)
        home = results.get(found[2]) if found[1] == "tasks" else None
        if found[3]:
            result = (Symbol(home, _RESULT, f"/{found[3]}"),) if home else ()
            into.refer_at(Span(at(found.start(3)), at(found.end(3))), *result, named)


def _declared(into: Mentions, node: Node | None, within: str, kind: str = _PARAMETER) -> None:
    for one in items(node):
        name = scalar(value(one, "name"))
        if name is not None:
            into.define(name, kind, f"{within}/{name.text}")


def _uses(pattern: re.Pattern[str], sign: str, node: Node | None) -> Iterator[tuple[Scalar, re.Match[str]]]:
    for one in walk(node) if node is not None else ():
        if isinstance(one, Scalar) and sign in one.text:
            yield from ((one, found) for found in pattern.finditer(one.text))
