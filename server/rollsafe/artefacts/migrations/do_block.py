"""The SQL inside of a DO block.

PL/pgSQL is not parsed: its body is cut at `;`, the control words before a statement are skipped, and what
begins like a statement is read as one. `EXECUTE` of a literal, or of `format` with a literal, is read too.
"""

from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Final

from rollsafe.artefacts.migrations.operations import CreateTable, DoBlock, Operation
from rollsafe.artefacts.migrations.pieces import moved
from rollsafe.artefacts.migrations.subject import Subject
from rollsafe.formats.sql_split import split
from rollsafe.formats.sql_tokens import STRING, Token, tokens
from rollsafe.text import Span
from rollsafe.text.patterns import lazily

_MAX_BODY: Final = 10_000
_DEFINING: Final = "ALTER|CREATE|DROP|TRUNCATE|COMMENT|GRANT|REVOKE|REINDEX|REFRESH|CLUSTER|VACUUM|LOCK|SET"
_CHANGING: Final = "INSERT|UPDATE|DELETE|MERGE|WITH|SELECT"
_BEGINS = lazily(rf"(?:{_DEFINING}|{_CHANGING})\Z")
_CONTROL: Final = frozenset({"BEGIN", "THEN", "ELSE", "LOOP"})
_FORMAT_SPEC = lazily(r"%(?:\d\$)?([IsL])")
_DOUBLED = lazily("''")
_DOLLAR_TAG = lazily(r"\$\w*\$")
_Reader = Callable[[str], tuple[Operation, ...]]


def do_block(subject: Subject, read: _Reader) -> DoBlock:
    """Read a `DoStmt`; `read` turns the text of an inner statement into operations."""
    literal = subject.clauses.literal()
    body = _inside(literal) if literal is not None else Span(0, 0)
    language = _language(subject)
    is_dynamic = body.end - body.start > _MAX_BODY
    if language != "plpgsql" or is_dynamic:
        return DoBlock(*subject.whole, language, body, (), is_dynamic)
    text = subject.text[body.start : body.end]
    found: list[Operation] = []
    for start, end in _statements(text):
        inner = _executed(text, start, end)
        if inner is None:
            is_dynamic = True
            continue
        at, sql = inner
        # SELECT INTO assigns a variable here, it makes no table.
        found += (moved(one, body.start + at) for one in read(sql) if not _assigns(sql, one))
    return DoBlock(*subject.whole, language, body, tuple(found), is_dynamic)


def _language(subject: Subject) -> str:
    for option in subject.node.children("args"):
        value = option.child("arg")
        if option.text("defname") == "language" and value is not None:
            return value.text("sval").lower()
    return "plpgsql"


def _inside(literal: Token) -> Span:
    """Return the place of a literal's content."""
    if literal.kind == STRING:
        opening = literal.word.index("'") + 1
        return Span(literal.start + opening, max(literal.start + opening, literal.end - 1))
    tag = _DOLLAR_TAG.match(literal.word)
    size = tag.end() if tag else 0
    return Span(literal.start + size, max(literal.start + size, literal.end - size))


def _statements(body: str) -> Iterator[Span]:
    """Yield the places in a PL/pgSQL body that hold an SQL statement or an EXECUTE."""
    for cut in split(body).statements:
        row = list(tokens(body, cut.start, cut.end))
        begin = 0
        for at, token in enumerate(row):
            if token.kind == "word" and token.word in _CONTROL and at + 1 < len(row):
                begin = at + 1 if _begins(row[at + 1]) else begin
        if row and _begins(row[begin]):
            yield Span(row[begin].start, cut.end)


def _begins(token: Token) -> bool:
    is_word = token.kind == "word"
    return is_word and (token.word == "EXECUTE" or _BEGINS.match(token.word) is not None)


def _executed(body: str, start: int, end: int) -> tuple[int, str] | None:
    """Return offset and text of the SQL that runs; None for SQL put together at run time."""
    row = list(tokens(body, start, end))
    if row[0].word != "EXECUTE":
        return start, body[start:end]
    at = 1
    if row[at : at + 2] and [token.word for token in row[1:3]] == ["FORMAT", "("]:
        at = 3
    literal = row[at] if at < len(row) else None
    follows = row[at + 1].word if at + 1 < len(row) else ""
    if literal is None or literal.kind not in (STRING, "body") or follows == "||":
        return None
    content = _inside(literal)
    return content.start, _as_statement(body[content.start : content.end])


def _as_statement(literal: str) -> str:
    """Return the content of a literal as SQL of the same length.

    `format`'s placeholders become identifiers or strings, doubled quotes single ones with a blank inside.
    """
    text = _FORMAT_SPEC.sub(lambda match: _stand_in(match[0], match[1]), literal)
    quotes = cycle(("' ", " '"))
    text = _DOUBLED.sub(lambda match: next(quotes), text)
    return text.rstrip(" \t\r\n;")


def _stand_in(spec: str, kind: str) -> str:
    return "0" * len(spec) if kind == "L" else "_" * len(spec)


def _assigns(sql: str, operation: Operation) -> bool:
    return isinstance(operation, CreateTable) and sql[:6].upper() in ("SELECT", "WITH")
