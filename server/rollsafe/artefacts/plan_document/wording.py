"""What the words around a name tell: what it is, and what the plan means to do to it."""

import re
from enum import StrEnum
from typing import Final

from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_NAME = lazily(r"[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*", re.A)
_VARIABLE = lazily(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*", re.A)
_PORT = lazily(r"\d{2,5}", re.A)
_LONGEST: Final = 63
_NEXT_TO: Final = 30
"""How far before a name the words that belong to it can begin."""


class MentionKind(StrEnum):
    """What a mentioned name stands for, as far as the text around it tells."""

    FILE = "file"
    DIRECTORY = "directory"
    SERVICE = "service"
    TABLE = "table"
    ENVIRONMENT = "environment"
    VARIABLE = "variable"
    PORT = "port"


class Intent(StrEnum):
    """Whether the plan takes a thing to be there, makes it, or takes it away."""

    NAMED = "named"
    CREATED = "created"
    REMOVED = "removed"


class Words(NamedTuple):
    """The words around a name.

    `before` and `after` are of its own sentence (in a table: of its row), `lead` introduces the list
    it is in, `heading` is that of its section, `column` that of its table column; empty when absent.
    """

    before: str
    after: str
    lead: str
    heading: str
    column: str


class _Clue(NamedTuple):
    """Words next to a name that tell what it is, and the shape such a name has."""

    kind: MentionKind
    shape: re.Pattern[str]
    before: re.Pattern[str]
    after: re.Pattern[str]
    column: re.Pattern[str]


def _clue(kind: MentionKind, shape: re.Pattern[str], words: str, column: str) -> _Clue:
    other = r"(?!\s+(?:accounts?|mesh|levels?|workers?|files?|names?|variables?|discovery)\b)"
    return _Clue(
        kind,
        shape,
        re.compile(rf"(?<![\w-])(?:{words})s?:?\s*\Z", re.I),
        re.compile(rf"\s+(?:{words})s?\b{other}", re.I),
        re.compile(rf"\W*(?:{column})s?\W*\Z", re.I),
    )


_CLUES: Final = (
    _clue(
        MentionKind.VARIABLE,
        _VARIABLE,
        r"env|(?:env(?:ironment)?\s+)?var(?:iable)?",
        r"(?:env(?:ironment)?\s+)?variable",
    ),
    _clue(MentionKind.SERVICE, _NAME, r"(?:micro)?service|workload|deployment", r"(?:micro)?service"),
    _clue(MentionKind.TABLE, _NAME, r"(?:database\s+|db\s+)?table", r"(?:database\s+)?table"),
    _clue(MentionKind.ENVIRONMENT, _NAME, r"env(?:ironment)?", r"env(?:ironment)?"),
    _clue(MentionKind.PORT, _PORT, r"port", r"port"),
)
_OTHER_TABLES = lazily(r"\b(?:rout(?:e|ing)|hash|lookup|truth|ip|decision|nat)\s+tables?\s*\Z", re.I)

_MAKES = lazily(
    r"\b(?:creat|add|introduc|generat|writ|scaffold|produc|emit)(?:e|es|ed|ing|s)?\b|\bnew\b"
    r"|\btests?:[\s*_]*\Z",
    re.I,
)
_TAKES_AWAY = lazily(
    r"\b(?:delet|remov|drop|dropp|retir|decommission|deprecat|replac)(?:e|es|ed|ing|s)?\b"
    r"|\b(?:old|legacy|former(?:ly)?|previous(?:ly)?|used to|no longer|instead of)\b",
    re.I,
)
_TURNS_INTO = lazily(r"\b(?:renam|mov|cop|split|extract)\w{0,10}\b.{0,120}\b(?:to|into|as)\s*\Z", re.I | re.S)
_REFERS = lazily(
    r"\b(?:to|in|into|inside|within|from|of|on|at|by|via|with|using|see|per|under|against)"
    r"(?:\s+the)?\s*\Z",
    re.I,
)
_MADE_AFTER = lazily(
    r"\s*(?:\(?(?:new|to be (?:created|added|written)|planned)\b|(?:is|are|will be|gets?)\s+"
    r"(?:new|created|added|generated|introduced))",
    re.I,
)
_GONE_AFTER = lazily(
    r"\s*(?:\(?(?:deleted|removed)\b|(?:is|are|was|were|will be|gets?)\s+"
    r"(?:deleted|removed|dropped|retired|gone|replaced))",
    re.I,
)
_LISTS_NEW = lazily(
    r"\bnew (?:files?|modules?|components?|services?|tables?)\b|\bto (?:be )?(?:create|add)d?\b"
    r"|\b(?:file|directory|folder|proposed|target) (?:structure|layout|tree)\b|\bdeliverables\b",
    re.I,
)


def may_be_named(text: str) -> bool:
    """Say whether `text` has the shape of any name that words could explain."""
    return len(text) <= _LONGEST and any(clue.shape.fullmatch(text) for clue in _CLUES)


def kind_by_words(name: str, words: Words) -> MentionKind | None:
    """Return what `name` is by the words next to it or above its column; None when they do not say."""
    before = words.before[-_NEXT_TO:]
    for clue in _CLUES:
        if clue.shape.fullmatch(name) is None:
            continue
        if clue.kind is MentionKind.TABLE and _OTHER_TABLES.search(before):
            continue
        if clue.before.search(before) or clue.after.match(words.after) or clue.column.match(words.column):
            return clue.kind
    return None


def intent_of(words: Words) -> Intent:
    """Return what the plan means to do; a thing it may be about to create counts as created."""
    if _TURNS_INTO.search(words.before) or _MADE_AFTER.match(words.after):
        return Intent.CREATED
    if _GONE_AFTER.match(words.after):
        return Intent.REMOVED
    if _REFERS.search(words.before[-_NEXT_TO:]):
        return Intent.NAMED
    nearby = f"{words.lead} {words.before}"
    makes, takes = _last(_MAKES, nearby), _last(_TAKES_AWAY, nearby)
    if makes < 0 and takes < 0:
        return Intent.CREATED if _LISTS_NEW.search(words.heading) else Intent.NAMED
    return Intent.CREATED if makes > takes else Intent.REMOVED


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((match.start() for match in pattern.finditer(text)), default=-1)
