"""Databases and stores that get another major version under the data they keep."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.images import ImageReference, parse_image
from rollsafe.artefacts.known_images import KnownImage, known_image
from rollsafe.plans.contribution import (
    Contribution,
    DraftStep,
    Phase,
    PlanContext,
    derived,
    evidence,
    fact,
    place_in,
)
from rollsafe.plans.model import Claim
from rollsafe.plans.reach import reach, risk_of
from rollsafe.plans.risk import Hazard
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.rollout import Scope
from rollsafe.workspace.wiring import keeps_data_in_pods
from rollsafe_agents.deployment_orchestrator.sections.workload_changes import image_of

_STRICT: Final = frozenset({"PostgreSQL"})
"""Stores that do not start on data of another major version; others convert it, and there is no way back."""


class Upgrade(NamedTuple):
    """A store that changes its major version."""

    name: str
    known: KnownImage
    before: ImageReference
    after: ImageReference
    claim: Claim
    in_pods: bool = False


def contribute(context: PlanContext, total: Contribution) -> None:
    """Add the dump before, and what happens without it."""
    upgraded = list(upgrades(context))
    total.steps += _dumps_of_pods(context, {one.name for one in upgraded})
    for one in upgraded:
        versions = f"{one.known.title} {one.before.tag} → {one.after.tag}"
        total.steps.append(
            DraftStep(
                Phase.BACKUP,
                f"dump the data of `{one.name}` while {one.known.title} {one.before.tag} still runs",
                None,
                one.claim,
                "the dump can be read",
                "the store's administrator",
            )
        )
        if one.in_pods:
            continue  # The new pods begin without data, whatever the version.
        how_far = reach(context, [one.name])
        strict = one.known.title in _STRICT
        name = f"`{one.name}` does not start on data of another major version"
        if not strict:
            name = f"`{one.name}` converts its data, and the old version does not read it any more"
        total.risks.append(
            risk_of(
                Hazard.OUTAGE if strict else Hazard.NO_WAY_BACK,
                name,
                how_far,
                fact(versions, *one.claim.evidence),
                "dump with the old version, restore into an empty volume with the new one",
                Phase.BACKUP,
            )
        )


def _dumps_of_pods(context: PlanContext, told: set[str]) -> Iterator[DraftStep]:
    """Yield the dump of stores whose pods are replaced and hold the data themselves."""
    for touched in context.rollout.kept if context.rollout.scope is Scope.CHANGES else ():
        workload, name = touched.current.workload, touched.current.name
        if touched.before is not None and keeps_data_in_pods(workload) and name not in told:
            yield DraftStep(
                Phase.BACKUP,
                f"dump the data of `{name}` to a place outside of its pods",
                None,
                derived("no volume outlives its pods", evidence(workload, workload.title_node)),
                "the dump can be read",
                "the store's administrator",
            )


def upgrades(context: PlanContext) -> Iterator[Upgrade]:
    """Yield the stores whose major version differs from the base."""
    for service in context.rollout.services:
        before = service.before.image if service.before is not None else None
        after = service.after.image if service.after is not None else None
        if service.after is not None and before is not None and after is not None:
            where = evidence(service.after, service.after.image_node or service.after.key)
            yield from _upgrade(service.current.name, before, after, fact("image", where))
    for touched in context.rollout.kept:
        for container in touched.containers:
            old, new = image_of(touched.before, container), image_of(touched.after, container)
            if old is not None and new is not None:
                claim = fact("image", place_in(new.file, new.where))
                found = _upgrade(touched.current.name, parse_image(old.text), parse_image(new.text), claim)
                in_pods = keeps_data_in_pods(touched.current.workload)
                yield from (one._replace(in_pods=in_pods) for one in found)


def _upgrade(name: str, before: ImageReference, after: ImageReference, claim: Claim) -> Iterator[Upgrade]:
    known = known_image(after)
    if known is None or not known.keeps_data or before.name != after.name:
        return
    if before.major_version is not None and before.major_version != after.major_version:
        yield Upgrade(name, known, before, after, claim)
