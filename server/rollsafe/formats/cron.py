"""Cron lines of five fields: what a scheduler cannot read in them."""

from typing import Final

from rollsafe.text.patterns import lazily

_FIELDS: Final = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_NAMES: Final = {
    "month": ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    "weekday": ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
}
_PART: Final = lazily(r"(?:[*?]|(?P<first>\w{1,3})(?:-(?P<last>\w{1,3}))?)(?:/(?P<step>\d{1,3}))?\Z")
_SUNDAY: Final = 7


def cron_fault(line: str, *, last_weekday: int = _SUNDAY) -> str | None:
    """Return in words what is wrong with a cron line; None for one that is read and comes at some time.

    `last_weekday` is the highest number of a day of the week: some schedulers take 7 for Sunday, some do not.
    """
    fields = line.split()
    if len(fields) != len(_FIELDS):
        return f"{len(fields)} fields instead of five"
    for text, (name, least, most) in zip(fields, _FIELDS, strict=True):
        highest = min(most, last_weekday) if name == "weekday" else most
        for part in text.split(","):
            if not _is_part(part, name, least, highest):
                return f"the {name} `{text}`"
    return "no month has such a day" if _never_comes(fields) else None


def _is_part(part: str, name: str, least: int, most: int) -> bool:
    found = _PART.match(part)
    if found is None or (found["step"] is not None and int(found["step"]) == 0):
        return False
    ends = [_number(text, name) for text in (found["first"], found["last"]) if text is not None]
    numbers = [end for end in ends if end is not None and least <= end <= most]
    return len(numbers) == len(ends) and numbers == sorted(numbers)


def _number(text: str, name: str) -> int | None:
    if text.isascii() and text.isdigit():
        return int(text)
    names = _NAMES.get(name, [])
    short = text.lower()
    return names.index(short) + (name == "month") if short in names else None


def _never_comes(fields: list[str]) -> bool:
    """Say whether it is only days that the only month does not have."""
    _, _, day, month, weekday = fields
    if not (day.isascii() and day.isdigit()) or not (month.isascii() and month.isdigit()):
        return False
    if weekday not in ("*", "?"):
        return False
    longest = 29 if int(month) == 2 else 30 if int(month) in (4, 6, 9, 11) else 31
    return int(day) > longest
