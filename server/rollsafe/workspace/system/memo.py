"""Remembers what was joined: the same outlines give the same system."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Workflow
from rollsafe.workspace.system.contracts import contracts_by_name
from rollsafe.workspace.system.held import Memo
from rollsafe.workspace.system.jobs import JobFact, job_facts
from rollsafe.workspace.system.join import join
from rollsafe.workspace.system.model import System
from rollsafe.workspace.system.outline import NOTHING, Outline, outline_of
from rollsafe.workspace.view import View

_PLAIN: Final = (".md", ".markdown", ".yaml", ".yml", ".json")
"""What files without a typed view may be called that tell something all the same."""


_systems: Memo[System] = Memo()
_jobs: Memo[tuple[JobFact, ...]] = Memo()


def system_of(view: View) -> System:
    """Return the system a project describes; the same object while no outline differs."""
    outlines = tuple(one for one in _outlines(view) if one is not NOTHING)
    contracts = contracts_by_name(view.paths)
    found = _systems.get((outlines, contracts))
    if found is not None:
        return found
    pipelines = tuple(one.pipeline for one in outlines if one.pipeline is not None)
    jobs = _jobs.get(pipelines)
    if jobs is None:
        jobs = _jobs.put(pipelines, job_facts(view.elements(Workflow), view.graph))
    return _systems.put((outlines, contracts), join(outlines, contracts, jobs))


def _outlines(view: View) -> Iterator[Outline]:
    plain = (path for path in view.paths if path.endswith(_PLAIN) and path not in view.artefacts)
    for path in sorted([*view.artefacts, *plain]):
        artefact = view.artefacts.get(path)
        file = artefact.file if artefact is not None else view.read(path)
        if file is not None:
            yield outline_of(file, artefact)
