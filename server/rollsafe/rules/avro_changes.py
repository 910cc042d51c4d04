"""Findings about what breaks between an Avro schema and itself at the git base."""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.contracts.avro.file import AvroFile
from rollsafe.artefacts.contracts.avro.model import AvroField, AvroSchema, quoted
from rollsafe.artefacts.contracts.avro.resolution import Obstacle
from rollsafe.artefacts.contracts.changes.avro import AvroChange
from rollsafe.formats.nodes import Mapping
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.rules.api import Finding, Fix, Safety, Severity
from rollsafe.rules.interface_sides import order_of_schema, related_to, told, used
from rollsafe.text import LineIndex, Span
from rollsafe.workspace.avro_changes import changes_of_avro, schemas_at_base
from rollsafe.workspace.facts import Base
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.interfaces import first_of_avro, sides_of_schema, type_of


def avro_broken(file: AvroFile, base: Base, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each change that keeps readers and writers of two revisions from each other."""
    for change in changes_of_avro(file, base):
        known = change.obstacle is not Obstacle.MEANING
        name = file.schemas.root.name
        sides = sides_of_schema(file.file.path, graph, used(type_of(name), graph))
        yield Finding(
            Span.of(change.place),
            f"{change.what}: {_consequence(change)}",
            partial(_fixes, file, change, base),
            detail=told(_detail(file, change, base), order_of_schema(first_of_avro(change), sides)),
            related=related_to(sides, name),
            severity=None if change.stops_new else Severity.WARNING,
            equivalents=(f"avro:{change.obstacle}",) if known else (),
        )


def _consequence(change: AvroChange) -> str:
    if change.obstacle is Obstacle.MEANING:
        return "each side reads what the other wrote as another value"
    if change.stops_new and change.stops_old:
        return "neither revision reads what the other writes"
    if change.stops_new:
        return "what was written before cannot be read"
    return "readers with the old schema cannot read what is written now"


def _detail(file: AvroFile, change: AvroChange, base: Base) -> str:
    if change.was is None:
        return ""
    line = LineIndex(base.read(file.file.path) or "").line_of(change.was.start) + 1
    return f"it was in line {line} at the base"


def _fixes(file: AvroFile, change: AvroChange, base: Base) -> tuple[Fix, ...]:
    """Return what lets a new field be read where it was not written."""
    if change.obstacle is not Obstacle.FIELD or not change.stops_new:
        return ()
    owner, field = _field_at(file, change)
    if owner is None or field is None or not isinstance(field.node, Mapping):
        return ()
    found: list[Fix] = []
    text = file.file.text
    former = _former(file, owner, field, base)
    if former is not None and field.node.entry("aliases") is None:
        edit = add_entry(text, field.node, "aliases", f'["{former}"]')
        found.append(Fix(f"Keep the name `{former}` as an alias", Safety.UNSAFE, edits=(edit,)))
    is_union = field.schema.kind == "union" and bool(field.schema.inside)
    if is_union and field.schema.inside[0].kind == "null":
        edit = add_entry(text, field.node, "default", "null")
        found.append(Fix('Add `"default": null`', Safety.SAFE, edits=(edit,)))
    return tuple(found)


def _field_at(file: AvroFile, change: AvroChange) -> tuple[AvroSchema | None, AvroField | None]:
    for one in file.schemas.named.values():
        for field in one.fields:
            if field.mark is change.place:
                return one, field
    return None, None


def _former(file: AvroFile, owner: AvroSchema, field: AvroField, base: Base) -> str | None:
    """Return the name a field had, where exactly one of the same type is gone from its record."""
    before = schemas_at_base(file.file.path, base)
    old = before.named.get(owner.name) if before is not None else None
    if old is None:
        return None
    names = {one.name for one in owner.fields}
    aliases = {alias for one in owner.fields for alias in one.aliases}
    gone = [one for one in old.fields if one.name not in names and one.name not in aliases]
    new = [one for one in owner.fields if one.name not in {two.name for two in old.fields}]
    is_same = len(gone) == len(new) == 1 and gone[0].schema.shown == field.schema.shown
    return gone[0].name if is_same and quoted(gone[0].name).strip("`").isidentifier() else None
