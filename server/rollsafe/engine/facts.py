"""What a thing amounts to at run time: locks of a statement, a rollout, a job, an expression's type.

Artefact modules are imported by what a file turned out to be, so that nobody pays for the SQL grammar
who never opens a migration.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.text import Located, Span
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.settings import Settings

if TYPE_CHECKING:
    from rollsafe.artefacts.migrations import Migration, Statement
    from rollsafe.artefacts.migrations.lock_modes import LockMode
    from rollsafe.artefacts.migrations.locks import LockFact
    from rollsafe.artefacts.migrations.names import TableName


_FEW_TABLES: Final = 3
"""Tables that are named at a glance."""


class Facts(NamedTuple):
    """What is known of the thing at `place`, one line each; names stand in backticks."""

    place: Span
    title: str
    lines: tuple[str, ...]


def facts_at(artefact: Artefact, offset: int, graph: Graph, settings: Settings) -> Facts | None:
    """Return the facts about the statement, workload, job, state or expression at an offset, if any."""
    element = _innermost(artefact, offset)
    if element is None:
        return None
    if artefact.kind == "migration":
        return facts_of_statement(element, graph, settings)
    if artefact.kind == "kubernetes":
        return _of_workload(element, offset, graph)
    if artefact.kind in ("github-workflow", "github-action"):
        return _of_expression(element, offset, graph) or _of_job(element, offset, graph)
    if artefact.kind == "pipeline":
        return _of_other_job(element, offset)
    return _of_state(element, offset) if artefact.kind == "step-functions" else None


def _of_expression(element: Element, offset: int, graph: Graph) -> Facts | None:
    from rollsafe.engine.expression_facts import expression_facts

    found = expression_facts(element, offset, graph)
    return Facts(found.place, found.title, found.lines) if found is not None else None


def _of_job(element: Element, offset: int, graph: Graph) -> Facts | None:
    from rollsafe.artefacts.github_workflow import Job
    from rollsafe.engine.job_facts import job_facts

    return job_facts(element, offset, graph) if isinstance(element, Job) else None


def _of_other_job(element: Element, offset: int) -> Facts | None:
    from rollsafe.artefacts.other_pipelines import OtherJob
    from rollsafe.engine.pipeline_facts import pipeline_facts

    return pipeline_facts(element, offset) if isinstance(element, OtherJob) else None


def _of_state(element: Element, offset: int) -> Facts | None:
    from rollsafe.engine.state_facts import state_facts

    return state_facts(element, offset)


def facts_of(artefact: Artefact, graph: Graph, settings: Settings) -> Iterator[Facts]:
    """Yield the facts about all statements or workloads of a file."""
    for element in artefact.elements:
        found: Facts | None = None
        if artefact.kind == "migration":
            found = facts_of_statement(element, graph, settings)
        elif artefact.kind == "kubernetes":
            found = _of_workload(element, _name_of(element), graph)
        if found is not None:
            yield found


def _name_of(element: Element) -> int:
    """Return where the name of a workload stands."""
    node: Located | None = getattr(element, "name_node", None)
    return node.start if node is not None else -1


def _innermost(artefact: Artefact, offset: int) -> Element | None:
    placed = ((element.file.place(element), element) for element in artefact.elements)
    holding = (pair for pair in placed if pair[0].start <= offset <= pair[0].end)
    found = min(holding, key=lambda pair: pair[0].end - pair[0].start, default=None)
    return found[1] if found is not None else None


def server_version(settings: Settings) -> int:
    """Return the major version of the database server."""
    return int(settings.migrations.postgres_version.partition(".")[0])


# Migrations


def facts_of_statement(element: Element, graph: Graph, settings: Settings) -> Facts | None:
    """Return the locks a statement takes; None for what is no statement, and for one that takes none."""
    from rollsafe.artefacts.migrations import Statement

    if not isinstance(element, Statement):
        return None
    lines = tuple(dict.fromkeys(_locks(element, graph, server_version(settings))))
    return Facts(element.file.place(element), element.kind, lines) if lines else None


def _locks(statement: "Statement", graph: Graph, version: int) -> Iterator[str]:
    from rollsafe.artefacts.migrations.lock_modes import LockMode
    from rollsafe.workspace.indexes import table_of
    from rollsafe.workspace.locking import fact_before

    for operation in statement.all_operations():
        fact = fact_before(operation, statement, version, graph)
        if fact is None:
            continue
        table = table_of(operation, statement, graph)
        target = f" on `{table}`" if table is not None else ""
        parts = [f"`{fact.mode}`{target}" if fact.mode is not LockMode.NONE else f"No lock{target}"]
        if fact.blocks_writes:
            parts.append("blocks reads and writes" if fact.blocks_reads else "blocks writes")
        if fact.rewrites or fact.scans:
            parts.append("rewrites the table" if fact.rewrites else "reads the whole table")
        if not fact.reversible:
            parts.append("not reversible without a backup")
        parts += [f"also `{mode}` on `{table}`" for table, mode in fact.other_tables]
        if fact.note:
            parts.append(fact.note)
        yield " · ".join([*parts, f"PostgreSQL {version} (so in {fact.versions})"])


def blocked_by(migration: "Migration", graph: Graph, version: int) -> str | None:
    """Say whom the way up of a migration keeps waiting, table by table; None where it is nobody."""
    from rollsafe.artefacts.migrations.locks import lock_fact
    from rollsafe.workspace.indexes import table_of

    found: dict[str, bool] = {}
    for statement in migration.up_statements:
        for operation, is_new in zip(statement.all_operations(), statement.newness, strict=True):
            fact = None if is_new else lock_fact(operation, version)
            own = table_of(operation, statement, graph) if fact is not None else None
            for table, mode in _locked(own, fact) if fact is not None else ():
                if mode.blocks_writes:
                    found[table] = found.get(table, False) or mode.blocks_reads
    said = [
        f"{'reads and writes' if reads else 'writes'} of {', '.join(tables[:_FEW_TABLES])}"
        + (f" and {len(tables) - _FEW_TABLES} more" if len(tables) > _FEW_TABLES else "")
        for reads in (True, False)
        if (tables := [table for table, blocks in found.items() if blocks is reads])
    ]
    return f"Blocks {', '.join(said)}" if said else None


def _locked(table: "TableName | None", fact: "LockFact") -> "Iterator[tuple[str, LockMode]]":
    if table is not None:
        yield str(table), fact.mode
    yield from ((str(other), mode) for other, mode in fact.other_tables)


def way_back(migration: "Migration", graph: Graph, version: int) -> str | None:
    """Say whether a migration can be undone; None for a way back, and for one that does nothing."""
    from rollsafe.artefacts.migrations import Migration

    if migration.is_down or not migration.up_statements:
        return None
    losses = list(_losses(migration, version))
    if losses:
        more = f" and {len(losses) - 1} more" if len(losses) > 1 else ""
        return f"Not reversible without a backup: {losses[0]}{more}"
    convention = migration.convention
    key = f"down:{convention.home}/{convention.version or convention.label}"
    is_elsewhere = convention.down_path != migration.file.path
    others = graph.find(Migration, key) if is_elsewhere else ()
    written = migration.has_down or any(one is not migration for one in others)
    return "Reversible" if written else "No way back is written"


def _losses(migration: "Migration", version: int) -> Iterator[str]:
    """Say for each operation that cannot be undone what is lost; new tables have nothing to lose."""
    from rollsafe.artefacts.migrations.down import loss_of
    from rollsafe.artefacts.migrations.locks import lock_fact

    for operation in migration.operations:
        fact = lock_fact(operation, version)
        if fact is not None and not fact.reversible and not migration.is_on_new_table(operation):
            yield (loss_of(operation) or fact.note or "rows change").replace("`", "")


# Workloads


def _of_workload(element: Element, offset: int, graph: Graph) -> Facts | None:
    """Return the facts about a workload where its kind or its name stands."""
    from rollsafe.artefacts.kubernetes import Workload

    if not isinstance(element, Workload):
        return None
    places = [place for place in (element.kind_node, element.name_node) if place is not None]
    place = next((Span.of(one) for one in places if one.start <= offset <= one.end), None)
    if place is None:
        return None
    from rollsafe.engine.rollout_facts import rollout_lines

    lines = tuple(rollout_lines(element, graph))
    return Facts(place, f"{element.kind} `{element.name}`", lines) if lines else None
