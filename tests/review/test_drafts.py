"""Fixes a model writes: what the rules accept is offered, every other one is text."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from importlib.util import find_spec
from typing import Any

import pytest

from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.project import Project
from rollsafe.review import Draft, Hazard, Provenance, Remark, ReviewSettings, draft, explain
from rollsafe.text import apply_edits
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.snapshot import Snapshot
from tests.review.double import Double, Json, Reply

pytestmark = [
    pytest.mark.ai,
    pytest.mark.skipif(find_spec("anthropic") is None, reason="the extra `ai` is not installed"),
]

TODAY = date(2026, 1, 1)
PATH = "k8s/orders.yaml"
MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
spec:
  replicas: 2
  # kept for a reason
  revisionHistoryLimit: 0
  selector:
    matchLabels: {app: orders}

  template:
    metadata:
      labels: {app: orders}
    spec:
      containers:
        - name: orders
          image: registry.example/orders:1.2.3
          env:
            - {name: DB_PASSWORD, value: q0Zx-0vK!7wT}
---
apiVersion: v1
kind: Service
metadata: {name: orders}
spec:
  selector: {app: orders}
  ports: [{port: 80, targetPort: 8080}]
"""
RULE = "rollback-disabled"


def project() -> Project:
    settings = Settings(select=(RULE, "floating-image-tag"))
    opened = Project.open(
        Snapshot("/project", settings, {PATH: SourceFile(PATH, MANIFEST)}, frozenset({PATH})), TODAY
    )
    opened.analyse()
    return opened


def hazard(opened: Project) -> Hazard:
    (found,) = opened.engine.findings(PATH)
    return Hazard(PATH, found.rule.agent, found)


def node_of(question: Any) -> tuple[str, list[str]]:
    """Return the node of the target and its lines, as a model sees them."""
    file, target = question["files"][0], question["target"]
    node = next(n for n in file["nodes"] if n["first_line"] <= target["line"] <= n["last_line"])
    shown = [it["text"] for it in file["lines"] if node["first_line"] <= it["number"] <= node["last_line"]]
    return node["id"], shown


def writes(change: Callable[[str], str], **other: object) -> Reply:
    """Return a reply that changes the lines of the node as text."""

    def write(question: Json) -> str:
        node, lines = node_of(question)
        answer = {
            "node_id": node,
            "replacement": change("\n".join(lines)),
            "why": "Kept [x](http://e.x) ones.",
        }
        return json.dumps({**answer, **other})

    return Reply(write=write)


def drafted(double: Double, settings: ReviewSettings, reply: Reply) -> Draft:
    double.replies = [reply]
    opened = project()
    return draft(opened, hazard(opened), TODAY, settings)


def test_a_fix_the_rules_accept_is_offered_and_touches_its_line_only(
    double: Double, settings: ReviewSettings
) -> None:
    made = drafted(double, settings, writes(lambda text: text.replace("Limit: 0", "Limit: 5")))
    assert (made.reason, made.objections) == ("", ())
    assert apply_edits(MANIFEST, made.edits) == MANIFEST.replace("Limit: 0", "Limit: 5")
    assert sum(edit.span.end - edit.span.start for edit in made.edits) <= len("  revisionHistoryLimit: 0")
    assert made.why == "Kept x ones."
    assert made.origin is not None
    assert (made.origin.request_id, made.origin.prompt_version) == ("req_1", "draft-1")
    assert "+  revisionHistoryLimit: 5" in made.diff
    (request,) = double.requests
    assert "q0Zx" not in request.body.decode() + made.diff


LIES = {
    "nothing": (writes(lambda text: text), "nothing is changed"),
    "no text": (writes(lambda text: ""), "the model wrote no text for it"),
    "another node": (writes(lambda text: text, node_id="Service-2"), "the model changes something else"),
    "an unknown node": (writes(lambda text: text, node_id="x"), "the model changes something else"),
    "a comment that silences": (
        writes(
            lambda text: text.replace(
                "  revision", "  # rollsafe: ignore[rollback-disabled] -- x\n  revision"
            )
        ),
        "a comment silences a rule",
    ),
    "the thing deleted": (
        writes(lambda text: "kind: Nothing\ndata:\n" + text.splitlines()[-1]),
        "something is no longer in the file",
    ),
    "no YAML": (
        writes(lambda text: text.replace("revisionHistoryLimit: 0", "revisionHistoryLimit: [5")),
        "the file can no longer be read as a whole",
    ),
    "another hazard": (
        writes(lambda text: text.replace("Limit: 0", "Limit: 5").replace(":1.2.3", ":latest")),
        "`floating-image-tag` finds something new in k8s/orders.yaml",
    ),
    "the secret guessed": (
        writes(lambda text: text.replace("Limit: 0", "Limit: 5").replace("<<SECRET:1>>", "postgres")),
        "it changes a line that holds a secret or was not shown whole",
    ),
    "the secret moved": (
        writes(lambda text: text.replace("Limit: 0", "Limit: 5 # <<SECRET:1>>")),
        "it changes a line that holds a secret or was not shown whole",
    ),
    "hidden text": (
        writes(lambda text: text.replace("Limit: 0", "Limit: 5 # \u202e")),
        "the text holds characters nobody can see",
    ),
}


@pytest.mark.parametrize(("reply", "objection"), LIES.values(), ids=LIES.keys())
def test_any_other_is_text(double: Double, settings: ReviewSettings, reply: Reply, objection: str) -> None:
    made = drafted(double, settings, reply)
    assert made.edits == ()
    assert objection in made.objections


@pytest.mark.parametrize(
    ("old", "new", "is_offered"), [("replicas: 2", "replicas: 3", True), ("kept", "Kept", False)]
)
def test_a_draft_for_a_remark_has_to_change_its_line(
    double: Double, settings: ReviewSettings, old: str, new: str, is_offered: bool
) -> None:
    double.replies = [writes(lambda text: text.replace(old, new))]
    opened, agent = project(), "deployment-orchestrator"
    start = MANIFEST.index("replicas: 2")
    said = Remark(
        PATH, 6, start, start + 11, "", "  replicas: 2", "half-done-deploy", "two are few", "", "info", 0.9,
        Provenance("m", "r", agent, "review-2", ""),
    )  # fmt: skip
    made = draft(opened, Hazard(PATH, agent, said), TODAY, settings)
    assert bool(made.edits) is is_offered
    assert made.objections == (() if is_offered else ("the finding is still there",))


def test_without_an_answer_there_is_no_draft(double: Double, settings: ReviewSettings) -> None:
    made = drafted(double, settings, Reply(stop_reason="refusal"))
    assert made == Draft("AI skipped: the model declined to review")
    made = drafted(double, replace(settings, enabled=False), Reply())
    assert made.reason == "AI skipped: it is not enabled"
    assert len(double.requests) == 1


def test_an_explanation_is_plain_text_and_asked_for_once(
    double: Double, settings: ReviewSettings, tmp_path: Any
) -> None:
    text = "It <b>cannot</b> go back.\n\nSee [this](http://evil.example)."
    double.replies = [Reply(json.dumps({"explanation": text}))]
    opened = project()
    for cached in (False, True):
        said = explain(opened, hazard(opened), TODAY, replace(settings, cache=str(tmp_path)))
        assert said.paragraphs == ("It cannot go back.", "See this.")
        assert said.origin is not None
        assert said.origin.cached is cached
    assert len(double.requests) == 1
