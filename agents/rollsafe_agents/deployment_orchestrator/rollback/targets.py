"""What a rollback returns to: images, replicas, charts and keys as the base has them."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.images import parse_image
from rollsafe.plans.contribution import PlanContext, derived, evidence, fact, unknown
from rollsafe.plans.model import Claim
from rollsafe.workspace.rollout import Touched, TouchedService
from rollsafe_agents.deployment_orchestrator.rollback.model import Target
from rollsafe_agents.deployment_orchestrator.rollback.way_back import WayBack
from rollsafe_agents.deployment_orchestrator.sections.workload_changes import image_of

_ELSEWHERE: Final = frozenset({"image", "migration", "migrations", "code", "build"})
"""Rows of the change table that are told in full here, that have a table of their own, or are no target."""


def targets(way: WayBack) -> list[Target]:
    """Return what is returned to, images with their full names first."""
    return [*_images(way.context), *_others(way)]


def open_questions(context: PlanContext) -> Iterator[Claim]:
    """Yield which images of before nobody can be sure to get back."""
    seen: set[str] = set()
    for one in _images(context):
        name = one.back_to or ""
        if name in seen or one.kind != "image":
            continue
        seen.add(name)
        if parse_image(name).is_floating:
            text = f"which build `{name}` was: the name has moved on, note the digest before it is needed"
            yield unknown(text, *one.claim.evidence)
    if seen:
        yield unknown(
            "whether the registry still has the images of before: no file says how long it keeps them"
        )


def _images(context: PlanContext) -> Iterator[Target]:
    for touched in context.rollout.workloads:
        yield from _of_workload(context, touched)
    for service in context.rollout.services:
        yield from _of_service(context, service)


def _of_workload(context: PlanContext, touched: Touched) -> Iterator[Target]:
    if touched.before is None:
        return
    several = len(touched.before.containers) > 1
    for container in touched.before.containers:
        before, after = touched.before.image_of(container), image_of(touched.after, container)
        if before is None or (after is not None and after.text == before.text):
            continue
        node = f"{touched.current.key}, {container.name}" if several else touched.current.key
        claim = fact("image of before", context.placed(before.file, before.where))
        yield Target(
            node=node,
            kind="image",
            now=after.text if after is not None else None,
            back_to=before.text,
            claim=claim,
        )


def _of_service(context: PlanContext, service: TouchedService) -> Iterator[Target]:
    before, after = service.before, service.after
    old = before.image.raw if before is not None and before.image is not None else None
    new = after.image.raw if after is not None and after.image is not None else None
    if before is not None and old is not None and old != new:
        where = context.old(before, before.image_node or before.key)
        yield Target(
            node=before.name, kind="image", now=new, back_to=old, claim=fact("image of before", where)
        )
    elif before is not None and service.is_rebuilt:
        where = evidence(service.current, service.current.key)
        text = f"built from the files of {context.old_ref}"
        claim = derived("files of its build context differ", where)
        yield Target(node=before.name, kind="build", now="built from other files", back_to=text, claim=claim)


def _others(way: WayBack) -> Iterator[Target]:
    for change in way.plan.changes:
        if change.kind not in _ELSEWHERE and way.context.before is not None:
            told = change.before or ("as it was" if "differ" in (change.after or "") else None)
            yield Target(
                node=change.node, kind=change.kind, now=change.after, back_to=told, claim=change.claim
            )
