"""Tables and indexes that MySQL and SQLite make, out of sqlglot's tree."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations.dialect import Dialect
from rollsafe.artefacts.migrations.foreign_columns import (
    Part,
    added,
    column_of,
    constraints_of,
    new_index,
    table_of,
)
from rollsafe.artefacts.migrations.foreign_tokens import (
    Tokens,
    closing,
    elements,
    name_of,
    opening,
    table_end,
    words_of,
)
from rollsafe.artefacts.migrations.operations import CreateIndex, CreateTable, Operation
from rollsafe.artefacts.migrations.pieces import Column, Constraint
from rollsafe.formats.sql_foreign import Kind
from rollsafe.formats.sql_foreign_tree import ForeignNode, Shift, parse

_MADE_OF: Final = 8
"""Within so many tokens the head of a CREATE ends."""
_KINDS_OF_INDEX: Final = frozenset({"FULLTEXT", "SPATIAL"})


def created_table(tokens: Tokens, whole: Part) -> Iterator[Operation]:
    """Yield a CREATE TABLE and the indexes in its body."""
    at = _name_at(tokens, "TABLE")
    if at >= len(tokens):
        return
    end = table_end(tokens, at)
    table = name_of(tokens[at:end])
    has_body = end < len(tokens) and tokens[end].text == "("
    body = tuple(elements(tokens[end + 1 : closing(tokens, end)])) if has_body else ()
    after = words_of(tokens[closing(tokens, end) :] if has_body else tokens[end:])
    like = name_of(tokens[end + 1 : table_end(tokens, end + 1)]) if after[:1] == ["LIKE"] else None
    columns: list[Column] = []
    constraints: list[Constraint] = []
    indexes: list[CreateIndex] = []
    for node, part in _read_body(tokens[: end + 1], body, whole):
        if node.kind in ("ColumnDef", "Identifier"):
            columns.append(column_of(node, part))
        else:
            constraints += constraints_of(node, part)
            indexes += [one for one in added(node, table, part) if isinstance(one, CreateIndex)]
    words = words_of(tokens[:at])
    yield CreateTable(
        *(0, len(whole.text), table, tuple(columns), tuple(constraints)),
        if_not_exists="EXISTS" in words,
        is_temporary=not {"TEMP", "TEMPORARY"}.isdisjoint(words),
        from_query="SELECT" in after,
        like=like,
    )
    yield from indexes


def _read_body(head: Tokens, body: tuple[Tokens, ...], whole: Part) -> Iterator[tuple[ForeignNode, Part]]:
    """Yield what the body of a table defines: read as a whole, or one by one where that is not understood."""
    parts = [_part(one, whole) for one in body]
    if not body:
        return
    tree = parse(f"{whole.text[: body[-1][-1].end]})", whole.dialect)
    nodes = _defined(tree)
    if len(nodes) == len(parts):
        yield from zip(nodes, parts, strict=True)
        return
    lead = whole.text[: head[-1].end]
    for part in parts:
        alone = parse(f"{lead}{part.text})", whole.dialect, Shift(len(lead), part.start - len(lead)))
        yield from ((node, part) for node in _defined(alone)[:1])


def _part(tokens: Tokens, whole: Part) -> Part:
    start, end = tokens[0].start, tokens[-1].end
    return Part(whole.dialect, start, end, whole.text[start:end])


def _defined(tree: ForeignNode | None) -> list[ForeignNode]:
    schema = tree.child("this") if tree is not None else None
    return schema.children("expressions") if schema is not None and schema.kind == "Schema" else []


def created_index(tokens: Tokens, whole: Part) -> Iterator[Operation]:
    """Yield a CREATE INDEX; the library knows neither its kind nor `USING`, which are passed over."""
    skipped: list[tuple[int, int]] = []
    method = ""
    for at, one in enumerate(tokens[: opening(tokens)]):
        if one.kind is Kind.WORD and one.word in _KINDS_OF_INDEX:
            method = one.word.lower()
            skipped.append((one.start, one.end))
        elif one.kind is Kind.WORD and one.word == "USING" and whole.dialect is Dialect.MYSQL:
            skipped.append((one.start, tokens[min(at + 1, len(tokens) - 1)].end))
    text = whole.text[: tokens[-1].end]
    for start, end in skipped:
        text = text[:start] + " " * (end - start) + text[end:]
    tree = parse(text, whole.dialect)
    index = tree.child("this") if tree is not None else None
    table = index.child("table") if index is not None else None
    params = index.child("params") if index is not None else None
    if tree is None or index is None or table is None or params is None:
        return
    keys = tuple(_key(one) for one in params.children("columns"))
    yield new_index(whole, table_of(table), index.child("this"), keys, method, is_unique=tree.flag("unique"))


def _key(node: ForeignNode) -> str:
    """Return the column of a part of an index; empty for an expression."""
    inner = node.child("this") if node.kind == "Ordered" else node
    plain = inner is not None and inner.kind in ("Column", "Identifier", "ColumnPrefix", "Collate")
    return node.name if plain else ""


def _name_at(tokens: Tokens, word: str) -> int:
    """Return where the name after `word [IF NOT EXISTS]` begins."""
    found = (at for at, one in enumerate(tokens[:_MADE_OF]) if one.kind is Kind.WORD and one.word == word)
    at = next(found, len(tokens)) + 1
    while at < len(tokens) and tokens[at].kind is Kind.WORD and tokens[at].word in ("IF", "NOT", "EXISTS"):
        at += 1
    return at
