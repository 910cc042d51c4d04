"""Holding documents against the schemas of their language."""

from functools import cache, partial
from pkgutil import get_data
from typing import Final, TypedDict, cast

from rollsafe.artefacts.contracts.document import ContractDocument, EventDocument
from rollsafe.artefacts.contracts.flaws import Flaw, FlawKind, Known, Options, Schema
from rollsafe.artefacts.contracts.references import read_reference, step
from rollsafe.artefacts.contracts.validation import flaws_in
from rollsafe.formats.nodes import Alias, Node, walk

_VERSIONS: Final = {
    "openapi": ((3, 0), (3, 1), (3, 2)),
    "swagger": ((2, 0),),
    "asyncapi": ((2, 0), (2, 1), (2, 2), (2, 3), (2, 4), (2, 5), (2, 6), (3, 0), (3, 1)),
}


_MOST_GOOD: Final = 200_000
_GOOD: dict[tuple[int, int], frozenset[str]] = {}


class _Data(TypedDict):
    root: Schema
    defs: dict[str, Schema]


def structure_flaws(document: ContractDocument) -> tuple[Flaw, ...]:
    """Return what is wrong with the structure of a document, in source order."""
    found = document.kept.get(structure_flaws)
    if found is None:
        found = document.kept[structure_flaws] = _flaws(document)
    return cast("tuple[Flaw, ...]", found)


def known_versions(document: ContractDocument) -> tuple[str, ...]:
    """Return the versions of a document's language that are known, the newest last."""
    return tuple(f"{major}.{minor}" for major, minor in _VERSIONS[document.mark.name])


def _flaws(document: ContractDocument) -> tuple[Flaw, ...]:
    name = document.mark.name
    if document.numbers not in _VERSIONS[name]:
        return (
            Flaw(FlawKind.WORD, document.mark.value, name, (name,), document.root, known_versions(document)),
        )
    data = _schemas("asyncapi" if name == "asyncapi" else "openapi", "{}.{}".format(*document.numbers))
    lead = (
        partial(_inside, document.root, document.file.path) if isinstance(document, EventDocument) else None
    )
    known = Known(document.file.text, _good(), _has_aliases(document))
    return tuple(flaws_in(document.root, data["root"], Options(data["defs"].get, lead, known=known)))


def _has_aliases(document: ContractDocument) -> bool:
    """Say whether something in a document stands for something else."""
    return "*" in document.file.text and any(isinstance(one, Alias) for one in walk(document.root))


def _good() -> dict[tuple[int, int], frozenset[str]]:
    """Return what is known of parts of texts; it is let go when it has grown large."""
    if len(_GOOD) > _MOST_GOOD:
        _GOOD.clear()
    return _GOOD


def _inside(root: Node, path: str, text: str) -> Node | None:
    """Return what a reference leads to within its own file."""
    reference = read_reference(text, path)
    node: Node | None = root if reference.path == path else None
    for name in reference.steps:
        node = step(node, name)
    return node


@cache
def _schemas(language: str, version: str) -> _Data:
    from orjson import loads

    found = get_data("rollsafe.artefacts.contracts", f"data/{language}-{version}.json")
    return cast("_Data", loads(found or b""))
