"""What rules about messages of AsyncAPI documents share: the edit that describes a header."""

from rollsafe.artefacts.contracts import EventDocument
from rollsafe.artefacts.contracts.exchanges import Exchange
from rollsafe.artefacts.contracts.references import reference_in
from rollsafe.formats.nodes import Mapping
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.text import Edit, Located


def with_header(document: EventDocument, message: Mapping, name: str, description: str) -> Edit | None:
    """Return the edit that adds a header of text to a message; None where its headers stand elsewhere."""
    text = document.file.text
    schema = f"type: string\ndescription: {description}"
    headers = message.at("headers")
    if headers is None:
        lines = "\n".join(f"    {line}" for line in schema.split("\n"))
        return add_entry(text, message, "headers", f"type: object\nproperties:\n  {name}:\n{lines}")
    properties = headers.map_at("properties")
    if reference_in(headers) is not None or properties is None or not properties.entries:
        return None
    return add_entry(text, properties, name, schema)


def place_of(exchange: Exchange) -> Located:
    """Return where to point when a message as a whole is meant."""
    return exchange.node.key_at("name") or exchange.key
