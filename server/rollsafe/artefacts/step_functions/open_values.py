"""Values that something else writes before Step Functions sees them, or that are not typed yet."""

import re

from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence

_FILLED_IN = re.compile(r"\$\{[^}]*\}|\{\{|<%|<<|#\{|%\w+%|__\w+__|@\w+@|<\w[\w -]*>\Z")
_PLACEHOLDER = re.compile(r"[A-Z][A-Z0-9_]+\Z")


def is_open(node: Node | None) -> bool:
    """Say whether a value is decided elsewhere, or is not written yet."""
    if isinstance(node, Scalar):
        return (
            node.tag is not None or (node.plain and not node.text) or _FILLED_IN.search(node.text) is not None
        )
    if isinstance(node, Mapping):
        return node.tag is not None or any(is_function(entry.name) for entry in node.entries)
    return isinstance(node, Sequence) and node.tag is not None


def is_function(key: str) -> bool:
    """Say whether a key is a function of CloudFormation's that stands for what it makes."""
    return key == "Ref" or key.startswith("Fn::")


def is_placeholder(text: str) -> bool:
    """Say whether a text is a name in capitals that a script replaces."""
    return _PLACEHOLDER.match(text) is not None
