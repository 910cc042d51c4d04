"""What the job around a step changes about what the step does.

A cluster or a database that the job itself starts is no environment; some commands deploy only with a
remote daemon, a CDN or a machine of one's own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rollsafe.artefacts.github_workflow.step import Activity, Step
from rollsafe.artefacts.recognition import Classification, Mark, Role, is_database_image, is_test_environment
from rollsafe.artefacts.recognition.circumstances import (
    DATABASE,
    Circumstances,
    is_throwaway,
    lost_on,
    marks_of,
)
from rollsafe.formats.nodes import Node, Scalar
from rollsafe.text.records import replace


def marks_of_job(services: Mapping[str, Node], labels: Iterable[str]) -> Iterator[Mark]:
    """Yield what a job's service containers, and the labels of its runner, say of what it works on."""
    for name, node in services.items():
        image = node.text if isinstance(node, Scalar) else node.text_at("image") or ""
        if is_database_image(image) or is_database_image(name):
            yield Mark.TEST_DATABASE
    if "self-hosted" in labels:
        yield Mark.SELF_HOSTED


def settle(steps: Sequence[Step], given: Circumstances) -> dict[int, tuple[Activity, ...]]:
    """Return what each step does, by the step's index, `given` and each other considered."""
    active = [step for step in steps if step.recognised and not step.is_disabled]
    found = [activity.classification for step in active for activity in step.recognised]
    marks = marks_of(found, given)
    if not marks and not any(one.requires or DATABASE & one.roles for one in found):
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
    marks = marks_of([*own, *called], given)
    throwaway = any(DATABASE & one.roles for one in called) and is_throwaway(
        {**given.env, **caller.env}, marks, tested=caller.index in _steps_before_tests(active)
    )
    for one in called:
        lost = lost_on(one, marks)
        if DATABASE & one.roles and throwaway:
            lost |= DATABASE | {Role.DEPLOY}
        missing = one.requires is not None and one.requires not in marks
        left = one.roles - lost
        yield None if missing or not left else replace(one, roles=left) if lost else one


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
    if any(DATABASE & activity.classification.roles for activity in step.recognised):
        throwaway = is_throwaway({**env, **step.env}, marks, tested=tested)
    for activity in step.recognised:
        found = activity.classification
        if found.requires is not None and found.requires not in marks:
            continue
        lost = lost_on(found, marks)
        if DATABASE & found.roles and (throwaway or _uses_test_database(activity)):
            lost |= DATABASE | {Role.DEPLOY}
        if not lost:
            yield activity
        elif found.roles - lost:
            yield activity.with_roles(replace(found, roles=found.roles - lost))


def _uses_test_database(activity: Activity) -> bool:
    command = activity.raw_command
    if command is None:
        return False
    return is_test_environment({one.name: one.value for one in command.assignments})
