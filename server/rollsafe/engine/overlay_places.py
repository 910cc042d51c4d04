"""Where findings of built objects are told, and by what they are known again."""

from typing import TypeAlias

from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.found import Found
from rollsafe.rules import Edit, Fix, Related
from rollsafe.text import Located, Span
from rollsafe.text.records import replace
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.built.building import BuiltObject
from rollsafe.workspace.built.tree import Place
from rollsafe.workspace.built.writing import BuiltFile

Key: TypeAlias = tuple[object, ...]
"""What tells one finding of an object from another, in whichever form the object is looked at."""


class Seen(NamedTuple):
    """A finding of a built object, and where its place is written; `said` is the key with its words."""

    found: Found
    place: Place
    keys: frozenset[Key]
    said: Key


def keys_at(rule: str, message: str, place: Place, subject: Located) -> tuple[Key, Key]:
    """Return by what a finding is known: its place, and its words about the element."""
    path = place.file.path
    return (rule, path, place.start, place.end), (rule, path, subject.start, message)


def keys_of(found: Found) -> frozenset[Key]:
    """Return by what a finding of a file as it is written is known."""
    place = Place(found.file, found.span.start, found.span.end)
    return frozenset(keys_at(found.rule.name, found.message, place, found.subject))


def seen_in(found: Found) -> Seen | None:
    """Return a finding of a built object with its place; None for one that stands nowhere."""
    file = found.file
    if isinstance(file, BuiltFile):
        place, subject = file.origin(found.span), file.origin(found.subject)
    else:
        place, subject = Place(file, *found.span), Place(file, *found.subject)
    if place is None or subject is None:
        return None
    keys = keys_at(found.rule.name, found.message, place, subject)
    return Seen(found, place, frozenset(keys), keys[-1])


def told_at(place: Place, found: Found, one: BuiltObject) -> Found:
    """Return a finding of a built object as one of the file that causes it."""
    thing = one.thing
    span = Span(place.start, max(place.end, place.start + 1))
    related = [here for each in found.related if (here := _related(each)) is not None]
    related.append(Related(thing.file, thing.title_node, f"{thing.kind} `{thing.name}` is written here"))
    file = found.file

    def fixes() -> tuple[Fix, ...]:
        return tuple(one for fix in found.fixes if (one := _fix(fix, file, place.file)) is not None)

    return replace(found, file=place.file, span=span, subject=span, offer=fixes, related=tuple(related))


def _related(related: Related) -> Related | None:
    file = related.file
    if not isinstance(file, BuiltFile):
        return related
    place = file.origin(related.where)
    return None if place is None else Related(place.file, Span(place.start, place.end), related.message)


def _fix(fix: Fix, built: SourceFile, file: SourceFile) -> Fix | None:
    """Return a fix as one of a file, if all it changes are words that stand there."""
    if fix.elsewhere or fix.creates or not isinstance(built, BuiltFile):
        return None
    edits: list[Edit] = []
    for edit in fix.edits:
        place = built.verbatim(edit.span) if edit.span.start < edit.span.end else None
        if place is None or place.file is not file or "\n" in edit.text:
            return None
        edits.append(Edit(Span(place.start, place.end), edit.text))
    return replace(fix, edits=tuple(edits)) if edits else None
