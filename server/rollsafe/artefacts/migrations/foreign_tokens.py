"""Where the parts of a statement of MySQL or SQLite lie, by its tokens."""

from collections.abc import Iterator

from rollsafe.artefacts.migrations.names import TableName
from rollsafe.formats.sql_foreign import Kind, Token

Tokens = tuple[Token, ...]


def words_of(tokens: Tokens) -> list[str]:
    """Return the bare words among tokens, in upper case."""
    return [one.word for one in tokens if one.kind is Kind.WORD]


def name_of(tokens: Tokens) -> TableName:
    """Return the table that `name` or `schema.name` names, unquoted words in lower case."""
    parts = (one.word if one.kind is Kind.NAME else _folded(one.text) for one in tokens if one.text != ".")
    return TableName.of(tuple(parts))


def _folded(text: str) -> str:
    """Return an unquoted name in lower case, but for a placeholder in it."""
    return text if "${" in text else text.lower()


def table_end(tokens: Tokens, at: int) -> int:
    """Return where the name of a table that begins at `at` ends."""
    end = min(at + 1, len(tokens))
    return min(end + 2, len(tokens)) if end < len(tokens) and tokens[end].text == "." else end


def elements(tokens: Tokens) -> Iterator[Tokens]:
    """Yield what commas outside of parentheses part, empty ones left out."""
    depth, start = 0, 0
    for at, one in enumerate(tokens):
        depth += (one.text == "(") - (one.text == ")")
        if one.text == "," and depth <= 0:
            if at > start:
                yield tokens[start:at]
            start = at + 1
    if tokens[start:]:
        yield tokens[start:]


def opening(tokens: Tokens) -> int:
    """Return the index of the first parenthesis; the number of tokens without one."""
    return next((at for at, one in enumerate(tokens) if one.text == "("), len(tokens))


def closing(tokens: Tokens, at: int) -> int:
    """Return the index of the parenthesis that closes the one at `at`; the number of tokens without one."""
    depth = 0
    for here in range(at, len(tokens)):
        depth += (tokens[here].text == "(") - (tokens[here].text == ")")
        if depth == 0:
            return here
    return len(tokens)


def before(tokens: Tokens, word: str) -> Tokens:
    """Return the tokens before a bare word, all of them without it."""
    found = (at for at, one in enumerate(tokens) if one.kind is Kind.WORD and one.word == word)
    return tokens[: next(found, len(tokens))]
