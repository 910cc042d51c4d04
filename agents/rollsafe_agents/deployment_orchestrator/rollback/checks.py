"""How to see that a rollback worked: rolled out, with the images of before, and answering."""

from collections.abc import Iterator

from rollsafe.plans.cluster import kubectl
from rollsafe.plans.contribution import evidence, fact
from rollsafe.plans.model import Check
from rollsafe.workspace.rollout import Touched
from rollsafe_agents.deployment_orchestrator.rollback.way_back import WayBack
from rollsafe_agents.deployment_orchestrator.sections.cluster_steps import in_order, namespace_of
from rollsafe_agents.deployment_orchestrator.sections.workload_changes import image_of


def checks(way: WayBack) -> Iterator[Check]:
    """Yield the checks of the deployment plan after a rollback, and which image each workload runs."""
    yield from way.plan.rollback_checks
    for one in in_order(way.context):
        yield from _image(way, one)


def _image(way: WayBack, one: Touched) -> Iterator[Check]:
    main = next(iter(one.containers), None)
    before = image_of(one.before, main) if main is not None else None
    after = image_of(one.after, main) if main is not None else None
    if before is None or after is None or before.text == after.text:
        return
    workload = one.current.workload
    yield Check(
        text=f"`{one.current.name}` runs the image of before",
        command=kubectl(namespace_of(one.delivery, [one]), "get", one.current.key, "--output", "wide"),
        expected=f"IMAGES has `{before.text}`",
        owner=way.context.owner(workload.file.path),
        claim=fact("workload", evidence(workload, workload.title_node)),
    )
