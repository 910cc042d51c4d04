"""Where a name is defined, and where it is used."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rollsafe.lsp.session import Located, Session
from rollsafe.lsp.shapes import Location, Range
from rollsafe.lsp.to_lsp import range_in

if TYPE_CHECKING:
    from rollsafe.workspace.symbols.lookup import Files, Place


def definition(session: Session, located: Located, offset: int) -> list[Location] | None:
    """Return where the name at an offset is defined; None where nothing is named or nobody knows."""
    from rollsafe.workspace.symbols.lookup import definitions

    found = definitions(_files(located), located.file.path, offset)
    return _locations(session, located, found[1]) or None if found is not None else None


def references(session: Session, located: Located, offset: int, *, declared: bool) -> list[Location] | None:
    """Return where what is named at an offset is used; with its definitions if `declared`."""
    from rollsafe.workspace.symbols import lookup

    found = lookup.references(_files(located), located.file.path, offset, declared=declared)
    return _locations(session, located, found) or None


def _files(located: Located) -> "Files":
    # Only a session in which somebody asks pays for loading it.
    from rollsafe.workspace.symbols.lookup import Files

    snapshot = located.root.snapshot
    return Files({**snapshot.files, located.file.path: located.file}, snapshot.paths, located.root.artefact)


def _locations(session: Session, located: Located, places: "Iterable[Place]") -> list[Location]:
    return [
        {"uri": session.uri(located.root, one.path), "range": _range(session, located, one)} for one in places
    ]


def _range(session: Session, located: Located, place: "Place") -> Range:
    file = located.root.snapshot.files.get(place.path)
    if place.path == located.file.path:
        file = located.file
    if file is None:
        # A file that is there and not read, such as one that a `uses` names.
        return {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
    return range_in(file.lines, place.span, session.client.encoding)
