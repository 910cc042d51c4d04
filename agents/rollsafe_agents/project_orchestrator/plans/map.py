"""The service map: what runs, who talks to whom, and how environments differ."""

from rollsafe.plans.contribution import PlanContext
from rollsafe.plans.kind import PlanKind, PlanRequest
from rollsafe_agents.project_orchestrator.map.build import service_map
from rollsafe_agents.project_orchestrator.map.model import ServiceMap


def make(context: PlanContext, request: PlanRequest) -> ServiceMap:
    """Return the map of the whole project."""
    return service_map(context)


PLAN = PlanKind(
    title="Service map",
    summary="what runs, who talks to whom, how environments differ, what pipelines leave out",
    model=ServiceMap,
    make=make,
    forms=("mermaid", "dot"),
)
