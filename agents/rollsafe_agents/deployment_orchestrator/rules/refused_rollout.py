"""Argo Rollouts refuses a Rollout's strategy.

## What it does
Checks a Rollout as Argo Rollouts does before it starts: one strategy and only one, steps that each do one thing,
weights between 0 and what the router knows, pauses that are durations, different services for the old and the new version,
and settings that need a router where there is one.

## Why it matters
The Rollout is marked invalid and stays as it is: nothing of the release is rolled out, and nothing of the next one either.
`kubectl apply` does not complain.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: web
spec:
  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  strategy:
    canary:
      steps:
        - setWeight: 20  # <-
          pause: {duration: 10m}
        - setWeight: 120  # <-
        - pause: {duration: 10 min}  # <-
```

## Good
```yaml title="k8s/web.yaml"
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: web
spec:
  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  strategy:
    canary:
      steps:
        - setWeight: 20
        - pause: {duration: 10m}
        - setWeight: 100
        - pause: {duration: 10m}
```

## Fix
Makes a step of its own of each thing a step does, writes durations with the units that are known, and brings weights back
within bounds. Unsafe, since the Rollout is rolled out from then on.

## References
- [Argo Rollouts: canary](https://argo-rollouts.readthedocs.io/en/stable/features/canary/)
- [Argo Rollouts: specification](https://argo-rollouts.readthedocs.io/en/stable/features/specification/)

## Equivalent rules
- `argo-rollouts:lint`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.durations import seconds_of
from rollsafe.artefacts.kubernetes import Workload, is_placeholder
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.formats.yaml_edit import column_of, dash_of, line_start, set_value
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, rule
from rollsafe.rules.fields import place_of
from rollsafe.text import Span, nearest
from rollsafe.text.patterns import lazily
from rollsafe.workspace.api_fields import is_whole
from rollsafe.workspace.graph import Graph

_NEED_ROUTER: Final = ("dynamicStableScale", "scaleDownDelaySeconds")
_ROUTED_STEPS: Final = ("setCanaryScale", "setHeaderRoute", "setMirrorRoute")
_DOING: Final = ("setWeight", "pause", "experiment", "analysis")
_TOLD_SERVICES: Final = ("alb", "ambassador", "apisix", "appMesh", "istio", "nginx", "smi", "traefik")
"""Routers that have to know both services."""
_SERVICES: Final = {
    "canary": ("stableService", "canaryService"),
    "blueGreen": ("activeService", "previewService"),
    "pingPong": ("pingService", "pongService"),
}
_LOOSE: Final = lazily(r"(?i)(\d+)\s*(s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:ours?|rs?)?|d(?:ays?)?)\Z")
_USUAL_HISTORY: Final = 10
_ZERO: Final = (0, "0", "0%")
_DETAIL: Final = "the Rollout is marked invalid, and neither this release nor the next is rolled out"


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each thing that Argo Rollouts refuses."""
    if workload.kind != "Rollout" or workload.spec is None or not is_whole(workload, graph):
        return
    strategy = workload.strategy
    if strategy is None:
        if workload.lacks("spec", "strategy"):
            yield _told(workload.title_node, f"`{workload.name}` has no strategy")
        return
    if workload.is_templated(strategy):
        return
    yield from _whole(workload, strategy)
    canary, blue_green = strategy.map_at("canary"), strategy.map_at("blueGreen")
    for name, holder in (("canary", canary), ("blueGreen", blue_green)):
        if holder is not None:
            yield from _same_service(workload, name, holder)
            yield from _history(workload, holder)
    if canary is not None:
        yield from _canary(workload, canary)


def _told(where: Node, message: str, *fixes: Fix) -> Finding:
    return Finding(where, message, fixes=fixes, detail=_DETAIL)


def _whole(workload: Workload, strategy: Mapping) -> Iterator[Finding]:
    chosen = [key for key in ("canary", "blueGreen") if strategy.at(key) is not None]
    if len(chosen) > 1:
        key = strategy.key_at("blueGreen") or strategy
        yield _told(key, f"`{workload.name}` has two strategies, and only one of them may be there")
    elif not chosen:
        named = workload.node.key_at("spec", "strategy") or workload.title_node
        yield _told(named, f"`{workload.name}` has neither of the strategies `canary` and `blueGreen`")
    template = workload.node.key_at("spec", "template")
    if template is not None and workload.node.at("spec", "workloadRef") is not None:
        yield _told(template, f"`{workload.name}` has a `template` beside the `workloadRef` that brings one")


def _same_service(workload: Workload, name: str, holder: Mapping) -> Iterator[Finding]:
    old, new = (holder.at(key) for key in _SERVICES[name])
    if isinstance(old, Scalar) and isinstance(new, Scalar) and old.text and old.text == new.text:
        first, second = _SERVICES[name]
        yield _told(
            new, f"`{second}` of `{workload.name}` is its `{first}` `{new.text}`: the two have to differ"
        )
    ping_pong = holder.map_at("pingPong") if name == "canary" else None
    if ping_pong is not None:
        yield from _same_service(workload, "pingPong", ping_pong)


def _history(workload: Workload, holder: Mapping) -> Iterator[Finding]:
    node, most = (
        holder.at("scaleDownDelayRevisionLimit"),
        workload.node.int_at("spec", "revisionHistoryLimit"),
    )
    limit = holder.int_at("scaleDownDelayRevisionLimit")
    kept = _USUAL_HISTORY if most is None else most
    if (
        node is not None
        and limit is not None
        and limit > kept
        and "blueGreen" in (workload.strategy_type or "")
    ):
        fix = Fix(f"Keep {kept}", Safety.UNSAFE, edits=(set_value(node, str(kept)),))
        yield _told(node, f"`{workload.name}` keeps {limit} versions running, of {kept} in its history", fix)


def _canary(workload: Workload, canary: Mapping) -> Iterator[Finding]:
    routing = canary.map_at("trafficRouting")
    if routing is not None:
        yield from _routed(workload, canary, routing)
    elif canary.at("trafficRouting") is None:
        yield from _without_router(workload, canary)
    surge, missing = canary.at("maxSurge"), canary.at("maxUnavailable")
    if surge is not None and missing is not None and _is_zero(surge) and _is_zero(missing):
        fix = Fix("Set `maxSurge` to 1", Safety.UNSAFE, edits=(set_value(surge, "1"),))
        yield _told(surge, f"`maxSurge` and `maxUnavailable` of `{workload.name}` are both zero", fix)
    weight = routing.int_at("maxTrafficWeight") if routing is not None else None
    for step in canary.items_at("steps"):
        if isinstance(step, Mapping):
            yield from _step(workload, step, weight or 100)


def _is_zero(node: Node) -> bool:
    return isinstance(node, Scalar) and node.text in _ZERO


def _without_router(workload: Workload, canary: Mapping) -> Iterator[Finding]:
    for key in _NEED_ROUTER:
        entry = canary.entry(key)
        if entry is None or (isinstance(entry.value, Scalar) and entry.value.text == "false"):
            continue
        edit = remove_entry(workload.file.text, canary, key)
        fixes = (Fix(f"Remove `{key}`", Safety.UNSAFE, edits=(edit,)),) if edit is not None else ()
        yield _told(
            entry.key, f"`{key}` of `{workload.name}` needs `trafficRouting`, which is not there", *fixes
        )
    for step in canary.items_at("steps"):
        for key in _ROUTED_STEPS:
            named = step.key_at(key)
            if named is not None:
                yield _told(
                    named, f"a step `{key}` of `{workload.name}` needs `trafficRouting`, which is not there"
                )


def _routed(workload: Workload, canary: Mapping, routing: Mapping) -> Iterator[Finding]:
    """Yield a finding for a router that is told too little, or too much."""
    routers = set(routing.keys()) & set(_TOLD_SERVICES)
    if routing.at("istio", "destinationRule") is not None:
        routers.discard("istio")
    gone = [name for name in _SERVICES["canary"] if canary.at(name) is None]
    if routers and gone and canary.at("pingPong") is None:
        names = " and ".join(f"`{key}`" for key in gone)
        key = canary.key_at("trafficRouting") or canary
        yield _told(key, f"the router of `{workload.name}` needs {names} to route between")
    delay = canary.key_at("scaleDownDelaySeconds")
    if delay is not None and canary.bool_at("dynamicStableScale") is True:
        edit = remove_entry(workload.file.text, canary, "scaleDownDelaySeconds")
        fixes = (
            (Fix("Remove `scaleDownDelaySeconds`", Safety.UNSAFE, edits=(edit,)),) if edit is not None else ()
        )
        yield _told(
            delay,
            f"`scaleDownDelaySeconds` and `dynamicStableScale` of `{workload.name}` exclude each other",
            *fixes,
        )
    yield from _routes(workload, canary, routing)


def _routes(workload: Workload, canary: Mapping, routing: Mapping) -> Iterator[Finding]:
    known = {item.text_at("name") or "" for item in routing.items_at("managedRoutes")}
    for step in canary.items_at("steps"):
        for key in _ROUTED_STEPS[1:]:
            name = step.at(key, "name")
            if isinstance(name, Scalar) and name.text and name.text not in known:
                close = nearest(name.text, known)
                fixes: tuple[Fix, ...] = ()
                if close is not None:
                    fixes = (Fix(f"Use the route `{close}`", Safety.UNSAFE, edits=(set_value(name, close),)),)
                yield _told(
                    name,
                    f"the route `{name.text}` of `{workload.name}` is not among its `managedRoutes`",
                    *fixes,
                )


def _step(workload: Workload, step: Mapping, most: int) -> Iterator[Finding]:
    done = [key for key in _DOING if step.at(key) is not None]
    if not step.entries:
        yield _told(step, f"a step of `{workload.name}` does nothing")
    elif len(done) > 1:
        does = " and ".join(f"`{name}`" for name in done)
        yield _told(
            place_of(step),
            f"a step of `{workload.name}` does {does}, and may do one thing only",
            *_split(workload, step),
        )
    weight, number = step.at("setWeight"), step.int_at("setWeight")
    if weight is not None and number is not None and not 0 <= number <= most:
        meant = str(max(0, min(number, most)))
        fix = Fix(f"Set the weight to {meant}", Safety.UNSAFE, edits=(set_value(weight, meant),))
        yield _told(weight, f"the weight `{number}` of `{workload.name}` is not between 0 and {most}", fix)
    yield from _pause(workload, step.at("pause", "duration"))


def _pause(workload: Workload, duration: Node | None) -> Iterator[Finding]:
    if not isinstance(duration, Scalar) or duration.is_null or is_placeholder(duration.text):
        return
    if not duration.text or duration.text.isdigit() or seconds_of(duration.text) is not None:
        return
    meant = _meant(duration.text)
    fixes: tuple[Fix, ...] = ()
    if meant is not None:
        fixes = (Fix(f"Pause for `{meant}`", Safety.UNSAFE, edits=(set_value(duration, meant),)),)
    yield _told(
        duration, f"the pause `{duration.text}` of `{workload.name}` is no duration such as `10m`", *fixes
    )


def _meant(text: str) -> str | None:
    """Return a duration in units that are known; None for what is none in any."""
    found = _LOOSE.match(text.strip())
    if found is None:
        return None
    amount, unit = int(found[1]), found[2][0].lower()
    return f"{amount * 24}h" if unit == "d" else f"{amount}{unit}"


def _split(workload: Workload, step: Mapping) -> tuple[Fix, ...]:
    """Return the fix that makes a step of each thing a step does."""
    if step.flow:
        return ()
    text = workload.file.text
    dash = column_of(text, dash_of(text, step))
    item = "-".ljust(column_of(text, step.start) - dash)
    edits = tuple(
        Edit(Span(line_start(text, entry.start) + dash, entry.start), item) for entry in step.entries[1:]
    )
    return (Fix("Make a step of each", Safety.UNSAFE, edits=edits),)
