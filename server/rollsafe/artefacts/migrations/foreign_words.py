"""Statements of MySQL and SQLite in PostgreSQL's words, as far as both say the same."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from rollsafe.artefacts.migrations.names import quoted
from rollsafe.formats.sql_foreign import Kind, Token

_TYPES: Final = {
    **dict.fromkeys(("TINYTEXT", "MEDIUMTEXT", "LONGTEXT", "ENUM", "SET"), "text"),
    **dict.fromkeys(("TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB", "BINARY", "VARBINARY"), "bytea"),
    **dict.fromkeys(("TINYINT", "YEAR"), "smallint"),
    **dict.fromkeys(("MEDIUMINT", "INT", "INTEGER"), "integer"),
    "BIGINT": "bigint",
    "SMALLINT": "smallint",
    "DATETIME": "timestamp",
    "DOUBLE": "double precision",
}
_LEFT_OUT: Final = frozenset({"AUTO_INCREMENT", "AUTOINCREMENT", "UNSIGNED", "SIGNED", "ZEROFILL"})
_INDEX_WORDS: Final = frozenset({"KEY", "INDEX", "FULLTEXT", "SPATIAL"})
_OPTIONS: Final = frozenset({"ALGORITHM", "LOCK"})
Tokens = tuple[Token, ...]


class Said(NamedTuple):
    """A statement in PostgreSQL's words, possibly several, and its options such as `ALGORITHM`."""

    texts: tuple[str, ...]
    options: dict[str, str]


def said(tokens: Tokens) -> Said:
    """Return what a statement says in PostgreSQL's words."""
    rest, options = _without_options(tokens)
    words = [one.word for one in rest[:6] if one.kind is Kind.WORD]
    match words:
        case ["PRAGMA", *_] if len(rest) > 3:
            return Said((), {"PRAGMA": f"{rest[1].word} {rest[3].word}"})
        case ["RENAME", "TABLE", *_]:
            return Said(tuple(_renames(rest[2:])), options)
        case ["CREATE", "TABLE" | "TEMPORARY", *_]:
            return Said((_created(rest),), options)
        case ["ALTER", "TABLE" | "IGNORE", *_]:
            return Said(tuple(_altered(rest)), options)
        case ["DROP", "INDEX", *_]:
            return Said((_text(_before(rest, "ON")),), options)
        case ["CREATE", "INDEX" | "UNIQUE", *_]:
            return Said((_text(_whole_columns(rest)),), options)
        case _:
            return Said((_text(rest),), options)


def _without_options(tokens: Tokens) -> tuple[Tokens, dict[str, str]]:
    """Take `ALGORITHM = x` and `LOCK = x` out, with the comma that parts them from the rest."""
    options: dict[str, str] = {}
    rest: list[Token] = []
    at = 0
    while at < len(tokens):
        value = at + 2 if at + 1 < len(tokens) and tokens[at + 1].text == "=" else at + 1
        is_option = tokens[at].kind is Kind.WORD and tokens[at].word in _OPTIONS
        if is_option and value < len(tokens) and tokens[value].kind is Kind.WORD and at:
            options[tokens[at].word] = tokens[value].word
            if rest[-1].text == ",":
                rest.pop()
            at = value + 1
            if len(rest) <= _HEAD_OF_ALTER and at < len(tokens) and tokens[at].text == ",":
                at += 1
        else:
            rest.append(tokens[at])
            at += 1
    return tuple(rest), options


_HEAD_OF_ALTER: Final = 5


def _renames(tokens: Tokens) -> Iterator[str]:
    for pair in _elements(tokens):
        words = [one.word for one in pair]
        if "TO" in words:
            middle = words.index("TO")
            yield f"ALTER TABLE {_text(pair[:middle])} RENAME TO {_text(pair[middle + 1 :][-1:])}"


def _created(tokens: Tokens) -> str:
    """Return a CREATE TABLE without the options behind its body, and without its plain indexes."""
    opening = next((at for at, one in enumerate(tokens) if one.text == "("), len(tokens))
    closing = _closing(tokens, opening)
    if opening >= len(tokens):
        return _text(tokens)
    rows = (_element(one) for one in _elements(tokens[opening + 1 : closing]))
    return f"{_text(tokens[:opening])} ({', '.join(row for row in rows if row)})"


def _element(tokens: Tokens) -> str:
    words = [one.word if one.kind is Kind.WORD else "" for one in tokens[:5]]
    if words[:1] and words[0] in _INDEX_WORDS:
        return ""
    if "UNIQUE" in (words[:1] or [""])[0] or words[:1] == ["CONSTRAINT"]:
        return _text(_bare_key(tokens))
    return _text(tokens)


def _bare_key(tokens: Tokens) -> Tokens:
    """Return `UNIQUE (…)` for `UNIQUE KEY name (…)`; an index has no name of its own there."""
    for at, one in enumerate(tokens[:5]):
        if one.kind is Kind.WORD and one.word == "UNIQUE":
            start = next((k for k in range(at, len(tokens)) if tokens[k].text == "("), len(tokens))
            return (*tokens[: at + 1], *_whole_columns(tokens[start:]))
    return tokens


def _whole_columns(tokens: Tokens) -> Tokens:
    """Return the columns of an index without the lengths of those that are indexed in part: `a (10)`."""
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        length = tokens[at : at + 3]
        if [one.text for one in length[::2]] == ["(", ")"] and length[1].kind is Kind.NUMBER:
            at += 3
        else:
            found.append(tokens[at])
            at += 1
    return tuple(found)


def _altered(tokens: Tokens) -> Iterator[str]:
    """Yield an ALTER TABLE, one statement for each of its commands."""
    start = next(at for at, one in enumerate(tokens) if one.word == "TABLE") + 1
    while start < len(tokens) and tokens[start].word in ("IF", "EXISTS"):
        start += 1
    end = start + 3 if start + 2 < len(tokens) and tokens[start + 1].text == "." else start + 1
    table = _text(tokens[start:end])
    for command in _elements(tokens[end:]):
        yield from (f"{one}" for one in _command(table, command))


def _command(table: str, command: Tokens) -> Iterator[str]:
    words = [one.word if one.kind is Kind.WORD else "" for one in command[:4]]
    alter = f"ALTER TABLE {table}"
    match words:
        case ["MODIFY" | "CHANGE", *_]:
            yield from _modified(alter, command)
        case ["ADD", "KEY" | "INDEX" | "FULLTEXT" | "SPATIAL", *_]:
            name = command[2] if len(command) > 2 and command[2].text != "(" else None
            keys = command[next((k for k, one in enumerate(command) if one.text == "("), 0) :]
            yield f"CREATE INDEX {_text((name,)) if name else ''} ON {table} {_text(_whole_columns(keys))}"
        case ["ADD", "UNIQUE", *_] | ["ADD", "CONSTRAINT", *_]:
            yield f"{alter} {_text(_bare_key(command))}"
        case ["DROP", "KEY" | "INDEX", *_]:
            yield f"DROP INDEX {_text(command[2:3])}"
        case ["DROP", "FOREIGN", "KEY", *_]:
            yield f"{alter} DROP CONSTRAINT {_text(command[3:4])}"
        case ["DROP", "PRIMARY", *_]:
            yield f"{alter} DROP CONSTRAINT primary_key"
        case _:
            yield f"{alter} {_text(_placed(command))}"


def _modified(alter: str, command: Tokens) -> Iterator[str]:
    """Yield what states a whole column again: its type, and whether it may be NULL."""
    rest = command[2:] if command[1:2] and command[1].word == "COLUMN" else command[1:]
    if command[0].word == "CHANGE":
        if len(rest) > 1 and rest[0].word != rest[1].word:
            yield f"{alter} RENAME COLUMN {_text(rest[:1])} TO {_text(rest[1:2])}"
        rest = rest[1:]
    rest = _placed(rest)
    if len(rest) < 2:
        return
    name, words = _text(rest[:1]), [one.word for one in rest]
    required = any(pair == ("NOT", "NULL") for pair in pairwise(words))
    yield f"{alter} ALTER COLUMN {name} {'SET' if required else 'DROP'} NOT NULL"


def _placed(command: Tokens) -> Tokens:
    """Return a command without `FIRST` or `AFTER column` at its end."""
    if len(command) > 2 and command[-2].word == "AFTER" and command[-2].kind is Kind.WORD:
        return command[:-2]
    return command[:-1] if len(command) > 2 and command[-1].word == "FIRST" else command


def _elements(tokens: Tokens) -> Iterator[Tokens]:
    """Yield what commas outside of parentheses part."""
    depth, start = 0, 0
    for at, one in enumerate(tokens):
        depth += (one.text == "(") - (one.text == ")")
        if one.text == "," and depth <= 0:
            yield tokens[start:at]
            start = at + 1
    if tokens[start:]:
        yield tokens[start:]


def _closing(tokens: Tokens, opening: int) -> int:
    depth = 0
    for at in range(opening, len(tokens)):
        depth += (tokens[at].text == "(") - (tokens[at].text == ")")
        if depth == 0 and at > opening:
            return at
    return len(tokens)


def _before(tokens: Tokens, word: str) -> Tokens:
    found = (at for at, one in enumerate(tokens) if one.kind is Kind.WORD and one.word == word)
    return tokens[: next(found, len(tokens))]


def _text(tokens: Tokens) -> str:
    """Return tokens as PostgreSQL has them: other quotes, other types, without what it does not know."""
    found: list[str] = []
    at = 0
    while at < len(tokens):
        one, before = tokens[at], tokens[at - 1] if at else None
        skipped = _skipped(tokens, at)
        is_type = before is not None and before.kind in (Kind.NAME, Kind.WORD) and _is_type(tokens, at)
        if skipped:
            at += skipped
            continue
        if one.kind is Kind.WORD and is_type:
            found.append(_TYPES[one.word])
            if at + 1 < len(tokens) and tokens[at + 1].text == "(":
                at = _closing(tokens, at + 1)
        else:
            found.append(_written(one))
        at += 1
    return " ".join(found)


def _is_type(tokens: Tokens, at: int) -> bool:
    """Say whether a word is a type; `SET` and `ENUM` are with their values only."""
    listed = at + 1 < len(tokens) and tokens[at + 1].text == "("
    return tokens[at].word in _TYPES and (listed or tokens[at].word not in ("SET", "ENUM"))


def _written(one: Token) -> str:
    match one.kind:
        case Kind.NAME:
            return quoted(one.word)
        case Kind.STRING:
            return one.text if "\\" not in one.text else "'?'"
        case _:
            return one.text


def _skipped(tokens: Tokens, at: int) -> int:
    """Return how many tokens from `at` on PostgreSQL has no word for; 0 for none."""
    if tokens[at].kind is not Kind.WORD:
        return 0
    match [one.word for one in tokens[at : at + 3]]:
        case [word, *_] if word in _LEFT_OUT:
            return 1
        case ["CHARACTER", "SET", _]:
            return 3
        case ["CHARSET" | "COLLATE", *_]:
            return 2
        case ["COMMENT", *_] if at + 1 < len(tokens) and tokens[at + 1].kind is Kind.STRING:
            return 2
        case ["ON", "UPDATE", word] if word.startswith(("CURRENT_TIMESTAMP", "NOW")):
            called = tokens[at + 3 : at + 4] and tokens[at + 3].text == "("
            return _closing(tokens, at + 3) + 1 - at if called else 3
        case _:
            return 0
