"""What `--verbose` tells about each history of migrations: how much was read, what was not understood."""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Dialect, Migration
from rollsafe.cli.output.text import plural
from rollsafe.cli.session import Opened, Session
from rollsafe.workspace.replayed import Gap, Replayed, replayed


def lines(session: Session, opened: Opened) -> Iterator[str]:
    """Yield a line per history of what was asked for, then those about places that are not understood."""
    engine = opened.project.engine
    asked = filter(opened.scope.holds, sorted(opened.project.snapshot.files))
    artefacts = [one for one in map(engine.artefact, asked) if one is not None]
    migrations = (each for one in artefacts for each in one.elements if isinstance(each, Migration))
    for one in replayed(migrations, engine.graph.rank):
        for gap in sorted(_told(one), key=lambda each: (each.file.path, each.start)):
            at = gap.file.lines.position(gap.start)
            place = f"{session.shown(opened.root, gap.file.path)}:{at.line + 1}:{at.column + 1}"
            yield f"{place}: not understood: {gap.reason}"
        yield f"history {session.shown(opened.root, one.home)}: {', '.join(_counts(one))}"


def _told(one: Replayed) -> Iterator[Gap]:
    """Yield the gaps that the reader of the file itself has not told."""
    yield from one.computed
    yield from (gap for gap in one.unknown if not gap.is_told)


def _counts(one: Replayed) -> Iterator[str]:
    database = f" for {one.dialect.database}" if one.dialect is not Dialect.POSTGRES else ""
    yield f"{plural(one.migrations, 'migration')} of {one.tool}{database}"
    if one.unplaced:
        yield f"the order of {one.unplaced} unknown"
    else:
        yield "in a known order"
    yield plural(one.statements, "statement")
    if one.computed:
        yield f"{len(one.computed)} computed"
    yield f"{len(one.unknown)} not understood"
