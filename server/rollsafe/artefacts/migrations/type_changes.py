"""Whether changing a column's type rewrites the table, where the type before is known."""

from itertools import accumulate
from typing import Final

from rollsafe.artefacts.migrations.pieces import TypeRef
from rollsafe.formats.sql_tokens import NAME, WORD, Token, tokens

_TEXTS: Final = frozenset({"text", "varchar"})
_TIMES: Final = frozenset({"timestamp", "timestamptz", "time", "timetz"})


def rewrites(old: TypeRef, new: TypeRef) -> bool:
    """Say whether `ALTER COLUMN … TYPE new` writes every row again; widening does not.

    `timestamp` to `timestamptz` counts as a rewrite: only a session in UTC is spared it.
    """
    if old.is_array != new.is_array:
        return True
    if old.name in _TEXTS and new.name in _TEXTS:
        return not _as_wide(old, new)
    if old.name == new.name == "numeric":
        return not _as_precise(old, new)
    if old.name == new.name and (old.name in _TIMES or old.name == "bit varying"):
        return not _as_wide(old, new)
    if old.name == "text" and new.name == "citext":
        return False
    return (old.name, old.schema, old.modifiers) != (new.name, new.schema, new.modifiers)


def _as_wide(old: TypeRef, new: TypeRef) -> bool:
    """Say whether `new` takes any length, or at least the length of `old`."""
    if not new.modifiers or new.name == "text":
        return True
    return bool(old.modifiers) and old.name == new.name and new.modifiers[0] >= old.modifiers[0]


def _as_precise(old: TypeRef, new: TypeRef) -> bool:
    if not new.modifiers:
        return True
    if not old.modifiers:
        return False
    scale_before, scale_after = ((*one.modifiers, 0)[1] for one in (old, new))
    return scale_before == scale_after and new.modifiers[0] >= old.modifiers[0]


def is_plain_cast(expression: str, column: str, new: TypeRef) -> bool:
    """Say whether an expression after USING is the column itself, at most cast to its new type."""
    row = _bare(list(tokens(expression)))
    if [token.word for token in row[:2]] == ["CAST", "("] and row[-1].word == ")":
        middle = next((at for at, token in enumerate(row) if token.word == "AS"), 0)
        return _is_column(row[2:middle], column) and _is_type(expression, row[middle + 1 : -1], new)
    middle = next((at for at, token in enumerate(row) if token.word == "::"), len(row))
    rest = row[middle + 1 :]
    return _is_column(row[:middle], column) and (not rest or _is_type(expression, rest, new))


def _bare(row: list[Token]) -> list[Token]:
    """Return an expression without the parentheses around all of it."""
    while len(row) > 2 and (row[0].word, row[-1].word) == ("(", ")"):
        depths = accumulate((one.word == "(") - (one.word == ")") for one in row[:-1])
        if min(depths) == 0:
            break
        row = row[1:-1]
    return row


def _is_column(row: list[Token], column: str) -> bool:
    row = _bare(row)
    if len(row) != 1 or row[0].kind not in (WORD, NAME):
        return False
    word = row[0].word
    return column == (word[1:-1].replace('""', '"') if row[0].kind == NAME else word.lower())


def _is_type(expression: str, row: list[Token], new: TypeRef) -> bool:
    written = expression[row[0].start : row[-1].end] if row else ""
    return "".join(written.split()).lower() == "".join(new.text.split()).lower()
