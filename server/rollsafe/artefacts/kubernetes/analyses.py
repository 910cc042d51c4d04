"""What Argo Rollouts measures of a new version: templates of analyses, and the places that start them."""

from collections.abc import Iterable, Iterator
from typing import Final

from rollsafe.artefacts.kubernetes.objects import KubernetesObject
from rollsafe.artefacts.kubernetes.templates import is_placeholder
from rollsafe.artefacts.kubernetes.workload import Workload
from rollsafe.formats.nodes import Mapping, Node, Scalar, walk
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

ARGUMENT: Final = lazily(r"\{\{\s*args\.([\w-]+)\s*\}\}")
"""Where a metric takes an argument."""
_JUDGING_THEMSELVES: Final = frozenset({"job", "kayenta", "plugin", "web"})
"""Providers whose answer may be a failure by itself: a request that is not answered with 2xx is an error."""


class Argument(NamedTuple):
    """An argument by name; `is_set`: a value, or where to take one from, stands beside it."""

    name: str
    node: Scalar
    is_set: bool


class Metric:
    """One metric of an analysis."""

    def __init__(self, node: Mapping) -> None:
        self.node = node
        self.name = node.text_at("name") or ""

    @property
    def title_node(self) -> Node:
        """Where to point when the metric as a whole is meant."""
        return self.node.at("name") or self.node

    @property
    def providers(self) -> list[str]:
        """The names of what it asks."""
        provider = self.node.map_at("provider")
        return provider.keys() if provider is not None else []

    @property
    def runs_on(self) -> bool:
        """Whether it is measured again and again without an end."""
        return self.node.at("interval") is not None and self.node.at("count") is None

    @property
    def is_judged(self) -> bool:
        """Whether what is measured can fail the analysis."""
        if _JUDGING_THEMSELVES & set(self.providers):
            return True
        return any(self.node.at(key) is not None for key in ("successCondition", "failureCondition"))


class AnalysisTemplate(KubernetesObject):
    """An AnalysisTemplate, or one of the whole cluster."""

    @cached_property
    def arguments(self) -> list[Argument]:
        """The arguments it declares."""
        return list(arguments_at(self.spec))

    @cached_property
    def metrics(self) -> list[Metric]:
        """The metrics, in source order."""
        items = self.spec.items_at("metrics") if self.spec is not None else []
        return [Metric(item) for item in items if isinstance(item, Mapping)]

    @property
    def dry_run(self) -> set[str]:
        """The names, or patterns of names, of metrics that are only looked at."""
        items = self.spec.items_at("dryRun") if self.spec is not None else []
        return {name for item in items if (name := item.text_at("metricName")) is not None}

    @property
    def used_arguments(self) -> Iterator[tuple[str, Scalar]]:
        """The arguments that its metrics take, each with the text that holds it."""
        metrics = self.spec.at("metrics") if self.spec is not None else None
        for scalar in walk(metrics) if metrics is not None else ():
            if isinstance(scalar, Scalar) and "args." in scalar.text:
                for found in ARGUMENT.finditer(scalar.text):
                    yield found[1], scalar


class TemplateUse(NamedTuple):
    """The name of a template that an analysis is made of."""

    name: str
    node: Scalar
    kind: str


class Analysis(NamedTuple):
    """A place where a Rollout starts an analysis.

    `has_to_end`: the rollout waits for its end. `key` is the key it stands under.
    """

    node: Mapping
    key: str
    has_to_end: bool

    @property
    def templates(self) -> Iterator[TemplateUse]:
        """The templates it names."""
        for item in (*self.node.items_at("templates"), self.node):
            name = item.at("templateName")
            if isinstance(name, Scalar) and name.text and not is_placeholder(name.text):
                scope = "Cluster" if item.bool_at("clusterScope") is True else ""
                yield TemplateUse(name.text, name, f"{scope}AnalysisTemplate")

    @property
    def arguments(self) -> list[Argument]:
        """The arguments it gives."""
        return list(arguments_at(self.node))


def analyses_of(workload: Workload) -> Iterator[Analysis]:
    """Yield what a Rollout measures, in source order; nothing for other workloads."""
    strategy = workload.strategy if workload.kind == "Rollout" else None
    if strategy is None:
        return
    yield from _one(strategy.map_at("canary"), "analysis", has_to_end=False)
    for step in strategy.items_at("canary", "steps"):
        if isinstance(step, Mapping):
            yield from _one(step, "analysis", has_to_end=True)
            for item in step.items_at("experiment", "analyses"):
                if isinstance(item, Mapping):
                    yield Analysis(item, "analyses", has_to_end=False)
    for key in ("prePromotionAnalysis", "postPromotionAnalysis"):
        yield from _one(strategy.map_at("blueGreen"), key, has_to_end=True)


def arguments_at(node: Mapping | None) -> Iterable[Argument]:
    """Return the `args` of a mapping."""
    for item in node.items_at("args") if node is not None else ():
        name = item.at("name")
        if isinstance(name, Scalar) and name.text:
            is_set = any(item.at(key) is not None for key in ("value", "valueFrom"))
            yield Argument(name.text, name, is_set)


def _one(holder: Mapping | None, key: str, *, has_to_end: bool) -> Iterator[Analysis]:
    node = holder.map_at(key) if holder is not None else None
    if node is not None:
        yield Analysis(node, key, has_to_end)
