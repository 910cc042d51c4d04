"""The rollout of a workload in words: pods, time to notice, time to stop, and whence each number is."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rollsafe.workspace.graph import Graph

if TYPE_CHECKING:
    from rollsafe.artefacts.kubernetes import HorizontalPodAutoscaler, Workload
    from rollsafe.workspace.rollout_budget import Figure, RolloutBudget

_DEFAULT = "Kubernetes' default"


def rollout_lines(workload: "Workload", graph: Graph) -> Iterator[str]:
    """Yield one line for each number of a workload's rollout that is known."""
    from rollsafe.workspace.rollout_budget import budget_of

    if workload.is_job or (workload.kind not in ("Pod", "DaemonSet") and not workload.is_long_running):
        return
    budget = budget_of(workload, graph)
    if workload.kind != "DaemonSet":
        yield from _replicas(budget)
        yield from _capacity(workload, budget)
    if workload.is_long_running:
        yield from _noticed(workload, budget)
    yield from _stopping(budget)


def _replicas(budget: "RolloutBudget") -> Iterator[str]:
    scaling, replicas = budget.autoscaler, budget.replicas
    if scaling is not None:
        least = replicas.value if replicas is not None else "?"
        yield f"Replicas: {least} to {_most(scaling)}, set by `{scaling.name}` ({_place(scaling)})"
    elif replicas is not None:
        yield f"Replicas: {replicas.value} ({_whence(replicas)})"


def _most(scaling: "HorizontalPodAutoscaler") -> str:
    return str(scaling.max_replicas) if isinstance(scaling.max_replicas, int) else "?"


def _capacity(workload: "Workload", budget: "RolloutBudget") -> Iterator[str]:
    rolling, least = budget.rolling, budget.least
    if budget.replicas is None or rolling is None:
        return
    if workload.strategy_type == "Recreate":
        whence = _whence(rolling.missing)
        yield f"While a release rolls out: no pod serves, all stop before new ones start ({whence})"
        return
    total = budget.replicas.value
    yield (
        f"While a release rolls out: {least} of {total} serve at least, {budget.most} run at most; "
        f"`maxSurge` {_rounded(rolling.surge)}, `maxUnavailable` {_rounded(rolling.missing)}"
    )
    if rolling.is_raised:
        yield "Both come to no pod, so Kubernetes takes one pod away at a time"


def _rounded(figure: "Figure") -> str:
    pods = f"{figure.value} pod{'s' * (figure.value != 1)}"
    written = f"{figure.text} is {pods}" if figure.text != str(figure.value) else pods
    return f"{written} ({_whence(figure)})"


def _noticed(workload: "Workload", budget: "RolloutBudget") -> Iterator[str]:
    deadline = budget.deadline
    if workload.kind in ("StatefulSet", "DaemonSet"):
        yield "A release that does not become ready is not noticed by Kubernetes: there is no deadline"
    elif deadline is not None:
        whence = _whence(deadline)
        yield f"A release that does not become ready is noticed after {deadline.value} s ({whence})"
    if budget.start is not None:
        start, ready = budget.start, budget.min_ready
        later = f", and has to stay ready for {ready.value} s" if ready is not None and ready.value else ""
        yield f"A pod may take {start.seconds} s to start, by the probe of `{start.container.name}`{later}"


def _stopping(budget: "RolloutBudget") -> Iterator[str]:
    grace, sleep = budget.grace, budget.pre_stop
    if grace is None:
        return
    told = (
        f", {budget.to_stop} of them after the `preStop` sleep of {sleep.value} s"
        if sleep is not None
        else ""
    )
    yield f"Pods have {grace.value} s to stop ({_whence(grace)}){told}"


def _whence(figure: "Figure") -> str:
    written = figure.setting
    if written is None:
        return _DEFAULT
    return f"{written.file.path}:{written.file.line_number(written.where)}"


def _place(scaling: "HorizontalPodAutoscaler") -> str:
    return f"{scaling.file.path}:{scaling.file.line_number(scaling)}"
