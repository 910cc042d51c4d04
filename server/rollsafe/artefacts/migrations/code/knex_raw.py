"""Raw SQL of Knex with the values bound to it put in their places."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations.code.definitions import separated
from rollsafe.artefacts.migrations.code.javascript import dotted_name, templated, value_of
from rollsafe.artefacts.migrations.code.script import Part, Written, literal
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.code import Code, Items, Literal, Pairs, Text
from rollsafe.text import Span

_MARK: Final = re.compile(r"\\\?|\?\??|(?<![:\w]):\w+:?(?!:)")


def bound(sql: Text, bindings: Code | None, file: SourceFile) -> list[Part]:
    """Return SQL as it reaches the database; a value nobody knows becomes a parameter."""
    written = templated(sql, file)
    if not isinstance(bindings, Items | Pairs):
        return [Written(written.value.replace("\\?", "?"), written.inner, _is_copied(written))]
    return list(_pieces(written, bindings))


def inlined(sql: Text, bindings: Code | None) -> Part:
    """Return a raw expression with the values bound to it."""
    if not isinstance(bindings, Items | Pairs):
        return Written(sql.value, sql.inner, sql.is_verbatim)
    return "".join(one.text if isinstance(one, Written) else one for one in _pieces(sql, bindings))


def _is_copied(sql: Text) -> bool:
    return sql.is_verbatim and "\\?" not in sql.value


def _pieces(sql: Text, bindings: Items | Pairs) -> Iterator[Part]:
    given = iter(bindings.items if isinstance(bindings, Items) else ())
    done = 0
    for count, mark in enumerate(_MARK.finditer(sql.value), 1):
        word = mark[0]
        if word == "\\?" or (word[0] == "?") != isinstance(bindings, Items):
            continue
        value = next(given, None) if isinstance(bindings, Items) else bindings.get(word.strip(":"))
        if value is None:
            continue
        yield _copied(sql, done, mark.start())
        is_name = word == "??" or (word[0] == ":" and word.endswith(":"))
        yield from _names(value) if is_name else _value(value, count)
        done = mark.end()
    yield _copied(sql, done, len(sql.value))


def _copied(sql: Text, start: int, end: int) -> Written:
    if not sql.is_verbatim:
        return Written(sql.value[start:end], sql.inner)
    at = sql.inner.start
    return Written(sql.value[start:end], Span(at + start, at + end), is_verbatim=True)


def _names(value: Code) -> list[Part]:
    rows = value.items if isinstance(value, Items) else (value,)
    return separated([dotted_name(one) or "computed_name" for one in rows])


def _value(value: Code, count: int) -> list[Part]:
    found = value_of(value)
    if isinstance(value, Text) and isinstance(found, str):
        return [Written(literal(found), value.inner)]
    if isinstance(value, Literal):
        return ["NULL" if found is None else str(found).lower()]
    return [f"${count}"]
