"""What lets MySQL refuse a change that it cannot make beside the writes of others."""

from rollsafe.artefacts.migrations import Dialect, ForeignStatement
from rollsafe.artefacts.migrations.foreign_locks import Way, way_of
from rollsafe.artefacts.migrations.operations import CreateTable, RenameTable
from rollsafe.formats.sql_foreign import Kind, Token
from rollsafe.text import Edit, Span

BESIDE = "ALGORITHM=INPLACE, LOCK=NONE"
"""What asks for it in an ALTER TABLE; CREATE INDEX and DROP INDEX take it without the comma."""


def is_possible_beside_writes(statement: ForeignStatement) -> bool:
    """Say whether MySQL and MariaDB can make every change of a statement while others write."""
    if statement.dialect is not Dialect.MYSQL or not statement.operations:
        return False
    every = statement.operations
    ways = {way_of(one, every, checks_keys=statement.checks_keys) for one in every}
    return ways == {Way.BESIDE} and not any(statement.of(CreateTable, RenameTable))


def asking_for_it(statement: ForeignStatement) -> tuple[Edit, ...]:
    """Return the edits that make a statement fail where it would block writes; none for a program's."""
    if statement.file.host is not statement.file:
        return ()
    if statement.options:
        return tuple(_instead(statement))
    first = statement.tokens[0].word
    text = f", {BESIDE}" if first == "ALTER" else f" {BESIDE.replace(',', '')}"
    return (Edit(Span(statement.end, statement.end), text),)


def _instead(statement: ForeignStatement) -> list[Edit]:
    """Return the edits of the options that are there; both are said afterwards."""
    found: list[Edit] = []
    wanted = {"ALGORITHM": "INPLACE", "LOCK": "NONE"}
    for at, one in enumerate(statement.tokens):
        value = _value(statement.tokens[at + 1 : at + 3]) if one.word in statement.options else None
        if one.kind is not Kind.WORD or value is None:
            continue
        name, comma = one.word, "," if statement.tokens[0].word == "ALTER" else ""
        text = wanted[name]
        if name == "ALGORITHM" and "LOCK" not in statement.options:
            text = f"{text}{comma} LOCK=NONE"
        if value.word != text and (name == "LOCK" or value.word == "COPY"):
            found.append(Edit(Span(value.start, value.end), text))
    return found


def _value(tokens: tuple[Token, ...]) -> Token | None:
    return next((one for one in tokens if one.kind is Kind.WORD), None)
