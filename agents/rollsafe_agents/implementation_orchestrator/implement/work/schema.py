"""Changes of the schema, in steps on which two releases can run at once."""

from collections.abc import Callable
from typing import Final

from rollsafe.plans.cluster import rollout_undo
from rollsafe.plans.commands import line
from rollsafe.plans.contribution import assumed, derived, unknown
from rollsafe.plans.database import INVALID_INDEXES, psql
from rollsafe.plans.migration_runners import URL
from rollsafe.workspace.schema import column_of
from rollsafe_agents.implementation_orchestrator.implement.model import Size
from rollsafe_agents.implementation_orchestrator.implement.moves import Act, Move
from rollsafe_agents.implementation_orchestrator.implement.work.model import (
    BY_HAND,
    Draft,
    Site,
    Work,
    listed,
)
from rollsafe_agents.implementation_orchestrator.implement.work.tables import (
    Target,
    index_of,
    is_table_taken,
    is_taken,
    note_references,
    target_of,
)

_SETTLED = {"data-model", "protocol", "place", "consistency", "errors", "scale", "latency"}
_LATER: Final = "in a release of its own, once no release that names it can come back"
_ONLY_READS: Final = "none needed: it only reads"
_BATCHES: Final = "old rows in batches, outside of the migration's transaction"
_NO_TRACE: Final = "the release before the last names it no more"
_ADDED: Final = "the migration's way down: nobody uses what it adds"
_RUNS: Final = "the previous release runs on the new schema"


def schema_work(move: Move, site: Site) -> Work:
    """Return what a change of the schema comes to."""
    work = Work(settled=set(_SETTLED))
    target = target_of(move, site, work)
    if target is not None:
        _Steps(move, target, site, work).plan()
    return work


class _Steps:
    """Plans one change of a table."""

    def __init__(self, move: Move, target: Target, site: Site, work: Work) -> None:
        self.move = move
        self.target = target
        self.site = site
        self.work = work
        self.name = target.name
        known = column_of(target.known, move.subject) if target.known is not None else None
        self.column = known or move.subject
        self.rank = 0

    def plan(self) -> None:
        """Add the steps, then who has to be asked."""
        plans: dict[Act, Callable[[], None]] = {
            Act.RENAME_COLUMN: self._rename_column,
            Act.DROP_COLUMN: self._drop_column,
            Act.ADD_COLUMN: self._add_column,
            Act.REQUIRE_COLUMN: self._require,
            Act.CHANGE_TYPE: self._change_type,
            Act.RENAME_TABLE: self._rename_table,
            Act.DROP_TABLE: self._drop_table,
            Act.ADD_INDEX: self._index,
        }
        plans[self.move.act]()
        if self.work.drafts and self.move.act not in (Act.ADD_INDEX, Act.ADD_COLUMN):
            self._ask_readers()
        self._ask_writers()

    def _ask_readers(self) -> None:
        what = (
            self.name if self.move.act in (Act.DROP_TABLE, Act.RENAME_TABLE) else f"{self.name}.{self.column}"
        )
        self.work.ask(
            "readers", f"Who reads `{what}` beside the services here: reports, exports, other teams?",
            "what is not in the repository is not moved by it, and breaks when the old form goes",
            "nobody else does", 60,
        )  # fmt: skip

    def _ask_writers(self) -> None:
        if not self.work.drafts:
            return
        if self.target.users:
            names = listed(name for name, _ in self.target.users)
            places = [place for _, found in self.target.users for place in found]
            text = f"in {names}: an address of it leads to the database of `{self.target.home}`"
            self.work.answers["place"] = derived(text, *places[:2])
        elif self.move.act is not Act.ADD_INDEX:
            self.work.ask(
                "writers", f"Which service reads and writes `{self.name}`?",
                "its releases stand between the first and the last migration",
                "the code that uses it, wherever it is", 80,
            )  # fmt: skip

    # -- kinds of steps

    def _step(
        self, title: str, change: str, rollback: str, done: str, command: str | None = None, size: Size = "S"
    ) -> None:
        """Add a migration; where `rollback` says that nothing is changed, a look at the database."""
        self.rank += 1
        touches = (self.target.home,) if self.target.home and rollback != _ONLY_READS else ()
        asked = command if self.target.takes_psql else None
        draft = Draft(self.rank, title, change, touches, rollback, done, self.target.claim, asked, size)
        self.work.drafts.append(draft)

    def _code(self, title: str, change: str, done: str) -> None:
        """Add a release of the services that use the table, or of whoever does."""
        self.rank += 1
        if not self.target.users:
            claim = unknown(f"which service uses `{self.name}`: no address here leads to its database")
            where = f"{title}, wherever that is"
            self.work.drafts.append(Draft(self.rank, where, change, (), BY_HAND, done, claim, size="M"))
        for name, places in self.target.users:
            known = self.site.deployed.get(name)
            undo = rollout_undo(known.namespace, known.key) if known is not None else BY_HAND
            claim = derived(f"`{name}` reaches the database", *places)
            files = self.site.files_of(name)
            self.work.drafts.append(
                Draft(self.rank, f"{title} in `{name}`", change, files, undo, done, claim, size="M")
            )

    def _fill(self, title: str, condition: str) -> None:
        count = psql(f"SELECT count(*) FROM {self.target.sql} WHERE {condition}") if condition else None
        self._step(title, _BATCHES, "none needed: nobody reads it yet", "no row is left: `0`", count, "M")

    def _keep(self, what: str) -> None:
        table = self.target.known.name.key if self.target.known is not None else self.name
        dump = line("pg_dump", "--format=custom", f"--table={table}", f"--file={self.name}.dump", URL)
        change = f"`{dump}`, kept as long as somebody may ask for it"
        back = line("pg_restore", "--list", f"{self.name}.dump")
        self._step(f"keep `{what}`", change, _ONLY_READS, "the dump can be read back", back)

    def _trade_off(self, text: str) -> None:
        self.work.risks.append(assumed(f"trade-off: {text}"))

    # -- columns

    def _rename_column(self) -> None:
        old, new = self.column, self.move.new or "the new name"
        if not self.move.new:
            self.work.ask("new-name", f"What is `{self.name}.{old}` to be called?", "it is in every phase",
                          "a name of its own", 100)  # fmt: skip
        kind = self.target.type_of(old)
        change = f"a nullable column `{new}`{f' {kind}' if kind else ''} beside `{old}`; nothing uses it yet"
        self._step(f"add `{new}` to `{self.name}`", change, _ADDED, _RUNS)
        both = f"write `{old}` and `{new}` in the same statement, read `{old}`"
        self._code(f"write `{old}` and `{new}`", both, "rows written since have the same in both")
        self._fill(f"fill `{new}` from `{old}`", f"{new} IS DISTINCT FROM {old}" if self.move.new else "")
        self._require_new(old, new)
        alone = f"read and write `{new}` alone; `{old}` stays for the release before"
        self._code(f"use `{new}` alone", alone, f"no query of it names `{old}`")
        back = f"add `{old}` again and fill it from `{new}`"
        self._step(f"drop `{old}`", _LATER, back, f"`{old}` is gone and no error names it")
        self._trade_off(
            f"keep `{old}` in the database and rename it in the code alone: no migration, two names"
        )
        index = index_of(old, self.target, self.site)
        if index is not None:
            text = f"`{old}` has an index (`{index[0]}`): `{new}` needs one as well before it is read"
            self.work.risks.append(derived(text, index[1]))

    def _require_new(self, old: str, new: str) -> None:
        if self.target.is_required(old):
            change = f"CHECK (… IS NOT NULL) NOT VALID, VALIDATE it, then NOT NULL: `{old}` is required, too"
            self._step(f"make `{new}` required", change, "drop the constraint", "the constraint is valid")

    def _drop_column(self) -> None:
        old = self.column
        change = f"no query names `{old}`, `SELECT *` included; new rows leave it out"
        if self.target.is_required(old):
            text = f"DROP NOT NULL on `{old}`, so that new rows need not bring it"
            self._step(f"let `{old}` be empty", text, "SET NOT NULL again while all rows have it", _RUNS)
        self._code(f"stop using `{old}`", change, _NO_TRACE)
        self._keep(f"{self.name}.{old}")
        gone = f"`{old}` is gone and no error names it"
        self._step(f"drop `{old}`", _LATER, "none for the data: from the dump", gone)

    def _add_column(self) -> None:
        new = self.move.subject
        if is_taken(new, self.target, self.site, self.work):
            return
        change = "nullable, or with a constant default; nothing uses it yet"
        self._step(f"add `{new}` to `{self.name}`", change, _ADDED, _RUNS)
        self._code(f"write `{new}`", f"write `{new}`, and bear rows without it", "new rows have it")
        self.work.ask("old-rows", f"What do rows of before get in `{new}`?",
                      "it decides whether there is a backfill and a NOT NULL",
                      "they stay empty, and the column stays nullable", 55)  # fmt: skip

    def _require(self) -> None:
        column = self.column
        if self.target.is_required(column) and self.target.known is not None:
            text = f"`{self.name}.{column}` is NOT NULL already"
            self.work.conflicts.append(derived(text, *self.target.claim.evidence))
            return
        self._code(f"always write `{column}`", f"no insert leaves `{column}` out", "no new row is without it")
        self._fill(f"fill `{column}`", f"{column} IS NULL")
        change = "CHECK (… IS NOT NULL) NOT VALID, VALIDATE it in a migration of its own, then NOT NULL"
        self._step(f"make `{column}` required", change, "DROP NOT NULL", "an insert without it fails")

    def _change_type(self) -> None:
        column, kind = self.column, self.move.new
        before, new = self.target.type_of(column), f"{column}_new"
        self.work.risks.append(assumed(
            f"`ALTER COLUMN … TYPE` in place rewrites `{self.name}` under an exclusive lock, unless it widens"
        ))  # fmt: skip
        change = f"beside `{column}`{f' {before}' if before else ''}; nothing uses it yet"
        self._step(f"add `{new}` {kind} to `{self.name}`", change, _ADDED, _RUNS)
        both = f"write both, read `{column}`"
        self._code(f"write `{column}` and `{new}`", both, "rows written since have both")
        self._fill(f"fill `{new}` from `{column}`", f"{new} IS DISTINCT FROM {column}::{kind}")
        self._require_new(column, new)
        self._code(f"use `{new}` alone", f"read and write `{new}` alone", f"no query of it names `{column}`")
        back = f"add `{column}` again and fill it from `{new}`"
        self._step(f"drop `{column}`", f"{_LATER}; `{new}` may take its name by the same steps", back,
                   f"`{column}` is gone and no error names it")  # fmt: skip

    # -- tables and indexes

    def _rename_table(self) -> None:
        old, new = self.name, self.move.new
        if is_table_taken(new, self.site, self.work):
            return
        change = "a plain view can be read and written; nothing uses it yet"
        self._step(f"put a view `{new}` over `{old}`", change, f"drop the view `{new}`", _RUNS)
        self._code(f"use `{new}`", f"no query names `{old}`", _NO_TRACE)
        swap = f"in one transaction: drop the view, rename `{old}` to `{new}`, put a view `{old}` over it"
        self._step(
            f"rename `{old}` and leave a view", swap, "rename it back in one transaction", "both releases run"
        )
        self._step(
            f"drop the view `{old}`", _LATER, f"put the view `{old}` over `{new}` again", "no error names it"
        )
        text = "foreign keys follow a rename by themselves; names of constraints and indexes do not"
        note_references(self.target, self.site, self.work, text)

    def _drop_table(self) -> None:
        name = self.name
        self._code(f"stop using `{name}`", f"no query names `{name}`", _NO_TRACE)
        counters = psql(
            "SELECT seq_scan + coalesce(idx_scan, 0), n_tup_ins + n_tup_upd + n_tup_del"
            f" FROM pg_stat_user_tables WHERE relname = '{name}'"
        )
        quiet = "both counters stand still over a whole period of jobs and reports"
        self._step(f"see that nobody uses `{name}`", "compare the counters of one day with those of the next",
                   _ONLY_READS, quiet, counters)  # fmt: skip
        self._keep(name)
        text = "it is in the way of the drop and goes first, in a migration of its own"
        found = note_references(self.target, self.site, self.work, text)
        if found:
            self._step("drop what refers to it", f"the foreign keys of {listed(found)}",
                       "add them again NOT VALID, then VALIDATE", "no constraint refers to it")  # fmt: skip
        self._step(f"drop `{name}`", f"{_LATER}; without CASCADE", "none for the data: from the dump",
                   f"`{name}` is gone and no error names it")  # fmt: skip

    def _index(self) -> None:
        column = column_of(self.target.known, self.move.subject) if self.target.known is not None else None
        column = column or self.move.subject
        there = index_of(column, self.target, self.site) if column else None
        if there is not None:
            text = f"`{self.name}.{column}` has an index already: `{there[0]}`"
            self.work.conflicts.append(derived(text, there[1]))
            return
        if not column:
            self.work.ask("columns", f"Which columns of `{self.name}` does the index begin with?",
                          "an index helps only queries that name its first column",
                          "those of the slowest query", 90)  # fmt: skip
        on = f"`{self.name}.{column}`" if column else f"`{self.name}`"
        change = "CREATE INDEX CONCURRENTLY, alone in its migration and outside of a transaction"
        no_rows = "no index is invalid: no rows"
        self._step(f"build an index on {on}", change, "DROP INDEX CONCURRENTLY", no_rows,
                   INVALID_INDEXES)  # fmt: skip
        text = "every write of the table pays for the index; a build that fails leaves an invalid one to drop"
        self.work.risks.append(assumed(text))


SCHEMA: Final = frozenset(
    {
        *(Act.DROP_TABLE, Act.RENAME_TABLE, Act.RENAME_COLUMN, Act.DROP_COLUMN, Act.REQUIRE_COLUMN),
        *(Act.CHANGE_TYPE, Act.ADD_COLUMN, Act.ADD_INDEX),
    }
)
"""The moves that change a schema."""
