"""What `kubectl apply` leaves in the cluster: what the files no longer have, on the way forward and back."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rollsafe.artefacts.kubernetes import KubernetesObject
from rollsafe.plans.cluster import kubectl
from rollsafe.plans.contribution import DraftStep, Phase, PlanContext, Undo, derived, fact
from rollsafe.workspace.delivery import Delivery, Means
from rollsafe.workspace.dependencies import Call, calls_between, providers_first
from rollsafe.workspace.overlays import Rendered
from rollsafe.workspace.rollout import Scope, Touched, rendering_of
from rollsafe.workspace.view import View
from rollsafe.workspace.wiring import keeps_data_in_pods
from rollsafe_agents.deployment_orchestrator.sections.access import access

_ACTING: Final = frozenset(
    {"Service", "Ingress", "NetworkPolicy", "HorizontalPodAutoscaler", "PodDisruptionBudget"}
)
"""Kinds that have an effect as long as they are there, and hold nothing that is lost with them."""

_MOST_NAMED: Final = 4


def removals(
    context: PlanContext, delivery: Delivery, touched: Iterable[Touched], namespace: str | None
) -> Iterator[DraftStep]:
    """Yield the removal of what the files no longer have, once what is new works without it."""
    gone = _callers_first(context, delivery, [one.before for one in touched if one.after is None])
    objects = _objects(context, delivery, gone=True)
    keys = [*(one.key for one in gone), *map(_key, objects)]
    if delivery.means is Means.CHART or not keys:
        return
    command = kubectl(namespace, "delete", *keys)
    places = [context.old(one, one.title_node) for one in (*(one.workload for one in gone), *objects)]
    lost = [one.name for one in gone if keeps_data_in_pods(one.workload)]
    claim = fact("gone since the base", *places[:_MOST_NAMED])
    yield DraftStep(
        Phase.REMOVE,
        f"remove {_listed(keys)}: `kubectl apply` leaves {'it' if len(keys) == 1 else 'them'} there",
        command,
        claim,
        "`deleted`",
        access(command),
        undone_with="with the files of the rollout before it",
        destroys=derived(f"destroys {_in_pods(lost)}", *claim.evidence) if lost else None,
    )


def newcomers(
    context: PlanContext, delivery: Delivery, touched: Iterable[Touched], namespace: str | None
) -> Iterator[Undo]:
    """Yield the removal of what the base does not have: applying its files leaves that running."""
    if delivery.means is Means.CHART or context.rollout.scope is not Scope.CHANGES:
        return
    new = [one.current for one in touched if one.before is None and one.current.workload.has_static_name]
    keys = [*(one.key for one in new), *map(_key, _objects(context, delivery, gone=False))]
    if keys:
        lost = [one.name for one in new if keeps_data_in_pods(one.workload)]
        title = f"remove {_listed(keys)}, which {'is' if len(keys) == 1 else 'are'} new"
        command = kubectl(namespace, "delete", *keys)
        yield Undo(title, command, data_loss=_in_pods(lost) if lost else None)


def broken_calls(context: PlanContext) -> list[Call]:
    """Return which workloads that stay have called one that goes, as the base has it."""
    gone = {one.current.workload.name for one in context.rollout.workloads if one.after is None}
    if not gone:
        return []
    calls = (call for one in context.rollout.deliveries for call in _calls(one, context.before))
    return [call for call in calls if call.provider in gone and call.consumer not in gone]


def _callers_first(
    context: PlanContext, delivery: Delivery, found: Iterable[Rendered | None]
) -> list[Rendered]:
    gone = [one for one in found if one is not None]
    names = providers_first([one.workload.name for one in gone], _calls(delivery, context.before))
    return sorted(gone, key=lambda one: names.index(one.workload.name), reverse=True)


def _calls(delivery: Delivery, view: View | None) -> list[Call]:
    if view is None:
        return []
    found = [one.workload for one in rendering_of(delivery, view).workloads if one.workload.name]
    return calls_between(found, view)


def _objects(context: PlanContext, delivery: Delivery, *, gone: bool) -> list[KubernetesObject]:
    """Return the objects that come or go whose name in the cluster is the one that is written."""
    view = context.before if gone else context.after
    if view is None or any(one.name != one.workload.name for one in rendering_of(delivery, view).workloads):
        return []
    return [
        one.current
        for one in context.rollout.objects
        if one.delivery is delivery
        and (one.after is None if gone else one.before is None)
        and one.current.kind in _ACTING
        and one.current.has_static_name
    ]


def _key(thing: KubernetesObject) -> str:
    return f"{thing.kind.lower()}/{thing.name}"


def _in_pods(names: Sequence[str]) -> str:
    return (
        f"what {_listed(names)} keep{'s' * (len(names) == 1)} in {'its' if len(names) == 1 else 'their'} pods"
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:_MOST_NAMED])
    return shown + (f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else "")
