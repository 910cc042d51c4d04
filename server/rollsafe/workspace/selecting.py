"""Selectors that find nothing in the repository, and what may have been meant."""

from collections.abc import Iterable, Iterator

from rollsafe.artefacts.kubernetes import (
    KubernetesObject,
    Kustomization,
    Monitor,
    Selector,
    Service,
    Workload,
)
from rollsafe.formats.nodes import Node
from rollsafe.text import nearest
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph


class Idle(NamedTuple):
    """A selector that finds nothing.

    `key` is the first label nobody carries, `value` where its value stands and `meant` the nearest value
    somebody carries.
    """

    selector: Selector | None
    words: str
    key: str = ""
    value: Node | None = None
    meant: str | None = None


def idle_selectors(owner: KubernetesObject, selectors: Iterable[Selector], graph: Graph) -> Iterator[Idle]:
    """Yield those of an object's pod selectors that find no pod of the repository."""
    if _labels_are_added(graph):
        return
    for selector in selectors:
        if selector.is_known and not selector.is_empty and not _finds_pods(owner, selector, graph):
            yield _idle(selector, _values_of_pods(graph))


def idle_monitor(monitor: Monitor, graph: Graph) -> Idle | None:
    """Return why a monitor finds nothing; None where it finds something, or may."""
    selector = monitor.selector
    if _labels_are_added(graph) or (selector is not None and not selector.is_known):
        return None
    if monitor.finds_pods:
        return _idle_pods(monitor, selector, graph)
    services = graph.every(Service, "name:")
    labelled = [one for one in services if selector is None or selector.selects(one.labels)]
    seen = [one for one in labelled if monitor.looks_at(one)]
    if not seen:
        values = {key: [one.labels[key] for one in services if key in one.labels] for key in _keys(selector)}
        return _idle(selector, values)
    if monitor.namespaces and all(one.namespace is None for one in seen) and not _names_spaces(graph):
        words = ", ".join(monitor.namespaces)
        return Idle(selector, f"namespace: {words}")
    return None


def _idle_pods(monitor: Monitor, selector: Selector | None, graph: Graph) -> Idle | None:
    if selector is None or selector.is_empty:
        return None
    pods = (one for one in graph.every(Workload, "label:") if selector.selects(one.pod_labels))
    return None if any(monitor.looks_at(one) for one in pods) else _idle(selector, _values_of_pods(graph))


def _idle(selector: Selector | None, known: "dict[str, list[str]] | _PodValues") -> Idle:
    if selector is None:
        return Idle(None, "its namespace")
    words = ", ".join(f"{key}: {value}" for key, value in selector.labels.items())
    words = words or ", ".join(one.key for one in selector.requirements)
    for key, value in selector.labels.items():
        values = known.get(key) or []
        node = selector.node.at("matchLabels", key)
        if value not in values and node is not None:
            return Idle(selector, words, key, node, nearest(value, values))
    return Idle(selector, words)


class _PodValues:
    """The values that pods carry for a label, asked for one by one."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def get(self, key: str) -> list[str]:
        """Return the values pods carry for the label `key`."""
        found = self._graph.keys(Workload, f"label:{key}=")
        return [name.removeprefix(f"label:{key}=") for name in found]


def _values_of_pods(graph: Graph) -> _PodValues:
    return _PodValues(graph)


def _keys(selector: Selector | None) -> Iterable[str]:
    return selector.labels if selector is not None else ()


def _finds_pods(owner: KubernetesObject, selector: Selector, graph: Graph) -> bool:
    first = next(iter(selector.labels.items()), None)
    key = f"label:{first[0]}={first[1]}" if first is not None else None
    pods = graph.find(Workload, key) if key is not None else graph.every(Workload, "label:")
    return any(one.shares_namespace(owner) and selector.selects(one.pod_labels) for one in pods)


def _labels_are_added(graph: Graph) -> bool:
    return any(one.selector_labels for one in graph.every(Kustomization, "dir:"))


def _names_spaces(graph: Graph) -> bool:
    return any(one.namespace for one in graph.every(Kustomization, "dir:"))
