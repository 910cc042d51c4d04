"""What a job's own clusters, databases and variables make of what its commands do."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from rollsafe.artefacts.recognition.databases import is_test_environment
from rollsafe.artefacts.recognition.production import EnvironmentKind, environment_of
from rollsafe.artefacts.recognition.roles import CLUSTER_TOOLS, Classification, Mark, Role
from rollsafe.text.records import replace
from rollsafe.text.tuples import NamedTuple

DATABASE: Final = frozenset({Role.MIGRATE, Role.DESTROY_DATA, Role.BACKUP})
_CLUSTER: Final = frozenset({Role.DEPLOY, Role.ROLLBACK, Role.TEARDOWN, Role.VERIFY, Role.PLAN})


class Circumstances(NamedTuple):
    """What is known of a job before its steps are looked at: its variables and what it has."""

    env: Mapping[str, str]
    marks: frozenset[Mark]


def marks_of(found: Iterable[Classification], given: Circumstances) -> set[Mark]:
    """Return the circumstances that hold in a job: those given, and those its steps create."""
    marks = {one.marks for one in found if one.marks is not None} | given.marks
    if "DOCKER_HOST" in given.env:
        marks.add(Mark.REMOTE_DOCKER)
    if Mark.REMOTE_DOCKER in marks and Mark.TEST_DATABASE not in given.marks:
        marks.discard(Mark.TEST_DATABASE)
    return marks


def lost_on(found: Classification, marks: set[Mark]) -> frozenset[Role]:
    """Return the roles a thing does not play where the job starts its own cluster."""
    on_own_cluster = Mark.LOCAL_CLUSTER in marks and found.tool in CLUSTER_TOOLS
    return _CLUSTER if on_own_cluster else frozenset()


def is_throwaway(env: Mapping[str, str], marks: set[Mark], *, tested: bool) -> bool:
    """Say whether the database a step works on is gone after the job."""
    if any(
        environment_of(value.replace("${{", "")) is EnvironmentKind.PRODUCTION
        for name, value in env.items()
        if name.endswith(("_URL", "_HOST", "_URI", "_DSN"))
    ):
        return False
    return tested or Mark.TEST_DATABASE in marks or is_test_environment(env)


def settled(
    found: Sequence[Classification],
    own: Sequence[Mapping[str, str]],
    given: Circumstances,
) -> Iterator[Classification | None]:
    """Yield what each thing that a job does in this order is for there; None where that is nothing.

    `own` are the variables that are set for each of them alone.
    """
    marks = marks_of(found, given)
    tested = _before_tests(found)
    for at, one in enumerate(found):
        if one.requires is not None and one.requires not in marks:
            yield None
            continue
        lost = lost_on(one, marks)
        if DATABASE & one.roles and (
            is_test_environment(own[at]) or is_throwaway(given.env, marks, tested=at in tested)
        ):
            lost |= DATABASE | {Role.DEPLOY}
        left = one.roles - lost
        yield one if not lost else replace(one, roles=left) if left else None


def _before_tests(found: Sequence[Classification]) -> set[int]:
    """Return the places of those that a test follows with no deployment between."""
    places: set[int] = set()
    tests_follow = False
    for at in reversed(range(len(found))):
        if Role.TEST in found[at].roles:
            tests_follow = True
        elif Role.DEPLOY in found[at].roles:
            tests_follow = False
        if tests_follow:
            places.add(at)
    return places
