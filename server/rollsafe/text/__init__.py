"""Spans, lines, encodings, edits, and secrets within a line; knows no file format."""

from rollsafe.text.edits import Edit, apply_edits, overlap
from rollsafe.text.lines import Encoding, LineIndex, Position
from rollsafe.text.names import nearest
from rollsafe.text.spans import Located, Span

__all__ = [
    "Edit",
    "Encoding",
    "LineIndex",
    "Located",
    "Position",
    "Span",
    "apply_edits",
    "nearest",
    "overlap",
]
