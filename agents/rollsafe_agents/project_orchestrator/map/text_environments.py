"""What environments set and where they differ; values are never told."""

from collections.abc import Iterable, Iterator
from typing import Final

from rollsafe.plans.model import Claim
from rollsafe.plans.writing import cell, code, link, table, written
from rollsafe_agents.project_orchestrator.map.evidence import listed
from rollsafe_agents.project_orchestrator.map.model import MapCell, MapDifference, MapKey, ServiceMap
from rollsafe_agents.project_orchestrator.map.text_tables import few

_MOST_KEYS: Final = 12
_LACKING: Final = frozenset({"unset", "missing key"})


def environments(plan: ServiceMap) -> Iterator[str]:
    """Yield the matrix of keys, and other differences."""
    if len(plan.environments) < 2:
        yield "There is one environment at most, so there is nothing to compare."
        return
    yield "Environments: " + ", ".join(code(one) for one in plan.environments) + ". Values are not shown."
    yield ""
    subjects: dict[str, list[MapKey]] = {}
    for key in plan.keys:
        subjects.setdefault(key.subject, []).append(key)
    compared = {subject: keys for subject, keys in subjects.items() if len(keys[0].cells) > 1}
    alike = [subject for subject, keys in compared.items() if not any(map(_is_telling, keys))]
    for subject, keys in compared.items():
        if subject not in alike:
            yield from _subject(subject, keys)
    if alike:
        yield f"No key is missing or known to differ for {listed(alike, 20)}."
        yield ""
    rows = map(_difference, plan.differences)
    empty = "Images, replicas and probes do not differ."
    yield from table(("service", "differs in", "environments"), rows, empty)


def _difference(one: MapDifference) -> tuple[str, ...]:
    """Return a row; environments that have the same are told together."""
    same: dict[str, tuple[list[str], Claim]] = {}
    for label, claim in one.values:
        same.setdefault(claim.text, ([], claim))[0].append(label)
    values = (
        f"{', '.join(map(cell, labels))}: {written(claim, labelled=False)}" for labels, claim in same.values()
    )
    return code(one.subject), one.what, "; ".join(values)


def _subject(subject: str, keys: list[MapKey]) -> Iterator[str]:
    labels = [one.environment for one in keys[0].cells]
    gaps = [key for key in keys if any(one.state in _LACKING for one in key.cells)]
    other = [key for key in keys if key not in gaps]
    differing = [key for key in other if key.agreement == "differs"]
    rest = [key.key for key in other if key.agreement != "differs"]
    yield f"### {cell(subject)}"
    yield ""
    if gaps:
        yield from table(("key", *map(cell, labels), "values"), _rows(gaps), "")
        yield ""
    if differing:
        shown = few((f"{code(key.key)}{_first(key)}" for key in differing), _MOST_KEYS)
        yield f"Set in every one, with values that differ: {shown}."
        yield ""
    if rest:
        count = f"{len(rest)} key{'s' * (len(rest) != 1)}"
        yield f"Set in every one and not known to differ: {count} ({listed(rest, 8)})."
        yield ""


def _is_telling(key: MapKey) -> bool:
    return key.agreement == "differs" or any(one.state in _LACKING for one in key.cells)


def _rows(keys: Iterable[MapKey]) -> Iterator[tuple[str, ...]]:
    """Yield a row for the keys that the same environments have in the same way; places are of the first."""
    groups: dict[tuple[str, ...], list[MapKey]] = {}
    for key in keys:
        groups.setdefault((*(one.state for one in key.cells), key.agreement), []).append(key)
    for found in groups.values():
        names = few((code(key.key) for key in found), _MOST_KEYS)
        yield names, *map(_cell, found[0].cells), found[0].agreement


def _first(key: MapKey) -> str:
    found = next((one.evidence for one in key.cells if one.evidence is not None), None)
    return f" {link(found)}" if found is not None else ""


def _cell(one: MapCell) -> str:
    where = f" {link(one.evidence)}" if one.evidence is not None else ""
    return (f"**{one.state}**" if one.state in _LACKING else one.state) + where
