"""What Tekton refuses in a task: steps, parameters, volumes and results that do not fit."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.other_pipelines.faults import Fault, FaultKind
from rollsafe.artefacts.other_pipelines.tekton_names import Scope, again, names, references
from rollsafe.formats.nodes import Mapping, Scalar, Sequence

_MOST: Final = 2_000
_TYPES: Final = ("string", "array", "object")


def task_faults(
    spec: Mapping, owner: str, params: frozenset[str], workspaces: frozenset[str] | None
) -> Iterator[Fault]:
    """Yield what is wrong in a task that gets `params` and `workspaces` from outside.

    `workspaces` is None where what calls the task may bring more.
    """
    own = None if workspaces is None else workspaces | names(spec, "workspaces")
    scope = Scope(params | names(spec, "params"), own, names(spec, "results"), None, {})
    yield from references(spec, owner, scope)
    yield from declared(spec, owner)
    steps = [step for step in spec.items_at("steps")[:_MOST] if isinstance(step, Mapping)]
    yield from again(steps, owner, "step")
    for step in steps:
        yield from _step(step, owner)
    yield from _mounts(spec, steps, owner)


def declared(spec: Mapping, owner: str) -> Iterator[Fault]:
    """Yield what is wrong with the parameters, workspaces and volumes that are declared."""
    for key, what in (("params", "parameter"), ("workspaces", "workspace"), ("volumes", "volume")):
        yield from again([one for one in spec.items_at(key) if isinstance(one, Mapping)], owner, what)
    for item in spec.items_at("params"):
        node, default = item.at("type"), item.at("default")
        name = item.text_at("name") or "?"
        if not isinstance(node, Scalar) or node.is_null:
            continue
        if node.text not in _TYPES:
            told = f"takes the parameter `{name}` as `{node.text}`, which is no type"
            yield Fault(FaultKind.VALUE, node, owner, node.text, told, words=_TYPES)
        elif default is not None and not _is_of(default, node.text):
            told = f"gives the parameter `{name}` a default that is no {node.text}"
            yield Fault(FaultKind.VALUE, default, owner, name, told)


def _is_of(value: object, kind: str) -> bool:
    if isinstance(value, Scalar):
        return kind == "string" or value.is_null
    return kind == ("array" if isinstance(value, Sequence) else "object")


def _step(step: Mapping, owner: str) -> Iterator[Fault]:
    key = step.key_at("command")
    if key is not None and step.at("script") is not None:
        name = step.text_at("name")
        place = f"step `{name}` of {owner}" if name else f"a step of {owner}"
        yield Fault(FaultKind.CLASH, key, place, "command", "script", step)


def _mounts(spec: Mapping, steps: list[Mapping], owner: str) -> Iterator[Fault]:
    """Yield the mounts of volumes that a task does not have; a run may bring volumes to one without any."""
    volumes = names(spec, "volumes")
    for step in steps if volumes else ():
        for mount in step.items_at("volumeMounts"):
            node = mount.at("name")
            if isinstance(node, Scalar) and node.text not in volumes and not _is_open(node.text):
                words = tuple(sorted(volumes))
                yield Fault(FaultKind.TEMPLATE, node, f"a step of {owner}", node.text, words=words)


def _is_open(name: str) -> bool:
    return "$" in name or "{{" in name or name.startswith("tekton-")
