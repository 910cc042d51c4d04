"""Code lenses: on migrations, deploying jobs and workloads, what a deployment of them means."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.base import Artefact
from rollsafe.engine.facts import blocked_by, server_version, way_back
from rollsafe.lsp.from_lsp import JsonObject
from rollsafe.lsp.session import Located, Session
from rollsafe.lsp.shapes import CodeLens
from rollsafe.lsp.to_lsp import range_in
from rollsafe.text import Located as Place
from rollsafe.text import Span

PLAN_TITLE: Final = "Plan this deployment"


def code_lenses(session: Session, located: Located) -> list[CodeLens]:
    """Return the lenses of a file; none outside of a project, where nothing can be planned."""
    artefact = located.root.artefact(located.file.path)
    if artefact is None or located.root.project is None:
        return []
    arguments: JsonObject = {"kind": "deploy", "uri": session.uri(located.root, located.file.path)}
    return [
        {
            "range": range_in(located.file.lines, place, session.client.encoding),
            "command": {"title": title, "command": "rollsafe.plan", "arguments": [arguments]},
        }
        for place, title in _titles(located, artefact)
    ]


def _titles(located: Located, artefact: Artefact) -> Iterator[tuple[Place, str]]:
    if artefact.kind == "migration":
        yield from _on_migration(located, artefact)
    elif artefact.kind == "kubernetes":
        yield from ((place, PLAN_TITLE) for place in _workloads(artefact))
    elif artefact.kind == "github-workflow":
        yield from ((place, PLAN_TITLE) for place in _deploying_jobs(artefact))


def _on_migration(located: Located, artefact: Artefact) -> Iterator[tuple[Place, str]]:
    from rollsafe.artefacts.migrations import MigrationFile

    if not isinstance(artefact, MigrationFile) or not artefact.migration.statements:
        return
    yield Span(0, 0), PLAN_TITLE
    version = server_version(located.root.configured.settings)
    graph = located.root.engine.graph
    for said in (way_back(artefact.migration, graph, version), blocked_by(artefact.migration, version)):
        if said is not None:
            yield Span(0, 0), said


def _workloads(artefact: Artefact) -> Iterator[Place]:
    from rollsafe.artefacts.kubernetes import Workload

    for element in artefact.elements:
        if isinstance(element, Workload) and element.is_long_running:
            yield Span(element.start, element.start)


def _deploying_jobs(artefact: Artefact) -> Iterator[Place]:
    from rollsafe.artefacts.github_workflow import Job

    for element in artefact.elements:
        if isinstance(element, Job) and element.deploys:
            yield element.key
