"""What a goal asks for in so many words: a column renamed, a queue between two services, a store replaced.

Only what is said plainly is taken; a goal that says none of this is planned for by its themes.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Final

from rollsafe.artefacts.known_images import PRODUCTS
from rollsafe.text.tuples import NamedTuple

_LONGEST: Final = 4_000
_MOST: Final = 4
_QUOTES = re.compile("[`'\"\u201c\u201d\u2018\u2019\u00ab\u00bb]")
_N: Final = r"[A-Za-z_]\w*(?:[.-]\w+)*"
_PLAIN: Final = r"[A-Za-z_]\w*"
_THE: Final = r"(?:the\s+|an?\s+|our\s+|all\s+)?"
_FROM: Final = r"(?:of|in|on|from|to|for)"
_TABLE: Final = rf"(?:{_FROM}\s+{_THE}(?:table\s+)?(?P<table>{_PLAIN}(?:\.{_PLAIN})?)(?:\s+table)?)"
_QUEUE: Final = (
    r"(?:queue|broker|topic|stream|message\s+bus|event\s+bus|message\s+queue|message\s+broker|kafka|rabbitmq|nats|sqs"
    r"|pub[/-]?sub)"
)


class Act(StrEnum):
    """What is to be done."""

    RENAME_COLUMN = "rename column"
    DROP_COLUMN = "drop column"
    ADD_COLUMN = "add column"
    REQUIRE_COLUMN = "make column required"
    CHANGE_TYPE = "change type"
    RENAME_TABLE = "rename table"
    DROP_TABLE = "drop table"
    ADD_INDEX = "add index"
    RENAME_KEY = "rename key"
    SET_KEY = "set key"
    QUEUE = "queue between"
    REPLACE = "replace"
    UPGRADE = "upgrade"
    REMOVE = "remove service"
    EXTRACT = "extract service"
    NEW_SERVICE = "new service"
    SCALE = "scale"
    PROBE = "add probe"


class Move(NamedTuple):
    """One thing a goal asks for.

    `subject` is what it is done to, `new` what comes of it: a name, a type, a number. `where` is the table,
    service or environment it is in, `old` the version or product of before, as the goal has it.
    """

    act: Act
    subject: str
    new: str = ""
    where: str = ""
    old: str = ""


def read_moves(text: str) -> tuple[Move, ...]:
    """Return what a goal asks for, in the order it says it; each stretch of it is read once."""
    plain = " ".join(_QUOTES.sub("", text[:_LONGEST]).split())
    found: list[tuple[int, int, Move]] = []
    for pattern, make in _PATTERNS:
        for match in pattern.finditer(plain):
            move = make(match)
            if move is not None and not any(
                start < match.end() and match.start() < end for start, end, _ in found
            ):
                found.append((match.start(), match.end(), move))
    return tuple(dict.fromkeys(move for _, _, move in sorted(found, key=lambda one: one[0])))[:_MOST]


def product_of(word: str) -> str | None:
    """Return the product a word names, in its own spelling: `postgres` is PostgreSQL."""
    lower = word.lower()
    return PRODUCTS.get(_SHORT.get(lower, lower))


_SHORT: Final[Mapping[str, str]] = {
    "postgres": "postgresql", "pg": "postgresql", "mongo": "mongodb", "elastic": "elasticsearch",
    "cockroach": "cockroachdb", "mssql": "sql server", "rabbit": "rabbitmq",
}  # fmt: skip


# Patterns ----------------------------------------------------------------------------------------

_Make = Callable[[re.Match[str]], Move | None]


def _column(act: Act) -> _Make:
    def make(match: re.Match[str]) -> Move | None:
        groups = match.groupdict()
        column, table = groups["column"], groups.get("table") or ""
        if groups.get("dotted"):
            table, _, column = groups["dotted"].rpartition(".")
        return Move(act, column, groups.get("new") or "", table) if column else None

    return make


def _table(act: Act) -> _Make:
    def make(match: re.Match[str]) -> Move | None:
        return Move(act, match["table"], match.groupdict().get("new") or "")

    return make


def _index(match: re.Match[str]) -> Move | None:
    groups = match.groupdict()
    if groups["dotted"]:
        table, _, column = groups["dotted"].rpartition(".")
        return Move(Act.ADD_INDEX, column, "", table)
    return Move(Act.ADD_INDEX, groups["column"] or "", "", groups["table"] or groups["called"] or "")


def _replaced(match: re.Match[str]) -> Move | None:
    old, new = match["old"], match["new"].rstrip(".")
    if product_of(new) is None or old.lower() == new.lower():
        return None
    return Move(Act.REPLACE, old, product_of(new) or new, old=old)


def _upgraded(match: re.Match[str]) -> Move | None:
    groups = match.groupdict()
    return Move(
        Act.UPGRADE, groups["subject"], groups["new"], groups.get("where") or "", groups.get("old") or ""
    )


def _between(match: re.Match[str]) -> Move | None:
    return Move(Act.QUEUE, match["one"], match["other"])


def _simple(act: Act) -> _Make:
    def make(match: re.Match[str]) -> Move | None:
        groups = match.groupdict()
        return Move(act, groups["subject"], groups.get("new") or "", groups.get("where") or "")

    return make


def _set(match: re.Match[str]) -> Move | None:
    """A key is one that is written as keys are; other words are settings only in talk."""
    key = match["subject"]
    return Move(Act.SET_KEY, key, "", match.groupdict().get("where") or "") if _KEY.match(key) else None


_KEY = re.compile(r"[A-Z][A-Z0-9]*(?:[_-][A-Z0-9]+)+\Z")


_Pattern = tuple[re.Pattern[str], _Make]

_DOTTED: Final = rf"(?P<dotted>{_PLAIN}\.{_PLAIN})"
_TO: Final = rf"\s+(?:to|into|as)\s+(?P<new>{_PLAIN})"
_GONE: Final = r"(?:drop|remove|delete|get\s+rid\s+of)"


def _of(pattern: str, make: _Make) -> _Pattern:
    return re.compile(rf"\b{pattern}", re.I), make


def _column_patterns() -> Iterator[_Pattern]:
    column = rf"(?:columns?\s+(?P<column>{_PLAIN})\s+{_TABLE}|(?:column\s+)?{_DOTTED})"
    alone = rf"columns?\s+(?P<column>{_PLAIN})(?:\s+{_TABLE})?"
    yield _of(rf"rename\s+{_THE}{column}{_TO}", _column(Act.RENAME_COLUMN))
    yield _of(rf"rename\s+{_THE}{alone}{_TO}", _column(Act.RENAME_COLUMN))
    yield _of(rf"rename\s+{_THE}{column}", _column(Act.RENAME_COLUMN))
    yield _of(rf"{_GONE}\s+{_THE}{column}", _column(Act.DROP_COLUMN))
    yield _of(rf"{_GONE}\s+{_THE}{alone}", _column(Act.DROP_COLUMN))
    kind = r"(?:new\s+|nullable\s+|required\s+|optional\s+|text\s+|boolean\s+|timestamp\s+)*"
    yield _of(rf"(?:add|create|introduce)\s+{_THE}{kind}{column}", _column(Act.ADD_COLUMN))
    required = r"\s+(?:not\s+null|required|mandatory|non-null(?:able)?)\b"
    yield _of(rf"make\s+{_THE}{column}{required}", _column(Act.REQUIRE_COLUMN))
    yield _of(
        rf"(?:change|alter|widen|convert)\s+{_THE}(?:type\s+of\s+)?{column}{_TO}", _column(Act.CHANGE_TYPE)
    )


def _table_patterns() -> Iterator[_Pattern]:
    name = rf"(?P<table>{_PLAIN}(?:\.{_PLAIN})?)"
    yield _of(rf"rename\s+{_THE}table\s+{name}{_TO}", _table(Act.RENAME_TABLE))
    yield _of(rf"rename\s+{_THE}{name}\s+table{_TO}", _table(Act.RENAME_TABLE))
    yield _of(rf"{_GONE}\s+{_THE}table\s+{name}", _table(Act.DROP_TABLE))
    yield _of(rf"{_GONE}\s+{_THE}{name}\s+table\b", _table(Act.DROP_TABLE))
    indexed = (
        rf"(?:{_DOTTED}|(?:column\s+)?(?P<column>{_PLAIN})\s+{_TABLE}|(?:table\s+)?(?P<called>{_PLAIN}))"
    )
    yield _of(
        rf"(?:add|create|build)\s+{_THE}(?:unique\s+|partial\s+|new\s+)?index\s+(?:on|for|to)\s+{_THE}{indexed}",
        _index,
    )


def _key_patterns() -> Iterator[_Pattern]:
    key = r"(?:environment\s+variable|env(?:ironment)?\s+var|variable|setting|config\s+key|key|flag)"
    yield _of(
        rf"rename\s+{_THE}{key}\s+(?P<subject>{_N})(?:\s+{_FROM}\s+(?:service\s+)?(?P<where>{_N}))?\s+to\s+(?P<new>{_N})",
        _simple(Act.RENAME_KEY),
    )
    yield _of(
        rf"rename\s+(?P<subject>[A-Z][A-Z0-9]*_[A-Z0-9_]+)(?:\s+{_FROM}\s+(?P<where>{_N}))?\s+to\s+(?P<new>{_N})",
        _simple(Act.RENAME_KEY),
    )
    turn = r"(?:set|turn\s+on|turn\s+off|switch\s+on|switch\s+off|enable|disable|change)"
    yield _of(
        rf"{turn}\s+{_THE}(?:{key}\s+)?(?P<subject>{_N})(?:\s+(?:to|=)\s+\S+)?(?:\s+(?:in|for|on)\s+{_THE}(?P<where>{_N}))?",
        _set,
    )


def _product_patterns() -> Iterator[_Pattern]:
    yield _of(rf"{_QUEUE}\s+between\s+{_THE}(?P<one>{_N})\s+and\s+{_THE}(?P<other>{_N})", _between)
    yield _of(rf"decouple\s+{_THE}(?P<one>{_N})\s+(?:and|from)\s+{_THE}(?P<other>{_N})", _between)
    yield _of(rf"(?:make\s+)?{_THE}(?P<one>{_N})\s+calls?\s+{_THE}(?P<other>{_N})\s+async\w*", _between)
    yield _of(
        rf"(?:move|migrate|switch|replace|swap|change)\s+{_THE}(?:from\s+)?(?P<old>{_N})\s+(?:to|by|with|for|into)\s+{_THE}(?P<new>{_N})",
        _replaced,
    )
    yield _of(
        rf"in\s+{_THE}(?P<new>{_N})\s+(?:instead\s+of|rather\s+than|and\s+not)\s+(?:in\s+)?{_THE}(?P<old>{_N})",
        _replaced,
    )
    version = r"v?(?P<new>\d+(?:\.\d+)*)"
    yield _of(
        rf"(?:upgrade|update|bump|move|migrate)\s+{_THE}(?:from\s+)?(?P<subject>{_N})(?:\s+(?:of|in)\s+{_THE}(?P<where>{_N}))?"
        rf"(?:\s+(?:from\s+)?(?:version\s+)?v?(?P<old>\d+(?:\.\d+)*))?\s+to\s+(?:version\s+)?{version}",
        _upgraded,
    )


def _service_patterns() -> Iterator[_Pattern]:
    yield _of(
        rf"(?:split|extract|move|pull|take)\s+(?:[\w-]+\s+){{0,4}}?(?:out\s+of|from)\s+{_THE}(?P<subject>{_N})\s+(?:in)?to\s+"
        r"(?:their|its|a|an)\s+(?:own\s+|new\s+|separate\s+|dedicated\s+)*(?:[\w-]+\s+)?(?:micro)?service",
        _simple(Act.EXTRACT),
    )
    yield _of(
        rf"split\s+{_THE}(?P<subject>{_N})\s+into\s+(?:a|an)\s+(?:own\s+|new\s+|separate\s+)*(?P<new>{_N})\s+(?:micro)?service",
        _simple(Act.EXTRACT),
    )
    yield _of(
        r"(?:add|create|build|introduce|write)\s+an?\s+(?:new\s+|separate\s+|own\s+)*(?P<subject>[a-z][\w-]*)\s+(?:micro)?service\b",
        _simple(Act.NEW_SERVICE),
    )
    yield _of(
        rf"(?:remove|delete|decommission|retire|shut\s+down|drop|sunset)\s+{_THE}(?:(?:micro)?service\s+)?(?P<subject>{_N})",
        _simple(Act.REMOVE),
    )


def _running_patterns() -> Iterator[_Pattern]:
    yield _of(
        rf"scale\s+{_THE}(?P<subject>{_N})\s+(?:up\s+|down\s+|out\s+)?to\s+(?P<new>\d+)", _simple(Act.SCALE)
    )
    yield _of(
        rf"run\s+(?P<new>\d+)\s+(?:replicas|pods|copies|instances)\s+of\s+{_THE}(?P<subject>{_N})",
        _simple(Act.SCALE),
    )
    probe = r"(?P<new>readiness|liveness|startup|health)\s*-?\s*(?:probe|check)"
    yield _of(rf"(?:give|add\s+to)\s+{_THE}(?P<subject>{_N})\s+an?\s+{probe}", _simple(Act.PROBE))
    yield _of(rf"add\s+an?\s+{probe}\s+(?:to|for)\s+{_THE}(?P<subject>{_N})", _simple(Act.PROBE))


_PATTERNS: Final = (
    *_column_patterns(),
    *_table_patterns(),
    *_key_patterns(),
    *_product_patterns(),
    *_service_patterns(),
    *_running_patterns(),
)
