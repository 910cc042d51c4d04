"""Patterns of schemas: held against examples where that ends soon, left alone where it may not."""

import pytest

from tests.checking import check_rule

DOCUMENT = """\
openapi: 3.0.3
info: {{title: Orders, version: 1.0.0}}
paths: {{}}
components:
  schemas:
    Name:
      type: string
      pattern: '{pattern}'
      example: '{example}'
"""


def found(pattern: str, example: str) -> int:
    text = DOCUMENT.format(pattern=pattern, example=example)
    return len(check_rule("wrong-contract-example", {"openapi.yaml": text}))


@pytest.mark.parametrize(
    "pattern", [r"^[a-z]+$", r"^\d{4}-\d{2}(-\d{2})?$", "^(new|paid|sent)$", "^[A-Z]{2,3}[0-9]*$"]
)
def test_an_example_that_does_not_match_is_told(pattern: str) -> None:
    assert found(pattern, "?!") == 1


@pytest.mark.parametrize(
    "pattern",
    [
        "^(a+)+$",
        "^(([a-z])+.)+[A-Z]([a-z])+$",
        "^(a|aa)+$",
        "^(a*)*b$",
        "(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)b",
        "a?" * 40 + "a" * 40 + "b",
        "(a?){40}" + "a" * 40 + "b",
        r"^(\w+\s?)*$",
    ],
)
def test_patterns_that_may_take_for_ever_are_left_alone(pattern: str) -> None:
    assert found(pattern, "a" * 60 + "!") == 0


def test_long_texts_are_not_held_against_a_pattern_that_takes_longer_the_longer_they_are() -> None:
    assert found("^a*a*a*b$", "a" * 9_000) == 0
