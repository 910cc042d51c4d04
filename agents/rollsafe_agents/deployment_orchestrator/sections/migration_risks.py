"""What migrations put at risk: data, waiting requests, the running release; and how long anybody waits."""

from collections.abc import Iterator

from rollsafe.artefacts.migrations.descriptions import described
from rollsafe.artefacts.migrations.effects import Deed, Effect
from rollsafe.plans.contribution import Contribution, DraftRisk, Phase, PlanContext, derived
from rollsafe.plans.model import Claim, Evidence
from rollsafe.plans.reach import Reach, reach, risk_of
from rollsafe.plans.risk import Hazard
from rollsafe.workspace.histories import Assessed
from rollsafe_agents.deployment_orchestrator.sections.migration_steps import step_title
from rollsafe_agents.deployment_orchestrator.sections.migrations import label, lock_words, place, tables_of
from rollsafe_agents.deployment_orchestrator.sections.pending import Pending

_MOST_DEEDS = 3


def contribute(context: PlanContext, pending: list[Pending], total: Contribution) -> None:
    """Add risks, the downtime that locks cause, and when it is best to run them."""
    how_far = _reach(context)
    for one in pending:
        if one.history.is_pending_known:
            total.risks += _risks(one, how_far)
            total.timing += _timing(one)
            total.downtime += _waiting(one)
        else:
            total.risks += _possible_risks(one, how_far)
            total.downtime += _possible_waiting(one)
    for history in context.rollout.histories:
        for path in (*history.edited, *history.removed):
            total.risks.append(_edited(context, path, path in history.edited))


def _reach(context: PlanContext) -> Reach:
    names = [one.name for one in context.rollout.deployed]
    names += [one.current.name for one in context.rollout.services]
    return reach(context, names)


def _possible_risks(pending: Pending, how_far: Reach) -> Iterator[DraftRisk]:
    """Yield what the migrations may do of which nobody knows whether they are pending."""
    home = pending.history.home or "."
    lost = [deed for one in pending.assessed for deed in one.lost]
    if lost:
        count = len({deed.statement.file.path for deed in lost})
        yield risk_of(
            Hazard.DATA_LOSS,
            f"{count} of the migrations in `{home}` destroy data",
            how_far,
            derived(f"if they are pending; the newest: {lost[-1].lost}", place(lost[-1])),
            "a backup that was read back",
            Phase.BACKUP,
        )
    slow = [deed for one in pending.assessed for deed in one.blocking if deed.is_slow]
    if slow:
        count = len({deed.statement.file.path for deed in slow})
        yield risk_of(
            Hazard.LOCK,
            f"{count} of the migrations in `{home}` lock a table while they work",
            how_far,
            derived(f"if they are pending; the newest: {_waits(slow[-1])}", place(slow[-1])),
            _lock_mitigation(pending),
            None,
        )


def _possible_waiting(pending: Pending) -> Iterator[Claim]:
    slow = [deed for one in pending.assessed for deed in one.blocking if deed.is_slow]
    if slow:
        yield derived("unknown: it depends on which migrations are pending", place(slow[-1]))


def _risks(pending: Pending, how_far: Reach) -> Iterator[DraftRisk]:
    for one in pending.assessed:
        name = f"`{label(one.migration)}`"
        if one.lost:
            what = "; ".join(deed.lost for deed in one.lost[:_MOST_DEEDS])
            yield risk_of(
                Hazard.DATA_LOSS,
                f"{name} destroys data",
                how_far,
                derived(what, *(place(deed) for deed in one.lost[:_MOST_DEEDS])),
                "a backup that was read back",
                Phase.BACKUP,
            )
        slow = [deed for deed in one.blocking if deed.is_slow]
        if slow:
            tables = ", ".join(f"`{table}`" for table in tables_of(slow))
            yield risk_of(
                Hazard.LOCK,
                f"{name} locks {tables or 'a table'}",
                how_far,
                derived(_waits(slow[0]), *(place(deed) for deed in slow[:_MOST_DEEDS])),
                _lock_mitigation(pending),
                None,
            )
    breaking = [one for one in pending.assessed if one.is_contracting]
    if breaking:
        yield _breaking(pending, breaking, how_far)


def _waits(deed: Deed) -> str:
    who = "reads and writes wait" if deed.lock is not None and deed.lock.blocks_reads else "writes wait"
    return f"{described(deed.operation)}: {lock_words(deed)}; {who} as long"


def _lock_mitigation(pending: Pending) -> str:
    if pending.runner.timeout:
        return "few writers at that time; the lock timeout in the command ends the wait for the lock"
    timeout = f"{pending.runner.title} takes no lock timeout, so `SET lock_timeout` in the file"
    return f"few writers at that time; {timeout}"


def _breaking(pending: Pending, found: list[Assessed], how_far: Reach) -> DraftRisk:
    one = found[0]
    deed = next(deed for deed in one.deeds if deed.effect is Effect.CONTRACT)
    group = next(group for group in pending.groups if one in group.assessed)
    early = group.phase is Phase.EXPAND
    when = "until the last old pod is gone" if early else "as soon as a pod of before is started again"
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    text = f"`{label(one.migration)}` {described(deed.operation)}{more}: the old release fails {when}"
    return risk_of(
        Hazard.BREAKING,
        "the old release does not survive the new schema",
        how_far,
        derived(text, place(deed)),
        "the releases of section 1" if early else "only after every workload is healthy",
        None if early else Phase.CONTRACT,
        step_title(pending, group),
    )


def _edited(context: PlanContext, path: str, is_there: bool) -> DraftRisk:
    base = Evidence(path=path, line=1, commit=context.old_ref)
    where = Evidence(path=path, line=1) if is_there else base
    what = "another text than at the base" if is_there else "gone since the base"
    how_far = reach(context, ())
    return risk_of(
        Hazard.BREAKING,
        f"`{path}` is not what was applied",
        how_far,
        derived(f"{what}: databases that applied it do not apply it again, and some runners stop", where),
        "a new migration with the difference, and the old text back",
        None,
    )


def _waiting(pending: Pending) -> Iterator[Claim]:
    for one in pending.assessed:
        for deed in one.blocking[:1]:
            if deed.is_slow:
                table = "".join(f"`{name}`" for name in tables_of([deed])) or "a table"
                who = "requests that use" if deed.lock is not None and deed.lock.blocks_reads else "writes to"
                text = f"of unknown length: {who} {table} wait while `{label(one.migration)}` works on it"
                yield derived(text, place(deed))


def _timing(pending: Pending) -> Iterator[Claim]:
    for one in pending.assessed:
        slow = [deed for deed in one.blocking if deed.is_slow]
        if slow:
            tables = ", ".join(f"`{table}`" for table in tables_of(slow))
            yield derived(
                f"`{label(one.migration)}` when {tables or 'its table'} has the fewest writers:"
                f" {lock_words(slow[0])}",
                place(slow[0]),
            )
