"""Findings about what breaks those who use an interface, told from the two revisions of its description."""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.contracts import ApiDocument, ContractText, EventDocument
from rollsafe.artefacts.contracts.changes import Change, Hazard, Spot
from rollsafe.rules.api import Finding, Fix, Related, Severity
from rollsafe.rules.contract_mending import taken_back
from rollsafe.rules.named_in_code import counted, related
from rollsafe.text import LineIndex, Span
from rollsafe.workspace.contract_changes import changes_of
from rollsafe.workspace.facts import Base, Today
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.usage.model import Uses

_COMMIT = 40


def broken_by(
    document: ApiDocument | EventDocument, base: Base, today: Today, graph: Graph, *hazards: Hazard
) -> Iterator[Finding]:
    """Yield a finding for each change of one of these kinds since the base.

    What only may break somebody is a warning; what a new major version or a mark announces is a remark.
    """
    for change in changes_of(document, base, today, graph):
        if change.hazard in hazards:
            detail, others = _sided(document, change, base, graph)
            yield Finding(
                Span(change.now.start, change.now.end),
                change.message,
                detail=detail,
                related=(*_inside(change, graph), *others),
                fixes=partial(_fixes, document, change, base),
                severity=_severity(change),
                equivalents=change.peers,
            )


def _sided(
    document: ApiDocument | EventDocument, change: Change, base: Base, graph: Graph
) -> tuple[str, tuple[Related, ...]]:
    """Return where it was and who goes first, and the places that say who is on the other side."""
    # Most runs compare nothing.
    from rollsafe.rules.interface_sides import order_of, related_to, told, used
    from rollsafe.workspace.interfaces.sides import route_of, sides_of

    uses = used(route_of(change), graph)
    sides = sides_of(document, change, graph, uses)
    detail = told(_detail(change, base), _counted(change, uses), order_of(change, sides))
    return detail, (*_callers(change, uses), *related_to(sides))


def _counted(change: Change, uses: Uses) -> str:
    return counted(uses).removeprefix("; ") if change.hazard is Hazard.REMOVED_OPERATION else ""


def _callers(change: Change, uses: Uses) -> tuple[Related, ...]:
    """Return where the code names the path of the operation, with what is wrong with that."""
    if change.hazard is Hazard.REMOVED_OPERATION:
        return related(uses, change.operation.strip("`"))
    words = f"{change.operation} may be called here"
    return tuple(Related(use.file, use.place, words) for use in uses.places)


def _fixes(document: ApiDocument | EventDocument, change: Change, base: Base) -> tuple[Fix, ...]:
    return taken_back(document, change, base) if change.hazard is not Hazard.CHANGED_VERSION else ()


def _severity(change: Change) -> Severity | None:
    if change.is_announced:
        return Severity.INFO
    return None if change.is_sure else Severity.WARNING


def _detail(change: Change, base: Base) -> str:
    was = change.was
    if was is None:
        return ""
    ref = base.ref or ""
    name = f"{ref[:8]}" if len(ref) == _COMMIT else ref
    return f"it was in line {_line(was, base)} of `{was.path}` at `{name}`"


def _line(spot: Spot, base: Base) -> int:
    return LineIndex(base.read(spot.path) or "").line_of(spot.start) + 1


def _inside(change: Change, graph: Graph) -> Iterator[Related]:
    """Yield the place in another file that the document refers to."""
    if change.inside is None:
        return
    found = graph.first(ContractText, f"contract:{change.inside.path}")
    if found is not None:
        yield Related(found.file, Span(change.inside.start, change.inside.end), "the change is here")
