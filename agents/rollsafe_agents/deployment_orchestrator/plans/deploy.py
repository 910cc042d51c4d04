"""The deployment plan: what changes, what can go wrong, each step with its gate and its way back."""

from rollsafe.plans.contribution import PlanContext
from rollsafe.plans.kind import PlanKind, PlanRequest
from rollsafe.plans.model import DeploymentPlan


def make(context: PlanContext, request: PlanRequest) -> DeploymentPlan:
    """Return the plan all agents contribute to."""
    return context.deployment()


PLAN = PlanKind(
    title="Deployment plan",
    summary="what changes, what can go wrong, each step with its gate and its way back",
    model=DeploymentPlan,
    make=make,
)
