"""Remembers what was joined: the same outlines give the same system."""

from collections.abc import Iterable, Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Workflow
from rollsafe.workspace.system.charts.facts import chart_facts
from rollsafe.workspace.system.charts.sources import ChartSource, charts_of
from rollsafe.workspace.system.contracts import contracts_by_name
from rollsafe.workspace.system.facts import Contract
from rollsafe.workspace.system.held import Memo
from rollsafe.workspace.system.jobs import job_facts
from rollsafe.workspace.system.join import NOTHING_JOINED, Joined, join
from rollsafe.workspace.system.model import System
from rollsafe.workspace.system.outline import NOTHING, Outline, outline_of
from rollsafe.workspace.view import View

_PLAIN: Final = (".md", ".markdown", ".yaml", ".yml", ".json")


_joined: Memo[Joined] = Memo()


def system_of(view: View) -> System:
    """Return the system a project describes; the same object while no outline differs.

    What differs from a system that was asked for before is made anew, the rest is taken from it.
    """
    charts = charts_of(view)
    outlines = tuple(one for one in _outlines(view, charts) if one is not NOTHING)
    contracts = contracts_by_name(view.paths)
    jobs = job_facts(view.elements(Workflow), view.graph)
    key = (outlines, contracts, charts, jobs)
    found = _joined.get(key)
    if found is None:
        rendered = tuple(one for chart in charts for one in chart_facts(chart))
        found = _joined.put(key, join(outlines, contracts, jobs, rendered, _nearest(outlines)))
    return found.system


def _nearest(outlines: Iterable[Outline]) -> Joined:
    """Return the system that has most outlines in common with these."""
    ids = frozenset(map(id, outlines))
    return max(_joined.held(), key=lambda one: len(ids & one.ids), default=NOTHING_JOINED)


def described(view: View) -> tuple[Contract, ...]:
    """Return the interfaces a project describes: `System.contracts`, without the system."""
    texts = (view.read(path) for path in sorted(_plain(view)))
    plain = (contract for one in texts if one is not None for contract in outline_of(one, None).contracts)
    read = (
        contract
        for one in view.artefacts.values()
        if one.kind == "contract"
        for contract in outline_of(one.file, one).contracts
    )
    found = sorted((*plain, *read), key=lambda contract: contract.path)
    return (*found, *contracts_by_name(view.paths))


def _plain(view: View) -> Iterator[str]:
    """Yield the paths of files without a typed view that may tell something all the same."""
    return (path for path in view.paths if path.endswith(_PLAIN) and path not in view.artefacts)


def _outlines(view: View, charts: Iterable[ChartSource]) -> Iterator[Outline]:
    """Yield the outlines of all files but the templates of charts, which tell something once rendered."""
    templates = {path for chart in charts for path in chart.template_paths}
    for path in sorted({*view.artefacts, *_plain(view)} - templates):
        artefact = view.artefacts.get(path)
        file = artefact.file if artefact is not None else view.read(path)
        if file is not None:
            yield outline_of(file, artefact)
