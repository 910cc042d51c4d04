"""The graph behind the map, and the parts of it that are neither services nor connections."""

from collections.abc import Iterator

from rollsafe.plans.contribution import derived, fact
from rollsafe.plans.model import Evidence
from rollsafe.workspace.system import NodeKind, Place, Relation, System
from rollsafe_agents.project_orchestrator.map.evidence import all_at, at, name_of
from rollsafe_agents.project_orchestrator.map.model import (
    Fact,
    MapGraph,
    MapImage,
    MapLink,
    MapMigrations,
    MapNode,
)


def graph_of(system: System) -> MapGraph:
    """Return every part of a system and what it has to do with others."""
    return MapGraph(
        nodes=tuple(
            MapNode(
                id=node.id,
                kind=node.kind.value,
                name=node.name,
                layer=node.layer.value,
                evidence=_places(node.places),
            )
            for node in system.nodes
        ),
        links=tuple(
            MapLink(
                source=edge.source,
                target=edge.target,
                relation=edge.relation.value,
                detail=edge.detail,
                status="DERIVED" if edge.is_derived else "FACT",
                evidence=_places(edge.places),
            )
            for edge in system.edges
        ),
    )


def _places(places: tuple[Place, ...]) -> tuple[Evidence, ...]:
    return tuple(map(at, places))


def migrations_of(system: System) -> Iterator[MapMigrations]:
    """Yield the directories of migrations, with who applies them to what."""
    for node in system.of(NodeKind.MIGRATIONS):
        stores = [edge for edge in system.edges_from(node.id, Relation.MIGRATES)]
        jobs: dict[str, Fact] = {}
        for edge in system.edges_to(node.id, Relation.MIGRATES):
            job = name_of(edge.source).rpartition("#")[2]
            jobs.setdefault(edge.source, Fact(text=job, evidence=at(edge.places[0])))
        yield MapMigrations(
            directory=node.name,
            tool=system.tool_of.get(node.name, ""),
            store=name_of(stores[0].target) if stores else None,
            jobs=tuple(jobs.values()),
            claim=fact(f"migrations in `{node.name}`", *all_at(node.places)),
        )


def unused_images_of(system: System) -> Iterator[MapImage]:
    """Yield the Dockerfiles whose images nothing here runs; those for development are left out."""
    used = set(system.recipe_of.values())
    for recipe in system.recipes:
        if recipe.path not in used and not recipe.is_development:
            text = f"nothing here runs the image of `{recipe.path}`"
            yield MapImage(dockerfile=recipe.path, claim=derived(text, Evidence(path=recipe.path, line=1)))
