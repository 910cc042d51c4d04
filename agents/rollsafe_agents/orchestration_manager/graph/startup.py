"""Compose files as processes: which service starts after which, and after what it has done."""

from typing import Final

from rollsafe.artefacts.compose import ComposeFile, ComposeService
from rollsafe.plans.contribution import derived, evidence, fact, place_in
from rollsafe.plans.model import Claim
from rollsafe.plans.times import SECOND, words
from rollsafe.workspace.view import View
from rollsafe_agents.orchestration_manager.graph.draft import Node, Process

_WAITS: Final = {
    "service_healthy": "until it is healthy",
    "service_completed_successfully": "until it has ended well",
    "service_started": "until it is started",
}
HEALTHY: Final = "service_healthy"
COMPLETED: Final = "service_completed_successfully"


def start_ups(view: View) -> list[Process]:
    """Return the Compose files that start more than one service, development ones left out."""
    found = [one for one in view.elements(ComposeFile) if not one.is_development and not one.is_override]
    return [_process(one) for one in found if len(one.services) > 1]


def _process(compose: ComposeFile) -> Process:
    services = compose.services
    path = compose.file.path
    made = Process(path, "start-up", evidence(compose, next(iter(services.values())).key))
    for name, service in services.items():
        limit, limited = _until_healthy(service)
        made.add(
            Node(
                f"{path}/{name}",
                "service",
                name,
                evidence(service, service.key),
                limit,
                limited,
                names=(f"{path}/{name}", name),
                element=service,
            )
        )
    for name, service in services.items():
        for one in service.depends_on:
            where = place_in(service.file, one.node)
            if one.service not in services:
                if one.is_required and not service.extends_elsewhere:
                    made.dangling.append(
                        fact(f"`{name}` depends on `{one.service}`, which is no service of it", where)
                    )
                continue
            text = f"waits for `{one.service}` {_WAITS.get(one.condition or 'service_started', 'to start')}"
            made.wait(
                f"{path}/{one.service}",
                f"{path}/{name}",
                one.condition or "service_started",
                fact(text, where),
            )
    return made


def _until_healthy(service: ComposeService) -> tuple[int | None, Claim | None]:
    """Return after what time a service counts as unhealthy at the latest."""
    check = service.healthcheck
    if check is None or check.is_disabled:
        return None, None
    interval, timeout, begin, retries = check.interval, check.timeout, check.start_period, check.retries
    if interval is None or timeout is None or begin is None or retries is None:
        return None, None
    limit = _whole(begin) + retries * (_whole(interval) + _whole(timeout))
    text = (
        f"`start_period` {words(_whole(begin))} and {retries} times `interval` {words(_whole(interval))}"
        f" and `timeout` {words(_whole(timeout))}"
    )
    return limit, derived(text, place_in(service.file, check.key))


def _whole(seconds: float) -> int:
    return round(seconds * SECOND)
