"""What `--verbose` tells of files of a deployment that are not understood, or not wholly."""

from collections.abc import Iterator

from rollsafe.cli.output.text import plural
from rollsafe.cli.session import Opened, Session
from rollsafe.workspace.gaps import Gap, gap_of_unknown, gaps
from rollsafe.workspace.unread_tools import tool_of


def lines(session: Session, opened: Opened) -> Iterator[str]:
    """Yield a line per reason, at the first place it holds for, by path and place."""
    told: dict[str, list[str]] = {}
    for gap in _gaps(opened):
        at = gap.file.lines.position(gap.start)
        place = f"{session.shown(opened.root, gap.file.path)}:{at.line + 1}:{at.column + 1}"
        told.setdefault(gap.reason, []).append(place)
    for path, tool in _unread(opened):
        reason = f"a file of {tool}, which is not read"
        told.setdefault(reason, []).append(f"{session.shown(opened.root, path)}:1:1")
    for reason, places in told.items():
        more = f" (and in {plural(len(places) - 1, 'more place')})" if len(places) > 1 else ""
        yield f"{places[0]}: not understood: {reason}{more}"


def _gaps(opened: Opened) -> Iterator[Gap]:
    engine, files = opened.project.engine, opened.project.snapshot.files
    graph = engine.graph
    for path in sorted(filter(opened.scope.holds, files)):
        artefact = engine.artefact(path)
        if artefact is not None:
            yield from gaps(artefact, graph)
        elif (found := gap_of_unknown(files[path], graph)) is not None:
            yield found


def _unread(opened: Opened) -> Iterator[tuple[str, str]]:
    """Yield the files that are known by name only and those whose they are, where that deploys."""
    snapshot = opened.project.snapshot
    for path in sorted(snapshot.paths - snapshot.files.keys()):
        tool = tool_of(path) if opened.scope.holds(path) else None
        if tool is not None:
            yield path, tool
