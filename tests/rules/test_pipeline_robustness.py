"""Half-typed and odd workflows crash no rule: `open_project` asserts that none failed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollsafe.rules.docs import examples
from rollsafe.workspace.settings import Settings
from tests.checking import ALL_RULES, open_project, replace_settings

EVERYTHING = Settings(level="auditor")
TEXTS = sorted(
    {
        one.text
        for rule in ALL_RULES
        if rule.family == "workflows"
        for one in examples(rule.doc, "Bad")
        if one.path.startswith(".github/workflows/")
    }
)
ODD = [
    "jobs:",
    "on: push\njobs: []",
    "on: [push, {a: b}]\njobs: {a: 1, b: [], c: {}}",
    "on: push\njobs:\n  a: {needs: {b: c}, if: [x], steps: 3, concurrency: [], environment: [], uses: {}}",
    "on: push\njobs:\n  a: {needs: a, if: always(), environment: live, steps: [{run: kubectl apply -f x}]}",
    "on: push\njobs:\n  a:\n    uses: ./.github/workflows/w.yml\n    if: always()\n",
    "on: {workflow_run: 3, push: {branches: {a: b}}}\njobs:\n  a: {steps: [{run: alembic upgrade head || }]}",
    "on: push\njobs:\n  a: &a {steps: [{run: helm upgrade}], environment: live}\n  b: *a\n  c: {<<: *a}",
    "on: push\nconcurrency: ${{ }}\njobs:\n  a: {environment: '${{', steps: [{run: kubectl apply -f x}]}",
]


@pytest.mark.parametrize("text", ODD)
def test_odd_shapes(text: str) -> None:
    open_project({".github/workflows/w.yml": text}, EVERYTHING)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(TEXTS), st.data())
def test_half_typed_workflows(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = min(len(text), start + data.draw(st.integers(0, 40)))
    typed = data.draw(
        st.sampled_from(["", " ", "\n", ":", "- ", "${{ ", "}}", "'", "[", "always()", "\ud800"])
    )
    open_project({".github/workflows/w.yml": text[:start] + typed + text[end:]}, EVERYTHING)


def test_a_long_chain_of_jobs_takes_no_time() -> None:
    jobs = "".join(
        f"  j{n}:\n    needs: [j{n - 1}]\n    if: always()\n    environment: production\n"
        "    steps:\n      - run: kubectl apply -f x\n"
        for n in range(150)
    )
    rule = "deploy-without-tests"
    open_project({".github/workflows/w.yml": f"on: push\njobs:\n{jobs}"}, replace_settings(Settings(), rule))
