"""The services of a map: what each is made of, where it runs, who owns it."""

from collections.abc import Sequence

from rollsafe.plans.contribution import derived, fact, unknown
from rollsafe.plans.model import Claim
from rollsafe.workspace.system import NodeKind, Relation, Stage, System
from rollsafe.workspace.system.environments import Environment, Running, by_weight
from rollsafe.workspace.system.facts import Unit
from rollsafe_agents.project_orchestrator.map.evidence import all_at, at, listed, name_of
from rollsafe_agents.project_orchestrator.map.model import Fact, MapEdge, MapService


def services_of(
    system: System, edges: Sequence[MapEdge], environments: Sequence[Environment], wanted: str
) -> list[MapService]:
    """Return the services and stores; those for development only come last."""
    nodes = system.of(NodeKind.SERVICE, NodeKind.STORE)
    ordered = by_weight(environments, wanted)
    stores: dict[str, list[str]] = {}
    for edge in edges:
        if edge.target.startswith("store:"):
            stores.setdefault(edge.source, []).append(name_of(edge.target))
    found = [_service(node.id, system, stores.get(node.id, ()), ordered) for node in nodes]
    return sorted(found, key=lambda one: (one.is_development, one.kind, one.name))


def _service(
    id_: str, system: System, stores: Sequence[str], environments: Sequence[Environment]
) -> MapService:
    units, node = system.units[id_], system.by_id[id_]
    name = name_of(id_)
    running = [(one.label, one.services[name]) for one in environments if name in one.services]
    known = next((unit.known for unit in units if unit.known is not None), None)
    objects = [
        edge.source for edge in system.edges_to(id_, Relation.RUNS) if edge.source.startswith("object:")
    ]
    owners = system.edges_to(id_, Relation.OWNS)
    product = known.title if known is not None else None
    shown = running[0] if running else None
    return MapService(
        id=id_,
        name=name,
        kind="store" if node.kind is NodeKind.STORE else "service",
        layer=node.layer.value,
        product=product,
        code=system.code.get(id_),
        dockerfile=system.recipe_of.get(id_),
        images=_images(units, [one for _, one in running]),
        builds=_jobs(id_, system, Stage.BUILD),
        deploys=_jobs(id_, system, Stage.DEPLOY),
        objects=tuple(name_of(one) for one in objects),
        ports=tuple(sorted({port.number for unit in units for port in unit.ports})),
        owner=" ".join(dict.fromkeys(name_of(edge.source) for edge in owners)) or None,
        owned=at(owners[0].places[0]) if owners else None,
        shown_in=shown[0] if shown is not None else None,
        replicas=_replicas(name, shown, units),
        probes=_probes(name, shown),
        stores=tuple(stores),
        secrets=_secrets(id_, system),
        environments=tuple(sorted(label for label, _ in running)),
        schedule=next((unit.schedule for unit in units if unit.schedule), None),
        is_development=all(unit.is_development for unit in units),
        claim=fact(_words(name, product, units), *all_at(node.places)),
    )


def _words(name: str, product: str | None, units: Sequence[Unit]) -> str:
    kinds = listed(
        dict.fromkeys("Compose service" if unit.kind == "service" else unit.kind for unit in units)
    )
    return f"`{name}` is written as {kinds.replace('`', '')}" + (f" and runs {product}" if product else "")


def _images(units: Sequence[Unit], running: Sequence[Running]) -> tuple[str, ...]:
    """Return the images that run, those of the environment shown first; else those that are written."""
    found = dict.fromkeys(image.text for one in running for image in one.images.values())
    return tuple(found or dict.fromkeys(image.text for unit in units for image in unit.images))


def _jobs(id_: str, system: System, stage: Stage) -> tuple[Fact, ...]:
    found: dict[str, Fact] = {}
    for cover in system.coverage_of.get(id_, ()):
        if cover.stage is stage and not cover.is_whole:
            found.setdefault(cover.job, Fact(text=name_of(cover.job), evidence=at(cover.place)))
    return tuple(found.values())


def _secrets(id_: str, system: System) -> tuple[Fact, ...]:
    """Return the secrets a service reads, by the names of the secret and of the key."""
    found: dict[str, Fact] = {}
    for edge in system.edges_from(id_, Relation.SECRET):
        found.setdefault(edge.target, Fact(text=name_of(edge.target), evidence=at(edge.places[0])))
    return tuple(found[key] for key in sorted(found))


def _replicas(name: str, shown: tuple[str, Running] | None, units: Sequence[Unit]) -> Claim:
    if shown is not None and shown[1].replicas is not None:
        found = shown[1].replicas
        return derived(f"{found.text} in {shown[0]}", at(found.place))
    if any(unit.schedule for unit in units):
        return derived("on a schedule", *all_at(unit.place for unit in units if unit.schedule))
    if units and all(unit.kind == "service" for unit in units):
        return derived("1 (Compose)", *all_at(unit.place for unit in units))
    return unknown(f"replicas of `{name}` are not a fixed number")


def _probes(name: str, shown: tuple[str, Running] | None) -> Claim:
    if shown is None or shown[1].probes is None:
        return unknown(f"probes of `{name}` are not read")
    return derived(shown[1].probes.text, at(shown[1].probes.place))
