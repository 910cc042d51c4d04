"""What a user may ask a model about one finding: offered, carried out, cancelled."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.lsp.conftest import Start, write
from tests.lsp.stdio import VSCODE, Client, Json, span
from tests.review.double import Double, Reply, running_double
from tests.review.test_drafts import writes

pytestmark = [
    pytest.mark.ai,
    pytest.mark.skipif(find_spec("anthropic") is None, reason="the extra `ai` is not installed"),
]

ENABLED: Json = {"trusted": True, "settings": {"ai": {"enabled": True}}}
GOOD = writes(lambda text: text.replace("Limit: 0", "Limit: 5"))
AGENT = "deployment-orchestrator"
WITHOUT_PREVIEW: Json = {**VSCODE, "workspace": {"applyEdit": True}}


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch, prepared_workers: Path | None) -> Iterator[Double]:
    if prepared_workers is not None:
        monkeypatch.setenv("PYTHONPATH", str(prepared_workers))
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key-93f1c2d7")
    with running_double() as running:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", running.base_url)
        running.replies = [GOOD]
        yield running


def opened(
    shop: Path, start: Start, options: Json = ENABLED, capabilities: Json = VSCODE
) -> tuple[Client, str]:
    write(shop, {"rollsafe.toml": "root = true\nselect = ['rollback-disabled', 'floating-image-tag']\n"})
    client = start(shop, capabilities, options=options)
    uri = client.open(shop / "k8s" / "orders.yaml")
    client.settled()
    client.sync()
    return client, uri


def offers(client: Client, uri: str) -> dict[str, Json]:
    """Return what may be asked of a model about the finding, by command."""
    found = client.actions(uri, span(6, 0, 6, 30))
    named = [one for one in found if one.get("command", {}).get("command") in ASKED]
    return {one["command"]["command"]: one for one in named}


ASKED = ("rollsafe.draftFix", "rollsafe.explainFinding")


def test_a_draft_is_offered_only_where_a_model_may_be_asked(shop: Path, start: Start, double: Double) -> None:
    client, uri = opened(shop, start, {"trusted": True})
    assert offers(client, uri) == {}
    client.kill()
    client, uri = opened(shop, start)
    offered = offers(client, uri)
    assert [one["title"] for one in offered.values()] == [
        f"Draft a fix with {AGENT}…",
        f"Explain this finding with {AGENT}…",
    ]
    assert not any("isPreferred" in one or "edit" in one for one in offered.values())
    client.kill()
    write(shop, {"rollsafe.toml": "root = true\n[ai]\nallowed = false\n"})
    client = start(shop, options=ENABLED)
    uri = client.open(shop / "k8s" / "orders.yaml")
    client.settled()
    assert offers(client, uri) == {}
    assert double.requests == []


@pytest.mark.parametrize("answer", ["Apply", "Cancel"])
def test_a_draft_the_rules_accept_is_applied_when_the_user_agrees(
    shop: Path, start: Start, double: Double, answer: str
) -> None:
    client, uri = opened(shop, start, capabilities=WITHOUT_PREVIEW)
    client.answers["window/showMessageRequest"] = lambda _: {"title": answer}
    client.answers["workspace/applyEdit"] = lambda _: {"applied": True}
    command = offers(client, uri)["rollsafe.draftFix"]["command"]
    done = client.command(command["command"], *command["arguments"], wait=90)
    assert (done["verified"], done["applied"], done["objections"]) == (True, answer == "Apply", [])
    assert "+  revisionHistoryLimit: 5" in done["markdown"]
    edits = [m["params"]["edit"] for m in client.seen if m.get("method") == "workspace/applyEdit"]
    expected = {
        "range": span(6, 0, 6, len("  revisionHistoryLimit: 0")),
        "newText": "  revisionHistoryLimit: 5",
    }
    assert edits == ([{"changes": {uri: [expected]}}] if answer == "Apply" else [])


def test_a_draft_the_rules_reject_is_text(shop: Path, start: Start, double: Double) -> None:
    double.replies = [writes(lambda text: text.replace("Limit: 0", "Limit: 5").replace(":1.2.3", ":latest"))]
    client, uri = opened(shop, start)
    command = offers(client, uri)["rollsafe.draftFix"]["command"]
    done = client.command(command["command"], *command["arguments"], wait=90)
    assert (done["verified"], done["applied"]) == (False, False)
    assert done["objections"] == ["`floating-image-tag` finds something new in k8s/orders.yaml"]
    assert "Not offered as a change" in done["markdown"]
    assert not [m for m in client.seen if m.get("method") == "workspace/applyEdit"]


def test_a_draft_for_a_text_that_has_changed_is_not_applied(shop: Path, start: Start, double: Double) -> None:
    double.replies = [Reply(hang_s=2, write=GOOD.write)]
    client, uri = opened(shop, start)
    command = offers(client, uri)["rollsafe.draftFix"]["command"]
    asked = client.ask("workspace/executeCommand", {**command})
    client.until(lambda message: message.get("method") == "$/progress")
    assert double.arrived.wait(60)
    client.change(uri, 2, {"range": span(0, 0, 0, 0), "text": "# x\n"})
    done = client.answer(asked, 90)["result"]
    assert (done["verified"], done["applied"]) == (True, False)
    assert not [m for m in client.seen if m.get("method") == "workspace/applyEdit"]


@pytest.mark.parametrize("command", ASKED)
def test_cancelling_closes_the_socket(shop: Path, start: Start, double: Double, command: str) -> None:
    double.replies = [Reply(hang_s=90)]
    client, uri = opened(shop, start)
    chosen = offers(client, uri)[command]["command"]
    asked = client.ask("workspace/executeCommand", {**chosen})
    client.until(lambda message: message.get("method") == "$/progress")
    assert double.arrived.wait(60)
    client.notify("$/cancelRequest", {"id": asked})
    assert "error" in client.answer(asked, 30)
    assert double.left.wait(30)
    assert len(double.requests) == 1
    shown = client.actions(uri, span(6, 0, 6, 30))
    assert shown != []


def test_an_explanation_is_a_document_without_links(shop: Path, start: Start, double: Double) -> None:
    double.replies = [Reply('{"explanation": "There is [no way](http://evil.example) back."}')]
    client, uri = opened(shop, start)
    command = offers(client, uri)["rollsafe.explainFinding"]["command"]
    done = client.command(command["command"], *command["arguments"], wait=90)
    assert done["explained"] is True
    assert "There is no way back." in done["markdown"]
    assert "claude-haiku-5-5, request req\\_1, explain-1" in done["markdown"]


def beside(text: str) -> Reply:
    """Return the answer that says a sentence, resting on the plan's title."""
    part = {"slot": "goal", "sentences": [{"text": text, "lines": [1]}]}
    return Reply(json.dumps({"parts": [part]}))


def test_words_beside_a_plan(shop: Path, start: Start, double: Double) -> None:
    double.replies = [beside("The title says what it is about.")]
    client, uri = opened(shop, start)
    request = {"kind": "implement", "subject": "Add a cache to orders", "uri": uri}
    plain = client.command("rollsafe.plan", request)
    done = client.command("rollsafe.planInWords", request, wait=90)
    assert done["markdown"].startswith(plain["markdown"])
    assert "- The title says what it is about." in done["markdown"]
    assert (done["reason"], done["withheld"]) == ("", 0)
    assert len(double.requests) == 1
    deploy = client.command("rollsafe.planInWords", {"kind": "deploy", "uri": uri}, wait=90)
    assert deploy["reason"] == "AI skipped: the plan `deploy` has no part for a model's words"
    assert len(double.requests) == 1


def test_words_beside_a_plan_are_for_those_who_want_them(shop: Path, start: Start, double: Double) -> None:
    client, uri = opened(shop, start, {"trusted": True})
    request = {"kind": "implement", "subject": "Add a cache to orders", "uri": uri}
    asked = {"command": "rollsafe.planInWords", "arguments": [request]}
    assert "error" in client.answer(client.ask("workspace/executeCommand", asked), 30)
    assert double.requests == []
