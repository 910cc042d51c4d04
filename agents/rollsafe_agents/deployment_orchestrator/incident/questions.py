"""What to ask about the cause and what to do about it, from what differs and what was known before."""

from collections.abc import Iterator
from typing import Final

from rollsafe.plans.cluster import compose, kubectl
from rollsafe.plans.commands import line
from rollsafe.plans.contribution import ON_CALL, PlanContext, assumed, unknown
from rollsafe.plans.model import Change, Check, Claim, Risk
from rollsafe.plans.risk import Hazard
from rollsafe_agents.deployment_orchestrator.incident.model import Question
from rollsafe_agents.deployment_orchestrator.rollback.way_back import WayBack
from rollsafe_agents.deployment_orchestrator.sections.changed_findings import Finding
from rollsafe_agents.deployment_orchestrator.sections.cluster_steps import in_order, namespace_of

_OF_RISK: Final[dict[str, str]] = {
    Hazard.DATA_LOSS: "was the data that is gone still read or written by somebody",
    Hazard.LOCK: "did requests wait while the migration held its lock",
    Hazard.BREAKING: "did anything of the old release run after this",
    Hazard.MISSING_KEY: "did a pod fail to start for want of it",
    Hazard.OUTAGE: "was there a moment without a pod that serves",
    Hazard.MUTABLE_IMAGE: "is what ran what was built from this commit",
    Hazard.NO_PROBE: "did requests reach pods that were not ready",
    Hazard.LATE_DISCOVERY: "would it have been seen earlier without this",
    Hazard.MISSING_GATE: "would the gate have held the change up",
    Hazard.NO_WAY_BACK: "what made up for the missing way back",
}
"""What to ask where a risk of a kind was known before."""

_OF_CHANGE: Final[dict[str, str]] = {
    "image": "does the old image with everything else new show it, too",
    "configuration": "does the new configuration with the old image show it",
    "secret keys": "does the new Secret with the old image show it",
    "variables": "does the new release read a variable that is missing or named otherwise",
    "replicas": "did the number of pods carry the load",
    "strategy": "did pods go before others were ready",
    "base image": "does the old base image show it",
    "build": "does the old build with everything else new show it",
    "code": "which of the changed files does the request that fails go through",
    "chart value": "does the old value with everything else new show it",
}
"""What to ask where something of a kind differs."""

_NOTICING: Final = frozenset(
    {Hazard.MISSING_GATE, Hazard.NO_PROBE, Hazard.LATE_DISCOVERY, Hazard.NO_WAY_BACK}
)
_MOST: Final = 12


def questions(way: WayBack, found: list[Finding]) -> list[Question]:
    """Return what to ask, what was known before first."""
    by_risk = [_of_risk(risk) for risk in way.plan.risks if risk.kind in _OF_RISK]
    by_change = [_of_change(way, change) for change in way.plan.changes if change.kind in _OF_CHANGE]
    told = [_of_finding(one) for one in found if one.severity in ("error", "warning")]
    return [*by_risk, *told, *by_change, *_of_logs(way)][:_MOST]


def _of_risk(risk: Risk) -> Question:
    return Question(text=f"{risk.name}: {_OF_RISK[risk.kind]}", claim=risk.reason, answer="logs of that time")


def _of_finding(one: Finding) -> Question:
    text = "was this seen before the deployment, and why did it go out all the same"
    return Question(text=f"`{one.claim.rule}`: {text}", claim=one.claim, answer="the review of the change")


def _of_change(way: WayBack, change: Change) -> Question:
    since = way.context.old_ref
    path = change.claim.evidence[0].path if change.claim.evidence else "."
    answer = (
        line("git", "log", "--oneline", f"{since}..HEAD", "--", path) if since else "the history of the file"
    )
    return Question(
        text=f"`{change.node}` ({change.kind}): {_OF_CHANGE[change.kind]}", claim=change.claim, answer=answer
    )


def _of_logs(way: WayBack) -> Iterator[Question]:
    for check in way.plan.validation[:1]:
        text = "which check failed first, and was there one that ought to have failed and did not"
        yield Question(text=text, claim=check.claim, answer="section 4 of the deployment plan")


def kept_first(context: PlanContext) -> list[Check]:
    """Return what is gone soon and is kept before anything else: logs and events."""
    found: dict[str, Check] = {}
    for one in in_order(context):
        namespace, path = namespace_of(one.delivery, [one]), one.current.workload.file.path
        saved = kubectl(namespace, "logs", one.current.key, "--all-containers", "--timestamps", "--since=24h")
        events = kubectl(namespace, "get", "events", "--sort-by", ".lastTimestamp")
        for text, command in ((f"the logs of `{one.current.name}`", saved), ("the events", events)):
            check = Check(
                text=text,
                command=command,
                expected="saved beside this report",
                owner=context.owner(path),
                claim=assumed("pods that are replaced take their logs with them"),
            )
            found.setdefault(command, check)
    for service in context.rollout.services:
        command = compose(
            service.delivery.paths, "logs", "--timestamps", "--since", "24h", service.current.name
        )
        check = Check(
            text=f"the logs of `{service.current.name}`",
            command=command,
            expected="saved beside this report",
            owner=context.owner(service.current.file.path),
            claim=assumed("a container that is replaced takes its logs with it"),
        )
        found.setdefault(command, check)
    return list(found.values())


def follow_ups(way: WayBack, found: list[Finding]) -> Iterator[Check]:
    """Yield what to do so that it does not happen again, each with whom to ask."""
    context = way.context
    for one in found:
        if one.severity in ("error", "warning"):
            yield _todo(
                context, f"mend `{one.claim.rule}`: {one.claim.text}", "the finding is gone", one.claim
            )
    for risk in way.plan.risks:
        if risk.kind in _NOTICING:
            yield _todo(
                context, f"{risk.name}: {risk.mitigation}", "no longer in the deployment plan", risk.reason
            )
    for migration in way.migrations:
        if migration.advice in ("restore", "forward"):
            text = f"`{migration.name}`: split what adds from what takes away, in releases of their own"
            yield _todo(context, text, "each can be taken back", migration.claim)
    for trigger in way.plan.triggers:
        if trigger.status == "UNKNOWN":
            yield _todo(
                context, "write an alert rule with the limit that was missing", "it fires in a drill", trigger
            )
    for hold in way.holds:
        text = f"take the change back on its branch before {hold.title.removeprefix('hold ')} goes on"
        yield _todo(context, text, "the next run deploys the old release", hold.claim)
    yield Check(
        text="try the way back where it does no harm, with `rollsafe plan rollback`",
        command=None,
        expected="it takes as long as it may",
        owner=ON_CALL,
        claim=assumed("a way back that nobody has tried is a guess"),
    )


def _todo(context: PlanContext, text: str, expected: str, claim: Claim) -> Check:
    owner = context.owner(claim.evidence[0].path) if claim.evidence else ON_CALL
    return Check(text=text, command=None, expected=expected, owner=owner, claim=claim)


def impact(way: WayBack) -> Iterator[Claim]:
    """Yield what is known of the harm, and what is not."""
    radius = max(way.plan.risks, key=lambda risk: risk.radius, default=None)
    if radius is not None:
        yield radius.radius_reason.model_copy(update={"text": f"within reach: {radius.radius_reason.text}"})
    for migration in way.migrations:
        if migration.advice == "restore" and migration.data_loss:
            text = f"`{migration.name}`, once applied, destroyed {migration.data_loss}"
            yield migration.claim.model_copy(update={"text": text})
    yield unknown("how many users saw it, from when to when: the logs of the entrance tell")
    yield unknown("whether data is missing or wrong: who owns it says how to check")
