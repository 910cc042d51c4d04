"""More pods for a workload, so that they help: on several nodes, and replaced no faster than they fail."""

from typing import Final

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.rules.api import Fix, Safety
from rollsafe.rules.manifest_edits import put_all
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import asked_through

READY_PATH: Final = ("spec", "minReadySeconds")
READY_SECONDS: Final = "10"
_TEMPLATE: Final = ("spec", "template", "spec")
_NUMBERS: Final = {2: "two", 3: "three"}
_SPREAD: Final = """\
- maxSkew: 1
  topologyKey: kubernetes.io/hostname
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels: {{{labels}}}"""


def is_spread(workload: Workload) -> bool:
    """Say whether a workload tells how its pods are spread, or may do so where that cannot be read."""
    spec = workload.pod_spec
    is_empty = spec is not None and not spec.items_at("topologySpreadConstraints")
    return not workload.pod_lacks("topologySpreadConstraints") and not is_empty


def spread_of(workload: Workload) -> str | None:
    """Return constraints that spread the pods over nodes; None where the file has no place for them."""
    spec, labels = workload.pod_spec, workload.pod_labels
    if spec is None or not labels or not workload.pod_labels_are_known:
        return None
    if spec.entry("topologySpreadConstraints") is not None:
        return None
    return _SPREAD.format(labels=", ".join(f"{key}: {value}" for key, value in labels.items()))


def counts_at_once(workload: Workload, graph: Graph) -> bool:
    """Say whether the pods of a served workload count as available the moment they are ready."""
    if workload.kind not in ("Deployment", "StatefulSet", "Rollout") or workload.is_patch:
        return False
    if not workload.lacks(*READY_PATH) or workload.strategy_type in ("Recreate", "OnDelete"):
        return False
    return bool(asked_through(workload, graph))


def more_pods(workload: Workload, graph: Graph, count: int) -> tuple[Fix, ...]:
    """Return the fix that runs `count` pods apart from each other; none where they cannot be."""
    if any(port.host_port for port in workload.ports):
        return ()
    title = f"Run {_NUMBERS[count]} pods"
    values: list[tuple[tuple[str, ...], str]] = [(("spec", "replicas"), str(count))]
    if counts_at_once(workload, graph):
        values.append((READY_PATH, READY_SECONDS))
        title += " that are ready for ten seconds each"
    is_told = workload.keeps_apart is None and not workload.pod_lacks("affinity")
    if not workload.keeps_apart and not is_told and not is_spread(workload):
        spread = spread_of(workload)
        if spread is None:
            return ()
        values.append(((*_TEMPLATE, "topologySpreadConstraints"), spread))
        title += ", spread over the nodes"
    return put_all(title, Safety.UNSAFE, workload.file.text, workload.root, *values)
