"""What Argo refuses in a workflow: templates, waits and references that are not there, misplaced fields."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.other_pipelines.circles import first_of_circles
from rollsafe.artefacts.other_pipelines.faults import Fault, FaultKind
from rollsafe.artefacts.other_pipelines.reading import names_in
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, walk

_TYPES: Final = (
    "container", "containerSet", "script", "resource", "dag", "steps", "suspend", "data", "http", "plugin",
)  # fmt: skip
_NO_POD: Final = frozenset({"dag", "steps", "suspend", "http", "plugin"})
_PODS_ONLY: Final = ("podResources", "resourceClaims")
_LEAVES_ONLY: Final = ("activeDeadlineSeconds",)
_TITLES: Final = {"http": "HTTP", "dag": "DAG", "steps": "Steps", "suspend": "Suspend", "plugin": "Plugin"}
_REFERENCE = re.compile(r"\{\{\s*(steps|tasks|inputs|workflow)\.([\w.-]+?)\s*\}\}")
_OUTPUT = re.compile(r"([\w-]+)\.outputs\.(parameters|artifacts)\.([\w-]+)\Z")
_DEPENDS = re.compile(
    r"(?<![\w.-])([A-Za-z_][\w-]*)(?:\.(?:Succeeded|Failed|Errored|Skipped|Omitted|Daemoned|AnySucceeded|AllFailed))?"
)
_MOST: Final = 2_000
_PEERS: Final = ("argo-lint:error",)


def faults_in(root: Mapping) -> list[Fault]:
    """Return what is wrong in a workflow or a template of workflows."""
    spec = (
        root.map_at("spec", "workflowSpec") if root.text_at("kind") == "CronWorkflow" else root.map_at("spec")
    )
    return list(_Workflow(root, spec).faults()) if spec is not None else []


def is_open(text: str) -> bool:
    """Say whether a value computes a text."""
    return "{{" in text


class _Workflow:
    """The templates of one workflow by name."""

    def __init__(self, root: Mapping, spec: Mapping) -> None:
        self._spec = spec
        self._is_run = root.text_at("kind") in ("Workflow", "CronWorkflow")
        self._refers = spec.at("workflowTemplateRef") is not None
        listed = [one for one in spec.items_at("templates")[:_MOST] if isinstance(one, Mapping)]
        self._templates = {name: one for one in listed if (name := one.text_at("name")) is not None}
        self._listed = listed

    def faults(self) -> Iterator[Fault]:
        yield from self._top()
        yield from _again(self._listed, "the workflow", "template")
        for template in self._listed:
            name = template.text_at("name")
            if name is not None and not is_open(name):
                yield from self._template(template, f"template `{name}`")

    def _top(self) -> Iterator[Fault]:
        templates = self._spec.key_at("templates")
        if self._refers and templates is not None:
            told = "workflowTemplateRef"
            yield Fault(
                FaultKind.CLASH, templates, "the workflow", "templates", told, self._spec, peers=_PEERS
            )
            return
        if self._refers:
            return
        for key in ("entrypoint", "onExit"):
            node = self._spec.at(key)
            if isinstance(node, Scalar) and self._is_unknown(node):
                yield self._unknown(node, f"`{key}`")
        if self._is_run and self._spec.at("entrypoint") is None and self._listed and templates is not None:
            yield Fault(FaultKind.MISSING, templates, "the workflow", "entrypoint", peers=_PEERS)

    def _is_unknown(self, node: Scalar) -> bool:
        return not node.is_null and node.text not in self._templates and not is_open(node.text)

    def _unknown(self, node: Scalar, owner: str) -> Fault:
        return Fault(FaultKind.TEMPLATE, node, owner, node.text, words=tuple(self._templates), peers=_PEERS)

    # -- one template

    def _template(self, template: Mapping, owner: str) -> Iterator[Fault]:
        kinds = [key for key in _TYPES if template.at(key) is not None]
        yield from self._kinds(template, owner, kinds)
        for part in ("inputs", "outputs"):
            for sort in ("parameters", "artifacts"):
                listed = [one for one in template.items_at(part, sort) if isinstance(one, Mapping)]
                yield from _again(listed, f"`{part}` of {owner}", sort.removesuffix("s"))
        inputs = {name for sort in ("parameters", "artifacts") for name in _names(template, "inputs", sort)}
        if template.entry("<<") is not None:
            return
        if "steps" in kinds:
            yield from self._steps(template, owner, inputs)
        elif "dag" in kinds:
            yield from self._dag(template, owner, inputs)
        else:
            yield from self._references(template, owner, inputs, {}, None)

    def _kinds(self, template: Mapping, owner: str, kinds: list[str]) -> Iterator[Fault]:
        place = template.at("name") or template
        if len(kinds) > 1 and kinds != ["containerSet", "script"]:
            where = template.key_at(kinds[1]) or place
            yield Fault(FaultKind.CLASH, where, owner, kinds[1], kinds[0], template, peers=_PEERS)
        if len(kinds) != 1:
            return
        pods = [*_PODS_ONLY] if kinds[0] in _NO_POD else []
        if kinds[0] in ("dag", "steps"):
            pods += _LEAVES_ONLY
        for key in pods:
            field = template.key_at(key)
            if field is not None:
                told = f"is not taken in {_TITLES[kinds[0]]} templates"
                yield Fault(FaultKind.VALUE, field, f"`{key}` of {owner}", key, told, template, peers=_PEERS)

    def _steps(self, template: Mapping, owner: str, inputs: set[str]) -> Iterator[Fault]:
        before: dict[str, Mapping] = {}
        every = [one for group in template.items_at("steps") for one in _group(group)]
        yield from _again(every, owner, "step")
        for group in template.items_at("steps")[:_MOST]:
            for step in _group(group):
                yield from self._call(step, owner)
                # Its hooks may look at the step itself.
                around = {**before, step.text_at("name") or "": step}
                yield from self._references(step, owner, inputs, around, "steps")
            before |= {name: one for one in _group(group) if (name := one.text_at("name")) is not None}
        outputs = template.at("outputs")
        if outputs is not None:
            yield from self._references(outputs, owner, inputs, before, "steps")

    def _dag(self, template: Mapping, owner: str, inputs: set[str]) -> Iterator[Fault]:
        listed = [one for one in template.items_at("dag", "tasks")[:_MOST] if isinstance(one, Mapping)]
        tasks = {name: one for one in listed if (name := one.text_at("name")) is not None}
        yield from _again(listed, owner, "task")
        waits: dict[str, list[Scalar]] = {}
        for task in listed:
            yield from self._call(task, owner)
            yield from self._references(task, owner, inputs, tasks, "tasks")
            name = task.text_at("name") or ""
            waits[name] = list(names_in(task.at("dependencies")))
            yield from _waits(task, name, waits[name], tasks)
        if template.at("outputs") is not None:
            yield from self._references(template.at("outputs") or template, owner, inputs, tasks, "tasks")
        for name, node in first_of_circles(waits):
            yield Fault(FaultKind.CYCLE, node, f"task `{name}` waits for", node.text, peers=_PEERS)

    def _call(self, step: Mapping, owner: str) -> Iterator[Fault]:
        node, name = step.at("template"), step.text_at("name") or "?"
        if isinstance(node, Scalar) and step.at("templateRef") is not None:
            where = step.key_at("templateRef") or node
            yield Fault(
                FaultKind.CLASH, where, f"`{name}` of {owner}", "templateRef", "template", step, peers=_PEERS
            )
        if not isinstance(node, Scalar) or node.is_null:
            return
        target = self._templates.get(node.text)
        if target is None:
            if not is_open(node.text):
                yield self._unknown(node, f"`{name}` of {owner}")
            return
        given = {*_names(step, "arguments", "parameters"), *_names(step, "arguments", "artifacts")}
        for item in target.items_at("inputs", "parameters"):
            wanted = item.text_at("name")
            has_value = any(item.at(key) is not None for key in ("value", "valueFrom", "default"))
            if wanted is not None and not has_value and wanted not in given and step.entry("<<") is None:
                place = f"`{name}` of {owner}"
                told = f"which template `{node.text}` takes as an input"
                yield Fault(FaultKind.ARGUMENT, node, place, wanted, told, peers=_PEERS)

    # -- references

    def _references(
        self, node: Node, owner: str, inputs: set[str], around: dict[str, Mapping], kind: str | None
    ) -> Iterator[Fault]:
        for scalar in walk(node):
            if not isinstance(scalar, Scalar) or "{{" not in scalar.text:
                continue
            for found in _REFERENCE.finditer(scalar.text):
                told = self._judged(found[1], found[2], inputs, around, kind)
                if told is not None:
                    yield Fault(
                        FaultKind.REFERENCE, scalar, owner, f"{found[1]}.{found[2]}", told, peers=_PEERS
                    )

    def _judged(
        self, scope: str, rest: str, inputs: set[str], around: dict[str, Mapping], kind: str | None
    ) -> str | None:
        """Return why a reference leads nowhere, else None."""
        if scope == "inputs":
            parts = rest.split(".")
            is_known = len(parts) < 2 or parts[0] not in ("parameters", "artifacts") or parts[1] in inputs
            return None if is_known else "is no input of it"
        if scope == "workflow":
            return self._workflow_parameter(rest)
        if scope != kind:
            return None
        name = rest.split(".")[0]
        if name not in around:
            return f"names no {'task' if kind == 'tasks' else 'step before it'}"
        output = _OUTPUT.match(rest)
        called = self._templates.get(around[name].text_at("template") or "")
        if output is None or called is None or called.entry("<<") is not None:
            return None
        known = {*_names(called, "outputs", output[2])}
        return None if output[3] in known else f"is no output of template `{called.text_at('name')}`"

    def _workflow_parameter(self, rest: str) -> str | None:
        parts = rest.split(".")
        if parts[0] != "parameters" or len(parts) != 2 or not self._is_run or self._refers:
            return None
        known = set(_names(self._spec, "arguments", "parameters"))
        is_global = any(one.text == parts[1] for template in self._listed for one in _global_names(template))
        return None if parts[1] in known or is_global or not known else "is no argument of the workflow"


def _global_names(template: Mapping) -> Iterator[Scalar]:
    for item in template.items_at("outputs", "parameters"):
        node = item.at("globalName")
        if isinstance(node, Scalar):
            yield node


def _group(group: Node) -> list[Mapping]:
    items = group.items_at() if isinstance(group, Sequence) else [group]
    return [one for one in items if isinstance(one, Mapping)]


def _names(node: Mapping, *path: str) -> list[str]:
    return [name for item in node.items_at(*path) if (name := item.text_at("name")) is not None]


def _again(listed: list[Mapping], owner: str, what: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for one in listed:
        node = one.at("name")
        if isinstance(node, Scalar) and not node.is_null and not is_open(node.text):
            if node.text in seen:
                yield Fault(FaultKind.SAME_NAME, node, owner, node.text, what, peers=_PEERS)
            seen.add(node.text)


def _waits(task: Mapping, name: str, needed: list[Scalar], tasks: dict[str, Mapping]) -> Iterator[Fault]:
    others = tuple(one for one in tasks if one != name)
    for node in needed:
        if node.text not in tasks and not is_open(node.text):
            yield Fault(
                FaultKind.NEED, node, f"task `{name}` waits for", node.text, words=others, peers=_PEERS
            )
    depends = task.at("depends")
    if not isinstance(depends, Scalar) or is_open(depends.text):
        return
    if needed:
        where: Node = task.key_at("depends") or depends
        yield Fault(FaultKind.CLASH, where, f"task `{name}`", "depends", "dependencies", task, peers=_PEERS)
    for found in _DEPENDS.finditer(depends.text[:_MOST]):
        if found[1] not in tasks:
            yield Fault(
                FaultKind.NEED, depends, f"task `{name}` waits for", found[1], words=others, peers=_PEERS
            )
