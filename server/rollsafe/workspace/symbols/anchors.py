"""Anchors of YAML and the aliases that stand for them."""

from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.yaml import read_yaml
from rollsafe.formats.yaml_anchors import anchors_of
from rollsafe.text import Span
from rollsafe.workspace.symbols.model import Mention, Symbol


def mentions(file: SourceFile) -> tuple[Mention, ...]:
    """Return the anchors and aliases of a file."""
    found: list[Mention] = []
    begin = 0
    for root in read_yaml(file.text).documents:
        for anchor, aliases in anchors_of(file.text, root, Span(begin, root.end)):
            symbol = Symbol(file.path, "anchor", f"{anchor.start}")
            found.append(Mention(anchor.start, anchor.end, (symbol,), defines=True))
            known = (alias for alias in aliases if alias.target is not None)
            found += (Mention(alias.start, alias.end, (symbol,)) for alias in known)
        begin = root.end
    return tuple(found)
