"""The fields that differ between an API version that is gone and the one that replaces it."""

from collections.abc import Iterable, Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import KubernetesObject, Workload
from rollsafe.artefacts.shapes import Fault
from rollsafe.formats.flow_text import is_json
from rollsafe.formats.nodes import Entry, Mapping, Scalar
from rollsafe.formats.yaml_edit import add_entry, column_of, eol_of, indent_of, indented
from rollsafe.rules.manifest_edits import put_tree, tree_of
from rollsafe.text import Edit, Span
from rollsafe.text.tuples import NamedTuple

_BACKEND: Final = ("serviceName", "servicePort")
_TARGETS: Final = {
    "targetAverageUtilization": "{{type: Utilization, averageUtilization: {value}}}",
    "targetAverageValue": "{{type: AverageValue, averageValue: {value}}}",
}


class _Step(NamedTuple):
    """A field written anew: the faults it takes away, as places of mappings with keys, and the edits."""

    settles: frozenset[tuple[int, str]]
    edits: tuple[Edit, ...]


def convert(thing: KubernetesObject, faults: Iterable[Fault]) -> tuple[Edit, ...] | None:
    """Return the edits that take all `faults` of the new version away; None where some would stay."""
    if is_json(thing.file.text) and not isinstance(thing, Workload):
        return None
    steps = list(_steps(thing))
    settled = {place for step in steps for place in step.settles}
    if not all(one.holder is not None and (one.holder.start, one.key) in settled for one in faults):
        return None
    return tuple(edit for step in steps for edit in step.edits)


def _steps(thing: KubernetesObject) -> Iterator[_Step]:
    if isinstance(thing, Workload):
        yield from _selector(thing)
    elif thing.kind == "Ingress":
        for rule in thing.node.items_at("spec", "rules"):
            for path in rule.items_at("http", "paths") if isinstance(rule, Mapping) else ():
                if isinstance(path, Mapping):
                    yield from _path(thing, path)
    elif thing.kind == "HorizontalPodAutoscaler":
        for metric in thing.node.items_at("spec", "metrics"):
            if isinstance(metric, Mapping):
                yield from _metric(thing, metric)


def _selector(workload: Workload) -> Iterator[_Step]:
    """Yield the selector that older versions took from the labels of the pods."""
    spec, labels = workload.spec, workload.pod_labels
    if spec is None or not labels or not workload.pod_labels_are_known or spec.entry("selector") is not None:
        return
    values = [(("selector", "matchLabels", key), value) for key, value in labels.items()]
    if all(value.isidentifier() for value in labels.values()):
        edits = put_tree(workload.file.text, spec, tree_of(values))
        yield _Step(frozenset({(spec.start, "selector")}), edits)


def _path(thing: KubernetesObject, path: Mapping) -> Iterator[_Step]:
    """Yield the backend of a path in the new words, and the type that it had by default."""
    text, entry = thing.file.text, path.entry("backend")
    backend = entry.value if entry is not None else None
    if isinstance(backend, Mapping) and {one.name for one in backend.entries} == set(_BACKEND):
        name, port = (backend.at(key) for key in _BACKEND)
        if (
            isinstance(name, Scalar)
            and isinstance(port, Scalar)
            and "#" not in text[backend.start : backend.end]
        ):
            kind = "number" if port.plain and port.text.isdigit() else "name"
            edit = _rewritten(
                text, backend, f"service:\n  name: {name.text}\n  port:\n    {kind}: {port.text}"
            )
            yield _Step(frozenset((backend.start, key) for key in (*_BACKEND, "service")), (edit,))
    if path.entry("pathType") is None:
        edit = add_entry(text, path, "pathType", "ImplementationSpecific")
        yield _Step(frozenset({(path.start, "pathType")}), (edit,))


def _rewritten(text: str, mapping: Mapping, block: str) -> Edit:
    if mapping.flow:
        words = [line.strip() for line in block.split("\n")]
        flow = f"{{{words[0]} {{{words[1]}, {words[2]} {{{words[3]}}}}}}}"
        return Edit(Span.of(mapping), flow)
    step = indent_of(text)
    lines = "\n".join(line.replace("  ", step) for line in block.split("\n"))
    moved = indented(lines, " " * column_of(text, mapping.start)).lstrip(" ")
    return Edit(Span.of(mapping), moved.replace("\n", eol_of(text)))


def _metric(thing: KubernetesObject, metric: Mapping) -> Iterator[_Step]:
    """Yield the aim of a metric of a resource in the new words."""
    resource = metric.map_at("resource")
    for key, target in _TARGETS.items():
        entry: Entry | None = resource.entry(key) if resource is not None else None
        if resource is None or entry is None or resource.entry("target") is not None:
            continue
        if isinstance(entry.value, Scalar) and entry.value.plain:
            edit = Edit(Span(entry.start, entry.end), f"target: {target.format(value=entry.value.text)}")
            yield _Step(frozenset({(resource.start, key), (resource.start, "target")}), (edit,))
