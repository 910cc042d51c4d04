"""Expressions evaluated with what is known, and with what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsafe.artefacts.expressions import UNKNOWN, Functions, Value, evaluate, fill, read_condition, truth

KNOWN: dict[str, Value] = {
    "github.ref": "refs/heads/main",
    "github.event_name": "push",
    "github.sha": "abc",
    "needs.*.result": ("success", "failure"),
    "inputs.dry-run": None,
    "env.count": 3.0,
}
STATUS: Functions = {"success": True, "always": True, "cancelled": False, "failure": UNKNOWN}


def lookup(path: tuple[str, ...]) -> Value:
    return KNOWN.get(".".join(path), UNKNOWN)


def value(text: str) -> Value:
    return evaluate(read_condition(text).root, lookup, STATUS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("github.ref == 'refs/heads/main'", True),
        ("github.ref == 'REFS/HEADS/MAIN'", True),
        ("github.ref != 'refs/heads/main'", False),
        ("!(github.event_name == 'pull_request')", True),
        ("startsWith(github.ref, 'refs/tags/')", False),
        ("endsWith(github.ref, 'main')", True),
        ("contains(github.ref, 'heads')", True),
        ("contains(needs.*.result, 'failure')", True),
        ("contains(needs.*.result, 'skipped')", False),
        ('contains(fromJSON(\'["push", "release"]\'), github.event_name)', True),
        ("format('refs/heads/{0}', 'main') == github.ref", True),
        ("inputs.dry-run == ''", True),
        ("!inputs.dry-run", True),
        ("env.count > 2 && env.count <= 3", True),
        ("'3' == env.count", True),
        ("'x' < 1", False),
        ("true == 1", True),
        ("always()", True),
        ("cancelled()", False),
    ],
)
def test_what_is_known_decides(text: str, expected: bool) -> None:
    assert truth(value(text)) is expected


@pytest.mark.parametrize(
    "text",
    [
        "failure()",
        "github.actor == 'me'",
        "github.ref == 'refs/heads/main' && vars.DEPLOY == 'yes'",
        "vars.A || vars.B",
        "hashFiles('x') == ''",
        "contains(github.event.pull_request.labels.*.name, 'deploy')",
        "fromJSON(vars.LIST)[0]",
        "fromJSON('{')",
        "startsWith(vars.X, 'a')",
    ],
)
def test_what_is_not_known_leaves_it_open(text: str) -> None:
    assert truth(value(text)) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("github.event_name == 'release' && vars.X == 'y'", False),
        ("vars.X == 'y' && github.event_name == 'release'", False),
        ("github.event_name == 'push' || vars.X == 'y'", True),
        ("vars.X == 'y' || github.event_name == 'push'", True),
    ],
)
def test_a_known_part_can_decide_over_an_unknown_one(text: str, expected: bool) -> None:
    assert truth(value(text)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("deploy-${{ github.ref }}", "deploy-refs/heads/main"),
        ("${{ github.event_name == 'push' && 'production' || 'preview' }}", "production"),
        ("${{ github.event_name == 'release' && 'production' || 'preview' }}", "preview"),
        ("n${{ env.count }}${{ inputs.dry-run }}", "n3"),
        ("plain", "plain"),
        ("${{ vars.X }}", None),
        ("${{ vars.X || 'production' }}", None),
        ("${{ needs.*.result }}", None),
    ],
)
def test_texts_are_filled_in(text: str, expected: str | None) -> None:
    assert fill(text, lookup, STATUS) == expected


@given(st.text(alphabet="abc.()&|!='\"[]0*,<> {}$\ud800\n", max_size=80))
def test_never_raises(text: str) -> None:
    _ = truth(evaluate(read_condition(text).root, lookup, STATUS))
    _ = fill(text, lookup, STATUS)
