"""Findings about what breaks between a `.proto` file and itself at the git base."""

from collections.abc import Iterator

from rollsafe.artefacts.contracts.changes.protos import ProtoChange
from rollsafe.artefacts.contracts.proto import ProtoFile
from rollsafe.rules.api import Finding, Fix, Safety, Severity
from rollsafe.rules.interface_sides import order_of_proto, related_to, told, used
from rollsafe.text import Edit, LineIndex, Span
from rollsafe.workspace.facts import Base
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.interfaces import sides_of_calls, type_of
from rollsafe.workspace.proto_changes import changes_of_proto


def proto_broken(file: ProtoFile, base: Base, graph: Graph, *, gone: bool) -> Iterator[Finding]:
    """Yield a finding for what is gone, or for what means something else than it did."""
    path = file.file.path
    for change in changes_of_proto(file, base, graph):
        if change.is_gone is gone:
            sides = sides_of_calls(path, graph, used(type_of(change.owner), graph))
            yield Finding(
                change.place,
                change.message,
                fixes=_reserving(file, change),
                detail=told(_detail(path, change, base), order_of_proto(change, sides)),
                related=related_to(sides, change.owner),
                severity=_severity(file, change),
                equivalents=change.peers,
            )


def _detail(path: str, change: ProtoChange, base: Base) -> str:
    if not base.had(path):
        return "it was in another file at the base"
    return f"it was in line {LineIndex(base.read(path) or '').line_of(change.was.start) + 1} at the base"


def _severity(file: ProtoFile, change: ProtoChange) -> Severity | None:
    if file.is_unstable:
        return Severity.INFO
    return None if change.is_sure else Severity.WARNING


def _reserving(file: ProtoFile, change: ProtoChange) -> tuple[Fix, ...]:
    """Return the fix that keeps the number of what is gone from being given to another."""
    text = file.file.text
    brace = text.find("{", change.place.end)
    if change.number is None or brace < 0 or text[change.place.end : brace].strip():
        return ()
    eol = "\r\n" if "\r\n" in text else "\n"
    begin = text.rfind("\n", 0, change.place.start) + 1
    indent = text[begin : begin + len(text[begin:]) - len(text[begin:].lstrip(" \t"))]
    edit = Edit(Span.at(brace + 1), f"{eol}{indent}  reserved {change.number};")
    return (Fix(f"Reserve the number {change.number}", Safety.SAFE, edits=(edit,)),)
