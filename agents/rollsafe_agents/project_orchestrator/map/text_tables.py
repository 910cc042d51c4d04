"""Cells and tables of the map."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rollsafe.plans.writing import code, link, table
from rollsafe_agents.project_orchestrator.map.model import Fact

NONE: Final = "–"
_FEW: Final = 2


def facts(found: Sequence[Fact]) -> str:
    """Return facts as a cell, the first few of many; of a job its name alone."""
    return few(f"{code(one.text.rpartition('#')[2])} {link(one.evidence)}" for one in found)


def few(found: Iterable[str], most: int = _FEW) -> str:
    """Return the first few of many texts."""
    known = list(found)
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return ", ".join(known[:most]) + more if known else NONE


def without_empty(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Yield a table without the columns in which no row says anything."""
    kept = [number for number in range(len(head)) if any(row[number] != NONE for row in rows)]
    yield from table(
        tuple(head[number] for number in kept),
        (tuple(row[number] for number in kept) for row in rows),
        "",
    )
