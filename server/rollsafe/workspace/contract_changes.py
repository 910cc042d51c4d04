"""What breaks between a description of an interface as it is and as it was at the git base."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from rollsafe.artefacts.contracts import ApiDocument, ContractText, EventDocument, SchemaPart
from rollsafe.artefacts.contracts.changes import Change, Revision, api_changes, event_changes, schema_changes
from rollsafe.formats.nodes import Mapping, Node
from rollsafe.formats.yaml import read_yaml
from rollsafe.text.patterns import lazily
from rollsafe.workspace.contract_references import is_referred_to
from rollsafe.workspace.facts import Base, Today
from rollsafe.workspace.graph import Graph

_OUTSIDE = lazily(r"""\$ref["']?\s*:\s*["']?[^#"'\s]""")
"""A reference that leads to another file."""
_LARGEST: Final = 2_000_000
_MAJOR = lazily(r"v?(\d+)\.")


def changes_of(
    document: ApiDocument | EventDocument, base: Base, today: Today, graph: Graph
) -> tuple[Change, ...]:
    """Return what breaks somebody since the base; nothing without one, and for a new or a broken document."""
    path, text = document.file.path, document.file.text
    if not base.known or not document.is_whole or not base.had(path):
        return ()
    if base.is_unchanged(path, text) and not _OUTSIDE.search(text):
        return ()
    return graph.remember(("contract changes", path), lambda: _compared(document, base, today, graph))


def changes_of_schema(part: SchemaPart, base: Base, today: Today, graph: Graph) -> tuple[Change, ...]:
    """Return what breaks readers or writers of a schema; nothing for one that a description refers to.

    There it is told for those who do read and write it.
    """
    path, text = part.file.path, part.file.text
    if not base.known or not base.had(path) or (base.is_unchanged(path, text) and not _OUTSIDE.search(text)):
        return ()
    old, new = _at_base(base, path), part.root
    if not isinstance(old, Mapping) or not isinstance(new, Mapping) or is_referred_to(graph, path):
        return ()
    before = Revision(path, base.read(path) or "", old, lambda other: _at_base(base, other))
    after = Revision(path, text, new, _now(graph))
    found = schema_changes(before, after, f"`{part.title[:80]}`", today.date)
    is_other = old.text_at("$id") != new.text_at("$id") or old.text_at("version") != new.text_at("version")
    return tuple(one._replace(is_announced=True) for one in found) if is_other else found


def _compared(
    document: ApiDocument | EventDocument, base: Base, today: Today, graph: Graph
) -> tuple[Change, ...]:
    path = document.file.path
    old = _at_base(base, path)
    if not isinstance(old, Mapping) or old.entry(document.mark.name) is None:
        return ()
    before = Revision(path, base.read(path) or "", old, lambda other: _at_base(base, other))
    after = Revision(path, document.file.text, document.root, _now(graph))
    compare = api_changes if isinstance(document, ApiDocument) else event_changes
    found = compare(before, after, today.date)
    is_major = _major(old) is not None and _major(old) != _major(document.root)
    return tuple(one._replace(is_announced=True) for one in found) if is_major else found


def _at_base(base: Base, path: str) -> Node | None:
    text = base.read(path) if base.had(path) else None
    return _root(text) if text is not None and len(text) <= _LARGEST else None


def _now(graph: Graph) -> Callable[[str], Node | None]:
    def read(path: str) -> Node | None:
        found = graph.first(ContractText, f"contract:{path}")
        return found.root if found is not None else None

    return read


@lru_cache(maxsize=32)
def _root(text: str) -> Node | None:
    """Return the value of a text; the same object while it is asked for now and then."""
    tree = read_yaml(text)
    return tree.documents[0] if tree.documents and not tree.problems else None


def _major(root: Mapping) -> str | None:
    """Return the major version of the interface; None for one in no such form, and for 0, which has none."""
    found = _MAJOR.match(root.text_at("info", "version") or "")
    return found[1] if found is not None and found[1] != "0" else None
