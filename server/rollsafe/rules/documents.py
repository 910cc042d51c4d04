"""Edits of Markdown documents."""

from rollsafe.artefacts.base import Element
from rollsafe.formats.yaml_edit import as_at_end, eol_of
from rollsafe.rules.api import Fix, Safety
from rollsafe.text import Edit, Span


def append_section(document: Element, title: str, section: str) -> Fix:
    """Return the manual fix that appends `section` (heading, blank line, body) to a document."""
    text = document.file.text
    eol = eol_of(text)
    if not text or text.endswith(("\n\n", "\r\n\r\n")):
        lead = ""
    else:
        lead = eol if text.endswith(("\n", "\r")) else eol * 2
    edit = Edit(Span.at(len(text)), lead + as_at_end(text, section.replace("\n", eol)))
    return Fix(title, Safety.MANUAL, edits=(edit,))
