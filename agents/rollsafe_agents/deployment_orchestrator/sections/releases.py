"""The order of migrations and code, and the releases a breaking change has to be split into."""

from collections.abc import Iterator

from rollsafe.artefacts.migrations.descriptions import described
from rollsafe.artefacts.migrations.effects import Deed, Effect
from rollsafe.artefacts.migrations.operations import AddColumn
from rollsafe.plans.contribution import Contribution, Phase, PlanContext, derived, evidence, place_in
from rollsafe.plans.model import Claim, Release
from rollsafe.workspace.delivery import Means
from rollsafe_agents.deployment_orchestrator.sections.migrations import label, place
from rollsafe_agents.deployment_orchestrator.sections.pending import Pending

_MOST_TOLD = 3


def contribute(context: PlanContext, pending: list[Pending], total: Contribution) -> None:
    """Add the order and, where a breaking change rides with code, the split."""
    for one in pending:
        total.strategy += _order(one)
    total.releases += _releases(context, pending)


def _order(pending: Pending) -> Iterator[Claim]:
    history = pending.history
    if not history.is_pending_known:
        return
    early = [one for group in pending.groups if group.phase is Phase.EXPAND for one in group.assessed]
    late = [one for group in pending.groups if group.phase is Phase.CONTRACT for one in group.assessed]
    trapped = [one for one in early if one.is_contracting]
    for one in trapped[:_MOST_TOLD]:
        deed = next(deed for deed in one.deeds if deed.effect is Effect.CONTRACT)
        why = "it also adds what the new release needs" if one.is_mixed else "later ones add something"
        if not pending.runner.can_stop:
            why = f"{pending.runner.title} applies everything that is pending at once"
        yield derived(
            f"`{label(one.migration)}` runs before the code although it {described(deed.operation)}: {why}",
            place(deed),
        )
    if early and late:
        yield derived(
            f"{pending.runner.title} stops at `{label(early[-1].migration)}`; the code follows, then"
            f" `{label(late[0].migration)}`, which the release that runs at present does not survive",
            evidence(early[-1].migration),
            evidence(late[0].migration),
        )


def _releases(context: PlanContext, pending: list[Pending]) -> list[Release]:
    """Propose releases where a change the old code does not survive rides with new code."""
    deeds = [
        deed for one in pending if one.history.is_pending_known for a in one.assessed for deed in a.deeds
    ]
    breaking = [deed for deed in deeds if deed.effect is Effect.CONTRACT]
    code = [one for one in context.rollout.workloads if one.is_changed]
    services = [one for one in context.rollout.services if one.is_changed or one.is_rebuilt]
    platforms = _platforms(context)
    if not breaking or not (code or services or platforms):
        return []
    expand = [derived(described(deed.operation), place(deed)) for deed in deeds if _expands(deed)]
    expand += [_softened(deed) for deed in breaking if isinstance(deed.operation, AddColumn)]
    rollouts = [
        derived(f"`{one.current.key}`", evidence(one.current.workload, one.current.workload.title_node))
        for one in code
    ]
    rollouts += [derived(f"`{one.current.name}`", evidence(one.current, one.current.key)) for one in services]
    rollouts += platforms
    fill = [derived(described(d.operation), place(d)) for d in deeds if d.effect is Effect.BACKFILL]
    contract = [derived(_tightened(deed), place(deed)) for deed in breaking]
    parts = (
        ("A expand", "only what adds; the old release goes on", expand),
        ("B code", "the release that works with both the old and the new form", rollouts),
        ("C backfill", "rows of before, in batches, while both forms are there", fill),
        (
            "D contract",
            "what takes away, once nothing of the old release runs or is rolled back to",
            contract,
        ),
    )
    return [Release(name=name, what=what, claims=tuple(claims)) for name, what, claims in parts if claims]


def _platforms(context: PlanContext) -> list[Claim]:
    """Return the deliveries that bring out code which differs and is not read."""
    unread = [one.path for one in context.changed if one.before is None and one.after is None]
    if not unread:
        return []
    return [
        derived(f"what {one.tool} deploys: {len(unread)} files of code differ", place_in(one.file, one.where))
        for one in context.rollout.deliveries
        if one.means is Means.OTHER
    ]


def _expands(deed: Deed) -> bool:
    return deed.effect is Effect.EXPAND and bool(described(deed.operation))


def _softened(deed: Deed) -> Claim:
    assert isinstance(deed.operation, AddColumn)
    name = f"{deed.operation.table}.{deed.operation.column.name}"
    return derived(f"adds column `{name}`, but so that it may be NULL or has a default", place(deed))


def _tightened(deed: Deed) -> str:
    if isinstance(deed.operation, AddColumn):
        return f"makes `{deed.operation.table}.{deed.operation.column.name}` required"
    return described(deed.operation)
