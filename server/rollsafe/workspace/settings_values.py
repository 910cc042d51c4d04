"""Settings files that are plain and as they have to be, which nearly all are.

To import what reads all of TOML, and a library that validates, takes as long as a third of all that is done
for one file. So they are asked for what is not plain, and to say what is wrong.
"""

import re
from collections.abc import Mapping
from types import UnionType
from typing import Any, Final, Literal, TypeVar, cast, get_args, get_origin

from rollsafe.text.patterns import lazily
from rollsafe.text.records import is_record

Section = TypeVar("Section")
_STRING: Final = r'"[^"\\\x00-\x1f\x7f]*"'
_STRINGS: Final = rf"\[[ \t]*(?:{_STRING}[ \t]*(?:,[ \t]*{_STRING}[ \t]*)*,?[ \t]*)?\]"
_LINE: Final = lazily(
    r"[ \t]*(?:\[(?P<table>[\w-]+(?:\.[\w-]+)*)\]"
    rf"|(?P<key>[\w-]+)[ \t]*=[ \t]*(?P<value>true|false|0|[1-9][0-9]{{0,15}}|{_STRING}|{_STRINGS})"
    r")?[ \t]*(?:#[^\x00-\x08\x0a-\x1f\x7f]*)?\Z",
    re.A,
)
_TEXT: Final = lazily(_STRING)


class UnfitError(Exception):
    """A value is not as it has to be, or in a form that nothing here knows."""


def plain_toml(text: str) -> dict[str, Any] | None:
    """Return what a file says whose values are truth values, whole numbers, texts and lists of texts.

    None where a line is anything else, or says something twice.
    """
    data: dict[str, Any] = {}
    table, headers = data, set[str]()
    for line in text.split("\n"):
        found = _LINE.match(line)
        if found is None:
            return None
        header, key = found["table"], found["key"]
        if header:
            below = None if header in headers else _table(data, header)
            if below is None:
                return None
            headers.add(header)
            table = below
        elif key:
            if key in table:
                return None
            table[key] = _read(found["value"])
    return data


def _table(data: dict[str, Any], header: str) -> dict[str, Any] | None:
    for name in header.split("."):
        below: object = data.setdefault(name, {})
        if not isinstance(below, dict):
            return None
        data = cast("dict[str, Any]", below)
    return data


def _read(value: str) -> bool | int | str | list[str]:
    if value[0] == "[":
        return [text[1:-1] for text in _TEXT.findall(value)]
    if value[0] == '"':
        return value[1:-1]
    return value == "true" if value[0] in "tf" else int(value)


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
