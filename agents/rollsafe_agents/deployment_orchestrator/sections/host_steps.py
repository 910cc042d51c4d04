"""The steps that bring something to a Docker host or a platform, and the way back from there."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.compose import ComposeService
from rollsafe.artefacts.github_workflow import Job
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.plans.cluster import compose, rollout_undo
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
from rollsafe.workspace.delivery import Delivery, Means, is_for
from rollsafe.workspace.dependencies import compose_calls, providers_first
from rollsafe.workspace.interfaces.breaks import breaks_of, turned
from rollsafe.workspace.rollout import Scope, TouchedService
from rollsafe_agents.deployment_orchestrator.sections.access import access
from rollsafe_agents.deployment_orchestrator.sections.cluster_steps import check_out
from rollsafe_agents.deployment_orchestrator.sections.engines import upgrades

_BY_WORKFLOW: Final = "gh workflow run "
_PLAIN: Final = re.compile(r"[A-Za-z_][\w-]*")


def contribute(context: PlanContext, total: Contribution) -> None:
    """Add the steps of Compose files and platforms."""
    for delivery in context.rollout.deliveries:
        if delivery.means is Means.COMPOSE:
            mine = [one for one in context.rollout.services if one.delivery is delivery]
            services = in_order(context, mine)
            if services:
                total.steps += _compose(context, delivery, services)
        elif delivery.means is Means.OTHER and _ships(context):
            total.steps += _platform(context, delivery)


def _ships(context: PlanContext) -> bool:
    """Say whether something differs that a platform may bring out; what it takes in nobody reads."""
    return context.rollout.scope is not Scope.CHANGES or any(one.ships for one in context.changed)


def in_order(context: PlanContext, services: list[TouchedService]) -> list[TouchedService]:
    """Return services so that each stands after what it depends on, unless that breaks it."""
    calls = compose_calls(one.current for one in services)
    names = providers_first(
        [one.current.name for one in services], turned(calls, breaks_of(context.after, context.base))
    )
    return sorted(services, key=lambda one: names.index(one.current.name))


# Compose -----------------------------------------------------------------------------------------


def _compose(context: PlanContext, delivery: Delivery, services: list[TouchedService]) -> Iterator[DraftStep]:
    claim = _source(delivery)
    names = [one.current.name for one in services if one.after is not None]
    running = [one.current.name for one in services if one.before is not None]
    images = compose(delivery.paths, "images", *running)
    expected = "image and tag of every service noted: they are what a rollback returns to"
    yield DraftStep(Phase.CAPTURE, "note what runs", images, claim, expected, access(images))
    check = compose(delivery.paths, "config", "--quiet")
    yield DraftStep(
        Phase.GATES,
        "see that the files are valid",
        check,
        claim,
        "exit code 0 and no `variable is not set`",
        access(check),
    )
    own = from_pipeline(delivery.command) if delivery.command else None
    command = own or _up(context, delivery, services)
    shown = ", ".join(f"`{name}`" for name in names[:4]) + (" …" if len(names) > 4 else "")
    undo = tuple(_back(context, delivery, services, own))
    yield DraftStep(
        Phase.DEPLOY,
        f"bring up {shown or 'what is left'}",
        command,
        claim,
        "exit code 0",
        access(command),
        context=delivery.context if own else "",
        undo=undo,
        irreversible="" if undo else "nothing is known of what ran before: there is no base",
    )
    for one in services:
        if one.after is not None:
            yield _healthy(delivery, one)


def _up(context: PlanContext, delivery: Delivery, services: list[TouchedService]) -> str:
    there = [one.after for one in services if one.after is not None]
    gone = any(one.after is None for one in services)
    chosen = [] if context.rollout.scope is not Scope.CHANGES else there
    return _bring_up(delivery, there, chosen, others_go=gone)


def _bring_up(
    delivery: Delivery, services: list[ComposeService], chosen: list[ComposeService], *, others_go: bool
) -> str:
    """Return the command that starts services; `others_go` removes what the files do not have any more."""
    built = any(one.build is not None for one in services)
    options = ["--detach", "--wait", *(["--build"] if built else [])]
    if others_go:
        return compose(delivery.paths, "up", *options, "--remove-orphans")
    return compose(delivery.paths, "up", *options, *(one.name for one in chosen))


def _back(
    context: PlanContext, delivery: Delivery, services: list[TouchedService], own: str | None
) -> Iterator[Undo]:
    """Yield how the files of the base come back; what is new goes first, while the files still know it."""
    if context.base.ref is None:
        return
    new = [one.current.name for one in services if one.before is None]
    old = [one.before for one in services if one.before is not None]
    if new and context.rollout.scope is Scope.CHANGES:
        listed = ", ".join(f"`{name}`" for name in new)
        title = f"remove {listed}, which {'is' if len(new) == 1 else 'are'} new"
        yield Undo(title, compose(delivery.paths, "rm", "--stop", "--force", *new))
    if not old:
        return
    names = {one.current.name for one in services}
    converted = [one.name for one in upgrades(context) if one.name in names]
    lost = f"what was written to {', '.join(f'`{name}`' for name in converted)} since" if converted else None
    yield check_out(context)
    chosen = old if context.rollout.scope is Scope.CHANGES else []
    command = own or _bring_up(delivery, old, chosen, others_go=False)
    where = delivery.context if own else ""
    yield Undo("bring up what was written there", command, data_loss=lost, context=where)


def _healthy(delivery: Delivery, one: TouchedService) -> DraftStep:
    name = one.current.name
    command = compose(delivery.paths, "ps", name)
    checked = one.current.healthcheck is not None and not one.current.healthcheck.is_disabled
    expected = (
        "`Up` and `(healthy)`" if checked else "`Up`, and longer than a restart takes: it has no health check"
    )
    return DraftStep(
        Phase.HEALTH,
        f"look at `{name}`",
        command,
        fact("service", evidence(one.current, one.current.key)),
        expected,
        access(command),
    )


# Platforms ---------------------------------------------------------------------------------------


def _platform(context: PlanContext, delivery: Delivery) -> Iterator[DraftStep]:
    own = from_pipeline(delivery.command) if delivery.command else None
    job = delivery.job
    command = own or (_start(job, context.environment) if job is not None else None)
    title = f"deploy with {delivery.tool}" if own else _job_title(delivery)
    undo = tuple(_platform_back(context, delivery, command))
    yield DraftStep(
        Phase.DEPLOY,
        title,
        command,
        _source(delivery),
        "it reports success",
        access(command) if command else "the forge",
        context=delivery.context if own else "",
        undo=undo,
        irreversible="" if undo else "nothing is known of what ran before: there is no base",
    )


def _job_title(delivery: Delivery) -> str:
    if delivery.job is None:
        return f"deploy with {delivery.tool}"
    triggers = ", ".join(delivery.job.workflow.triggers)
    job = f"job `{delivery.job.id}` of `{delivery.job.file.name}`"
    return f"let {job} deploy (it starts on: {triggers or 'nothing'})"


def _start(job: Job, environment: str) -> str | None:
    """Return the command that starts the job's workflow, if it can be started by hand."""
    if "workflow_dispatch" not in job.workflow.triggers:
        return None
    fields = [word for field in _fields(job, environment) for word in ("--field", field)]
    return line("gh", "workflow", "run", job.file.name, *fields)


def _fields(job: Job, environment: str) -> Iterator[str]:
    """Yield what has to be told when the workflow is started: `environment=prod`, `version=$VERSION`."""
    for name, node in job.workflow.triggers["workflow_dispatch"].inputs.items():
        if isinstance(node, Mapping) and node.bool_at("required") and _PLAIN.fullmatch(name):
            options = (one.text for one in node.items_at("options") if isinstance(one, Scalar))
            fitting = next((one for one in options if is_for(one, environment)), None)
            yield f"{name}={fitting or '$' + name.upper().replace('-', '_')}"


def _platform_back(context: PlanContext, delivery: Delivery, command: str | None) -> Iterator[Undo]:
    if delivery.workload:
        name = delivery.workload.partition("/")[2]
        yield Undo(
            f"return `{name}` to its previous revision", rollout_undo(delivery.namespace, delivery.workload)
        )
    elif context.base.ref is not None and command is not None and command.startswith(_BY_WORKFLOW):
        yield from _started_again(context, command)
    elif context.base.ref is not None:
        yield check_out(context)
        yield Undo("deploy what was written there, in the same way", command, context=delivery.context)


def _started_again(context: PlanContext, command: str) -> Iterator[Undo]:
    """Yield how a workflow deploys the base: it works on what the forge has, not on what is checked out."""
    if "=$" in command:
        yield Undo("start it with the values of the release before", command)
        return
    tag = f"rollback/{context.environment}"
    yield Undo(f"name {context.old_ref} for the forge", line("git", "tag", "--force", tag, context.old_ref))
    yield Undo("take the name there", line("git", "push", "--force", "origin", f"refs/tags/{tag}"))
    yield Undo("deploy what was written there", f"{command} {line('--ref', tag)}")


def _source(delivery: Delivery) -> Claim:
    where = place_in(delivery.file, delivery.where)
    if delivery.job is not None:
        return fact(f"job `{delivery.job.id}` deploys so", where)
    return derived("no pipeline deploys this: the command follows from the file", where)
