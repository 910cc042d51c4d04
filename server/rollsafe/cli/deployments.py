"""What `--verbose` tells about charts, overlays and Compose files: how much was read and understood."""

from collections.abc import Iterator

from rollsafe.artefacts.compose import ComposeFile
from rollsafe.cli.output.text import plural
from rollsafe.cli.session import Opened, Session
from rollsafe.workspace.built.building import build, roots
from rollsafe.workspace.gaps import gaps
from rollsafe.workspace.system.charts.accounts import Account, account_of
from rollsafe.workspace.system.charts.sources import charts_of
from rollsafe.workspace.view import View


def lines(session: Session, opened: Opened) -> Iterator[str]:
    """Yield a line per chart, overlay and Compose file, each behind those about what is not understood."""
    told = (*_charts(session, opened), *_overlays(session, opened), *_compose_files(session, opened))
    yield from dict.fromkeys(told)


def _charts(session: Session, opened: Opened) -> Iterator[str]:
    snapshot, engine = opened.project.snapshot, opened.project.engine
    artefacts = ((path, engine.artefact(path)) for path in snapshot.files)
    views = {path: artefact for path, artefact in artefacts if artefact is not None}
    view = View(views, snapshot.paths, engine.graph, snapshot.files.get)
    for source in sorted(charts_of(view), key=lambda one: one.directory):
        if not opened.scope.holds(source.place.path):
            continue
        account = account_of(source)
        for one in account.unread:
            file = snapshot.files.get(one.path)
            at = file.lines.position(one.start) if file is not None else None
            place = f"{at.line + 1}:{at.column + 1}" if at is not None else "1:1"
            yield f"{session.shown(opened.root, one.path)}:{place}: not understood: {one.reason}"
        yield f"chart {session.shown(opened.root, source.directory or '.')}: {', '.join(_counts(account))}"


def _counts(account: Account) -> Iterator[str]:
    yield f"{plural(account.templates, 'template')} with {plural(account.values, 'file')} of values"
    yield f"{account.rendered} rendered"
    missing = sum(one.chart is None for one in account.source.parts)
    if missing:
        yield f"{plural(missing, 'chart')} not in the project"
    yield f"{len(account.unread)} not understood"


def _overlays(session: Session, opened: Opened) -> Iterator[str]:
    engine = opened.project.engine
    for root in sorted(roots(engine.graph), key=lambda one: one.file.path):
        if not opened.scope.holds(root.file.path):
            continue
        building = build(root, engine.graph)
        for thing, reason in building.left_out:
            at = thing.file.lines.position(thing.kind_node.start)
            place = f"{session.shown(opened.root, thing.file.path)}:{at.line + 1}:{at.column + 1}"
            yield f"{place}: not understood: `{thing.kind}` is not followed into overlays: {reason}"
        artefacts = [engine.artefact(layer.file.path) for layer in building.layers]
        count = sum(len(list(gaps(one, engine.graph))) for one in artefacts if one is not None)
        paths = sum(map(engine.graph.has_file, building.paths))
        files, objects = plural(paths, "file"), plural(len(building.objects), "object")
        name = session.shown(opened.root, root.directory or ".")
        yield f"overlay {name}: {objects} of {files}, {count + len(building.left_out)} not understood"


def _compose_files(session: Session, opened: Opened) -> Iterator[str]:
    engine = opened.project.engine
    for path in sorted(filter(opened.scope.holds, opened.project.snapshot.files)):
        artefact = engine.artefact(path)
        found = [one for one in artefact.elements if isinstance(one, ComposeFile)] if artefact else []
        if artefact is None or not found:
            continue
        services = sum(len(one.services) for one in found)
        count = len(list(gaps(artefact, engine.graph))) + len(artefact.problems)
        name = session.shown(opened.root, path)
        yield f"compose {name}: {plural(services, 'service')}, {count} not understood"
