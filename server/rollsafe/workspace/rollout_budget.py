"""What a release of a workload has to spend: pods while it rolls, time to be noticed in, time to stop in.

Rules, plans and the editor ask here, so that they name the same numbers. Every number knows where it is
written; one that is not written is the default of Kubernetes. A number that a template decides is None.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Container, HorizontalPodAutoscaler, Share, Workload, is_placeholder
from rollsafe.artefacts.kubernetes.quantities import pods_of
from rollsafe.text.records import open_record
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.overlays import Rendered, Setting
from rollsafe.workspace.wiring import autoscalers_of

_ROLLED: Final = frozenset({"Deployment", "Rollout", "DeploymentConfig"})
_QUARTER: Final = "25%"
_DEADLINE_S: Final = 600
_GRACE_S: Final = 30
_DIGITS: Final = 9


class Figure(NamedTuple):
    """A number in force, as `text` has it; `setting` is where it is written, None for the default."""

    value: int
    text: str
    setting: Setting | None = None


class Rolling(NamedTuple):
    """How many pods a rolling update may add (`surge`) and take away (`missing`) at a time, rounded.

    `is_raised` says that both come to nothing, so that Kubernetes takes one pod away all the same.
    """

    surge: Figure
    missing: Figure
    is_raised: bool = False


class Start(NamedTuple):
    """The most seconds a container may take until it is ready, as its startup probe bounds them."""

    seconds: int
    container: Container


@open_record
class RolloutBudget:
    """The numbers of one workload; times are seconds, None is unknown or not bounded.

    `replicas` are the pods asked for, the least an autoscaler leaves where there is one. `deadline` is
    when Kubernetes calls a release failed: only what it rolls by ReplicaSets has one. `pre_stop` is the
    longest sleep before the process is told to stop; `grace` includes it.
    """

    replicas: Figure | None
    autoscaler: HorizontalPodAutoscaler | None
    rolling: Rolling | None
    min_ready: Figure | None
    deadline: Figure | None
    start: Start | None
    grace: Figure | None
    pre_stop: Figure | None

    @property
    def least(self) -> int | None:
        """How many pods serve at least while a release rolls out."""
        if self.replicas is None or self.rolling is None:
            return None
        return max(0, self.replicas.value - self.rolling.missing.value)

    @property
    def most(self) -> int | None:
        """How many pods there are at most while a release rolls out."""
        if self.replicas is None or self.rolling is None:
            return None
        return self.replicas.value + self.rolling.surge.value

    @property
    def to_stop(self) -> int | None:
        """How many seconds the process has after it is told to stop."""
        if self.grace is None:
            return None
        return max(0, self.grace.value - (self.pre_stop.value if self.pre_stop is not None else 0))


def budget_of(workload: Workload, graph: Graph) -> RolloutBudget:
    """Return the numbers of a workload as its own file has them."""
    plain = Rendered(workload, workload.name, workload.namespace)
    return graph.remember(("rollout budget", workload), lambda: rendered_budget(plain, graph))


def rendered_budget(one: Rendered, graph: Graph) -> RolloutBudget:
    """Return the numbers of a workload with everything that is laid over it."""
    workload = one.workload
    scaling = next((it for it in autoscalers_of(workload, graph) if it.scales(workload)), None)
    replicas = _replicas(one, scaling)
    has_deadline = workload.kind in ("Deployment", "Rollout")
    return RolloutBudget(
        replicas=replicas,
        autoscaler=scaling,
        rolling=_rolling(one, replicas.value) if replicas is not None else None,
        min_ready=_seconds(one, 0, "spec", "minReadySeconds"),
        deadline=_seconds(one, _DEADLINE_S, "spec", "progressDeadlineSeconds") if has_deadline else None,
        start=max(_starts(workload), default=None, key=lambda start: start.seconds),
        grace=_seconds(one, _GRACE_S, "spec", "template", "spec", "terminationGracePeriodSeconds"),
        pre_stop=max(_sleeps(workload), default=None, key=lambda sleep: sleep.value),
    )


def _replicas(one: Rendered, scaling: HorizontalPodAutoscaler | None) -> Figure | None:
    if scaling is not None:
        least, node = scaling.min_replicas, scaling.min_replicas_node
        if isinstance(least, int):
            return Figure(least, str(least), Setting(str(least), scaling.file, node or scaling.title_node))
        default = scaling.default_min
        return Figure(default, str(default)) if least is None else None
    count = one.replica_count
    return Figure(count, str(count), one.replicas) if count is not None else None


def _rolling(one: Rendered, total: int) -> Rolling | None:
    if one.strategy == "Recreate":
        written = one.setting("spec", "strategy", "type")
        return Rolling(Figure(0, "Recreate", written), Figure(total, "Recreate", written))
    if one.kind == "StatefulSet":
        missing = _share(one, ("spec", "updateStrategy", "rollingUpdate", "maxUnavailable"), "1", total)
        return None if missing is None else Rolling(Figure(0, "0"), _at_least_one(missing))
    if one.kind not in _ROLLED or one.strategy == "blueGreen":
        return None
    below = {"Rollout": "canary", "DeploymentConfig": "rollingParams"}.get(one.kind, "rollingUpdate")
    surge = _share(one, ("spec", "strategy", below, "maxSurge"), _QUARTER, total, round_up=True)
    missing = _share(one, ("spec", "strategy", below, "maxUnavailable"), _QUARTER, total)
    if surge is None or missing is None:
        return None
    is_raised = surge.value == 0 and missing.value == 0
    return Rolling(surge, _at_least_one(missing) if is_raised else missing, is_raised)


def _at_least_one(missing: Figure) -> Figure:
    return missing._replace(value=max(1, missing.value))


def _share(
    one: Rendered, path: tuple[str, ...], default: str, total: int, *, round_up: bool = False
) -> Figure | None:
    written = one.setting(*path)
    if written is None and not one.workload.lacks(*path):
        return None
    text = written.text if written is not None else default
    share: Share = int(text) if _is_number(text) else text
    pods = pods_of(share, total, round_up=round_up)
    return Figure(pods, text, written) if pods is not None else None


def _seconds(one: Rendered, default: int, *path: str) -> Figure | None:
    written = one.setting(*path)
    if written is None:
        return Figure(default, str(default)) if one.workload.lacks(*path) else None
    if is_placeholder(written.text) or not _is_number(written.text):
        return None
    return Figure(int(written.text), written.text, written)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _DIGITS


def _starts(workload: Workload) -> Iterator[Start]:
    for container in workload.containers:
        probe = container.startup_probe
        if probe is not None and probe.budget is not None:
            yield Start(probe.budget, container)


def _sleeps(workload: Workload) -> Iterator[Figure]:
    for container in workload.containers:
        seconds, handler = container.pre_stop_seconds, container.pre_stop
        if seconds is not None and handler is not None:
            yield Figure(seconds, str(seconds), Setting(str(seconds), container.file, handler))
