"""Labels and the selectors that find them."""

from collections.abc import Mapping as MappingOf
from typing import Final

from rollsafe.artefacts.kubernetes.templates import holds_placeholder
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.text.records import record
from rollsafe.text.tuples import NamedTuple

ADDED: Final = frozenset(
    {
        *("statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index", "controller-revision-hash"),
        *("pod-template-hash", "rollouts-pod-template-hash", "pod-template-generation", "controller-uid"),
        *("job-name", "batch.kubernetes.io/job-name", "batch.kubernetes.io/controller-uid"),
        "batch.kubernetes.io/job-completion-index",
    }
)
"""Labels that the controllers put on pods, so that no template has them."""


def selects(selector: MappingOf[str, str], labels: MappingOf[str, str]) -> bool:
    """Say whether a plain `selector` picks pods whose template has `labels`; an empty one picks nothing."""
    return bool(selector) and all(key in ADDED or labels.get(key) == value for key, value in selector.items())


def string_map(node: Node | None) -> dict[str, str]:
    """Return the scalar values of a mapping by key, as written; empty for anything else."""
    if not isinstance(node, Mapping):
        return {}
    return {key: value.text for key, value in node.pairs() if isinstance(value, Scalar)}


class Requirement(NamedTuple):
    """One `matchExpressions` item; `operator` is `In`, `NotIn`, `Exists` or `DoesNotExist`."""

    key: str
    operator: str
    values: tuple[str, ...]
    node: Node

    def holds_for(self, labels: MappingOf[str, str]) -> bool:
        """Say whether `labels` meet the requirement; an unknown operator is met by nothing."""
        match self.operator:
            case "In":
                return labels.get(self.key) in self.values
            case "NotIn":
                return labels.get(self.key) not in self.values
            case "Exists":
                return self.key in labels
            case "DoesNotExist":
                return self.key not in labels
            case _:
                return False


@record
class Selector:
    """A label selector: `labels` must be equal and every requirement must hold.

    `is_known` is False when a template decides part of it, so that nothing follows from a mismatch.
    """

    node: Node
    labels: dict[str, str]
    requirements: tuple[Requirement, ...]
    is_known: bool

    @property
    def is_empty(self) -> bool:
        """Whether it states nothing; Kubernetes then selects everything."""
        return not self.labels and not self.requirements

    def selects(self, labels: MappingOf[str, str]) -> bool:
        """Say whether something labelled `labels` is selected."""
        return all(labels.get(key) == value for key, value in self.labels.items()) and all(
            requirement.holds_for(labels) for requirement in self.requirements
        )


def read_selector(node: Node) -> Selector:
    """Return the selector written as `matchLabels` and `matchExpressions`."""
    requirements = tuple(
        _requirement(item) for item in node.items_at("matchExpressions") if isinstance(item, Mapping)
    )
    labels = string_map(node.at("matchLabels"))
    return Selector(node, labels, requirements, not holds_placeholder(node))


def plain_selector(node: Node) -> Selector:
    """Return the selector written as a mapping of labels, as Services have it."""
    return Selector(node, string_map(node), (), not holds_placeholder(node))


def _requirement(node: Mapping) -> Requirement:
    values = tuple(item.text for item in node.items_at("values") if isinstance(item, Scalar))
    return Requirement(node.text_at("key") or "", node.text_at("operator") or "", values, node)
