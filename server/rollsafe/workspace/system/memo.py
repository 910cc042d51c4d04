"""Remembers what was joined: the same outlines give the same system."""

from collections import OrderedDict
from collections.abc import Iterator
from threading import Lock
from typing import Final, Generic, TypeVar

from rollsafe.artefacts.github_workflow import Workflow
from rollsafe.workspace.system.contracts import contracts_by_name
from rollsafe.workspace.system.facts import Contract
from rollsafe.workspace.system.jobs import JobFact, job_facts
from rollsafe.workspace.system.join import join
from rollsafe.workspace.system.model import System
from rollsafe.workspace.system.outline import NOTHING, Outline, outline_of
from rollsafe.workspace.view import View

T = TypeVar("T")

_Key = tuple[tuple[Outline, ...], tuple[Contract, ...]]
_PLAIN: Final = (".md", ".markdown", ".yaml", ".yml", ".json")
"""What files without a typed view may be called that tell something all the same."""

_HELD: Final = 4
"""Answers kept: the project as it is and at the base, for two projects."""


class _Memo(Generic[T]):
    """The last few answers by the outlines they rest on; outlines are compared, not hashed.

    Comparing is cheap: outlines of files that did not change are the same objects.
    """

    def __init__(self) -> None:
        self._held: OrderedDict[int, tuple[object, T]] = OrderedDict()
        self._lock = Lock()
        self._next = 0

    def get(self, key: object) -> T | None:
        with self._lock:
            for number, (known, answer) in self._held.items():
                if known == key:
                    self._held.move_to_end(number)
                    return answer
        return None

    def put(self, key: object, answer: T) -> T:
        with self._lock:
            self._next += 1
            self._held[self._next] = (key, answer)
            while len(self._held) > _HELD:
                self._held.popitem(last=False)
        return answer


_systems: _Memo[System] = _Memo()
_jobs: _Memo[tuple[JobFact, ...]] = _Memo()


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
