"""Which job does what for which service: the stages of the way from a change to production."""

from collections.abc import Iterator, Sequence
from typing import Final

from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.system.facts import Place
from rollsafe.workspace.system.jobs import Deed, JobFact, Stage
from rollsafe.workspace.system.names import Names

_WHOLE: Final = frozenset({Stage.LINT, Stage.TEST, Stage.BUILD, Stage.SCAN})
"""Stages that a command without a name does for the whole repository."""
_AFTER: Final = frozenset({Stage.VERIFY, Stage.ROLLBACK})
_FLAGS: Final = ("-", "@", "http")


class Cover(NamedTuple):
    """A job does `stage` for `service`; `is_whole` when it does so for everything there is."""

    service: str
    stage: Stage
    job: str
    title: str
    place: Place
    is_whole: bool


def coverage(names: Names, jobs: Sequence[JobFact]) -> tuple[Cover, ...]:
    """Return what the jobs of a pipeline do for the services that are made here."""
    own = names.own
    by_id = {job.id: job for job in jobs}
    found: dict[Cover, None] = {}
    for job in jobs:
        for deed in job.deeds:
            stage = _stage_of(deed, job, by_id)
            named = services_of(deed, job, names)
            is_whole = not named and stage in _WHOLE and not _is_elsewhere(deed)
            if not named and stage in _AFTER:
                named = _deployed(job, by_id, names)
            if not named and stage is Stage.DEPLOY and len(own) == 1:
                named = own
            for id_ in own if is_whole else named:
                if id_.startswith("service:"):
                    found[Cover(id_, stage, job.id, deed.title, deed.place, is_whole)] = None
    return tuple(found)


def _stage_of(deed: Deed, job: JobFact, by_id: dict[str, JobFact]) -> Stage:
    """Return the stage of a deed: what is verified before anything is deployed is tested."""
    if deed.stage is not Stage.VERIFY:
        return deed.stage
    before = (one.stage for each in _before(job, by_id) for one in each.deeds)
    return Stage.VERIFY if Stage.DEPLOY in before else Stage.TEST


def services_of(deed: Deed, job: JobFact, names: Names) -> tuple[str, ...]:
    """Return the services something is done to: those it names, else those the job's names or matrix do."""
    return names.named(deed.words, deed.directory) or names.named(job.words, "")


def _is_elsewhere(deed: Deed) -> bool:
    """Say whether a command names a path, none of a service: then it is for something else."""
    paths = (word for word in deed.words[1:] if "/" in word and not word.startswith(_FLAGS))
    return bool(deed.directory) or any(paths)


def _deployed(job: JobFact, by_id: dict[str, JobFact], names: Names) -> tuple[str, ...]:
    """Return what a job deploys, or those it waits for."""
    found: dict[str, None] = {}
    for one in _before(job, by_id):
        for deed in one.deeds:
            if deed.stage is Stage.DEPLOY:
                found.update(dict.fromkeys(services_of(deed, one, names)))
    return tuple(found)


def _before(job: JobFact, by_id: dict[str, JobFact]) -> Iterator[JobFact]:
    pending, seen = [job.id], {job.id}
    for id_ in pending:
        one = by_id.get(id_)
        if one is not None:
            yield one
            fresh = [need for need, _ in one.needs if need not in seen]
            seen.update(fresh)
            pending += fresh
