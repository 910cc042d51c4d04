"""Where a change set of Liquibase is run: on which databases, and with which contexts."""

from typing import Final

from rollsafe.text.patterns import lazily

_POSTGRES: Final = frozenset({"postgresql", "all"})
_PRACTICE: Final = frozenset(
    {
        *("test", "tests", "testing", "dev", "develop", "development", "demo"),
        *("local", "sample", "samples", "example", "examples", "!prod", "!production"),
    }
)
_OR = lazily(r"\s*,\s*|\s+or\s+")
_AND = lazily(r"\s+and\s+")
_MOST: Final = 1_000


def is_for_postgres(dbms: str) -> bool:
    """Say whether a list of databases has PostgreSQL."""
    said = {one.strip().lower() for one in dbms.split(",") if one.strip()}
    if "none" in said or "!postgresql" in said:
        return False
    wanted = {one for one in said if not one.startswith("!")}
    return not wanted or not _POSTGRES.isdisjoint(wanted)


def is_for_practice(contexts: str) -> bool:
    """Say whether contexts are plainly those of development, tests or demonstrations alone."""
    said = contexts.strip().lower()[:_MOST]
    return bool(said) and all(_is_practice(one) for one in _OR.split(said))


def _is_practice(contexts: str) -> bool:
    return any(one.strip().removeprefix("@") in _PRACTICE for one in _AND.split(contexts))
