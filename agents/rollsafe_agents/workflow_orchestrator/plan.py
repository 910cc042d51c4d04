"""The workflow orchestrator's part of a plan: what runs on a schedule or for a long time meanwhile."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.step_functions import StateMachine
from rollsafe.plans.cluster import kubectl, suspend
from rollsafe.plans.commands import access_for
from rollsafe.plans.contribution import (
    Contribution,
    DraftStep,
    Phase,
    PlanContext,
    Undo,
    derived,
    evidence,
    fact,
    unknown,
)
from rollsafe.plans.model import Change, Claim
from rollsafe.workspace.histories import assess
from rollsafe.workspace.overlays import Rendered
from rollsafe.workspace.rollout import Scope, Touched

_MOST_SUSPENDED: Final = 4


def contribute(context: PlanContext) -> Contribution:
    """Return what to hold while the schema changes, Jobs that cannot change, machines that go on."""
    total = Contribution()
    jobs = [one for one in context.rollout.kept if one.current.workload.is_job and one.current.workload.name]
    scheduled = [one for one in jobs if one.current.kind == "CronJob"]
    if _changes_the_schema(context):
        for one in scheduled[:_MOST_SUSPENDED]:
            total.steps += _held(one)
    for one in scheduled:
        total.strategy += _about(one.current)
    for one in jobs:
        if one.current.kind == "Job" and one.is_changed and one.before is not None:
            total.steps.append(_replaced(one))
    if context.rollout.scope is Scope.CHANGES:
        total.changes += _machines(context, total)
    return total


def _changes_the_schema(context: PlanContext) -> bool:
    """Say whether a new migration takes something away or makes others wait."""
    new = (one for history in context.rollout.histories for one in history.new)
    assessed = (assess(one, context.after, context.postgres_version) for one in new)
    return any(one.is_contracting or one.blocking for one in assessed)


# CronJobs and Jobs -------------------------------------------------------------------------------


def _namespace(one: Touched) -> str | None:
    return one.current.namespace or one.delivery.namespace


def _held(one: Touched) -> Iterator[DraftStep]:
    """Yield the steps that keep a CronJob from starting while the schema changes under it."""
    name, key, workload = one.current.name, one.current.key, one.current.workload
    schedule = one.current.setting("spec", "schedule")
    off, on = suspend(_namespace(one), key, "true"), suspend(_namespace(one), key, "false")
    look = kubectl(_namespace(one), "get", key)
    claim = derived(
        f"it starts by itself (`{schedule.text if schedule else 'no schedule'}`) while migrations run",
        evidence(workload, workload.node.at("spec", "schedule") or workload.title_node),
    )
    yield DraftStep(
        Phase.SUSPEND,
        f"hold `{name}`",
        off,
        claim,
        "SUSPEND `True` and ACTIVE `0`",
        access_for(off),
        gate=look,
        undo=(Undo(f"let `{name}` start again", on),),
    )
    yield DraftStep(
        Phase.RESUME, f"let `{name}` start again", on, claim, "SUSPEND `False`", access_for(on), gate=look
    )


def _about(one: Rendered) -> Iterator[Claim]:
    workload = one.workload
    where = evidence(workload, workload.node.at("spec", "concurrencyPolicy") or workload.title_node)
    policy = workload.concurrency_policy
    if policy in (None, "Allow"):
        yield derived(
            f"runs of `{one.name}` may overlap (`concurrencyPolicy` is `Allow`): one of the old and one of"
            " the new release may work on the same rows",
            where,
        )
    if not isinstance(workload.active_deadline_seconds, int):
        yield derived(f"a run of `{one.name}` that hangs has no deadline: end it by hand", evidence(workload))


def _replaced(one: Touched) -> DraftStep:
    workload = one.current.workload
    command = kubectl(_namespace(one), "delete", one.current.key, "--ignore-not-found")
    return DraftStep(
        Phase.SUSPEND,
        f"remove the finished Job `{one.current.name}`: a Job cannot be changed",
        command,
        derived("the pod template of a Job is immutable", evidence(workload, workload.title_node)),
        "`deleted`, or nothing",
        access_for(command),
        undo=(Undo(f"run `{one.current.name}` again only if it may run twice", None, "leave"),),
    )


# State machines ----------------------------------------------------------------------------------


def _machines(context: PlanContext, total: Contribution) -> Iterator[Change]:
    for changed in context.changed:
        before = context.before.inside(changed.path, StateMachine) if context.before is not None else []
        after = context.after.inside(changed.path, StateMachine)
        old = {one.name: one for one in before}
        for machine in after:
            was = old.pop(machine.name, None)
            if was is not None and was.file.slice(was) == machine.file.slice(machine):
                continue
            here = evidence(machine, machine.title_node)
            yield Change(
                node=f"state machine {machine.name}",
                kind="state machine",
                before=_states(was) if was is not None else None,
                after=_states(machine),
                reversible="yes",
                claim=fact("definition", here),
            )
            total.strategy.append(
                derived(
                    f"running executions of `{machine.name}` go on with the definition they began with", here
                )
            )
            if not _is_delivered(context, changed.path):
                total.unknowns.append(
                    unknown(f"how `{changed.path}` reaches AWS: no command of the repository names it", here)
                )
        for gone in old.values():
            yield Change(
                node=f"state machine {gone.name}",
                kind="state machine",
                before=_states(gone),
                after=None,
                reversible="yes",
                claim=fact("gone since the base", context.old(gone, gone.title_node)),
            )


def _states(machine: StateMachine) -> str:
    count = len(list(machine.states))
    return f"{count} state{'s' * (count != 1)}"


def _is_delivered(context: PlanContext, path: str) -> bool:
    return any(path in (one.command or "") or path in one.paths for one in context.rollout.deliveries)
