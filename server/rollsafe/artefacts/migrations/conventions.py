"""What a migration file is to the tool that runs it: name, order, direction, transaction, way back."""

from enum import StrEnum

from rollsafe.artefacts.migrations.versions import version_order
from rollsafe.text.records import record, replace


class Direction(StrEnum):
    """Which way a file takes the database; `both` for a file with sections."""

    UP = "up"
    DOWN = "down"
    BOTH = "both"


class DownStyle(StrEnum):
    """Where a tool looks for the way back."""

    FILE = "file"
    SECTION = "section"
    COMMENT = "comment"
    NONE = "none"


class Transactions(StrEnum):
    """How the runner groups a file's statements.

    `wrapped`: it opens one transaction. `one message`: several statements sent together are one
    transaction, a single one is on its own. `separate`: each statement on its own. `by statement`: on its
    own if the file holds a statement that cannot run in a transaction, else wrapped. `assumed`: nobody
    knows the runner; most wrap.
    """

    WRAPPED = "wrapped"
    ONE_MESSAGE = "one message"
    SEPARATE = "separate"
    BY_STATEMENT = "by statement"
    ASSUMED = "assumed"


@record
class Convention:
    """What a file's name, place and annotations say.

    `home` is the directory of the whole history, `order` sorts versions within it (empty for files
    without a place in it). `down_path` is where the way back belongs, the file itself for a section, None
    for tools that only go forward. `reason` says in one clause why `transactions` is what it is. `follows`
    are those the file says it comes after, for tools that do not go by names alone, `stands_for` those it
    was made of, which it replaces; both by what `known_as` is of each. `is_founding` is one that no database
    in service runs: it has run what this one was made of, or lacks all that this one is about.
    """

    name: str
    version: str
    label: str
    direction: Direction
    home: str
    transactions: Transactions
    reason: str
    down_path: str | None = None
    down_style: DownStyle = DownStyle.NONE
    follows: tuple[str, ...] = ()
    stands_for: tuple[str, ...] = ()
    alias: str | None = None
    is_founding: bool = False

    @property
    def known_as(self) -> str:
        """The name by which others follow it: its version, or the alias its tool has for it."""
        return self.version if self.alias is None else self.alias

    @property
    def order(self) -> tuple[int, ...]:
        """The version as numbers, to sort by."""
        return version_order(self.version)

    @property
    def transactional(self) -> bool | None:
        """Whether the runner opens a transaction; None where that depends on the file or is unknown."""
        fixed = {Transactions.WRAPPED: True, Transactions.SEPARATE: False}
        return fixed.get(self.transactions)


@record
class ToldTransactions:
    """How a file beside a migration has its tool run it; `reason` says in one clause why that is known."""

    transactions: Transactions
    reason: str


@record
class Placed:
    """What a list of migrations tells of one of them: its name there, and those it comes after, if any.

    `home` is the directory of the whole history where that is not its own; its own path if it is in none.
    """

    name: str
    follows: tuple[str, ...]
    home: str | None = None


def as_told(convention: Convention, around: object) -> Convention:
    """Return a convention with what other files say of a migration, if they do."""
    if isinstance(around, Placed):
        home = convention.home if around.home is None else around.home
        return replace(convention, alias=around.name, follows=around.follows, home=home)
    if isinstance(around, ToldTransactions):
        return replace(convention, transactions=around.transactions, reason=around.reason)
    return convention
