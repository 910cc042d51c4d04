"""What the `.conf` files of Flyway say of the transactions that migrations run in."""

import re

from rollsafe.artefacts.migrations.conventions import ToldTransactions, Transactions
from rollsafe.text.patterns import lazily
from rollsafe.workspace.told_beside import ToldBeside

_EXECUTE = lazily(r"^[ \t]*executeInTransaction[ \t]*=[ \t]*(true|false)[ \t]*$", re.M | re.I)


class FlywayConfigurations(ToldBeside[ToldTransactions]):
    """The migrations of Flyway in a workspace, and what the `.conf` of each says of its transaction."""

    def tells(self, path: str) -> bool:
        """Say whether a file speaks of migrations; it is one otherwise."""
        return path.endswith(".conf")

    def said(self, path: str, text: str) -> tuple[str, ToldTransactions] | None:
        """Return a migration and how it is run, if its configuration says that."""
        match = _EXECUTE.search(text)
        if match is None:
            return None
        is_wrapped = match[1].lower() == "true"
        transactions = Transactions.WRAPPED if is_wrapped else Transactions.SEPARATE
        reason = f"`executeInTransaction={match[1].lower()}`"
        return path.removesuffix(".conf"), ToldTransactions(transactions, reason)

    def found(self, path: str, told: dict[str, ToldTransactions]) -> ToldTransactions | None:
        """Return how a migration is run."""
        return told.get(path)
