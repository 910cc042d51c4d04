"""What an agent answers for, item by item, and where each is real: `coverage.csv` beside its rules."""

import csv

from rollsafe.text.tuples import NamedTuple


class Responsibility(NamedTuple):
    """One thing that was asked of an agent.

    `asked` names the role it was asked of, `key` the responsibility it is part of, which one agent owns.
    `real` names what does it: rules, review keys (`key.` before the name) and places of the program; where
    that is empty, `waits` says for what it waits.
    """

    number: int
    asked: str
    key: str
    item: str
    real: tuple[str, ...]
    waits: str


def read_responsibilities(text: str) -> tuple[Responsibility, ...]:
    """Read a table of responsibilities.

    Raises:
        ValueError: a row has another form.
    """
    rows = csv.reader(text.splitlines())
    if next(rows, None) != ["number", "asked", "key", "item", "real", "waits"]:
        raise ValueError("not a table of responsibilities")
    return tuple(
        Responsibility(int(number), asked, key, item, tuple(real.split()), waits)
        for number, asked, key, item, real, waits in rows
    )
