"""Calls of things that other files of the repository define, as keys of the graph."""

from posixpath import normpath

from rollsafe.artefacts.recognition.references import Reference, ReferenceKind, joined
from rollsafe.text import Located
from rollsafe.text.tuples import NamedTuple


class Indirection(NamedTuple):
    """A call of something another file defines.

    `key` is the graph key under which that file's element is found; None when it lies in another
    repository or its directory is not known.
    """

    kind: ReferenceKind
    target: str
    where: Located
    key: str | None


def called(reference: Reference, where: Located, root: str, directory: str | None) -> Indirection:
    """Return the call a command of a script is, run in `directory` of the repository `root`."""
    return Indirection(reference.kind, reference.target, where, _key(reference, root, directory))


def _key(reference: Reference, root: str, directory: str | None) -> str | None:
    if directory is None or reference.directory is None:
        return None
    place = normpath("/".join(part for part in (root, directory, reference.directory) if part))
    place = "" if place == "." else place
    if reference.kind is ReferenceKind.FILE:
        path = joined(place, reference.target)
        return None if path is None else f"path:{path}"
    return f"{reference.kind.value}:{place}#{reference.target}"
