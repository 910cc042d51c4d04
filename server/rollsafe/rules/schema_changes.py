"""Findings about what breaks between a JSON Schema and itself at the git base."""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.contracts import SchemaPart
from rollsafe.artefacts.contracts.changes import Change, Effect, Hazard
from rollsafe.rules.api import Finding, Level, Severity
from rollsafe.rules.contract_mending import taken_back
from rollsafe.rules.interface_sides import order_of_schema, related_to, told, used
from rollsafe.text import LineIndex, Span
from rollsafe.workspace.contract_changes import changes_of_schema
from rollsafe.workspace.facts import Base, Today
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.interfaces import first_of_schema, sides_of_schema, type_of


def schema_broken(part: SchemaPart, base: Base, today: Today, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each change that readers or writers do not survive."""
    for change in changes_of_schema(part, base, today, graph):
        sides = sides_of_schema(part.file.path, graph, used(type_of(part.title), graph))
        yield Finding(
            Span(change.now.start, change.now.end),
            f"{change.message}: {_consequence(change)}",
            partial(taken_back, part, change, base),
            detail=told(_detail(change, base), order_of_schema(first_of_schema(change), sides)),
            related=related_to(sides, part.title),
            severity=_severity(change),
            level=None if part.is_of_messages else Level.PEDANTIC,
        )


def _consequence(change: Change) -> str:
    if change.effect is Effect.REPLACES:
        return "neither revision takes what the other does"
    match change.hazard:
        case Hazard.NARROWED_INPUT | Hazard.NEW_REQUIREMENT:
            return "what was written before is refused"
        case Hazard.WIDENED_OUTPUT:
            return "readers with the old schema may refuse what is written now"
        case _:
            return "readers may look for it in vain"


def _detail(change: Change, base: Base) -> str:
    if change.was is None:
        return ""
    text = base.read(change.was.path) or ""
    return (
        f"it was in line {LineIndex(text).line_of(change.was.start) + 1} of `{change.was.path}` at the base"
    )


def _severity(change: Change) -> Severity | None:
    if change.is_announced:
        return Severity.INFO
    return Severity.ERROR if change.effect is Effect.REPLACES and change.is_sure else None
