"""Outlines joined: the nodes and edges of the whole system.

The graph consists of fragments: one for each service, Dockerfile, Service, pipeline and so on. A fragment
knows what it was made of and what it asked about others; joining again makes those anew for which that
differs, and merges only what they speak of.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from functools import partial
from typing import Protocol, TypeVar

from rollsafe.text.cached import cached_property
from rollsafe.text.records import field, open_record, replace
from rollsafe.workspace.system.charts.facts import ChartFacts
from rollsafe.workspace.system.facts import Contract, Known, OwnerLine, Place, Step, Unit
from rollsafe.workspace.system.fragments import Asked, Fragment
from rollsafe.workspace.system.index import Index
from rollsafe.workspace.system.jobs import JobFact
from rollsafe.workspace.system.join_jobs import fragment_of_pipeline
from rollsafe.workspace.system.join_others import (
    database_of,
    databases_of,
    parts_of_contract,
    parts_of_door,
    parts_of_migrations,
    parts_of_overlay,
    parts_of_recipe,
    parts_of_route,
    parts_of_scaler,
)
from rollsafe.workspace.system.join_services import ServiceParts
from rollsafe.workspace.system.layers import is_data
from rollsafe.workspace.system.merged import Merged
from rollsafe.workspace.system.model import System
from rollsafe.workspace.system.names import Names, names_of
from rollsafe.workspace.system.outline import Outline
from rollsafe.workspace.system.parts import Parts
from rollsafe.workspace.system.services import Services

Inputs = tuple[object, ...]


@open_record
class Joined:
    """A system, and what the next one is made from."""

    system: System
    fragments: Mapping[Hashable, Fragment] = field(default_factory=dict[Hashable, Fragment])
    merged: Merged = field(default_factory=Merged)
    names: Names | None = None
    owners: tuple[OwnerLine, ...] = ()
    outlines: tuple[Outline, ...] = ()

    @cached_property
    def ids(self) -> frozenset[int]:
        """What tells its outlines from others while they are kept."""
        return frozenset(map(id, self.outlines))


NOTHING_JOINED = Joined(System())


def join(
    outlines: tuple[Outline, ...],
    contracts: tuple[Contract, ...],
    jobs: tuple[JobFact, ...],
    charts: tuple[ChartFacts, ...] = (),
    before: Joined = NOTHING_JOINED,
) -> Joined:
    """Return the system that outlines, by path, contracts known by name, jobs and charts make.

    What is the same as in `before` is taken from there.
    """
    listed = [*outlines, *map(_outline_of, charts)]
    made = _Join(listed, contracts, jobs, charts, before).joined()
    return replace(made, outlines=outlines)


class _Placed(Protocol):
    @property
    def place(self) -> Place: ...


P = TypeVar("P", bound=_Placed)


def _distinct(facts: Iterable[P]) -> tuple[P, ...]:
    """Return facts, each once; equal ones are written at one place, so that only those are compared."""
    found: list[P] = []
    at: dict[Place, list[P]] = {}
    for one in facts:
        there = at.setdefault(one.place, [])
        if one not in there:
            there.append(one)
            found.append(one)
    return tuple(found)


def _built_on(unit: Unit, stores: Mapping[str, Known]) -> Unit:
    """Return a unit as what its Dockerfile begins with, where that is a store."""
    known = stores.get(unit.build.dockerfile or "") if unit.build is not None else None
    if known is None or unit.known is not None:
        return unit
    return unit._replace(known=known, keeps_data=known.keeps_data)


def _services_of(outlines: Iterable[Outline]) -> Services:
    listed = list(outlines)
    recipes = tuple(recipe for one in listed for recipe in one.recipes)
    stores = {one.path: one.known for one in recipes if one.known is not None and is_data(one.known)}
    return Services(
        units=_distinct(_built_on(unit, stores) for one in listed for unit in one.units),
        doors=_distinct(door for one in listed for door in one.doors),
        recipes=recipes,
        overlays=_distinct(overlay for one in listed for overlay in one.overlays),
    )


def _outline_of(chart: ChartFacts) -> Outline:
    """Return what a chart tells in one environment, as if it were written out."""
    return Outline(
        units=tuple(one.unit for one in chart.units),
        doors=chart.doors,
        routes=chart.routes,
        keys=chart.keys,
        scalers=chart.scalers,
        overlays=(chart.overlay,),
    )


class _Join:
    def __init__(
        self,
        outlines: list[Outline],
        contracts: tuple[Contract, ...],
        jobs: tuple[JobFact, ...],
        charts: tuple[ChartFacts, ...],
        before: Joined,
    ) -> None:
        self.before = before
        self.jobs = jobs
        self.charts = charts
        self.services = _services_of(outlines)
        self.keys = _distinct(keys for one in outlines for keys in one.keys)
        self.routes = _distinct(route for one in outlines for route in one.routes)
        self.scalers = _distinct(scaler for one in outlines for scaler in one.scalers)
        self.entities = tuple(entity for one in outlines for entity in one.entities)
        self.claims = tuple(claim for one in outlines for claim in one.claims)
        found = tuple(contract for one in outlines for contract in one.contracts)
        self.contracts = (*found, *contracts)
        # The same object while it is equal: it is compared once for all fragments that rest on it.
        owners = tuple(line for one in outlines for line in one.owners)
        self.owners = before.owners if before.owners == owners else owners
        self.homes: dict[str, list[Step]] = {}
        for one in outlines:
            for step in one.steps:
                self.homes.setdefault(step.home, []).append(step)
        self.index = Index(self.services, self.keys)
        self.names = names_of(self.services, before.names)
        self.fragments: dict[Hashable, Fragment] = {}

    def joined(self) -> Joined:
        self._services()
        self._ways()
        self._others()
        self._pipelines()
        known = self.before.fragments
        gone = [one.parts for key, one in known.items() if self.fragments.get(key) is not one]
        fresh = [one.parts for key, one in self.fragments.items() if known.get(key) is not one]
        merged = self.before.merged.with_parts(gone, fresh)
        return Joined(self._system(merged), self.fragments, merged, self.names, self.owners)

    def _system(self, merged: Merged) -> System:
        fragments = self.fragments.values()
        return System(
            nodes=merged.nodes,
            edges=merged.edges,
            connections=tuple(connection for one in fragments for connection in one.connections),
            units={id_: tuple(units) for id_, units in self.services.by_id.items()},
            code=dict(self.services.code),
            doors=self.services.doors,
            routes=self.routes,
            keys=self.keys,
            scalers=self.scalers,
            recipes=self.services.recipes,
            contracts=self.contracts,
            entities=self.entities,
            claims=self.claims,
            jobs=self.jobs,
            coverage=tuple(cover for one in fragments for cover in one.covers),
            charts=self.charts,
            tool_of={home or ".": steps[0].tool for home, steps in self.homes.items()},
            recipe_of={id_: path for id_, (path, _, _) in self.services.recipe_of.items()},
        )

    # -- fragments

    def _keep(self, key: Hashable, inputs: Inputs, make: Callable[[], Fragment]) -> None:
        """Add the fragment of `key`: the one there was, unless what it was made of differs."""
        known = self.before.fragments.get(key)
        kept = known is not None and known.holds(inputs, self.index)
        self.fragments[key] = known if known is not None and kept else make()

    def _add(self, key: Hashable, inputs: Inputs, make: Callable[[], Parts]) -> None:
        self._keep(key, inputs, lambda: Fragment(inputs, {}, make()))

    def _add_asking(self, key: Hashable, make: Callable[[Asked[Index]], Parts]) -> None:
        def made() -> Fragment:
            asked = Asked(self.index)
            parts = make(asked)
            return Fragment((), asked.answers, parts)

        self._keep(key, (), made)

    def _services(self) -> None:
        for id_, listed in self.services.by_id.items():
            self._service(id_, tuple(listed))

    def _service(self, id_: str, units: tuple[Unit, ...]) -> None:
        inputs = (units, self.owners)

        def made() -> Fragment:
            asked = Asked(self.index)
            found = ServiceParts(id_, units, self.owners, asked)
            return Fragment(inputs, asked.answers, found.parts, tuple(found.connections))

        self._keep(("service", id_), inputs, made)

    def _ways(self) -> None:
        for door, units in self.services.behind.items():
            ids = dict.fromkeys(id_ for unit in units if (id_ := self.services.id_of(unit)) is not None)
            self._add(("door", door), (tuple(ids),), partial(parts_of_door, door, ids))
        for route in self.routes:
            self._add_asking(("route", route), partial(parts_of_route, route))
        for scaler in self.scalers:
            self._add_asking(("scaler", scaler), partial(parts_of_scaler, scaler))

    def _others(self) -> None:
        for recipe in self.services.recipes:
            self._add(("recipe", recipe), (), partial(parts_of_recipe, recipe))
        for contract in self.contracts:
            made = partial(parts_of_contract, contract, self.names)
            self._add(("contract", contract), (self.names,), made)
        for overlay in self.services.overlays:
            ids = self.services.overlaid[overlay.directory]
            self._add(("overlay", overlay), (ids,), partial(parts_of_overlay, overlay, ids))
        products = databases_of(self.services.by_id)
        for home, steps in self.homes.items():
            target = database_of(home, products)
            place = self.services.by_id[target][0].place if target is not None else None
            made = partial(parts_of_migrations, home, steps[0], target, place)
            self._add(("home", home), (steps[0], target, place), made)

    def _pipelines(self) -> None:
        homes = tuple(self.homes)
        for workflow, jobs in self._by_workflow():
            made = partial(fragment_of_pipeline, jobs, homes, self.names)
            self._keep(("pipeline", workflow), (jobs, homes, self.names), made)

    def _by_workflow(self) -> Iterator[tuple[str, tuple[JobFact, ...]]]:
        found: dict[str, list[JobFact]] = {}
        for job in self.jobs:
            found.setdefault(job.workflow, []).append(job)
        return ((workflow, tuple(jobs)) for workflow, jobs in found.items())
