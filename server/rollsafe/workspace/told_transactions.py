"""What Alembic's `env.py` says of the transactions that migrations run in."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations.conventions import ToldTransactions, Transactions
from rollsafe.formats.code import Call, Code, Literal, Pairs, Text, walk
from rollsafe.formats.code.python import read_python
from rollsafe.workspace.told_beside import ToldBeside, home_of

_MAX_DEPTH: Final = 3
"""So many directories lie between Alembic's `env.py` and a revision: `versions/2024/1_a.py`."""
_APART: Final = {
    "isolation_level": "AUTOCOMMIT",
    "transactional_ddl": False,
}
"""Options of an engine, a connection or `context.configure` that give each statement its own transaction."""


class AlembicEnvironments(ToldBeside[ToldTransactions]):
    """The revisions of Alembic in a workspace, and how the `env.py` above each runs it."""

    def tells(self, path: str) -> bool:
        """Say whether a file speaks of migrations; it is one otherwise."""
        return path.rpartition("/")[2] == "env.py"

    def said(self, path: str, text: str) -> tuple[str, ToldTransactions] | None:
        """Return a directory and how the revisions below it are run, unless that is in a transaction."""
        if "alembic" not in text:
            return None
        program = [each for one in read_python(text).body for each in walk(one)]
        apart = next((name for one in program for name in _apart(one)), None)
        if apart is not None:
            return home_of(path), ToldTransactions(Transactions.SEPARATE, f"`{apart}` in `env.py`")
        if any(isinstance(one, Call) and one.name == "configure" for one in program):
            return None
        return home_of(path), ToldTransactions(Transactions.ASSUMED, "`env.py` leaves it to others")

    def found(self, path: str, told: dict[str, ToldTransactions]) -> ToldTransactions | None:
        """Return how a revision is run, by the nearest `env.py` above it."""
        for _ in range(_MAX_DEPTH):
            path = home_of(path)
            if path in told:
                return told[path]
        return None


def _apart(code: Code) -> Iterator[str]:
    """Yield the options given in a call or an object that keep migrations out of a transaction."""
    given = {name: code.get(name) for name in _APART} if isinstance(code, Call | Pairs) else {}
    for name, value in given.items():
        found = value.value if isinstance(value, Text | Literal) else None
        if found == _APART[name]:
            yield f"{name}={found!r}".replace("'", '"')
