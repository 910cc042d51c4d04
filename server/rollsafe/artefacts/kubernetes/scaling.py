"""What changes how many pods there are: autoscalers and disruption budgets."""

from collections.abc import Iterable

from rollsafe.artefacts.kubernetes.labels import Selector
from rollsafe.artefacts.kubernetes.objects import KubernetesObject, selector_keys
from rollsafe.artefacts.kubernetes.templates import (
    Amount,
    Share,
    amount_at,
    is_placeholder,
    share_at,
)
from rollsafe.artefacts.kubernetes.workload import Workload
from rollsafe.formats.nodes import Node, Scalar
from rollsafe.text.cached import cached_property
from rollsafe.text.tuples import NamedTuple


class Metric(NamedTuple):
    """What an autoscaler watches; `resource` is `cpu` or `memory` for resource metrics.

    `is_utilization` tells a percentage of the request, which needs a request to be there.
    """

    type: str
    resource: str | None
    is_utilization: bool
    node: Node


class HorizontalPodAutoscaler(KubernetesObject):
    """Sets a workload's replicas; a KEDA ScaledObject, which makes one, counts as one."""

    @property
    def target_kind(self) -> str:
        """The kind of the workload it scales."""
        return self.node.text_at("spec", "scaleTargetRef", "kind") or "Deployment"

    @property
    def target_name(self) -> str:
        """The name of the workload it scales; empty when there is none."""
        return self.node.text_at("spec", "scaleTargetRef", "name") or ""

    @property
    def target_node(self) -> Node | None:
        """The value of the target's name."""
        return self.node.at("spec", "scaleTargetRef", "name")

    @property
    def min_replicas(self) -> Amount:
        """The least number of replicas as written; Kubernetes takes 1 otherwise, KEDA 0."""
        return amount_at(self.node, "spec", self._bound("min"))

    @property
    def default_min(self) -> int:
        """The least number of replicas where none is written."""
        return 0 if self.kind == "ScaledObject" else 1

    @property
    def min_key(self) -> str:
        """What the lower bound is called."""
        return self._bound("min")

    @property
    def max_key(self) -> str:
        """What the upper bound is called."""
        return self._bound("max")

    @property
    def min_replicas_node(self) -> Node | None:
        """The value of the lower bound."""
        return self.node.at("spec", self._bound("min"))

    @property
    def max_replicas(self) -> Amount:
        """The greatest number of replicas as written."""
        return amount_at(self.node, "spec", self.max_key)

    @property
    def max_replicas_node(self) -> Node | None:
        """The value of the upper bound."""
        return self.node.at("spec", self.max_key)

    @cached_property
    def metrics(self) -> tuple[Metric, ...]:
        """What it watches, in the words of any API version."""
        found = [_metric(item) for item in self.node.items_at("spec", "metrics")]
        found += [_trigger(item) for item in self.node.items_at("spec", "triggers")]
        cpu = self.node.at("spec", "targetCPUUtilizationPercentage")
        if cpu is not None:
            found.append(Metric("Resource", "cpu", is_utilization=True, node=cpu))
        return tuple(found)

    def scales(self, workload: Workload) -> bool:
        """Say whether `workload` is its target."""
        return (
            self.target_name == workload.name
            and self.target_kind == workload.kind
            and self.shares_namespace(workload)
        )

    def graph_keys(self) -> Iterable[str]:
        """Return the object's keys and `scales:Kind/name`."""
        keys = tuple(super().graph_keys())
        if not self.target_name or is_placeholder(self.target_name):
            return keys
        return (*keys, f"scales:{self.target_kind}/{self.target_name}")

    def _bound(self, which: str) -> str:
        return f"{which}ReplicaCount" if self.kind == "ScaledObject" else f"{which}Replicas"


class PodDisruptionBudget(KubernetesObject):
    """How many pods a drain has to leave running."""

    @cached_property
    def selector(self) -> Selector | None:
        """The pods it protects."""
        return self.selector_at("spec", "selector")

    @property
    def min_available(self) -> Share:
        """How many have to stay, as a number or a percentage."""
        return share_at(self.node, "spec", "minAvailable")

    @property
    def max_unavailable(self) -> Share:
        """How many may be missing, as a number or a percentage."""
        return share_at(self.node, "spec", "maxUnavailable")

    @property
    def limit_node(self) -> Node | None:
        """The value of whichever limit is written."""
        return self.node.at("spec", "minAvailable") or self.node.at("spec", "maxUnavailable")

    def covers(self, workload: Workload) -> bool:
        """Say whether it protects the workload's pods; an empty selector covers the namespace."""
        if self.selector is None or not self.shares_namespace(workload):
            return False
        return self.selector.selects(workload.pod_labels)

    def graph_keys(self) -> Iterable[str]:
        """Return the object's keys and `selects:key=value`."""
        return (*super().graph_keys(), *selector_keys(self.selector))


def _metric(node: Node) -> Metric:
    kind = node.text_at("type") or ""
    source = "containerResource" if kind == "ContainerResource" else "resource"
    percentage = node.at(source, "target", "averageUtilization")
    if percentage is None:
        percentage = node.at(source, "targetAverageUtilization")
    return Metric(kind, node.text_at(source, "name"), isinstance(percentage, Scalar), node)


def _trigger(node: Node) -> Metric:
    """Return what a KEDA trigger watches; its `cpu` and `memory` triggers are resource metrics."""
    kind = node.text_at("type") or ""
    if kind not in ("cpu", "memory"):
        return Metric("External", None, is_utilization=False, node=node)
    unit = node.text_at("metricType") or node.text_at("metadata", "type")
    return Metric("Resource", kind, unit == "Utilization", node)
