"""Texts inside expressions that have a form of their own: format strings and JSON."""

import json
from typing import Final, cast

from rollsafe.artefacts.expressions.types import Listed, Plain, Type, exactly, joined
from rollsafe.text.patterns import lazily

_LONGEST: Final = 20_000
_DEEPEST: Final = 20
_PLACE: Final = lazily(r"\{\{|\}\}|\{(\d{1,6})\}")


def format_places(text: str) -> frozenset[int]:
    """Return the numbers of the places in a format string; `{{` and `}}` stand for braces."""
    return frozenset(int(match[1]) for match in _PLACE.finditer(text) if match[1] is not None)


def read_json(text: str) -> tuple[Type, str]:
    """Return the type of a JSON text and what is wrong with it, empty when nothing is."""
    if len(text) > _LONGEST:
        return Plain.ANY, ""
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError as error:
        return Plain.ANY, f"{error.msg[:1].lower()}{error.msg[1:]} at character {error.pos + 1}"
    except RecursionError:
        return Plain.ANY, ""
    return _type_of(value, 0), ""


def _type_of(value: object, depth: int) -> Type:
    if depth > _DEEPEST:
        return Plain.ANY
    if isinstance(value, dict):
        names = cast("dict[str, object]", value)
        return exactly({name: _type_of(one, depth + 1) for name, one in names.items()})
    if isinstance(value, list):
        return Listed(joined([_type_of(one, depth + 1) for one in cast("list[object]", value)]))
    if value is None:
        return Plain.NULL
    if isinstance(value, bool):
        return Plain.BOOLEAN
    return Plain.STRING if isinstance(value, str) else Plain.NUMBER
