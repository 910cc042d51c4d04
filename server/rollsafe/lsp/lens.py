"""Code lenses: on migrations, deploying jobs and workloads, what a deployment of them means."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.base import Artefact
from rollsafe.engine.facts import blocked_by, server_version, way_back
from rollsafe.engine.found import fingerprints
from rollsafe.lsp.edits import change_of
from rollsafe.lsp.from_lsp import JsonObject
from rollsafe.lsp.session import Located, Session
from rollsafe.lsp.shapes import CodeLens
from rollsafe.lsp.to_lsp import range_in
from rollsafe.rules.api import Purpose
from rollsafe.text import Encoding, Span
from rollsafe.text import Located as Place

PLAN_TITLE: Final = "Plan this deployment"
MIGRATION_TITLE: Final = "Plan this migration"
FIX_TITLES: Final = {
    Purpose.ROLLBACK: "Generate the rollback",
    Purpose.STAGES: "Split into expand and contract",
}
_MAX_FINDINGS: Final = 30
"""Findings of a file whose fixes are looked at."""


def code_lenses(session: Session, located: Located) -> list[CodeLens]:
    """Return the lenses of a file; none outside of a project, where nothing can be planned."""
    artefact = located.root.artefact(located.file.path)
    if artefact is None or located.root.project is None:
        return []
    arguments: JsonObject = {"kind": "deploy", "uri": session.uri(located.root, located.file.path)}
    encoding = session.client.encoding
    lenses: list[CodeLens] = [
        {
            "range": range_in(located.file.lines, place, encoding),
            "command": {"title": title, "command": "rollsafe.plan", "arguments": [arguments]},
        }
        for place, title in _titles(located, artefact)
    ]
    if artefact.kind == "migration" and lenses:
        lenses += _fixing(located, arguments["uri"], encoding)
    return lenses


def _fixing(located: Located, uri: object, encoding: Encoding) -> Iterator[CodeLens]:
    """Yield the lenses that write a way back or split a change; each asks before it does so."""
    found = located.root.findings(located.file.path)
    for one, mark in zip(found[:_MAX_FINDINGS], fingerprints(list(found)), strict=False):
        for fix in one.fixes if one.rule.fix is not None else ():
            if fix.purpose is None or change_of(located.root, one, fix) is None:
                continue
            arguments: JsonObject = {"uri": uri, "fingerprint": mark, "fix": fix.title}
            title = FIX_TITLES[fix.purpose]
            place = Span(0, 0) if fix.purpose is Purpose.ROLLBACK else one.span
            yield {
                "range": range_in(located.file.lines, place, encoding),
                "command": {"title": title, "command": "rollsafe.applyFix", "arguments": [arguments]},
            }


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
    yield Span(0, 0), MIGRATION_TITLE
    version = server_version(located.root.configured.settings)
    graph = located.root.engine.graph
    for said in (
        way_back(artefact.migration, graph, version),
        blocked_by(artefact.migration, graph, version),
    ):
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
