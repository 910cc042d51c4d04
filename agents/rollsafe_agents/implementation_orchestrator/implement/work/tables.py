"""The table a change of the schema is about: what migrations say of it, what stands against the change."""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Dialect
from rollsafe.plans.contribution import assumed, derived
from rollsafe.plans.model import Claim, Evidence
from rollsafe.text import nearest
from rollsafe.text.records import open_record
from rollsafe.workspace.inventory import table_names
from rollsafe.workspace.schema import (
    Known,
    Mention,
    column_lost,
    column_of,
    column_written,
    created_by,
    indexes_on,
    references_to,
    tables_called,
)
from rollsafe.workspace.system import NodeKind, Relation
from rollsafe_agents.implementation_orchestrator.implement.moves import Act, Move
from rollsafe_agents.implementation_orchestrator.implement.work.model import (
    Site,
    Work,
    at,
    listed,
    mentioned,
    row,
)

_OF_TABLE = frozenset({Act.DROP_TABLE, Act.RENAME_TABLE})
_OF_COLUMN = frozenset({Act.RENAME_COLUMN, Act.DROP_COLUMN, Act.REQUIRE_COLUMN, Act.CHANGE_TYPE})


@open_record
class Target:
    """The table a move is about; `known` is None where no SQL migration makes it.

    `users` are the services that reach its database, each with where that is written.
    """

    name: str
    known: Known | None
    home: str
    users: tuple[tuple[str, tuple[Evidence, ...]], ...]

    @property
    def claim(self) -> Claim:
        """Why a step of its own is needed, with where the table is made."""
        text = "two releases run at once during a rollout, and both have to work on the schema"
        if self.known is None:
            return assumed(f"{text}; no SQL migration here makes `{self.name}`")
        return derived(f"{text}; its migrations are in `{self.home}`", mentioned(self.made))

    @property
    def made(self) -> Mention:
        """Where the table is made, else the last place that is about it."""
        assert self.known is not None
        return created_by(self.known) or Mention(self.known.last, self.known.last, self.name)

    @property
    def takes_psql(self) -> bool:
        """Whether its questions can be asked with psql."""
        return self.known is None or self.known.last.migration.dialect is Dialect.POSTGRES

    @property
    def sql(self) -> str:
        """The table's name in SQL."""
        return self.known.name.sql if self.known is not None else self.name

    def is_required(self, column: str) -> bool:
        """Say whether a column is known to be NOT NULL."""
        return self.known is not None and column in self.known.state.required

    def type_of(self, column: str) -> str:
        """Return the type of a column as the migrations leave it; empty where nobody knows."""
        kind = self.known.state.types.get(column) if self.known is not None else None
        return str(kind) if kind is not None else ""


def target_of(move: Move, site: Site, work: Work) -> Target | None:
    """Return the table a move is about, and note in `work` what is known of it; None if it cannot be done."""
    word = move.subject if move.act in _OF_TABLE else move.where
    found = tables_called(word.rpartition(".")[2], site.view.graph) if word else []
    found = [one for one in found if not one.last.migration.is_practice] or found
    there = [one for one in found if not one.is_gone]
    if not there:
        return _nowhere(move, word, found, site, work)
    if len(there) > 1:
        homes = listed(one.home for one in there)
        work.ask("which-history", f"In which history of migrations is `{word}` meant: {homes}?",
                 "each is another database", f"the one in `{there[0].home}`", 90)  # fmt: skip
    known = there[0]
    target = Target(known.name.name, known, known.home or ".", tuple(_users(known.home or ".", site)))
    columns = listed(known.state.types, 8)
    text = f"the goal names it; its columns are {columns}" if columns else "the goal names it"
    work.named.append(row(target.name, "table", text, [mentioned(target.made)]))
    for name, places in target.users:
        work.named.append(row(name, "service", "it reaches the database of this table", places, 1))
    if move.act in _OF_COLUMN and not _has_column(move, target, site, work):
        return None
    return target


def _users(home: str, site: Site) -> Iterator[tuple[str, tuple[Evidence, ...]]]:
    """Yield the services that reach the database of some migrations; else the only service there is."""
    edges = site.system.edges_from(f"migrations:{home}", Relation.MIGRATES)
    for edge in edges:
        for node, link in site.users_of(edge.target):
            yield node.name, at(*link.places)
    if not edges and len({site.system.code.get(node.id, node.id) for node in site.live}) == 1:
        yield from ((node.name, at(*node.places)) for node in site.live)


def _nowhere(move: Move, word: str, found: list[Known], site: Site, work: Work) -> Target | None:
    """Note what is known of a table that is not there; return what can be planned for all the same."""
    graph = site.view.graph
    known = sorted(table_names(graph))
    if found:
        gone = found[0]
        text = (
            f"`{word}` is called `{gone.now_called}` now"
            if gone.now_called
            else f"`{word}` is dropped already"
        )
        work.conflicts.append(derived(text, mentioned(Mention(gone.last, gone.last, word))))
        return None
    close = nearest(word, known) if word else None
    if close is not None:
        places = [mentioned(_made(one)) for one in tables_called(close, graph)]
        work.conflicts.append(
            derived(f"no migration makes a table `{word}`; the nearest is `{close}`", *places[:2])
        )
        return None
    if not word:
        holders = [
            name for name in known if any(column_of(one, move.subject) for one in tables_called(name, graph))
        ]
        which = f": {listed(holders)}" if holders else ""
        work.ask("which-table", f"Which table is the column `{move.subject}` in{which}?",
                 "every phase depends on it", "none is planned for", 100)  # fmt: skip
        return None
    work.ask("which-table", f"What does `{word}` look like today? No SQL migration here makes it",
             "its types, keys and readers decide the phases", "it is as the goal says", 90)  # fmt: skip
    homes = site.system.of(NodeKind.MIGRATIONS)
    home = homes[0].name if len(homes) == 1 else ""
    return Target(word, None, home, tuple(_users(home or "-", site)))


def _made(table: Known) -> Mention:
    return created_by(table) or Mention(table.last, table.last, table.name.name)


def _has_column(move: Move, target: Target, site: Site, work: Work) -> bool:
    """Say whether a column is there as the goal takes it to be; else note what stands against it."""
    table, graph = target.known, site.view.graph
    if table is None:
        return True
    found = column_of(table, move.subject)
    if found is not None:
        written = column_written(table, found, graph) or target.made
        kind, needed = target.type_of(found), ", NOT NULL" if target.is_required(found) else ""
        text = f"column of `{target.name}`" + (f": {kind}{needed}" if kind else needed)
        work.named.append(row(f"{target.name}.{found}", "column", text, [mentioned(written)]))
        return not (move.act is Act.RENAME_COLUMN and is_taken(move.new, target, site, work))
    lost = column_lost(table, move.subject, graph)
    full = f"`{target.name}.{move.subject}`"
    if lost is not None:
        text = f"{full} is called `{lost[1]}` already" if lost[1] else f"{full} is dropped already"
        work.conflicts.append(derived(text, mentioned(lost[0])))
        return False
    if not table.state.types:
        return True
    close = nearest(move.subject, list(table.state.types))
    hint = f"the nearest is `{close}`" if close else f"it has {listed(table.state.types, 8)}"
    text = f"no migration gives `{target.name}` a column `{move.subject}`; {hint}"
    work.conflicts.append(derived(text, mentioned(target.made)))
    return False


def is_taken(column: str, target: Target, site: Site, work: Work) -> bool:
    """Say whether a table has a column of that name already, and note it."""
    known = column_of(target.known, column) if target.known is not None and column else None
    if known is None or target.known is None:
        return False
    written = column_written(target.known, known, site.view.graph) or target.made
    work.conflicts.append(derived(f"`{target.name}` has a column `{known}` already", mentioned(written)))
    return True


def is_table_taken(name: str, site: Site, work: Work) -> bool:
    """Say whether there is a table of that name already, and note it."""
    found = [one for one in tables_called(name, site.view.graph) if not one.is_gone]
    if found:
        work.conflicts.append(derived(f"there is a table `{name}` already", mentioned(_made(found[0]))))
    return bool(found)


def note_references(target: Target, site: Site, work: Work, text: str) -> list[str]:
    """Note the foreign keys of other tables as a risk, and return what has them."""
    found = references_to(target.known, site.view.graph) if target.known is not None else []
    if found:
        verb = "refer to" if len(found) > 1 else "refers to"
        names = listed(one.name for one in found)
        work.risks.append(derived(f"{names} {verb} `{target.name}`: {text}", *map(mentioned, found[:3])))
    return [one.name for one in found]


def index_of(column: str, target: Target, site: Site) -> tuple[str, Evidence] | None:
    """Return the last index that begins with a column: its name, empty where it has none, and its place."""
    found = indexes_on(target.known, column, site.view.graph) if target.known is not None else []
    return (found[-1].name, mentioned(found[-1])) if found else None
