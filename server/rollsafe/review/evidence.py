"""What a claim says of the files beside its quote, checked: each item is true, false, or cannot be told.

A key may name its proof in `agent.md`: the kinds of evidence that have to be there, and words of which one
has to be in it. `reads (dump, backup), before; exceeds` is met by two items, or by one of another kind.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations

from rollsafe.formats.nodes import Scalar
from rollsafe.review.pages import Page, bare
from rollsafe.review.plain import plain
from rollsafe.review.request import Evidence
from rollsafe.text.secrets import PLACEHOLDER
from rollsafe.text.tuples import NamedTuple

_MOST = 6
_SHOWN = 120
_DEMAND = re.compile(r"\s*(?P<says>[a-z-]+)(?P<words>(?:\s*\([^()]*\))*)\s*")
_WORDS = re.compile(r"\(([^()]*)\)")
_NAMED = re.compile(r"`([^`]{1,200})`")
_AMOUNT = re.compile(r"(-?\d{1,15}(?:\.\d{1,9})?)\s*([a-zA-Z%]{0,3})\Z")
_UNITS = {
    "": ("", 1.0),
    "%": ("%", 1.0),
    **{unit: ("time", seconds) for unit, seconds in (("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600))},
    **{f"{unit}i": ("size", 1024.0**power) for power, unit in enumerate("KMGT", 1)},
}
KINDS = ("reads", "before", "mentions", "never-mentions", "unset", "value", "exceeds")


class Demand(NamedTuple):
    """One piece of a proof: evidence of a kind in which a word of each group stands."""

    says: str
    groups: tuple[tuple[str, ...], ...]


class Checked(NamedTuple):
    """An item of evidence that is true; `words` is what stands in the file, `where` tells items apart."""

    says: str
    where: tuple[str, int]
    words: str
    told: str


def read_proof(text: str) -> list[list[Demand]] | None:
    """Return the alternatives of a proof; None where the text cannot be understood."""
    alternatives: list[list[Demand]] = []
    for part in filter(None, map(str.strip, text.split(";"))):
        demands: list[Demand] = []
        at = 0
        while at < len(part):
            match = _DEMAND.match(part, at)
            if match is None or match["says"] not in KINDS:
                return None
            groups = (_listed(words) for words in _WORDS.findall(match["words"]))
            demands.append(Demand(match["says"], tuple(groups)))
            at = match.end()
            if at < len(part) and part[at] != ",":
                return None
            at += 1
        alternatives.append(demands)
    return alternatives


def _listed(words: str) -> tuple[str, ...]:
    return tuple(word.strip().casefold() for word in words.split(",") if word.strip())


def check(items: Sequence[Evidence], pages: Mapping[str, Page]) -> list[Checked | bool | None]:
    """Return of each item what it says, once it is found to be true; False or None for any other."""
    return [_checked(item, pages) for item in items[:_MOST]]


def proves(proof: str, checked: Sequence[Checked]) -> bool:
    """Say whether evidence that is true is what a proof asks for, each piece by an item of its own."""
    return any(_meets(demands, checked) for demands in read_proof(proof) or ())


def _meets(demands: Sequence[Demand], checked: Sequence[Checked]) -> bool:
    distinct = list({item.where: item for item in reversed(checked)}.values())[: _MOST + 1]
    return any(all(map(_meets_one, demands, chosen)) for chosen in permutations(distinct, len(demands)))


def _meets_one(demand: Demand, item: Checked) -> bool:
    words = item.words.casefold()
    return demand.says == item.says and all(any(word in words for word in group) for group in demand.groups)


def names_are_shown(text: str, pages: Mapping[str, Page]) -> bool:
    """Say whether everything in backticks stands in a file that was shown."""
    names = [" ".join(name.split()).casefold() for name in _NAMED.findall(text)]
    if not names:
        return True
    lines = (line for path, page in pages.items() for line in (path, *page.lines.values()))
    shown = "\n".join(" ".join(line.split()) for line in lines).casefold()
    return all(name in shown for name in names)


def quoted(path: str, line: int, text: str) -> Checked:
    """Return the quote of a remark as evidence: its line was found."""
    return Checked("reads", (path, line), text, f"{path}:{line} reads `{_told(text)}`")


def _checked(item: Evidence, pages: Mapping[str, Page]) -> Checked | bool | None:
    page = pages.get(item.file)
    rows = page.rows(item.node_id) if page is not None else None
    if page is None or rows is None:
        return False
    match item.says:
        case "reads" | "before":
            return _lines(item, rows)
        case "mentions" | "never-mentions":
            return _mention(item, page, rows)
        case _:
            return _setting(item, page)


def _lines(item: Evidence, rows: Mapping[int, str]) -> Checked | bool:
    first = _rows_of(item.text, rows)
    if item.says == "reads":
        return quoted(item.file, first[0], rows[first[0]]) if first else False
    later = [row for row in _rows_of(item.other, rows) if first and row > first[0]]
    if not later:
        return False
    told = f"{item.file}:{first[0]} `{_told(item.text)}` stands before line {later[-1]} `{_told(item.other)}`"
    return Checked("before", (item.file, -first[0]), f"{item.text}\n{item.other}", told)


def _rows_of(text: str, rows: Mapping[int, str]) -> list[int]:
    wanted = bare(text)
    is_something = any(map(str.isalnum, wanted))
    return [row for row, line in rows.items() if line == wanted] if is_something else []


def _mention(item: Evidence, page: Page, rows: Mapping[int, str]) -> Checked | bool | None:
    words = " ".join(item.text.split())
    if not any(map(str.isalnum, words)):
        return False
    pattern = re.compile(rf"(?<![\w-]){re.escape(words)}(?![\w-])", re.I)
    row = next((row for row, line in rows.items() if pattern.search(" ".join(line.split()))), None)
    where = f" {item.node_id}" if item.node_id else ""
    if item.says == "mentions":
        told = f"{item.file}:{row} mentions `{_told(words)}`"
        return Checked("mentions", (item.file, row), words, told) if row is not None else False
    if row is not None or not page.is_whole:
        return False if row is not None else None
    told = f"{item.file}{where} never mentions `{_told(words)}`"
    return Checked("never-mentions", (f"{item.file}{where} {words}", 0), words, told)


def _setting(item: Evidence, page: Page) -> Checked | bool | None:
    values = page.values_at(item.node_id, item.text)
    if values is None:
        return None
    of = f"`{_told(item.text)}` in {item.file}{f' {item.node_id}' if item.node_id else ''}"
    where = (f"{item.file} {item.node_id} {item.text}", 0)
    if item.says == "unset":
        return False if values else Checked("unset", where, item.text, f"{of} is not set")
    texts = [value.text for value in values if isinstance(value, Scalar)]
    if not texts or any(PLACEHOLDER.search(text) for text in texts):
        return None if texts else False
    if item.says == "value":
        is_so = any(_same(text, item.other) for text in texts)
        told = f"{of} is `{_told(item.other)}`"
        return Checked("value", where, f"{item.text} {item.other}", told) if is_so else False
    others = page.values_at(item.node_id, item.other) or []
    smaller = [value.text for value in others if isinstance(value, Scalar)]
    if not smaller:
        return False if others == [] else None
    exceeds = _exceeds(texts[0], smaller[0])
    told = f"{of} exceeds `{_told(item.other)}`"
    return Checked("exceeds", where, f"{item.text} {item.other}", told) if exceeds else exceeds


def _same(written: str, claimed: str) -> bool:
    one, other = written.strip(), claimed.strip().strip("\"'")
    amounts = _amount(one), _amount(other)
    return one == other or (amounts[0] is not None and amounts[0] == amounts[1])


def _exceeds(more: str, less: str) -> bool | None:
    one, other = _amount(more), _amount(less)
    if one is None or other is None or one[0] != other[0]:
        return None
    return one[1] > other[1]


def _amount(text: str) -> tuple[str, float] | None:
    match = _AMOUNT.match(text.strip())
    unit = _UNITS.get(match[2]) if match else None
    return (unit[0], float(match[1]) * unit[1]) if match and unit else None


def _told(text: str) -> str:
    return plain(bare(text), _SHOWN).replace("`", "'")


def told(checked: Sequence[Checked]) -> Iterator[str]:
    """Yield what was found to be true, each once."""
    yield from dict.fromkeys(item.told for item in checked)
