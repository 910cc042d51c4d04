"""Which branches of a program run on PostgreSQL, by what they ask about the database."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Final

from rollsafe.formats.code import Assign, Block, Code, Program, walk
from rollsafe.text.patterns import lazily

_ASKED = lazily(
    r"(?P<left>[\w.()?]{0,120})\s*(?P<op>===?|!==?|\bnot\s+in\b|\bin\b)"
    r"\s*(?P<right>[(\[{]?[\w\s,'\"`+-]{1,200}[)\]}]?)"
)
_AMONG = lazily(r"(?P<right>\[[\w\s,'\"`-]{1,200}\])\.includes\((?P<left>[\w.()?]{1,120}?)\)")
_HOLDS = lazily(
    r"(?P<left>[\w.?]{1,120}?)\??\.(?:includes|startsWith|endsWith|startswith|endswith)\((?P<right>['\"`][\w-]{1,40}['\"`])\)"
)
_WITHIN = lazily(r"(?P<right>['\"][\w-]{1,40}['\"])\s+(?P<op>not\s+in|in)\s+(?P<left>[\w.()]{1,120})")
_CALLED = lazily(
    r"(?:\w+\.)*is_?(?P<name>postgres|postgresql|pg|mysql|maria_?db|sqlite\d?|mssql|oracle)(?:\(\w*\))?", re.I
)
_MADE_FOR = lazily(r"isinstance\(\s*(?P<left>[\w.()]{1,120}?)\s*,\s*(?P<right>[\w.]{1,80})\s*\)")
_WORDS = lazily(r"['\"`]([\w+-]+)['\"`]")
_ABOUT = lazily(r"dialect|engine|driver|backend|vendor|client|database|connection|adapter|db_?type", re.I)
_POSTGRES: Final = frozenset({"postgres", "postgresql", "pgdialect", "postgresql.dialect", "pg", "pg-native"})
_OTHERS: Final = frozenset(
    {
        *(
            "sqlite",
            "mysql",
            "mariadb",
            "mssql",
            "oracle",
            "cockroachdb",
            "snowflake",
            "redshift",
            "bigquery",
        ),
        *("sqlite3", "better-sqlite3", "mysql2", "oracledb", "maria_db", "cockroach"),
        *("sqlitedialect", "mysqldialect", "mssqldialect", "msdialect", "oracledialect"),
        *("sqlite.dialect", "mysql.dialect", "mssql.dialect", "oracle.dialect"),
    }
)
_LONGEST: Final = 400
_OR, _AND, _NOT = re.compile(r" or | ?\|\| ?"), re.compile(r" and | ?&& ?"), re.compile(r"not |!(?!=) ?")


class Dialects:
    """Knows what names in a program stand for, so that conditions can be read."""

    def __init__(self, program: Program, text: str) -> None:
        self._text = text
        self._said: dict[str, str] = {}
        for one in (inner for top in program.body for inner in walk(top)):
            if isinstance(one, Assign):
                said = text[one.value.start : one.value.end]
                # What is given different values at different places is not known.
                known = self._said.setdefault(one.name, said)
                self._said[one.name] = said if known == said else ""

    def is_taken(self, block: Block) -> bool | None:
        """Say whether the condition of an `if` holds on PostgreSQL; None where it asks something else."""
        if block.kind != "if" or not block.head:
            return None
        return self._holds(self._text[block.head[0].start : block.head[0].end], 0)

    def _holds(self, said: str, depth: int) -> bool | None:
        said = " ".join(said.split())
        if len(said) > _LONGEST or depth > 4:
            return None
        said = _bare(said)
        for word, decisive in ((_OR, True), (_AND, False)):
            if word.search(said):
                found = [self._holds(one, depth + 1) for one in word.split(said)]
                if decisive in found:
                    return decisive
                return None if None in found else not decisive
        denied = _NOT.match(said)
        if denied is not None:
            inner = self._holds(said[denied.end() :], depth + 1)
            return None if inner is None else not inner
        if said in self._said:
            return self._holds(self._said[said], depth + 1) if self._said[said] else None
        called = _CALLED.fullmatch(said)
        return _is_postgres([called["name"]]) if called is not None else self._compared(said)

    def _compared(self, said: str) -> bool | None:
        made = _MADE_FOR.fullmatch(said)
        if made is not None:
            return _is_postgres([made["right"].rpartition(".")[2], made["right"]])
        patterns = (_ASKED, _AMONG, _HOLDS, _WITHIN)
        asked = next((match for one in patterns if (match := one.fullmatch(said)) is not None), None)
        if asked is None or not self._is_about_it(asked["left"]):
            return None
        right = asked["right"].strip()
        holds = _is_postgres(_WORDS.findall(self._said.get(right, right)))
        is_denied = asked.groupdict().get("op", "").startswith(("!", "not"))
        return not holds if holds is not None and is_denied else holds

    def _is_about_it(self, said: str) -> bool:
        whole = said + self._said.get(said, "")
        return _ABOUT.search(whole) is not None


def _is_postgres(words: Iterable[str]) -> bool | None:
    """Say whether one of some names of databases is PostgreSQL's; None where they name none."""
    found = {word.lower().partition("+")[0] for word in words}
    if found & _POSTGRES:
        return True
    return False if found & _OTHERS else None


def _bare(said: str) -> str:
    """Return a condition without the parentheses around all of it."""
    while said.startswith("(") and said.endswith(")") and _is_balanced(said[1:-1]):
        said = said[1:-1].strip()
    return said


def _is_balanced(said: str) -> bool:
    depths = accumulate((char == "(") - (char == ")") for char in said)
    return min(depths, default=0) >= 0


def taken(body: Iterable[Code], dialects: Dialects) -> Iterator[Code]:
    """Yield the statements that may run on PostgreSQL; branches that do not are left out.

    What answers an exception is left out, too: PostgreSQL refuses every statement after the one that failed
    until the transaction ends, so it is meant for another database, or sends nothing.
    """
    for one in body:
        if isinstance(one, Block) and one.kind == "except":
            continue
        if not isinstance(one, Block) or one.kind != "if":
            yield one
            continue
        holds = dialects.is_taken(one)
        plain = [each for each in one.body if not _is_else(each)]
        other = [
            inner for each in one.body if isinstance(each, Block) and _is_else(each) for inner in each.body
        ]
        if holds is None:
            yield one
            continue
        chosen = plain if holds else other
        yield from taken(chosen, dialects)
        if _ends(chosen):
            return


def _is_else(code: Code) -> bool:
    # That of JavaScript is a block like any other, and has no condition of its own.
    return isinstance(code, Block) and (code.kind == "else" or (code.kind == "if" and not code.head))


def _ends(body: Sequence[Code]) -> bool:
    """Say whether statements end with a `return`."""
    last = body[-1] if body else None
    return isinstance(last, Block) and (last.kind == "return" or (last.kind == "block" and _ends(last.body)))
