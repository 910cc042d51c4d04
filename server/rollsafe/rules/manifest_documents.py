"""Objects that fixes add to manifests: whole documents, and files beside them."""

from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.yaml_edit import eol_of
from rollsafe.text import Edit, Span


def append_document(file: SourceFile, document: str) -> Edit | None:
    """Return the edit that adds a YAML document at the end of a file; None for JSON and templates."""
    text = file.text
    if file.path.endswith(".json") or "{{" in text or text.lstrip().startswith(("{", "[")):
        return None
    eol = eol_of(text)
    body = f"---\n{document.strip()}".replace("\n", eol)
    added = f"{body}{eol}" if text.endswith(("\n", "\r")) else f"{eol}{body}"
    return Edit(Span.at(len(text)), added)
