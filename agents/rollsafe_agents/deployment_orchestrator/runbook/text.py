"""The runbook as Markdown: a table of all services, then a section for each."""

from collections.abc import Iterator

from rollsafe.plans.model import Section
from rollsafe.plans.parts import left_open, listed, verdict
from rollsafe.plans.writing import cell, code, flat, place, table, written
from rollsafe_agents.deployment_orchestrator.runbook.model import Chore, Runbook, SecretPage, ServicePage


def sections(plan: Runbook) -> Iterator[Section]:
    """Yield the first screen, the services, then what they share."""
    yield Section("Services", "\n".join(_header(plan)))
    for service in plan.services:
        yield Section(service.name, "\n".join(("", f"## {flat(service.name)}", "", *_service(service))))
    if plan.pipeline:
        lines = (line for secret in plan.pipeline for line in _secret(secret))
        yield Section("Secrets of the pipelines", "\n".join(("", "## Secrets of the pipelines", *lines)))
    yield Section("Alerts", "\n".join(("", "## Alerts", "", *listed(plan.alerts, "None."))))


def _header(plan: Runbook) -> Iterator[str]:
    yield f"# {plan.title}"
    yield ""
    yield verdict(plan)
    yield ""
    rows = (
        (
            cell(one.name),
            one.kind,
            cell(one.where),
            code(one.schedule) if one.schedule else "–",
            cell(one.owner),
        )
        for one in plan.services
    )
    yield from table(("service", "what", "where", "schedule", "owner"), rows, "No service is known.")
    yield from left_open(plan)


def _service(service: ServicePage) -> Iterator[str]:
    yield f"{service.kind} · {flat(service.where)} · {flat(service.owner)}"
    yield ""
    yield from (f"- {written(claim)}" for claim in service.facts)
    for task in service.tasks:
        yield ""
        yield f"**{task.purpose.capitalize()}**"
        yield from (f"- {_chore(chore)}" for chore in task.chores)
    if service.calls:
        yield ""
        yield "**Depends on**"
        yield from (f"- {written(claim)}" for claim in service.calls)
    for secret in service.secrets:
        yield from _secret(secret)


def _secret(secret: SecretPage) -> Iterator[str]:
    keys = f" ({', '.join(f'`{key}`' for key in secret.keys)})" if secret.keys else ""
    yield ""
    yield f"**Rotate `{secret.name}`**{keys}: {written(secret.source)}"
    yield from (f"{number}. {_chore(chore)}" for number, chore in enumerate(secret.chores, 1))


def _chore(chore: Chore) -> str:
    command = f"{code(chore.command)}: " if chore.command else ""
    expected = f" → {flat(chore.expected)}" if chore.expected != "–" else ""
    where = f" {place(chore.claim)}" if chore.command is None and chore.claim.evidence else ""
    return f"{command}{flat(chore.text)}{expected}{where}"
