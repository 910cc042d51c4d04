"""Values of a settings file that are as they have to be, which nearly all are.

Importing a library that validates takes as long as all else that is done for one file, so it is asked only to
say what is wrong: what does not fit here is left to it, also where it would take it.
"""

import re
from collections.abc import Mapping
from types import UnionType
from typing import Any, Literal, TypeVar, cast, get_args, get_origin

from rollsafe.text.records import is_record

Section = TypeVar("Section")


class UnfitError(Exception):
    """A value is not as it has to be, or in a form that nothing here knows."""


def section(cls: type[Section], data: object, patterns: Mapping[str, str]) -> Section:
    """Return a table of a file as the record `cls`; `patterns` are for texts, by the field's name.

    Raises:
        UnfitError: a key is unknown, or a value is of another type.
    """
    if not isinstance(data, dict):
        raise UnfitError
    kinds: dict[str, object] = cls.__annotations__
    values: dict[str, object] = {}
    for key, said in cast("dict[str, object]", data).items():
        name = key.replace("-", "_")
        if name not in kinds or "_" in key:
            raise UnfitError(key)
        value = _value(kinds[name], said, patterns)
        if name in patterns and not re.search(patterns[name], cast("str", value)):
            raise UnfitError(key)
        values[name] = value
    return cls(**values)


def _value(kind: Any, said: object, patterns: Mapping[str, str]) -> object:
    if kind in (bool, int, str):
        return _same(said, fits=type(said) is kind)
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Literal:
        return _same(said, fits=type(said) is str and said in parts)
    if origin is UnionType:
        return _same(said, fits=type(said) in parts)
    if origin is tuple and isinstance(said, list):
        return tuple(_value(parts[0], one, patterns) for one in cast("list[object]", said))
    if origin is dict and isinstance(said, dict):
        table = cast("dict[str, object]", said)
        return {cast("str", _value(parts[0], key, {})): _value(parts[1], table[key], {}) for key in table}
    if is_record(kind):
        return section(kind, said, patterns)
    raise UnfitError


def _same(said: object, *, fits: bool) -> object:
    if not fits:
        raise UnfitError
    return said
