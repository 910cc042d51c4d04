"""What the evaluation measures is what the command shows: the same files and models, over the wire."""

from importlib.util import find_spec

import pytest

from tests.cli.conftest import Repository
from tests.review.double import Double, Reply
from tests.review.evaluation.cases import all_cases
from tests.review.evaluation.characters import HONEST, LYING, Character

pytestmark = [
    pytest.mark.ai,
    pytest.mark.skipif(find_spec("anthropic") is None, reason="the extra `ai` is not installed"),
]


@pytest.mark.parametrize("character", [HONEST, LYING], ids=lambda one: one.name)
def test_the_command_shows_what_was_measured(
    repository: Repository, double: Double, character: Character
) -> None:
    cases = {case.path: case for case in all_cases() if case.path.startswith("scripts/")}
    chosen = dict(sorted(cases.items())[:6])
    for path, case in chosen.items():
        repository.write(path, case.text)
    double.replies = [Reply(write=character.answer)]
    remarks = repository.run("check", "--ai", "--format=json", "--fail-on=never").json["review"]["remarks"]
    assert len(double.requests) > 0
    for remark in remarks:
        case = chosen[remark["path"]]
        line = case.text.splitlines()[int(remark["range"]["start"]["line"]) - 1].strip()
        assert remark["quote"].strip() == line
        if remark["verified"]:
            assert case.label is not None
            assert (remark["key"], line) == (f"ai/{case.label.key}", case.label.line)
    shown = {one["path"] for one in remarks if one["verified"]}
    expected = {path for path, case in chosen.items() if case.label is not None}
    assert (len(shown & expected) >= len(expected) - 1) is (character is HONEST)
