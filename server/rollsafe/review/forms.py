"""The forms that answers have to have, as JSON Schema."""


def object_form(properties: dict[str, object]) -> dict[str, object]:
    """Return the form of an object with exactly these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
