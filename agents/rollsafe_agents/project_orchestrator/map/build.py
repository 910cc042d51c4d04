"""Makes the service map from the graph of the system."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rollsafe.plans.contribution import PlanContext, derived, unknown
from rollsafe.plans.model import Claim, Evidence, Verdict
from rollsafe.workspace.system import System, described, system_of
from rollsafe.workspace.system.environments import (
    Environment,
    by_weight,
    environment_files,
    environments_of,
    pipeline_environments,
)
from rollsafe.workspace.system.facts import ContractKind
from rollsafe.workspace.system.services import environment_named
from rollsafe_agents.project_orchestrator.map.calls import edges_of, entrances_of
from rollsafe_agents.project_orchestrator.map.contracts import contracts_of
from rollsafe_agents.project_orchestrator.map.coverage import coverage_of, unplaced_deployments
from rollsafe_agents.project_orchestrator.map.drift import drift_of
from rollsafe_agents.project_orchestrator.map.evidence import at, listed, name_of
from rollsafe_agents.project_orchestrator.map.graph import migrations_of, unused_images_of
from rollsafe_agents.project_orchestrator.map.model import (
    MapContract,
    MapEdge,
    MapKey,
    MapService,
    MapWeakness,
    ServiceMap,
    shown,
)
from rollsafe_agents.project_orchestrator.map.services import services_of
from rollsafe_agents.project_orchestrator.map.settings import differences_of, keys_of
from rollsafe_agents.project_orchestrator.map.weaknesses import weaknesses_of

_FIRST: Final = 10
_FEW: Final = 3
PIPELINE: Final = "pipeline"
"""The subject of what jobs of environments read."""


def service_map(context: PlanContext) -> ServiceMap:
    """Return the map of a project."""
    view = context.after
    system = system_of(view)
    before = described(context.before) if context.before is not None else None
    environments = environments_of(view, system)
    wanted = environment_named(context.environment)
    edges, entrances = edges_of(system, by_weight(environments, wanted)), entrances_of(system)
    services = services_of(system, edges, environments, wanted)
    contracts = tuple(contracts_of(system, before, edges))
    live = shown(services)
    weak = weaknesses_of(system, live, edges, entrances, environments)
    keys = list(_keys(context, system, environments, live))
    differences = [one for service in live for one in differences_of(environments, service.name)]
    coverage = coverage_of(system, live)
    first = list(_first(edges, contracts, keys, weak))
    drift = drift_of(system, live, view)
    unknowns = tuple(dict.fromkeys(_unknowns(context, system, live)))
    verdict, reason = _verdict(services, edges, keys, weak, drift)
    if verdict is Verdict.READY and unknowns:
        reason += f"; {len(unknowns)} unknown"
    return ServiceMap(
        title=f"Service map: {_counted(live)}",
        verdict=verdict,
        verdict_reason=reason,
        **context.head,
        not_understood=(*context.frame.skipped, *_unread(system)),
        unknowns=unknowns,
        first=tuple(first[:_FIRST]),
        services=tuple(services),
        entrances=tuple(entrances),
        edges=tuple(edges),
        contracts=contracts,
        environments=tuple(one.label for one in environments),
        keys=tuple(keys),
        differences=tuple(differences),
        coverage=tuple(coverage),
        weaknesses=tuple(weak),
        migrations=tuple(migrations_of(system)),
        unused_images=tuple(unused_images_of(system)),
        drift=tuple(drift),
    ).of(system)


def _keys(
    context: PlanContext, system: System, environments: Sequence[Environment], live: Sequence[MapService]
) -> Iterator[MapKey]:
    for service in live:
        yield from keys_of(environments, service.name, service.name)
    for directory, files in environment_files(context.after, system).items():
        if len(files) > 1:
            yield from keys_of(files, "", f"environment files in {directory or '.'}")
    pipelines = pipeline_environments(system)
    if len(pipelines) > 1:
        yield from keys_of(pipelines, "", PIPELINE)


def _counted(services: Sequence[MapService]) -> str:
    own = sum(one.kind == "service" for one in services)
    stores = len(services) - own
    return f"{own} service{'s' * (own != 1)} and {stores} store{'s' * (stores != 1)}"


def _first(
    edges: Iterable[MapEdge],
    contracts: Iterable[MapContract],
    keys: Iterable[MapKey],
    weak: Sequence[MapWeakness],
) -> Iterator[Claim]:
    """Yield what to look at first: what is broken, then what breaks everything else, then gaps."""
    yield from (edge.claim for edge in edges if edge.state == "dangling")
    listed_keys = list(keys)
    yield from (key.gap for key in listed_keys if key.gap is not None and _is_missing(key))
    yield from (_broken(one) for one in contracts if one.removed)
    yield from (one.claim for one in weak if one.kind in ("no pods", "cycle"))
    yield from _alone([one for one in weak if one.kind == "single replica"])
    yield from _grouped([key for key in listed_keys if key.gap is not None and not _is_missing(key)])


def _alone(weak: Sequence[MapWeakness]) -> Iterator[Claim]:
    """Yield a claim for each of a few services that are one pod, a single one for many."""
    if len(weak) <= _FEW:
        yield from (one.claim for one in weak)
        return
    places = [place for one in weak for place in one.claim.evidence[:1]]
    names = listed((name_of(one.subject) for one in weak), 4)
    yield derived(f"{len(weak)} services are one pod each: {names}", *places[:_FEW])


def _grouped(gaps: Sequence[MapKey]) -> Iterator[Claim]:
    """Yield one claim for the keys of a subject that the same environments have and lack."""
    groups: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[MapKey]] = {}
    for key in gaps:
        lacking = tuple(one.environment for one in key.cells if one.state == "unset")
        having = tuple(one.environment for one in key.cells if one.state != "unset")
        groups.setdefault((key.subject, having, lacking), []).append(key)
    for (subject, having, lacking), keys in groups.items():
        names = listed(key.key for key in keys)
        places = [place for key in keys if key.gap is not None for place in key.gap.evidence[:1]]
        yield derived(f"`{subject}` has {names} in {listed(having)}, not in {listed(lacking)}", *places[:3])


def _broken(contract: MapContract) -> Claim:
    text = f"`{contract.path}` no longer has {listed(contract.removed or (), 3)}"
    return contract.claim.model_copy(update={"text": text})


def _is_missing(key: MapKey) -> bool:
    return any(cell.state == "missing key" for cell in key.cells)


def _verdict(
    services: Sequence[MapService],
    edges: Sequence[MapEdge],
    keys: Sequence[MapKey],
    weak: Sequence[MapWeakness],
    drift: Sequence[Claim],
) -> tuple[Verdict, str]:
    if not services:
        return Verdict.INCOMPLETE, "nothing that runs is written here: no Compose file, no manifest"
    if all(one.is_development for one in services):
        return Verdict.INCOMPLETE, "only files for development and tests say what runs"
    counts = (
        (sum(edge.state == "dangling" for edge in edges), "address", "es", "leading to nothing written here"),
        (sum(_is_missing(key) for key in keys), "key", "s", "taken from where there is none"),
        (sum(key.gap is not None and not _is_missing(key) for key in keys), "parity gap", "s", ""),
        (sum(one.kind == "no pods" for one in weak), "Service", "s", "without pods"),
        (sum(one.kind in ("single replica", "cycle") for one in weak), "single point", "s", "of failure"),
        (len(drift), "place", "s", "where documents and reality part"),
    )
    said = [f"{n} {word}{plural * (n != 1)} {rest}".rstrip() for n, word, plural, rest in counts if n]
    return (Verdict.RISKS, ", ".join(said)) if said else (Verdict.READY, "nothing in it contradicts itself")


def _unknowns(context: PlanContext, system: System, services: Sequence[MapService]) -> Iterator[Claim]:
    for chart in system.charts:
        for gap in chart.gaps:
            yield unknown(gap.text, at(gap.place))
    nowhere = [one.name for one in services if one.kind == "service" and not (one.code or one.dockerfile)]
    if nowhere:
        yield unknown(f"where the code of {listed(nowhere)} lies: no Dockerfile here is surely theirs")
    for id_, units in sorted(system.units.items()):
        secrets = {
            v.name
            for unit in units
            for v in unit.variables
            if v.origin.value == "secret" and _is_address(v.name)
        }
        if secrets:
            names = listed(sorted(secrets))
            yield unknown(f"what `{name_of(id_)}` reaches through {names}: the address is in a secret")
    unplaced = unplaced_deployments(system) if services else []
    by_name: dict[str, list[Evidence]] = {}
    for job, deed in unplaced:
        by_name.setdefault(job.name, []).append(at(deed.place))
    if by_name:
        places = [place for found in by_name.values() for place in found]
        jobs = f"job{'s' * (len(by_name) > 1)}"
        yield unknown(
            f"which services {jobs} {listed(by_name)} deploy{'s' * (len(by_name) == 1)}", *places[:4]
        )


def _is_address(name: str) -> bool:
    return name.upper().endswith(("_URL", "_URI", "_DSN", "_HOST", "_ENDPOINT", "_ADDR"))


def _unread(system: System) -> Iterator[str]:
    by_name = [one.path for one in system.contracts if one.kind in (ContractKind.PROTO, ContractKind.GRAPHQL)]
    if by_name:
        yield f"{len(by_name)} contract{'s' * (len(by_name) > 1)} by name only ({', '.join(by_name[:3])})"
    large = [
        one.path
        for one in system.contracts
        if one.kind is ContractKind.OPENAPI and not one.operations and not one.title
    ]
    yield from (f"{path}: too large to be read" for path in large)
