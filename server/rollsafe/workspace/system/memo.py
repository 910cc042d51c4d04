"""Remembers what was joined: the same outlines give the same system."""

from collections.abc import Iterable, Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Workflow
from rollsafe.workspace.system.charts.facts import chart_facts
from rollsafe.workspace.system.charts.sources import ChartSource, charts_of
from rollsafe.workspace.system.contracts import contracts_by_name
from rollsafe.workspace.system.facts import Contract
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
    charts = charts_of(view)
    outlines = tuple(one for one in _outlines(view, charts) if one is not NOTHING)
    contracts = contracts_by_name(view.paths)
    found = _systems.get((outlines, contracts, charts))
    if found is not None:
        return found
    pipelines = tuple(one.pipeline for one in outlines if one.pipeline is not None)
    jobs = _jobs.get(pipelines)
    if jobs is None:
        jobs = _jobs.put(pipelines, job_facts(view.elements(Workflow), view.graph))
    rendered = tuple(one for chart in charts for one in chart_facts(chart))
    return _systems.put((outlines, contracts, charts), join(outlines, contracts, jobs, rendered))


def described(view: View) -> tuple[Contract, ...]:
    """Return the interfaces a project describes: `System.contracts`, without the system."""
    found = (contract for one in _outlines(view, charts_of(view)) for contract in one.contracts)
    return (*found, *contracts_by_name(view.paths))


def _outlines(view: View, charts: Iterable[ChartSource]) -> Iterator[Outline]:
    """Yield the outlines of all files but the templates of charts, which tell something once rendered."""
    templates = {path for chart in charts for path in chart.template_paths}
    plain = (path for path in view.paths if path.endswith(_PLAIN) and path not in view.artefacts)
    for path in sorted({*view.artefacts, *plain} - templates):
        artefact = view.artefacts.get(path)
        file = artefact.file if artefact is not None else view.read(path)
        if file is not None:
            yield outline_of(file, artefact)
