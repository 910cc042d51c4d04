"""The gate: remarks with checked evidence are right nine times in ten, whatever kind of model is asked."""

from collections.abc import Iterator
from random import Random

import pytest

from rollsafe.engine import installed_agents
from tests.review.double import Json
from tests.review.evaluation.__main__ import main
from tests.review.evaluation.cases import Case, all_cases
from tests.review.evaluation.characters import (
    CARELESS,
    CHARACTERS,
    HONEST,
    LYING,
    SLY,
    Character,
    File,
    right,
)
from tests.review.evaluation.measuring import Measured, measure, simulated, together

PROOFS = {check.name: check.proof for agent in installed_agents() for check in agent.checks}


def _all_right(file: File, case: Case, dice: Random) -> Iterator[Json]:
    if case.label is not None:
        yield right(case, case.label)


def test_the_set_is_large_and_its_labels_hold() -> None:
    """Every label is a remark that survives, and rests on evidence where its key asks for a proof."""
    cases = all_cases()
    labelled = [case for case in cases if case.label is not None]
    assert len(cases) >= 120
    assert 2 / 5 <= len(labelled) / len(cases) <= 2 / 3
    assert len({case.path for case in cases}) == len(cases)
    perfect = measure("perfect", simulated(Character("perfect", _all_right)))
    provable = sum(bool(PROOFS[case.label.key]) for case in labelled if case.label is not None)
    assert (perfect.found, perfect.verified, perfect.right) == (len(labelled), provable, provable)
    assert {case.label.key for case in labelled if case.label is not None} == PROOFS.keys()


@pytest.mark.parametrize("character", CHARACTERS, ids=lambda one: one.name)
def test_no_character_passes_anything_off_as_checked_or_is_shown_at_a_wrong_place(
    character: Character,
) -> None:
    measured = measure(character.name, simulated(character))
    assert (measured.passed_off, measured.misplaced, measured.unanswered) == (0, 0, 0)
    assert sum(count for _, count in measured.dropped) > 0


def test_the_gate_is_passed_by_all_characters_together(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "gate: passed" in capsys.readouterr().out
    honest, careless, lying = (measure(one.name, simulated(one)) for one in (HONEST, CARELESS, LYING))
    assert honest.found >= 0.8 * honest.labelled
    assert honest.found > careless.found > lying.found
    assert lying.verified < 0.05 * lying.unverified + 10


def test_the_gate_is_not_passed_by_lies_that_cannot_be_looked_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--with-cunning"]) == 1
    assert "is below 0.9" in capsys.readouterr().out
    assert measure("cunning", simulated(SLY)).verified > 20


@pytest.mark.parametrize(
    ("measured", "objection"),
    [
        (Measured("x", verified=30, right=27), None),
        (Measured("x", verified=30, right=26), "precision 0.867 is below 0.9"),
        (Measured("x", verified=19, right=19), "19 remarks with checked evidence are too few to tell"),
        (Measured("x", verified=30, right=30, passed_off=1), "1 unverified claims were shown as checked"),
        (Measured("x", verified=30, right=30, misplaced=1), "1 remarks are at a wrong place"),
    ],
)
def test_the_gate_objects(measured: Measured, objection: str | None) -> None:
    assert measured.objections == ([objection] if objection else [])
    assert together([measured, measured])[1:3] == (2 * measured.verified, 2 * measured.right)
