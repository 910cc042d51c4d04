"""What breaks between two revisions of an Avro schema, and for whom."""

from functools import partial

from rollsafe.artefacts.contracts.avro.model import AvroSchema, AvroText, find, quoted
from rollsafe.artefacts.contracts.avro.resolution import Mismatch, Obstacle, mismatches
from rollsafe.artefacts.contracts.changes.values import listed
from rollsafe.formats.nodes import Node
from rollsafe.text.tuples import NamedTuple


class AvroChange(NamedTuple):
    """A change. `place` is in the new revision, `was` in the old one, None where nothing was there.

    `stops_new` says that the new schema cannot read what was written with the old one, `stops_old` that the
    old one cannot read what is written with the new one. `what` tells the change without who it breaks.
    """

    obstacle: Obstacle
    what: str
    place: Node
    was: Node | None
    stops_new: bool
    stops_old: bool


def avro_changes(before: AvroText, after: AvroText) -> tuple[AvroChange, ...]:
    """Return what keeps the two revisions from reading each other, by place."""
    finders = partial(find, after.named), partial(find, before.named)
    found: dict[tuple[object, ...], AvroChange] = {}
    changes = (
        *(_backward(one) for one in mismatches(after.root, before.root, finders)),
        *(_forward(one) for one in mismatches(before.root, after.root, (finders[1], finders[0]))),
    )
    for change in changes:
        key = change.what, change.place.start, change.place.end
        known = found.get(key)
        found[key] = change if known is None else _both(known, change)
    return tuple(sorted(found.values(), key=lambda one: (one.place.start, one.what)))


def _both(one: AvroChange, other: AvroChange) -> AvroChange:
    return one._replace(
        stops_new=one.stops_new or other.stops_new, stops_old=one.stops_old or other.stops_old
    )


def _backward(one: Mismatch) -> AvroChange:
    """Return a change that keeps the new schema, the reader, from what was written with the old one."""
    new, old = one.reader, one.writer
    if one.obstacle is Obstacle.FIELD and one.field is not None:
        what = f"{quoted(one.field.name)} of {quoted(one.owner)} is new and has no default"
        return AvroChange(one.obstacle, what, one.field.mark, None, True, False)
    if one.obstacle is Obstacle.BRANCH or (one.is_branch and one.obstacle is Obstacle.TYPE):
        what = f"{_subject(one, new)} may be {quoted(old.shown)} no longer"
    elif one.obstacle is Obstacle.SYMBOLS:
        what = f"the enum {quoted(new.simple)} has {_symbols(one)} no longer"
    else:
        what = _swapped(one, new, old)
    return AvroChange(one.obstacle, what, new.mark, old.mark, True, False)


def _forward(one: Mismatch) -> AvroChange:
    """Return a change that keeps the old schema, the reader, from what is written with the new one."""
    new, old = one.writer, one.reader
    if one.obstacle is Obstacle.FIELD and one.field is not None:
        what = f"{quoted(one.field.name)} of {quoted(one.owner)} is gone, and had no default"
        return AvroChange(one.obstacle, what, new.mark, one.field.mark, False, True)
    if one.obstacle is Obstacle.BRANCH or (one.is_branch and one.obstacle is Obstacle.TYPE):
        what = f"{_subject(one, old)} may be {quoted(new.shown)} now"
    elif one.obstacle is Obstacle.SYMBOLS:
        what = f"the enum {quoted(new.simple)} has {_symbols(one)} now, and had no default"
    else:
        what = _swapped(one, new, old)
    return AvroChange(one.obstacle, what, new.mark, old.mark, False, True)


def _subject(one: Mismatch, schema: AvroSchema) -> str:
    if one.field is None:
        return quoted(schema.shown) if schema.name else "the schema"
    return f"{quoted(one.field.name)} of {quoted(one.owner)}"


def _symbols(one: Mismatch) -> str:
    return listed([quoted(name) for name in one.names])


def _swapped(one: Mismatch, new: AvroSchema, old: AvroSchema) -> str:
    match one.obstacle:
        case Obstacle.NAME:
            return f"the {new.kind} {quoted(new.simple)} was called {quoted(old.simple)}"
        case Obstacle.SIZE:
            return f"{quoted(new.simple)} has {new.size} bytes instead of {old.size}"
        case Obstacle.MEANING:
            return f"{_subject(one, new)} is {quoted(new.form)} instead of {quoted(old.form)}"
        case _:
            return f"{_subject(one, new)} is {quoted(new.shown)} instead of {quoted(old.shown)}"
