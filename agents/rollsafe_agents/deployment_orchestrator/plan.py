"""The deployment orchestrator's part of a plan: what changes, how it goes in, and how it comes out again."""

from collections.abc import Iterator

from rollsafe.plans.commands import line
from rollsafe.plans.contribution import Contribution, DraftStep, Phase, PlanContext, assumed
from rollsafe.plans.model import Claim
from rollsafe_agents.deployment_orchestrator.sections import (
    checks,
    cluster_steps,
    engines,
    host_steps,
    interfaces,
    migration_risks,
    migration_steps,
    migrations,
    monitoring,
    other_changes,
    releases,
    risks,
    smoke,
    strategy,
    workload_changes,
)
from rollsafe_agents.deployment_orchestrator.sections.pending import pending_of
from rollsafe_agents.deployment_orchestrator.sections.riding import joined


def contribute(context: PlanContext) -> Contribution:
    """Return changes, strategy, release split, risks, steps, checks, rollback and monitoring."""
    total = Contribution()
    pending = pending_of(context)
    workload_changes.contribute(context, total)
    other_changes.contribute(context, total)
    migrations.contribute(context, pending, total)
    releases.contribute(context, pending, total)
    interfaces.contribute(context, total)
    migration_risks.contribute(context, pending, total)
    strategy.contribute(context, total)
    migration_steps.contribute(context, pending, total)
    engines.contribute(context, total)
    cluster_steps.contribute(context, total)
    host_steps.contribute(context, total)
    total.steps += smoke.steps(context)
    total.steps = joined(total.steps, migration_steps.riding(context, pending))
    risks.contribute(context, total)
    checks.contribute(context, pending, total)
    monitoring.contribute(context, pending, total)
    if any(step.changes for step in total.steps) and context.base.known:
        total.steps.append(_record(context))
        total.preconditions += _checked_out(context)
    return total


def _checked_out(context: PlanContext) -> Iterator[Claim]:
    """Yield what keeps the commit that is checked out from being what is deployed."""
    loose = sorted(context.checkout.uncommitted & set(context.rollout.changed))
    if loose:
        more = f" and {len(loose) - 1} more" if len(loose) > 1 else ""
        yield assumed(
            f"commit `{loose[0]}`{more}: gates ask about the commit that is checked out, and a way back"
            " checks out another"
        )
    if context.checkout.lacks:
        count = context.checkout.lacks
        yield assumed(
            f"{count} commit{'s' * (count != 1)} of {context.base.ref} {'is' if count == 1 else 'are'} not in"
            " what is checked out: deploying it takes them back, unless they are merged first"
        )


def _record(context: PlanContext) -> DraftStep:
    name = f"deployed/{context.environment}"
    command = line("git", "tag", "--force", name)
    return DraftStep(
        Phase.RECORD,
        f"mark what runs now: the next plan compares with it (`--base {name}`)",
        command,
        assumed("nothing else in the repository records what is deployed"),
        "the tag is at the commit that was deployed",
        "a checkout of the commit that was deployed",
    )
