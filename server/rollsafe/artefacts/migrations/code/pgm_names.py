"""What node-pg-migrate makes of names, values and options."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations.code.javascript import is_true, text_of, value_of
from rollsafe.artefacts.migrations.code.script import Part, Written, literal
from rollsafe.artefacts.migrations.code.script import name as plain_name
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.formats.code import Call, Code, Items, Literal, Pairs, Text
from rollsafe.text import Span

UNKNOWN: Final = "'computed'"
_EXPRESSION = re.compile(
    r"->|#>|@\?|@@|@>|<@|\?|#-|\|\||::|\A[\w.]+\(|\s[+*/-]\s|(?=.*[a-zA-Z0-9]).*[=<>!]", re.S
)
_PLAIN = re.compile(r'[\w".]*\Z', re.ASCII)


def raw_sql(code: Code | None) -> Text | None:
    """Return the SQL of `pgm.func('…')`, `new PgLiteral('…')` and `{ literal: true, value: '…' }`."""
    given: Code | None = None
    if isinstance(code, Call) and code.name in ("func", "PgLiteral", "create"):
        given = code.at(0)
    elif isinstance(code, Pairs) and is_true(code.get("literal")):
        given = code.get("value")
    return given if isinstance(given, Text) and not given.is_partial else None


def name_of(code: Code | None) -> Part | None:
    """Return a name given as a string, as `{ schema, name }` or as SQL; None if it is computed."""
    if isinstance(code, Pairs):
        own, schema = plain_name(code.get("name")), text_of(code.get("schema"))
        if own is None or not schema:
            return own
        return Written(f"{quoted(schema)}.{quoted(text_of(code.get('name')))}", Span.of(code))
    sql = raw_sql(code)
    return Written(sql.value, sql.inner, sql.is_verbatim) if sql is not None else plain_name(code)


def bare(code: Code | None) -> str:
    """Return the characters of a name without its schema."""
    return text_of(code.get("name")) if isinstance(code, Pairs) else text_of(code)


def beside(table: Code | None, own: str) -> str:
    """Return the name of something in the schema of a table that is given as an object."""
    schema = text_of(table.get("schema")) if isinstance(table, Pairs) else ""
    return f"{quoted(schema)}.{quoted(own)}" if schema else quoted(own)


def several(code: Code | None) -> tuple[Code, ...]:
    """Return what a list holds; one value as a list of one."""
    if isinstance(code, Items):
        return code.items
    return (code,) if code is not None else ()


def value(code: Code | None) -> Part:
    """Return a value as SQL."""
    sql = raw_sql(code)
    if sql is not None:
        return Written(sql.value, sql.inner, sql.is_verbatim)
    match code:
        case Text(is_partial=False):
            return Written(literal(code.value), code.inner)
        case Literal(value=None):
            return "NULL"
        case Literal():
            return str(code.value).lower()
        case Items():
            return f"ARRAY{_listed(code)}"
        case _:
            return UNKNOWN


def _listed(code: Items) -> str:
    held = (_listed(one) if isinstance(one, Items) else _words(value(one)) for one in code.items)
    return f"[{', '.join(held)}]"


def _words(part: Part) -> str:
    return part.text if isinstance(part, Written) else part


def key_of(code: Code) -> Part | None:
    """Return what an index is made of: a column, an expression, with operator class and order."""
    options = code if isinstance(code, Pairs) else None
    given = options.get("name") if options is not None else code
    sql, plain = raw_sql(given), text_of(given)
    if sql is not None:
        return Written(sql.value, sql.inner, sql.is_verbatim)
    if not plain or not isinstance(given, Text):
        return None
    words = schemalized(plain)
    if _PLAIN.match(words):
        words = quoted(words)
    elif not words.endswith(")"):
        words = f"({words})"
    for said in (_operator_class(options), text_of(options.get("sort")) if options is not None else ""):
        words += f" {said}" if said else ""
    return Written(words, given.inner, is_verbatim=words == plain and given.is_verbatim)


def _operator_class(options: Pairs | None) -> str:
    part = name_of(options.get("opclass")) if options is not None else None
    return _words(part) if part is not None else ""


def schemalized(plain: str) -> str:
    """Return a column as names of indexes have it: an expression stands in parentheses."""
    return f"({plain})" if _EXPRESSION.search(plain) else plain


def option_words(options: Pairs | None, *names: str) -> dict[str, bool]:
    """Return which options are set."""
    return {one: options is not None and is_true(options.get(one)) for one in names}


def sequence_options(options: Pairs) -> Iterator[str]:
    """Yield what is said of a sequence."""
    typed = text_of(options.get("type"))
    if typed:
        yield f"AS {typed}"
    for key, words, without in _SEQUENCE:
        given = options.get(key)
        found = value_of(given)
        if isinstance(given, Literal) and found in (None, False) and without:
            yield without
        elif key == "cycle" and found is True:
            yield words
        elif found and key != "cycle":
            yield f"{words} {found}"


_SEQUENCE: Final = (
    ("increment", "INCREMENT BY", ""),
    ("minvalue", "MINVALUE", "NO MINVALUE"),
    ("maxvalue", "MAXVALUE", "NO MAXVALUE"),
    ("start", "START WITH", ""),
    ("cache", "CACHE", ""),
    ("cycle", "CYCLE", "NO CYCLE"),
    ("owner", "OWNED BY", "OWNED BY NONE"),
)
