"""How the failure of a command gets lost."""

import pytest

from rollsafe.artefacts.github_workflow import GithubWorkflow, Step
from rollsafe.artefacts.github_workflow.failures import Way, loss_of
from rollsafe.artefacts.registry import read
from rollsafe.artefacts.source import SourceFile
from rollsafe.text import apply_edits

FRAME = """on: push
jobs:
  a:
    runs-on: u
    steps:
      - run: |
{script}
        shell: {shell}
"""


def step(script: str, shell: str = "") -> Step:
    lines = "\n".join("          " + line for line in script.split("\n"))
    text = FRAME.format(script=lines, shell=shell or '""')
    found = read(SourceFile(".github/workflows/w.yml", text))
    assert isinstance(found, GithubWorkflow)
    return found.workflow.jobs[0].steps[0]


@pytest.mark.parametrize(
    ("script", "way"),
    [
        ("kubectl apply -f x || true", Way.ALTERNATIVE),
        ("kubectl apply -f x || echo failed", Way.ALTERNATIVE),
        ("kubectl apply -f x | tee log", Way.PIPE),
        ("kubectl apply -f x && echo ok\necho done", Way.CHAIN),
        ("set +e\nkubectl apply -f x\necho done", Way.SWITCHED_OFF),
        ("curl -X POST https://x/deploy-hook", Way.STATUS),
        ("kubectl apply -f x", None),
        ("kubectl apply -f x || exit 1", None),
        ("kubectl apply -f x && echo ok", None),
        ("kubectl apply -f x || { echo no; exit 1; }", None),
        ("if kubectl apply -f x; then echo; fi", None),
        ('kubectl apply -f x || echo "failed=true" >> "$GITHUB_OUTPUT"', None),
        ("set -o pipefail\nkubectl apply -f x | tee log", None),
        ("set +e\nkubectl apply -f x\nrc=$?\necho done", None),
        ("set +e\nkubectl apply -f x", None),
        ("curl -fsS -X POST https://x/deploy-hook", None),
        ("curl -o /dev/null -w '%{http_code}' -X POST https://x/deploy-hook", None),
        ("ssh host 'kubectl apply -f x | tee log'", None),
    ],
)
def test_what_swallows_a_failure(script: str, way: Way | None) -> None:
    losses = [loss_of(activity) for activity in step(script).recognised]
    assert [one.way for one in losses if one is not None] == ([] if way is None else [way])


def test_a_named_bash_has_pipefail() -> None:
    assert [loss_of(one) for one in step("kubectl apply -f x | tee log", "bash").recognised] == [None]


@pytest.mark.parametrize(
    ("script", "repaired"),
    [
        ("kubectl apply -f x || true", "kubectl apply -f x"),
        ("kubectl apply -f x || :\necho", "kubectl apply -f x\necho"),
        ("kubectl apply -f x || echo 'it failed'", "kubectl apply -f x"),
        ("curl -X POST https://x/deploy-hook", "curl --fail-with-body -X POST https://x/deploy-hook"),
    ],
)
def test_the_edit_takes_away_what_swallows_it(script: str, repaired: str) -> None:
    found = step(script)
    loss = loss_of(found.recognised[0])
    assert loss is not None
    assert loss.edit is not None
    text = apply_edits(found.file.text, [loss.edit])
    assert text == step(repaired).file.text
