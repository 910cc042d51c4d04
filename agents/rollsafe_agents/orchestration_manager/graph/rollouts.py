"""Deliveries to a cluster as processes: hooks, waves, the order of kinds, init containers."""

import itertools
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Container, KubernetesObject, Kustomization, Workload
from rollsafe.plans.contribution import PlanContext, derived, evidence, fact, place_in
from rollsafe.plans.model import Claim, Evidence
from rollsafe.plans.times import SECOND
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.delivery import Delivery, Means, delivered_by_files, deliveries
from rollsafe.workspace.overlays import Rendered, Rendering
from rollsafe.workspace.rollout import rendering_of
from rollsafe_agents.orchestration_manager.graph.draft import Node, Process, all_before

WAVE: Final = "argocd.argoproj.io/sync-wave"
HOOK: Final = "argocd.argoproj.io/hook"
_WEIGHT: Final = "helm.sh/hook-weight"
_PHASES: Final = {"PreSync": 0, "Sync": 1, "PostSync": 2}
_BEFORE: Final = frozenset({"pre-install", "pre-upgrade", "crd-install"})
_AFTER: Final = frozenset({"post-install", "post-upgrade"})
_MOST_NAMES: Final = 3


class _Stage(NamedTuple):
    """When Argo CD or Helm brings an object: phase, then wave or weight, then its turn within."""

    phase: int
    number: int
    turn: str = ""


def rollouts(context: PlanContext) -> list[Process]:
    """Return what each delivery of the environment brings, in the order it is brought."""
    made = [_process(context, one) for one in readable_deliveries(context)]
    return [one for one in made if one is not None and len(one.nodes) > 1]


def readable_deliveries(context: PlanContext) -> list[Delivery]:
    """Return what pipelines deliver that can be read here; where that is nothing, what the files ask for."""
    view = context.after
    for found in (deliveries, delivered_by_files):
        kept = [one for one in found(view, context.environment) if rendering_of(one, view).workloads]
        if kept:
            return kept
    return []


def _process(context: PlanContext, delivery: Delivery) -> Process | None:
    rendering = rendering_of(delivery, context.after)
    if not rendering.workloads:
        return None
    name = delivery.path or "."
    made = Process(name, "rollout", place_in(delivery.file, delivery.where))
    staged: dict[_Stage, list[str]] = {}
    why: dict[_Stage, Claim] = {}
    plain: list[KubernetesObject] = []
    for thing in (*(one.workload for one in rendering.workloads), *rendering.objects):
        stage = _stage(thing, delivery)
        if stage is None:
            place = _annotation(thing, "helm.sh/hook") or evidence(thing, thing.title_node)
            made.asides.append(
                fact(f"`{thing.kind}/{thing.name}` runs at {', '.join(thing.helm_hooks)} only", place)
            )
        elif not isinstance(thing, Workload) and stage == _Stage(1, 0):
            plain.append(thing)
        else:
            ids = _add(made, thing, _rendered(rendering, thing))
            staged.setdefault(stage, []).append(ids)
            why.setdefault(stage, _why(thing, stage, delivery))
    _configuration(made, plain, staged, context, delivery)
    _in_order(made, staged, why)
    made.asides += _unread(rendering, made.where)
    return made


def _in_order(made: Process, staged: dict[_Stage, list[str]], why: dict[_Stage, Claim]) -> None:
    """Let every stage wait for the one before, from its first init container on."""
    stages = sorted(staged)
    firsts = {id_: _first(made, id_) for ids in staged.values() for id_ in ids}
    for before, after in itertools.pairwise(stages):
        claim = why[after] if after != _Stage(1, 0) else why[before]
        all_before(made, staged[before], [firsts[id_] for id_ in staged[after]], "stage", claim)


def _first(made: Process, id_: str) -> str:
    """Return the init container a workload begins with, or the workload itself."""
    inner = [node for node in made.nodes if node.startswith(f"{id_}#")]
    return inner[0] if inner else id_


def _stage(thing: KubernetesObject, delivery: Delivery) -> _Stage | None:
    """Return when an object is brought; None for one that no rollout brings, such as a test."""
    if thing.is_helm_hook and delivery.means is Means.CHART:
        hooks = frozenset(thing.helm_hooks)
        phase = 0 if hooks & _BEFORE else 2 if hooks & _AFTER else None
        weight = thing.annotations.get(_WEIGHT, "0")
        return None if phase is None else _Stage(phase, _number(weight), f"{thing.kind}/{thing.name}")
    hook = thing.annotations.get(HOOK, "Sync").split(",")[0].strip()
    if hook not in _PHASES:
        return None
    return _Stage(_PHASES[hook], _number(thing.annotations.get(WAVE, "0")))


def _number(text: str) -> int:
    digits = text.strip().removeprefix("-")
    known = digits.isascii() and digits.isdigit() and len(digits) < 10
    return int(text.strip()) if known else 0


def _why(thing: KubernetesObject, stage: _Stage, delivery: Delivery) -> Claim:
    if thing.is_helm_hook and delivery.means is Means.CHART:
        place = _annotation(thing, "helm.sh/hook")
        return fact(f"hook {', '.join(thing.helm_hooks)}, weight {stage.number}", place or evidence(thing))
    for key, text in ((HOOK, f"hook {thing.annotations.get(HOOK)}"), (WAVE, f"sync wave {stage.number}")):
        place = _annotation(thing, key)
        if place is not None:
            return fact(text, place)
    return derived("no hook and no wave", evidence(thing, thing.title_node))


def _annotation(thing: KubernetesObject, key: str) -> Evidence | None:
    node = thing.node.key_at("metadata", "annotations", key)
    return place_in(thing.file, node) if node is not None else None


# Nodes -------------------------------------------------------------------------------------------


def _rendered(rendering: Rendering, thing: KubernetesObject) -> Rendered | None:
    return next((one for one in rendering.workloads if one.workload is thing), None)


def _add(made: Process, thing: KubernetesObject, rendered: Rendered | None) -> str:
    """Add an object, its init containers before it; return the node it is done with."""
    key = rendered.key if rendered is not None else f"{thing.kind.lower()}/{thing.name}"
    id_ = f"{made.name}/{key}"
    previous = ""
    if isinstance(thing, Workload):
        for container in thing.init_containers:
            node = made.add(_init(id_, key, container))
            if previous:
                claim = fact(
                    "init containers run one after another", evidence(container, container.title_node)
                )
                made.wait(previous, node.id, "init container", claim)
            previous = node.id
    limit, limited = _limit(thing)
    node = made.add(
        Node(
            id_,
            "workload" if isinstance(thing, Workload) else "object",
            key,
            evidence(thing, thing.title_node),
            limit,
            limited,
            names=(id_, key, thing.name),
            element=thing,
        )
    )
    if previous:
        claim = fact("starts when its init containers have ended", made.nodes[previous].where)
        made.wait(previous, node.id, "init container", claim)
    return node.id


def _init(owner: str, key: str, container: Container) -> Node:
    kind = "sidecar" if container.is_sidecar else "init container"
    return Node(
        f"{owner}#{container.name}",
        kind,
        f"{key} {container.name}",
        evidence(container, container.title_node),
        names=(f"{owner}#{container.name}", container.name),
        element=container,
    )


def _limit(thing: KubernetesObject) -> tuple[int | None, Claim | None]:
    """Return the time after which Kubernetes gives up on a workload, where one is written."""
    if not isinstance(thing, Workload):
        return None, None
    path = ("spec", "activeDeadlineSeconds") if thing.kind == "Job" else ("spec", "progressDeadlineSeconds")
    node = thing.node.at(*path)
    seconds = thing.node.int_at(*path)
    if node is None or seconds is None or seconds < 0 or thing.kind == "CronJob":
        return None, None
    return seconds * SECOND, fact(f"`{path[-1]}: {seconds}`", place_in(thing.file, node))


def _configuration(
    made: Process,
    plain: list[KubernetesObject],
    staged: dict[_Stage, list[str]],
    context: PlanContext,
    delivery: Delivery,
) -> None:
    """Add what is no workload as one node, before the workloads where the tool sends it first."""
    if not plain:
        return
    kinds: dict[str, int] = {}
    for one in plain:
        kinds[one.kind] = kinds.get(one.kind, 0) + 1
    listed = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())[:_MOST_NAMES])
    more = f" and {len(kinds) - _MOST_NAMES} more" if len(kinds) > _MOST_NAMES else ""
    where = evidence(plain[0], plain[0].title_node)
    node = made.add(
        Node(
            f"{made.name}/configuration",
            "objects",
            f"{len(plain)} object{'s' * (len(plain) != 1)}: {listed}{more}",
            where,
            stands_for=len(plain),
        )
    )
    claim = _sent_first(delivery, context)
    if claim is not None:
        targets = [_first(made, id_) for id_ in staged.get(_Stage(1, 0), ())]
        all_before(made, [node.id], targets, "sent first", claim)


def _sent_first(delivery: Delivery, context: PlanContext) -> Claim | None:
    """Return why other objects are sent before workloads; None where the order of the files counts."""
    where = place_in(delivery.file, delivery.where)
    if delivery.means is Means.CHART:
        return derived("Helm sends configuration and Services before workloads, and waits for none", where)
    if delivery.means is not Means.KUSTOMIZE:
        return None
    layer = next(iter(context.after.graph.find(Kustomization, f"dir:{delivery.path}")), None)
    if layer is None or layer.root.text_at("sortOptions", "order") == "fifo":
        return None
    text = "kustomize sends configuration and Services before workloads, and nothing waits for them"
    return derived(text, place_in(layer.file, layer.root))


def _unread(rendering: Rendering, where: Evidence) -> Iterator[Claim]:
    for name in dict.fromkeys(rendering.unread):
        yield derived(f"`{name}` is named and not read", where)
