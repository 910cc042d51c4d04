"""The project orchestrator's part of a plan: the keys and secrets it needs, and who calls whom."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.compose import ComposeFile
from rollsafe.artefacts.dotenv import EnvFile
from rollsafe.artefacts.github_workflow import Step
from rollsafe.artefacts.kubernetes import ConfigMap, Container, Ingress, KubernetesObject, Reference, Service
from rollsafe.plans.cluster import kubectl
from rollsafe.plans.commands import access_for
from rollsafe.plans.contribution import (
    Contribution,
    DraftRisk,
    DraftStep,
    Phase,
    PlanContext,
    derived,
    evidence,
    fact,
    place_in,
    unknown,
)
from rollsafe.plans.model import Change, Claim, Evidence
from rollsafe.plans.reach import reach, risk_of
from rollsafe.plans.risk import Hazard
from rollsafe.workspace.configuration import config_sources
from rollsafe.workspace.delivery import deploying_jobs
from rollsafe.workspace.dependencies import Call, calls_between, compose_calls, providers_first
from rollsafe.workspace.interfaces import First
from rollsafe.workspace.interfaces.breaks import Break, breaks_of, turned
from rollsafe.workspace.pipelines import Act, deployments, migrations
from rollsafe.workspace.rollout import Scope, Touched, TouchedObject

_SECRET: Final = re.compile(r"\$\{\{\s*(?P<kind>secrets|vars)\.(?P<name>\w+)\s*\}\}")
_MOST_KEYS: Final = 6


def contribute(context: PlanContext) -> Contribution:
    """Return what has to be defined, what is not, and the order in which services need each other."""
    total = Contribution()
    if context.rollout.scope is Scope.CHANGES:
        for one in context.rollout.objects:
            total.changes += _change(context, one)
    for touched in context.rollout.kept:
        total.risks += _missing_keys(context, touched)
    total.steps += _secrets(context)
    total.preconditions += _pipeline_variables(context)
    total.strategy += _order(context)
    _compose(context, total)
    return total


# Changes -----------------------------------------------------------------------------------------


def _change(context: PlanContext, one: TouchedObject) -> Iterator[Change]:
    thing = one.current
    claim = (
        fact(thing.kind, evidence(thing, thing.title_node))
        if one.after is not None
        else fact("gone since the base", context.old(thing, thing.title_node))
    )
    node = f"{thing.kind.lower()}/{thing.name}"
    if isinstance(one.before, ConfigMap) and isinstance(one.after, ConfigMap):
        yield from _keys(node, one.before, one.after, claim)
        return
    before = None if one.before is None else "there"
    after = None if one.after is None else _what(one.after) if one.before is None else "differs"
    yield Change(node=node, kind=_kind(thing), before=before, after=after, reversible="yes", claim=claim)


def _kind(thing: KubernetesObject) -> str:
    if isinstance(thing, ConfigMap):
        return "secret keys" if thing.provides == "Secret" else "configuration"
    return "network" if isinstance(thing, Service | Ingress) else "object"


def _what(thing: KubernetesObject) -> str:
    return (_listed(thing.key_names) if isinstance(thing, ConfigMap) else None) or "new"


def _keys(node: str, before: ConfigMap, after: ConfigMap, claim: Claim) -> Iterator[Change]:
    """Yield which keys come, go or have another value; values stay in the files."""
    gone, added = before.key_names - after.key_names, after.key_names - before.key_names
    if gone or added:
        yield Change(
            node=node,
            kind=_kind(after),
            before=_listed(gone),
            after=_listed(added),
            reversible="yes",
            claim=claim,
        )
    old, new = _values(before), _values(after)
    differing = {name for name in before.key_names & after.key_names if old.get(name) != new.get(name)}
    if differing:
        yield Change(
            node=node,
            kind=_kind(after),
            before=_listed(differing),
            after=f"{_listed(differing)} with another value",
            reversible="yes",
            claim=claim,
        )


def _values(config: ConfigMap) -> dict[str, str]:
    """Return the text of every key's entry, only ever to be compared."""
    found: dict[str, str] = {}
    for section in ("data", "binaryData", "stringData"):
        data = config.node.map_at(section)
        for entry in data.entries if data is not None else ():
            found[entry.name] = config.file.slice(entry)
    return found


def _listed(names: frozenset[str] | set[str]) -> str | None:
    ordered = sorted(names)
    shown = ", ".join(ordered[:_MOST_KEYS])
    return (shown + (f" and {len(ordered) - _MOST_KEYS} more" if len(ordered) > _MOST_KEYS else "")) or None


# Keys and secrets --------------------------------------------------------------------------------


def _references(touched: Touched) -> Iterator[tuple[Container, Reference]]:
    for container in touched.containers:
        for reference in container.references:
            if reference.is_static and not reference.is_optional:
                yield container, reference


def _missing_keys(context: PlanContext, touched: Touched) -> Iterator[DraftRisk]:
    workload = touched.current.workload
    for container, reference in _references(touched):
        sources = config_sources(workload, reference, context.after.graph)
        key = reference.key
        if key is None or not sources or not all(source.surely_lacks(key) for source in sources):
            continue
        how_far = reach(context, [workload.name])
        where = evidence(container, reference.key_node or reference.node)
        there = place_in(sources[0].file, sources[0].where)
        yield risk_of(
            Hazard.MISSING_KEY,
            f"`{touched.current.name}` does not start without `{key}`",
            how_far,
            derived(f"{reference.kind} `{reference.name}` has no key `{key}`", where, there),
            "the key, before the first step",
            Phase.CONFIGURATION,
        )


def _secrets(context: PlanContext) -> Iterator[DraftStep]:
    """Yield the look at the secrets in the cluster: names and sizes of keys, never a value."""
    by_namespace: dict[str | None, dict[str, tuple[set[str], Claim]]] = {}
    for touched in context.rollout.kept:
        namespace = touched.current.namespace or touched.delivery.namespace
        for container, reference in _references(touched):
            if reference.kind == "Secret":
                claim = fact(f"`{touched.current.name}` reads it", evidence(container, reference.name_node))
                keys, _ = by_namespace.setdefault(namespace, {}).setdefault(reference.name, (set(), claim))
                keys.update({reference.key} if reference.key is not None else ())
    for namespace, found in by_namespace.items():
        command = kubectl(namespace, "describe", "secret", *found)
        wanted = "; ".join(
            f"`{name}`" + (f" with {_listed(keys)}" if keys else "") for name, (keys, _) in found.items()
        )
        claims = [claim for _, claim in found.values()]
        yield DraftStep(
            Phase.CONFIGURATION,
            "see that the secrets are there (prints names and sizes only)",
            command,
            fact(claims[0].text, *(place for claim in claims[:3] for place in claim.evidence)),
            wanted,
            access_for(command),
        )


def _pipeline_variables(context: PlanContext) -> Iterator[Claim]:
    """Yield where the variables of the commands come from, by the names of the pipeline's secrets."""
    seen: set[tuple[str, str]] = set()
    for job in deploying_jobs(context.after, context.environment):
        graph = context.after.graph
        changing = migrations(job, graph) if context.rollout.new_migrations else ()
        for act in (*deployments(job, graph), *changing):
            for name, kind, source, claim_at in _named_values(act):
                if (name, source) not in seen:
                    seen.add((name, source))
                    what = "secret" if kind == "secrets" else "variable"
                    yield fact(f"`{name}` is set: the pipeline takes it from {what} `{source}`", claim_at)


def _named_values(act: Act) -> Iterator[tuple[str, str, str, Evidence]]:
    for step in (act.inner, act.step):
        env = step.env_node if isinstance(step, Step) else None
        for entry in env.entries if env is not None else ():
            match = _SECRET.search(step.file.slice(entry)) if step is not None else None
            if match is not None and step is not None:
                yield entry.name, match["kind"], match["name"], place_in(step.file, entry)


# Order -------------------------------------------------------------------------------------------


def _order(context: PlanContext) -> Iterator[Claim]:
    workloads = [one.current.workload for one in context.rollout.kept if one.current.workload.name]
    services = [one.current for one in context.rollout.services if one.after is not None]
    broken = breaks_of(context.after, context.base)
    calls = calls_between(workloads, context.after)
    yield from _in_words([one.name for one in workloads], calls, broken)
    yield from _in_words([one.name for one in services], compose_calls(services), broken)


def _in_words(names: list[str], calls: list[Call], broken: tuple[Break, ...]) -> Iterator[Claim]:
    """Yield who calls whom and the order that follows: what is called goes first, unless that breaks it."""
    if not calls:
        return
    ordered = turned(calls, broken)
    order = ", ".join(f"`{name}`" for name in providers_first(names, ordered))
    told = "; ".join(f"`{call.consumer}` calls `{call.provider}`" for call in calls[:_MOST_KEYS])
    places = [place_in(call.file, call.where) for call in calls[:_MOST_KEYS]]
    if ordered != calls:
        breaking = next(one for one in broken if one.first is First.OTHERS)
        places.append(place_in(breaking.file, breaking.where))
        yield derived(f"{told}, and an interface breaks its users; so {order} in this order", *places)
        return
    yield derived(
        f"{told}; so {order} in this order, and the other way round when something is taken away", *places
    )


# Compose -----------------------------------------------------------------------------------------


def _compose(context: PlanContext, total: Contribution) -> None:
    """Add the variables a Compose file takes from outside without a default."""
    paths = {path for one in context.rollout.deliveries for path in one.paths}
    known = {name for one in context.after.elements(EnvFile) for name in one.names}
    given = {name for one in context.after.elements(EnvFile) if not one.is_example for name in one.names}
    for path in sorted(paths):
        for compose in context.after.inside(path, ComposeFile):
            open_ = [v for v in compose.variables if not v.is_optional and v.name not in given]
            for variable in {v.name: v for v in reversed(open_)}.values():
                where = evidence(compose, variable)
                listed = variable.name in known
                text = f"`{variable.name}` has no default" + (
                    "" if listed else ", and no environment file names it"
                )
                total.preconditions.append(fact(f"set it: {text}", where))
                if not listed:
                    total.unknowns.append(
                        unknown(f"what `{variable.name}` is for: `.env.example` does not list it", where)
                    )
