"""The map as Markdown: what to look at first, then one section for each question."""

from collections.abc import Iterable, Iterator
from typing import Final

from rollsafe.plans.model import Claim, Section
from rollsafe.plans.writing import cell, code, fence, flat, frame, link, place, table, written
from rollsafe_agents.project_orchestrator.map.coverage import STAGES
from rollsafe_agents.project_orchestrator.map.drawing import mermaid
from rollsafe_agents.project_orchestrator.map.evidence import listed, name_of
from rollsafe_agents.project_orchestrator.map.model import (
    MapCell,
    MapContract,
    MapCoverage,
    MapEdge,
    MapEntrance,
    MapKey,
    MapService,
    MapStage,
    ServiceMap,
)

_SECTIONS: Final = (
    "Services", "Connections", "Contracts", "Environments", "Pipeline coverage", "Weak spots",
    "Documents and reality", "Diagram",
)  # fmt: skip
_MOST_ADDRESSES: Final = 3
_MOST_ENTRANCES: Final = 15
_NONE: Final = "–"


def sections(plan: ServiceMap) -> Iterator[Section]:
    """Yield the header and each of the sections, in order."""
    yield Section("Verdict", "\n".join(_header(plan)))
    writers = (
        _services, _connections, _contracts, _environments, _coverage, _weak_spots, _drift, _diagram,
    )  # fmt: skip
    for number, (title, write) in enumerate(zip(_SECTIONS, writers, strict=True), 1):
        yield Section(title, "\n".join(("", f"## {number}. {title}", "", *write(plan))))


def _header(plan: ServiceMap) -> Iterator[str]:
    yield f"# {plan.title}"
    yield ""
    yield " · ".join((f"**{plan.verdict}** {plan.verdict_reason}", *frame(plan)))
    yield ""
    if plan.first:
        yield "Look at first:"
        yield from (f"- [ ] {written(claim, labelled=False)}" for claim in plan.first)
    else:
        yield "Nothing stands out."
    if plan.unknowns:
        yield ""
        yield "Unknown:"
        yield from (f"- {written(claim, labelled=False)}" for claim in plan.unknowns)
    if plan.not_understood:
        yield ""
        yield "Not read: " + "; ".join(flat(name) for name in plan.not_understood)


# Services and connections ------------------------------------------------------------------------


def _services(plan: ServiceMap) -> Iterator[str]:
    live = plan.shown
    head = (
        "service",
        "layer",
        "code",
        "runs in",
        "replicas",
        "probes",
        "ports",
        "stores",
        "owner",
        "written",
    )
    yield from table(head, map(_service, live), "Nothing that runs is written here.")
    development = [one.name for one in plan.services if one.is_development and one not in live]
    if development:
        yield ""
        yield f"For development and tests only: {listed(development, 12)}."


def _service(one: MapService) -> tuple[str, ...]:
    name = code(one.name) + (f" ({cell(one.product)})" if one.product else "")
    return (
        name,
        one.layer,
        code(one.code) if one.code else _NONE,
        cell(", ".join(one.environments)) or _NONE,
        _short(one.replicas),
        _short(one.probes),
        ", ".join(map(str, one.ports)) or _NONE,
        cell(", ".join(one.stores)) or _NONE,
        cell(one.owner or _NONE),
        " ".join(map(link, one.claim.evidence[:2])),
    )


def _short(claim: Claim) -> str:
    return cell(claim.text) if claim.evidence else "UNKNOWN"


def _connections(plan: ServiceMap) -> Iterator[str]:
    yield from table(
        ("way in", "to", "TLS", "written"),
        map(_entrance, plan.entrances[:_MOST_ENTRANCES]),
        "No way in from outside is written here.",
    )
    if len(plan.entrances) > _MOST_ENTRANCES:
        yield ""
        yield f"And {len(plan.entrances) - _MOST_ENTRANCES} more ways in; the JSON form has all of them."
    yield ""
    known = {one.id for one in plan.shown}
    shown = [edge for edge in plan.edges if edge.source in known]
    head = ("from", "to", "protocol", "address and where it is set", "contract", "mode", "timeout")
    yield from table(head, map(_edge, shown), "Nothing says that services need each other.")


def _entrance(one: MapEntrance) -> tuple[str, ...]:
    mark = " (not written here)" if one.target.startswith("external:") else ""
    return cell(one.name), code(name_of(one.target)) + mark, _tls(one.is_encrypted), place(one.claim)


def _tls(is_encrypted: bool | None) -> str:
    return "UNKNOWN" if is_encrypted is None else "yes" if is_encrypted else "no"


def _edge(edge: MapEdge) -> tuple[str, ...]:
    addresses = [f"`{cell(one.variable)}` {cell(one.address)} {link(one.evidence)}" for one in edge.addresses]
    shown = addresses[:_MOST_ADDRESSES] or [place(edge.claim)]
    more = len(addresses) - len(shown)
    target = code(name_of(edge.target))
    state = {"dangling": " **nothing answers**", "external": " (outside)", "found": ""}[edge.state]
    return (
        code(name_of(edge.source)),
        target + state,
        cell(edge.protocol),
        ", ".join(shown) + (f" and {more} more" if more > 0 else ""),
        ", ".join(code(one) for one in edge.contracts) or "none found",
        edge.mode,
        written(edge.timeout, labelled=False) if edge.timeout.evidence else "none found",
    )


# Contracts and environments ----------------------------------------------------------------------


def _contracts(plan: ServiceMap) -> Iterator[str]:
    head = (
        "contract",
        "language",
        "version",
        "operations",
        "provider",
        "consumers",
        "removed since the base",
    )
    yield from table(head, map(_contract, plan.contracts), "No description of an interface is here.")


def _contract(one: MapContract) -> tuple[str, ...]:
    removed = "UNKNOWN" if one.removed is None else cell(", ".join(one.removed)) or "none"
    return (
        place(one.claim),
        one.language,
        cell(one.version) or "UNKNOWN",
        "UNKNOWN" if one.operations is None else str(one.operations),
        code(one.provider) if one.provider else "UNKNOWN",
        cell(", ".join(one.consumers)) or _NONE,
        removed,
    )


def _environments(plan: ServiceMap) -> Iterator[str]:
    if len(plan.environments) > 1:
        yield "Environments: " + ", ".join(code(one) for one in plan.environments) + ". Values are not shown."
    else:
        yield "There is one environment at most, so there is nothing to compare."
    yield ""
    subjects: dict[str, list[MapKey]] = {}
    for key in plan.keys:
        subjects.setdefault(key.subject, []).append(key)
    for subject, keys in subjects.items():
        if len(keys[0].cells) > 1:
            yield from _subject(subject, keys)
    rows = ((code(one.subject), one.what, _values(one.values)) for one in plan.differences)
    yield from table(
        ("service", "differs in", "environments"), rows, "Images, replicas and probes do not differ."
    )


def _values(values: Iterable[tuple[str, Claim]]) -> str:
    return "; ".join(f"{cell(label)}: {written(claim, labelled=False)}" for label, claim in values)


def _subject(subject: str, keys: list[MapKey]) -> Iterator[str]:
    labels = [cell_.environment for cell_ in keys[0].cells]
    telling = [key for key in keys if key.gap is not None or key.agreement == "differs"]
    rest = [key.key for key in keys if key not in telling]
    if telling:
        yield f"### {cell(subject)}"
        yield ""
        rows = ((code(key.key), *map(_cell, key.cells), key.agreement) for key in telling)
        yield from table(("key", *map(cell, labels), "values"), rows, "")
        yield ""
    if rest:
        names = f"{len(rest)} key{'s' * (len(rest) != 1)}"
        yield f"Set in every environment of `{subject}` and not known to differ: {names} ({listed(rest, 8)})."
        yield ""


def _cell(one: MapCell) -> str:
    where = f" {link(one.evidence)}" if one.evidence is not None else ""
    mark = f"**{one.state}**" if one.state in ("unset", "missing key") else one.state
    return mark + where


# Pipelines, weak spots, documents ----------------------------------------------------------------


def _coverage(plan: ServiceMap) -> Iterator[str]:
    if not any(stage.jobs for one in plan.coverage for stage in one.stages):
        yield "No pipeline here does anything for a service."
        return
    rows = [(code(name_of(one.service)), *map(_stage, one.stages)) for one in plan.coverage]
    head = ("service", *(stage.value for stage in STAGES))
    yield from table(head, rows, "")
    whole = any(stage.is_whole for one in plan.coverage for stage in one.stages)
    if whole:
        yield ""
        yield "(all): the job names no service, it is for the whole repository."
    yield from _missing(plan.coverage)


def _stage(stage: MapStage) -> str:
    if not stage.jobs:
        return "**none**"
    shown = [f"{cell(job.text)} {link(job.evidence)}" for job in stage.jobs[:2]]
    more = f" and {len(stage.jobs) - 2} more" if len(stage.jobs) > 2 else ""
    return ", ".join(shown) + more + (" (all)" if stage.is_whole else "")


def _missing(coverage: Iterable[MapCoverage]) -> Iterator[str]:
    by_stage: dict[str, list[str]] = {}
    for one in coverage:
        for stage in one.missing:
            by_stage.setdefault(stage, []).append(name_of(one.service))
    if by_stage:
        yield ""
        yield "Nobody does it:"
        yield from (f"- {stage}: {listed(names, 12)}" for stage, names in by_stage.items())


def _weak_spots(plan: ServiceMap) -> Iterator[str]:
    rows = ((one.kind, written(one.claim, labelled=False)) for one in plan.weaknesses)
    yield from table(("kind", "what"), rows, "None found in what is written here.")


def _drift(plan: ServiceMap) -> Iterator[str]:
    if not plan.drift:
        yield "No document here names a service, port or path that is not there."
    yield from (f"- {written(claim, labelled=False)}" for claim in plan.drift)


def _diagram(plan: ServiceMap) -> Iterator[str]:
    if plan.services:
        yield from fence(mermaid(plan).rstrip("\n"), "mermaid")
    else:
        yield "There is nothing to draw."
