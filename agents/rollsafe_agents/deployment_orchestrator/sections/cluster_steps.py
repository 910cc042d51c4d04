"""The steps that bring something into a cluster: what runs, drift, rollout, wait, and the way back."""

from collections.abc import Iterator
from typing import Final

from rollsafe.plans.cluster import helm, kubectl, rollout_status, rollout_undo
from rollsafe.plans.commands import from_pipeline, line
from rollsafe.plans.contribution import (
    Contribution,
    DraftStep,
    Phase,
    PlanContext,
    Undo,
    derived,
    evidence,
    fact,
    place_in,
)
from rollsafe.plans.model import Claim
from rollsafe.plans.writing import short_ref
from rollsafe.workspace.delivery import Delivery, Means
from rollsafe.workspace.dependencies import calls_between, providers_first
from rollsafe.workspace.interfaces.breaks import breaks_of, turned
from rollsafe.workspace.overlays import Rendered
from rollsafe.workspace.rollout import Scope, Touched, rendering_of
from rollsafe.workspace.wiring import keeps_data_in_pods
from rollsafe_agents.deployment_orchestrator.sections.access import access
from rollsafe_agents.deployment_orchestrator.sections.leftovers import newcomers, removals
from rollsafe_agents.deployment_orchestrator.sections.workload_changes import image_of, version_of

ROLLING: Final = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
"""Kinds whose rollout can be waited for and taken back."""

_CLUSTER: Final = (Means.KUSTOMIZE, Means.MANIFESTS, Means.CHART)


def contribute(context: PlanContext, total: Contribution) -> None:
    """Add the steps of all deliveries into a cluster."""
    for delivery in context.rollout.deliveries:
        if delivery.means in _CLUSTER and _is_touched(context, delivery):
            mine = [one for one in context.rollout.workloads if one.delivery is delivery]
            namespace = namespace_of(delivery, mine)
            total.steps += _capture(context, delivery, mine, namespace)
            total.steps.append(_deploy(context, delivery, mine, namespace))
            total.steps += _restarts(mine, namespace)
            total.steps += removals(context, delivery, mine, namespace)
    total.steps += _waits(context)


def namespace_of(delivery: Delivery, touched: list[Touched]) -> str | None:
    """Return the namespace a delivery goes to, as far as files and command tell."""
    for one in touched:
        if one.current.namespace:
            return one.current.namespace
    return delivery.namespace


def in_order(context: PlanContext) -> list[Touched]:
    """Return the workloads to wait for, those that others call first, unless they break their callers."""
    waited = [
        one for one in context.rollout.kept if one.current.kind in ROLLING and one.current.workload.name
    ]
    calls = calls_between([one.current.workload for one in waited], context.after)
    names = providers_first(
        [one.current.workload.name for one in waited],
        turned(calls, breaks_of(context.after, context.base)),
    )
    return sorted(waited, key=lambda one: names.index(one.current.workload.name))


def brings(context: PlanContext, touched: list[Touched]) -> str:
    """Return what a delivery brings, in a few words: `orders` 1.9.0, `reports` 1.9.0."""
    parts: list[str] = []
    for one in touched:
        if one.after is None or one.is_restart:
            continue
        main = next(iter(one.containers), None)
        after = image_of(one.after, main) if main is not None else None
        before = image_of(one.before, main) if main is not None else None
        changed = after is not None and (before is None or before.text != after.text)
        version = f" {version_of(after.text)}" if after is not None and changed else ""
        parts.append(f"`{one.current.name}`{version}")
    shown = ", ".join(parts[:4]) + (f" and {len(parts) - 4} more" if len(parts) > 4 else "")
    return shown or "the configuration"


def _is_touched(context: PlanContext, delivery: Delivery) -> bool:
    rollout = context.rollout
    mine = [one.delivery for one in rollout.workloads] + [one.delivery for one in rollout.objects]
    if rollout.scope is not Scope.CHANGES or any(one is delivery for one in mine):
        return True
    prefix = f"{delivery.path}/" if delivery.path else ""
    if delivery.means is Means.CHART:
        return any(path.startswith(prefix) for path in rollout.changed)
    views = [view for view in (context.after, context.before) if view is not None]
    return any(rendering_of(delivery, view).files & set(rollout.changed) for view in views)


# Before ------------------------------------------------------------------------------------------


def _capture(
    context: PlanContext, delivery: Delivery, touched: list[Touched], namespace: str | None
) -> Iterator[DraftStep]:
    claim = _source(delivery)
    if delivery.means is Means.CHART:
        command = helm(namespace, "history", delivery.release or "RELEASE", "--max", "3")
        if delivery.release:
            yield DraftStep(
                Phase.CAPTURE,
                f"note the revision of `{delivery.release}` that runs",
                command,
                claim,
                "the newest revision is `deployed`; its number is what a rollback returns to",
                access(command),
            )
        return
    whole = context.rollout.scope is Scope.WHOLE
    there = [one for one in touched if one.current.workload.has_static_name]
    keys = [one.current.key for one in there if one.before is not None or whole]
    if keys:
        options = ("--ignore-not-found",) if whole else ()
        command = kubectl(namespace, "get", *keys, "--output", "wide", *options)
        yield DraftStep(
            Phase.CAPTURE, "note what runs", command, claim, _running(context, touched), access(command)
        )
    drift = _diff(delivery)
    if drift is not None:
        expected = "exit code 1, and only what the table of changes says"
        if whole:
            expected = "prints what this plan changes: read it"
        if context.rollout.scope is Scope.REDEPLOY:
            expected = "exit code 0: the cluster is as written; 1: what is printed has drifted and comes back"
        yield DraftStep(
            Phase.CAPTURE, "compare the cluster with the files", drift, claim, expected, access(drift)
        )


def _running(context: PlanContext, touched: list[Touched]) -> str:
    known: list[str] = []
    for one in touched:
        main = next(iter(one.containers), None)
        before = image_of(one.before, main) if main is not None else None
        if before is not None:
            known.append(f"`{one.current.name}` {version_of(before.text)}")
    if context.rollout.scope is Scope.WHOLE or not known:
        return "images and READY are noted: nothing else tells what to go back to"
    return f"{', '.join(known[:4])} and all READY; another version is the one to go back to"


def _diff(delivery: Delivery) -> str | None:
    if delivery.means is Means.KUSTOMIZE:
        return line("kubectl", "diff", "--kustomize", delivery.path or ".")
    if delivery.means is Means.MANIFESTS:
        words = [word for path in delivery.paths for word in ("--filename", path)]
        return line("kubectl", "diff", *words)
    return None


# Rollout -----------------------------------------------------------------------------------------


def _deploy(
    context: PlanContext, delivery: Delivery, touched: list[Touched], namespace: str | None
) -> DraftStep:
    own = from_pipeline(delivery.command) if delivery.command else None
    command = own or _apply(delivery, namespace)
    where = delivery.context if own else ""
    undo = tuple(_undo(context, delivery, touched, namespace, command, where))
    lost = _emptied(context, touched)
    again = context.rollout.scope is Scope.REDEPLOY
    expected = "exit code 0, and nothing `configured` that is not in the table of changes"
    return DraftStep(
        Phase.DEPLOY,
        f"{'apply' if again else 'roll out'} {_what(context, delivery, touched)}{' again' * again}",
        command,
        _source(delivery),
        "exit code 0, and `unchanged` for all that had not drifted" if again else expected,
        access(command),
        context=where,
        undo=undo,
        irreversible="" if undo else "nothing tells what ran before",
        restore=Undo("load the dump into the new pods", None, "restore", "what was written since")
        if lost
        else None,
        destroys=lost,
    )


def _emptied(context: PlanContext, touched: list[Touched]) -> Claim | None:
    """Return which stores lose their data because they keep it in the pods that are replaced."""
    if context.rollout.scope is not Scope.CHANGES:
        return None
    kept = [one for one in touched if one.before is not None and one.after is not None]
    lost = [one.current for one in kept if keeps_data_in_pods(one.current.workload)]
    if not lost:
        return None
    names = ", ".join(f"`{one.name}`" for one in lost)
    places = [evidence(one.workload, one.workload.title_node) for one in lost]
    return derived(f"destroys what {names} keep{'s' * (len(lost) == 1)} in pods that are replaced", *places)


def _what(context: PlanContext, delivery: Delivery, touched: list[Touched]) -> str:
    return f"release `{delivery.release}`" if delivery.release else brings(context, touched)


def _apply(delivery: Delivery, namespace: str | None) -> str:
    match delivery.means:
        case Means.KUSTOMIZE:
            return line("kubectl", "apply", "--kustomize", delivery.path or ".")
        case Means.CHART:
            values = [word for path in delivery.values for word in ("--values", path)]
            return helm(
                namespace,
                "upgrade",
                delivery.release,
                delivery.path or ".",
                "--install",
                *values,
                "--wait",
                "--timeout",
                "15m",
            )
        case _:
            return line("kubectl", "apply", *(w for path in delivery.paths for w in ("--filename", path)))


def _undo(
    context: PlanContext,
    delivery: Delivery,
    touched: list[Touched],
    namespace: str | None,
    command: str,
    where: str,
) -> Iterator[Undo]:
    """Yield how a rollout is taken back: revisions of the cluster first, they are there at once."""
    if delivery.means is Means.CHART:
        if delivery.release:
            back = helm(namespace, "rollback", delivery.release, "--wait", "--timeout", "15m")
            yield Undo(f"return `{delivery.release}` to its previous revision", back)
        return
    whole = context.rollout.scope is Scope.WHOLE
    behind = [one for one in touched if _has_revision(one) and (one.before is not None or whole)]
    if context.rollout.scope is Scope.REDEPLOY:
        for one in behind:
            title = f"return `{one.current.name}` to its previous revision, if it was given new pods"
            yield Undo(title, rollout_undo(namespace, one.current.key), data_loss=_lost(one))
        return
    for one in behind:
        back = rollout_undo(namespace, one.current.key)
        yield Undo(f"return {_previous(one)}", back, data_loss=_lost(one))
    if context.base.ref is None:
        return
    objects = [one for one in context.rollout.objects if one.delivery is delivery]
    complete = len(behind) == len([one for one in touched if not one.is_restart]) and not objects
    if not complete or any(_replicas_differ(one) for one in touched):
        yield check_out(context)
        yield Undo("apply what was written there", command, context=where)
        yield from newcomers(context, delivery, touched, namespace)
    for one in touched:
        if one.is_restart and one.current.kind in ROLLING:
            again = kubectl(namespace, "rollout", "restart", one.current.key)
            title = f"restart `{one.current.name}` with the old configuration"
            yield Undo(title, again, data_loss=_lost(one))


def check_out(context: PlanContext) -> Undo:
    """Return the step that brings back the files of the base."""
    command = line("git", "switch", "--detach", context.old_ref)
    named = short_ref(context.base.ref or "")
    called = f" (`{named}`)" if named != context.old_ref else ""
    return Undo(f"check out the files of {context.old_ref}{called}", command)


def _lost(touched: Touched) -> str | None:
    """Return what is lost with the pods a workload has at present."""
    name = touched.current.name
    return f"what `{name}` keeps in its pods" if keeps_data_in_pods(touched.current.workload) else None


def _previous(touched: Touched) -> str:
    main = next(iter(touched.containers), None)
    before = image_of(touched.before, main) if main is not None else None
    version = (
        f" to {version_of(before.text)}"
        if before is not None
        else " to what was noted, its previous revision"
    )
    return f"`{touched.current.name}`{version}"


def _has_revision(touched: Touched) -> bool:
    one = touched.after
    if one is None or touched.is_restart or one.kind not in ROLLING or not one.workload.has_static_name:
        return False
    return one.workload.revision_history_limit != 0


def _replicas_differ(touched: Touched) -> bool:
    before, after = touched.before, touched.after
    return before is not None and after is not None and before.replica_count != after.replica_count


def _restarts(touched: list[Touched], namespace: str | None) -> Iterator[DraftStep]:
    for one in touched:
        if one.is_restart and one.current.kind in ROLLING:
            command = kubectl(namespace, "rollout", "restart", one.current.key)
            yield DraftStep(
                Phase.DEPLOY,
                f"restart `{one.current.name}`: its variables come from configuration that differs",
                command,
                _reads(one.current),
                "`restarted`",
                access(command),
                undone_with="with the rollout before it",
            )


def _reads(one: Rendered) -> Claim:
    references = [r for container in one.containers for r in container.references]
    first = next(iter(references), None)
    where = evidence(one.workload, first.node if first is not None else one.workload.title_node)
    return derived("a pod reads its variables once, when it starts", where)


# After -------------------------------------------------------------------------------------------


def _waits(context: PlanContext) -> Iterator[DraftStep]:
    for one in in_order(context):
        namespace = namespace_of(one.delivery, [one])
        if one.delivery.self_verifying or not _is_plain(one):
            continue
        command = rollout_status(namespace, one.current.key)
        workload = one.current.workload
        yield DraftStep(
            Phase.HEALTH,
            f"wait for `{one.current.name}`",
            command,
            derived(_pods(one.current), evidence(workload, workload.title_node)),
            "`successfully rolled out`, exit code 0",
            access(command),
        )


def _is_plain(one: Touched) -> bool:
    """Say whether the name in the cluster is the one that is written."""
    return one.current.workload.has_static_name


def _pods(one: Rendered) -> str:
    count = one.replica_count
    return f"{count} pod{'s' * (count != 1)}" if count is not None else "its pods"


def _source(delivery: Delivery) -> Claim:
    where = place_in(delivery.file, delivery.where)
    if delivery.job is not None and delivery.command and from_pipeline(delivery.command) is None:
        text = f"job `{delivery.job.id}` deploys this, with a command that cannot be repeated here as it is"
        return derived(text, where)
    if delivery.job is not None:
        return fact(f"job `{delivery.job.id}` deploys so", where)
    this = "these manifests" if delivery.means is Means.MANIFESTS else f"this {delivery.means}"
    return derived(f"no pipeline deploys {this}: the command follows from the files", where)
