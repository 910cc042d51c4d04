"""What is known of files beside their text: what things amount to at run time, and what they are tied to."""

from collections.abc import Iterable, Iterator

from rollsafe.engine.facts import facts_of
from rollsafe.engine.project import Project
from rollsafe.review.request import KnownFact
from rollsafe.workspace.system import Relation, system_of
from rollsafe.workspace.view import View

_MOST = 40
_PLAIN = frozenset({Relation.CONTAINS})
"""What a model sees by itself."""


def facts_by_path(project: Project, paths: Iterable[str]) -> dict[str, tuple[KnownFact, ...]]:
    """Return what is known of each of these files of an analysed project, by line."""
    found: dict[str, list[KnownFact]] = {path: [*_amounts(project, path)] for path in paths}
    for path, fact in _ties(project):
        if path in found:
            found[path].append(fact)
    return {path: tuple(sorted(set(facts), key=_order)[:_MOST]) for path, facts in found.items()}


def _order(fact: KnownFact) -> tuple[int, str]:
    return fact.line, fact.text


def _amounts(project: Project, path: str) -> Iterator[KnownFact]:
    artefact = project.engine.artefact(path)
    if artefact is None:
        return
    for facts in facts_of(artefact, project.engine.graph, project.snapshot.settings):
        line = artefact.file.line_number(facts.place)
        yield from (KnownFact(line, f"{facts.title}: {one}") for one in facts.lines)


def _ties(project: Project) -> Iterator[tuple[str, KnownFact]]:
    """Yield what the edges of the project's graph say, with the files they are written in."""
    for edge in system_of(_view(project)).edges:
        if edge.relation in _PLAIN:
            continue
        said = f"{edge.source} {edge.relation} {edge.target}"
        detail = f" ({edge.detail})" if edge.detail else ""
        for place in edge.places:
            yield place.path, KnownFact(place.line, said + detail)


def _view(project: Project) -> View:
    snapshot, engine = project.snapshot, project.engine
    known = ((path, engine.artefact(path)) for path in snapshot.files)
    artefacts = {path: artefact for path, artefact in known if artefact is not None}
    return View(artefacts, snapshot.paths, engine.graph, snapshot.files.get)
