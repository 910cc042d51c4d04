"""The start of a Compose file as a flow: which service waits for which, and for what."""

from typing import Final

from rollsafe.artefacts.compose import ComposeFile, ComposeService
from rollsafe.plans.commands import line
from rollsafe.plans.contribution import PlanContext, derived, evidence, fact, place_in, unknown
from rollsafe.plans.model import Check, Claim
from rollsafe.plans.times import SECOND, words
from rollsafe_agents.workflow_orchestrator.flow.draft import END, START, Flow, State, Transition
from rollsafe_agents.workflow_orchestrator.flow.model import Participant

_WAITS: Final = {
    "service_healthy": "healthy",
    "service_completed_successfully": "ended well",
    "service_started": "started",
}


def flow_of(compose: ComposeFile, context: PlanContext) -> Flow:
    """Return how the services of a file start."""
    services = compose.services
    first = next(iter(services.values()), None)
    where = evidence(compose, first.key) if first is not None else evidence(compose)
    flow = Flow(compose.project_name or compose.file.name, "Compose start-up", compose.file.path, where)
    ids = {name: f"s{number}" for number, name in enumerate(services)}
    owner = context.owner(compose.file.path)
    flow.participants.append(
        Participant(
            name="docker compose", role="orchestrator", owner=owner, claim=fact("Compose file", where)
        )
    )
    asked = {
        (one.service, one.condition or "service_started") for s in services.values() for one in s.depends_on
    }
    for name, service in services.items():
        kinds = {condition for other, condition in asked if other == name}
        flow.add(_state(service, ids[name], kinds))
        role = "store" if service.known is not None and service.known.keeps_data else "service"
        flow.participants.append(
            Participant(
                name=name, role=role, owner=owner, claim=fact("service", evidence(service, service.key))
            )
        )
    for name, service in services.items():
        _ways(flow, service, ids)
        if not any(other == name for other, _ in asked):
            claim = derived("nothing waits for it", evidence(service, service.key))
            flow.transitions.append(Transition(ids[name], END, "end", "", claim))
    command = line("docker", "compose", "-f", compose.file.path, "ps")
    flow.monitoring.append(
        Check(
            text="every service runs",
            command=command,
            expected="no `Exit`, no `unhealthy`",
            owner=owner,
            claim=fact("Compose file", where),
        )
    )
    return flow


def _ways(flow: Flow, service: ComposeService, ids: dict[str, str]) -> None:
    mine = ids[service.name]
    if not service.depends_on:
        claim = fact("waits for nothing", evidence(service, service.key))
        flow.transitions.append(Transition(START, mine, "start", "", claim))
    for one in service.depends_on:
        place = place_in(service.file, one.node)
        source = ids.get(one.service)
        if source is None:
            if one.is_required and not service.extends_elsewhere:
                flow.missing.append(
                    fact(f"`{service.name}` depends on `{one.service}`, which is no service of it", place)
                )
            continue
        guard = _WAITS.get(one.condition or "service_started", "started")
        flow.transitions.append(
            Transition(source, mine, "next", guard, fact(f"`depends_on`: {guard}", place))
        )


def _state(service: ComposeService, id_: str, asked: set[str]) -> State:
    """Return a service with the time until those that wait for it go on."""
    where = evidence(service, service.key)
    limit, limited = _limit(service, asked)
    look = line("docker", "compose", "-f", service.file.path, "logs", "--tail", "50", service.name)
    effect = (
        unknown(f"whether `{service.name}` changes anything: what it runs is not in this file", where)
        if "service_completed_successfully" in asked
        else None
    )
    restart = service.restart
    handled = (
        fact(f"`restart: {restart}`", evidence(service, service.key_at("restart") or service.key))
        if restart not in (None, "no")
        else derived("no `restart`: it stays down when it ends", where)
    )
    return State(
        id_,
        service.name,
        "service",
        where,
        "",
        limit,
        limited,
        works=True,
        handled=handled,
        effect=effect,
        look=look,
    )


def _limit(service: ComposeService, asked: set[str]) -> tuple[int | None, Claim]:
    where = evidence(service, service.key)
    if "service_completed_successfully" in asked:
        return None, unknown("how long it runs before it ends: nothing bounds it", where)
    if "service_healthy" not in asked:
        if "service_started" in asked:
            return None, unknown("how long until it is started: no file says", where)
        return 0, derived("nothing waits for it", where)
    check = service.healthcheck
    if check is None or check.is_disabled:
        return None, unknown("its image decides when it is healthy: no `healthcheck` here", where)
    interval, timeout, begin, retries = check.interval, check.timeout, check.start_period, check.retries
    if interval is None or timeout is None or begin is None or retries is None:
        return None, unknown("variables decide its `healthcheck`", place_in(service.file, check.key))
    limit = _whole(begin) + retries * (_whole(interval) + _whole(timeout))
    text = f"unhealthy after {words(limit)} at the latest: `start_period` and {retries} tries"
    return limit, derived(text, place_in(service.file, check.key))


def _whole(seconds: float) -> int:
    return round(seconds * SECOND)
