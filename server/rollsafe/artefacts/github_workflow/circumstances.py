"""What the job around a step changes about what the step does.

A cluster or a database that the job itself starts is no environment; some commands deploy only with a
remote daemon, a CDN or a machine of one's own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from rollsafe.artefacts.github_workflow.step import Activity, Step
from rollsafe.artefacts.recognition import (
    CLUSTER_TOOLS,
    Classification,
    EnvironmentKind,
    Mark,
    Role,
    environment_of,
    is_test_environment,
)

_DATABASE: Final = frozenset({Role.MIGRATE, Role.DESTROY_DATA, Role.BACKUP})
_CLUSTER: Final = frozenset({Role.DEPLOY, Role.ROLLBACK, Role.TEARDOWN, Role.VERIFY, Role.PLAN})


class Circumstances(NamedTuple):
    """What is known of a job before its steps are looked at: its variables and what it has."""

    env: Mapping[str, str]
    marks: frozenset[Mark]


def settle(steps: Sequence[Step], given: Circumstances) -> dict[int, tuple[Activity, ...]]:
    """Return what each step does, by the step's index, `given` and each other considered."""
    active = [step for step in steps if step.recognised and not step.is_disabled]
    found = [activity.classification for step in active for activity in step.recognised]
    marks = _marks(found, given)
    if not marks and not any(one.requires or _DATABASE & one.roles for one in found):
        return {step.index: step.recognised for step in active}
    tested = _steps_before_tests(active)
    return {step.index: tuple(_kept(step, marks, given.env, tested=step.index in tested)) for step in active}


def settle_called(
    caller: Step, found: Iterable[Classification], steps: Sequence[Step], given: Circumstances
) -> Iterator[Classification | None]:
    """Yield what each thing that `caller`, one of `steps`, calls in another file is for here, else None."""
    called = list(found)
    active = [step for step in steps if step.recognised and not step.is_disabled]
    own = [activity.classification for step in active for activity in step.recognised]
    marks = _marks([*own, *called], given)
    throwaway = any(_DATABASE & one.roles for one in called) and _is_throwaway(
        {**given.env, **caller.env}, marks, tested=caller.index in _steps_before_tests(active)
    )
    for one in called:
        lost = _lost(one, marks)
        if _DATABASE & one.roles and throwaway:
            lost |= _DATABASE | {Role.DEPLOY}
        missing = one.requires is not None and one.requires not in marks
        left = one.roles - lost
        yield None if missing or not left else replace(one, roles=left) if lost else one


def _marks(found: Iterable[Classification], given: Circumstances) -> set[Mark]:
    marks = {one.marks for one in found if one.marks is not None} | given.marks
    if "DOCKER_HOST" in given.env:
        marks.add(Mark.REMOTE_DOCKER)
    if Mark.REMOTE_DOCKER in marks and Mark.TEST_DATABASE not in given.marks:
        marks.discard(Mark.TEST_DATABASE)
    return marks


def _steps_before_tests(steps: Sequence[Step]) -> set[int]:
    """Return the indexes of steps that a test follows with no deployment between."""
    found: set[int] = set()
    tests_follow = False
    for step in reversed(steps):
        roles = [activity.classification.roles for activity in step.recognised]
        for kinds in reversed(roles):
            if Role.TEST in kinds:
                tests_follow = True
            elif Role.DEPLOY in kinds:
                tests_follow = False
        if tests_follow:
            found.add(step.index)
    return found


def _kept(step: Step, marks: set[Mark], env: Mapping[str, str], *, tested: bool) -> Iterator[Activity]:
    throwaway = False
    if any(_DATABASE & activity.classification.roles for activity in step.recognised):
        throwaway = _is_throwaway({**env, **step.env}, marks, tested=tested)
    for activity in step.recognised:
        found = activity.classification
        if found.requires is not None and found.requires not in marks:
            continue
        lost = _lost(found, marks)
        if _DATABASE & found.roles and (throwaway or _uses_test_database(activity)):
            lost |= _DATABASE | {Role.DEPLOY}
        if not lost:
            yield activity
        elif found.roles - lost:
            yield activity.with_roles(replace(found, roles=found.roles - lost))


def _lost(found: Classification, marks: set[Mark]) -> frozenset[Role]:
    on_own_cluster = Mark.LOCAL_CLUSTER in marks and found.tool in CLUSTER_TOOLS
    return _CLUSTER if on_own_cluster else frozenset()


def _is_throwaway(env: Mapping[str, str], marks: set[Mark], *, tested: bool) -> bool:
    """Say whether the database a step works on is gone after the job."""
    if any(
        environment_of(value.replace("${{", "")) is EnvironmentKind.PRODUCTION
        for name, value in env.items()
        if name.endswith(("_URL", "_HOST", "_URI", "_DSN"))
    ):
        return False
    return tested or Mark.TEST_DATABASE in marks or is_test_environment(env)


def _uses_test_database(activity: Activity) -> bool:
    command = activity.raw_command
    if command is None:
        return False
    return is_test_environment({one.name: one.value for one in command.assignments})
