"""Texts inside of diagrams: labels that Mermaid and Graphviz take as they are, whatever is in them."""

import re
from typing import Final

_SHORTEST: Final = 4
_MERMAID = re.compile(r"[^\w .,:/=@+*()-]|\bend\b", re.A)


def mermaid_text(text: str, longest: int = 80) -> str:
    """Return a text for a label between double quotes; signs with a meaning to Mermaid become numbers."""
    return _MERMAID.sub(lambda match: "".join(_entity(char) for char in match[0]), short(text, longest))


def dot_text(text: str, longest: int = 80) -> str:
    """Return a text between double quotes as Graphviz reads them."""
    escaped = short(text, longest).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def short(text: str, longest: int) -> str:
    """Return a text on one line, its middle left out where it is longer."""
    flat = " ".join(text.split())
    if len(flat) <= max(longest, _SHORTEST):
        return flat
    half = (longest - 1) // 2
    return f"{flat[:half]}…{flat[-half:]}"


def _entity(char: str) -> str:
    return char if char.isalnum() and not char.isascii() else f"#{ord(char)};"
