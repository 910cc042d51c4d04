"""Where findings about migrations point, and the words they share."""

import re
from fnmatch import fnmatchcase
from typing import Final

from rollsafe.artefacts.migrations import Statement, TableName
from rollsafe.artefacts.migrations.locks import LockFact
from rollsafe.artefacts.migrations.operations import Operation
from rollsafe.artefacts.translated import TranslatedFile
from rollsafe.formats.sql_tokens import NAME, WORD, tokens
from rollsafe.rules.api import Confidence, Finding, Severity
from rollsafe.text import Located, Span
from rollsafe.text.patterns import lazily
from rollsafe.text.records import replace
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import is_emptied
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import is_lookup

_WORDS = lazily(r"[A-Za-z]{2,}")
_REASON = lazily(
    r"\b(?:already|because|before|cannot|copied|deprecated|dead|due|empty|ensures?|expand|has|have|instead|"
    r"intention\w*|is|are|kept|legacy|moved|must|never|not|nothing|nobody|no longer|obsolete|only|otherwise|"
    r"purpose|reason|replaced|safe|since|so that|superseded|until|unused|was|were|when|will)\b",
    re.I,
)
_ANNOTATION = lazily(
    r"\+\w|migrate:|>|squawk|noqa|rollsafe:|changeset|liquibase|preconditions|warnings:"
    r"|(?:up|down) migration",
    re.I,
)
_LEAST_WORDS: Final = 4
REFERENCES: Final = frozenset({"add_reference", "add_belongs_to", "references", "belongs_to"})
"""The calls of Rails that ask for a column, its index and its foreign key in one."""
_CALL = lazily(r"[\w.]+")
_LONGEST_CALL: Final = 200


def head(statement: Statement, operation: Located, *words: str) -> Span:
    """Return the words by which an operation begins, up to the first of `words` (upper case).

    The whole operation where none of them occurs.
    """
    for token in tokens(statement.file.text_for(operation), operation.start, operation.end):
        if token.kind == WORD and token.word in words:
            return Span(operation.start, token.end)
    return Span(operation.start, operation.end)


def clause(statement: Statement, operation: Operation, *words: str) -> Span:
    """Return where `words` (upper case) stand in a row in an operation; the whole operation if nowhere."""
    return statement.words(operation, *words) or Span.of(operation)


def opening(statement: Statement) -> Span:
    """Return the words a statement begins with, such as `ALTER TABLE orders`."""
    end = statement.start
    for count, token in enumerate(tokens(statement.file.text_for(statement), statement.start, statement.end)):
        if count and token.kind not in (WORD, NAME):
            break
        end = token.end
        if count == len(statement.kind.split()):
            break
    return Span(statement.start, max(end, statement.start + 1))


def asks_with(statement: Statement, place: Located, names: frozenset[str]) -> bool:
    """Say whether a program asks for `place` with a call of one of these names; no in a file of SQL."""
    file = statement.file
    if not isinstance(file, TranslatedFile):
        return False
    for part in file.touched(place):
        words = _CALL.match(file.host.text[part.place.start : part.place.start + _LONGEST_CALL])
        if words is not None and words[0].rpartition(".")[2] in names:
            return True
    return False


def waits(fact: LockFact | None, table: object) -> str:
    """Return who waits for a lock: "reads and writes of `orders` wait"."""
    if fact is None or not fact.blocks_writes:
        return f"other changes of `{table}` wait"
    return f"{'reads and writes' if fact.blocks_reads else 'writes'} of `{table}` wait"


def reason_for(statement: Statement, place: Located) -> str:
    """Return the comment that says why a change is made: on its line, or right above; else nothing.

    Comments that say what a statement does, warnings of code generators and annotations of tools are no
    reason.
    """
    if not statement.migration.comments:
        return ""
    for start in (place.start, statement.start):
        words = " ".join(_comments_at(statement, start))
        if len(_WORDS.findall(words)) >= _LEAST_WORDS and _REASON.search(words):
            return words
    return ""


def _comments_at(statement: Statement, offset: int) -> list[str]:
    """Return the comments on the line of `offset` and those that end right above it, in order."""
    lines = statement.file.lines
    own = upper = lines.line_of(offset)
    found: list[str] = []
    for comment in reversed(statement.migration.comments):
        first, last = lines.line_of(comment.start), lines.line_of(comment.end)
        if last > own or _ANNOTATION.match(comment.body):
            continue
        if first != own and (last != upper - 1 or lines.line_text(first).lstrip()[:1] not in ("-", "/")):
            break
        found.insert(0, comment.body)
        upper = first
    return found


def milder(statement: Statement, place: Located) -> Severity | None:
    """Return the severity of a change that somebody explained: told, but not pressed; else None."""
    return Severity.INFO if reason_for(statement, place) else None


def by_rows(
    finding: Finding, table: TableName, statement: Statement, graph: Graph, settings: Settings
) -> Finding:
    """Return a finding about time spent on all rows as their number asks for.

    A hint where there are few or none: where the settings say so, migrations list the table's rows, or the
    file has just deleted all of them. An error where the settings call the table large, unless its author
    has explained the change.
    """
    known = settings.migrations
    if _is_one_of(table, known.large_tables):
        return finding if finding.severity is not None else replace(finding, severity=Severity.ERROR)
    is_small = _is_one_of(table, known.small_tables) or is_emptied(table, statement)
    if not is_small and not is_lookup(table, statement, graph):
        return finding
    return replace(finding, severity=Severity.HINT, confidence=Confidence.LOW)


def _is_one_of(table: TableName, patterns: tuple[str, ...]) -> bool:
    names = (table.key, table.name)
    return any(fnmatchcase(name, pattern.lower()) for pattern in patterns for name in names)
