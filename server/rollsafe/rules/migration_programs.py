"""Migrations that follow in a framework's own language."""

from rollsafe.artefacts.migrations import Migration, recognise
from rollsafe.artefacts.migrations.code.writing import Next, Sql, Writer, pieces, writer_of
from rollsafe.artefacts.migrations.down import down_migration
from rollsafe.artefacts.migrations.extract import operations_of
from rollsafe.artefacts.migrations.operations import TableOperation
from rollsafe.artefacts.source import SourceFile
from rollsafe.rules.api import NewFile
from rollsafe.rules.migration_order import chain_end
from rollsafe.rules.migration_steps import Step, label_of, last_version, next_version, timeouts_of
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.lineage import shares_history


def following_programs(
    migration: Migration, graph: Graph, steps: tuple[Step, ...]
) -> tuple[NewFile, ...] | None:
    """Return the files of migrations that run `steps` after every migration there is, one for each.

    None where the framework's files are only read, or its history has no single end.
    """
    writer = writer_of(migration.convention.name, migration.file.host)
    version = last_version(migration, graph)
    if writer is None or version is None:
        return None
    if not all(_are_known(migration, writer, one, graph) for step in steps for one in step.sql):
        return None
    end = chain_end(migration, graph) if migration.convention.alias is not None else None
    previous = writer.previous(end or _stem(migration, version, graph), version)
    found: list[NewFile] = []
    for step in steps:
        label = label_of(step.label)
        version = writer.version_after(version, label) or next_version(version)
        made = writer.following(Next(version, previous, label, *_ways(migration, step), step.apart))
        if made is None or graph.has_file(made.path):
            return None
        found.append(NewFile(*made))
        previous = writer.previous(made.path.rpartition("/")[2].rpartition(".")[0], version)
    return tuple(found)


def _are_known(migration: Migration, writer: Writer, sql: str, graph: Graph) -> bool:
    """Say whether the tables SQL names are sure to have these names, where a framework makes names up."""
    if not any(map(writer.rests_on_names, pieces(sql))):
        return True
    tables = {one.table.key for one in operations_of(sql) if isinstance(one, TableOperation)}
    return all(
        any(shares_history(one, migration) for one in graph.find(Migration, f"creates:{table}"))
        for table in tables
    )


def _stem(migration: Migration, version: str, graph: Graph) -> str:
    """Return the name, without its extension, of the file that has a version."""
    last = graph.first(Migration, f"up:{migration.convention.home}/{version}") or migration
    return last.file.name.rpartition(".")[0]


def _ways(migration: Migration, step: Step) -> tuple[tuple[Sql, ...], tuple[Sql, ...]]:
    """Return what a migration sends on both ways."""
    timeouts = [] if step.apart else timeouts_of(migration)
    up = [one for sql in (*timeouts, *step.sql) for one in pieces(sql)]
    if step.undo:
        return tuple(up), tuple(one for sql in step.undo for one in pieces(sql))
    whole = "".join(f"{one.text};\n" for one in up)
    view = recognise(SourceFile("migrations/1_step.sql", whole))
    down = pieces(down_migration(view.migration).text) if view is not None else []
    return tuple(up), tuple(one for one in down if one.text)
