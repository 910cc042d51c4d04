"""What a Prometheus operator collects metrics from."""

from rollsafe.artefacts.kubernetes.labels import Selector
from rollsafe.artefacts.kubernetes.objects import KubernetesObject
from rollsafe.formats.nodes import Scalar
from rollsafe.text.cached import cached_property


class Monitor(KubernetesObject):
    """A ServiceMonitor, which finds Services, or a PodMonitor, which finds pods."""

    @property
    def finds_pods(self) -> bool:
        """Whether it selects pods by their labels, not Services by theirs."""
        return self.kind == "PodMonitor"

    @cached_property
    def selector(self) -> Selector | None:
        """The labels it looks for; None where none are written, so that everything is found."""
        return self.selector_at("spec", "selector")

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The namespaces it looks in besides its own; empty for its own alone."""
        items = self.node.items_at("spec", "namespaceSelector", "matchNames")
        return tuple(item.text for item in items if isinstance(item, Scalar))

    @property
    def looks_everywhere(self) -> bool:
        """Whether it looks in every namespace."""
        return self.node.bool_at("spec", "namespaceSelector", "any") is True

    def looks_at(self, other: KubernetesObject) -> bool:
        """Say whether it looks into the namespace of `other`, or may do so."""
        if self.looks_everywhere or other.namespace is None:
            return True
        if self.namespaces:
            return other.namespace in self.namespaces
        return self.shares_namespace(other)
