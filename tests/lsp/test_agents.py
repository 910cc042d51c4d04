"""Agents of files in an editor: listed with the reason, offered once they are trusted, asked one by one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.conftest import Start, write
from tests.lsp.stdio import Client, Json, span
from tests.review.double import Double, Reply, answers, item, running_double

pytestmark = [
    pytest.mark.ai,
    pytest.mark.skipif(find_spec("anthropic") is None, reason="the extra `ai` is not installed"),
]

AGENT = "---\nname: reader\ndescription: Reads Kubernetes manifests\n---\n\nReport nothing.\n"
FILE = ".claude/agents/reader.md"
SETTINGS = "root = true\nselect = ['rollback-disabled', 'agent-files']\n[agents]\nsources = ['claude']\n"
ASKING: Json = {"settings": {"ai": {"enabled": True}}}
TRUSTED: Json = {**ASKING, "trusted": True, "trustAgents": True}
TITLE = "Review this file with `reader`…"
LINE = item(
    file="k8s/orders.yaml", node_id="", line=6, quote="  replicas: 2", key="user", message="two are few"
)  # fmt: skip


@pytest.fixture
def double(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, prepared_workers: Path | None
) -> Iterator[Double]:
    if prepared_workers is not None:
        monkeypatch.setenv("PYTHONPATH", str(prepared_workers))
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key-93f1c2d7")
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    for name in ("XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home" / ".config"))
    monkeypatch.delenv("CLAUDE_CONFIG_DIR", raising=False)
    with running_double() as running:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", running.base_url)
        running.reply_to = said()
        yield running


def agent_of(body: Any) -> str:
    return str(json.loads(body["system"][1]["text"].splitlines()[-1])["agent"])


def said(*items: Json) -> Callable[[Json], Reply]:
    return lambda body: answers(*(items if agent_of(body) == "reader" else ()))


@pytest.fixture
def project(shop: Path, double: Double) -> Path:
    return write(shop, {"rollsafe.toml": SETTINGS, FILE: AGENT})


def opened(project: Path, start: Start, options: Json) -> tuple[Client, str]:
    client = start(project, options=options)
    uri = client.open(project / "k8s" / "orders.yaml")
    client.settled()
    client.sync()
    return client, uri


def listed(client: Client, uri: str) -> dict[str, Json]:
    return {one["name"]: one for one in client.command("rollsafe.agents", {"uri": uri})}


def offered(client: Client, uri: str, **context: Any) -> list[str]:
    found = client.actions(uri, span(0, 0, 0, 0), **context)
    return [one["title"] for one in found if one.get("kind") == "source.review.rollsafe"]


UNTRUSTED: dict[str, Json] = {
    "says nothing": {},
    "trusts the workspace and says no more": {"trusted": True},
    "does not trust the workspace": {"trusted": False, "trustAgents": True},
    "says something else": {"trusted": True, "trustAgents": "yes"},
}


@pytest.mark.parametrize("options", UNTRUSTED.values(), ids=list(UNTRUSTED))
def test_without_trust_a_file_is_data(project: Path, start: Start, options: Json) -> None:
    """It is judged like any other file, and offered by no action."""
    write(project, {FILE: AGENT.replace("description: Reads", "description: Use: reads")})
    client, uri = opened(project, start, {**ASKING, **options})
    found = client.shown((project / FILE).as_uri()) or []
    assert [one["code"] for one in found] == ["unreadable-agent-front-matter"]
    assert offered(client, uri) == []
    one = listed(client, uri)["reader"]
    assert (one["standing"], one["takesPart"], one["reviews"]) == ("untrusted", False, False)
    assert one["reason"] == (
        "the project is not trusted: by the editor, or by `agents.trusted` of your own settings"
    )


def test_an_agent_is_offered_once_the_editor_trusts_it(project: Path, start: Start) -> None:
    client, uri = opened(project, start, TRUSTED)
    one = listed(client, uri)["reader"]
    assert (one["standing"], one["takesPart"], one["reviews"]) == ("loaded", True, True)
    assert one["uri"] == (project / FILE).as_uri()
    assert offered(client, uri) == [TITLE]
    assert offered(client, uri, only=["source"]) == [TITLE]
    assert offered(client, uri, only=["quickfix"]) == []


def test_nothing_is_offered_to_a_client_that_asks_by_itself(project: Path, start: Start) -> None:
    """On saving, for one, it would carry out what it gets."""
    client, uri = opened(project, start, TRUSTED)
    assert offered(client, uri, only=["source"], triggerKind=2) == []
    assert offered(client, uri, only=["source"], triggerKind=1) == [TITLE]


def test_nothing_is_offered_where_no_model_may_be_asked(project: Path, start: Start) -> None:
    client, uri = opened(project, start, {"trusted": True, "trustAgents": True})
    assert offered(client, uri) == []
    assert listed(client, uri)["reader"]["takesPart"] is True


def test_a_user_trusts_directories_in_settings_of_their_own(
    project: Path, start: Start, tmp_path: Path
) -> None:
    text = f"[agents]\ntrusted = ['{project.resolve().parent}']\n"
    write(tmp_path / "home", {".config/rollsafe/settings.toml": text})
    client, uri = opened(project, start, ASKING)
    assert offered(client, uri) == [TITLE]
    client.kill()
    client, uri = opened(project, start, {**ASKING, "trusted": False})
    assert listed(client, uri)["reader"]["standing"] == "untrusted"


def test_a_users_own_agents_need_no_trust_of_the_workspace(
    shop: Path, start: Start, tmp_path: Path, double: Double
) -> None:
    home = {".config/rollsafe/settings.toml": "[agents]\nsources = ['claude']\n", FILE: AGENT}
    write(tmp_path / "home", home)
    client, uri = opened(shop, start, ASKING)
    assert offered(client, uri) == [TITLE]
    one = listed(client, uri)["reader"]
    assert (one["scope"], one["path"]) == ("user", f"~/{FILE}")
    assert one["uri"] == (tmp_path / "home" / FILE).as_uri()


def test_an_edited_file_counts_as_it_is_typed(project: Path, start: Start) -> None:
    client, uri = opened(project, start, TRUSTED)
    path = project / FILE
    agent = client.open(path)
    client.change(agent, 2, {"text": AGENT.replace("Kubernetes manifests", "SQL migrations")})
    client.sync()
    assert offered(client, uri) == []
    client.change(agent, 3, {"text": AGENT.replace("name: reader", "name: other")})
    client.sync()
    assert offered(client, uri) == ["Review this file with `other`…"]


def test_the_one_that_is_named_is_asked_alone(project: Path, start: Start, double: Double) -> None:
    double.reply_to = said(LINE)
    client, uri = opened(project, start, TRUSTED)
    [action] = [one for one in client.actions(uri, span(0, 0, 0, 0)) if one["title"] == TITLE]
    client.seen.clear()
    command = action["command"]
    done = client.command(command["command"], *command["arguments"], wait=90)
    assert [agent_of(recorded.json) for recorded in double.requests] == ["reader"]
    assert done["remarks"] == 1
    client.sync()
    shown = client.shown(uri) or []
    [remark] = [one for one in shown if one["code"] == "ai/user"]
    assert (remark["severity"], remark["message"].endswith(f"(reader of {FILE})")) == (3, True)
    assert remark["data"]["origin"]["agentFile"] == FILE
    assert [one["code"] for one in shown if not one["code"].startswith("ai/")] == ["rollback-disabled"]


def test_a_review_asks_it_beside_the_built_in_ones(project: Path, start: Start, double: Double) -> None:
    client, uri = opened(project, start, TRUSTED)
    client.command("rollsafe.review", {"uri": uri}, wait=90)
    asked = {agent_of(recorded.json) for recorded in double.requests}
    assert {"reader", "deployment-orchestrator"} < asked


def test_asking_one_keeps_what_others_said(project: Path, start: Start, double: Double) -> None:
    line = {**LINE, "line": 7, "quote": "  revisionHistoryLimit: 0"}
    other = item(
        file="k8s/orders.yaml", node_id="", line=4, quote="  name: orders", key="shallow-health-check"
    )  # fmt: skip
    double.reply_to = lambda body: answers(
        *([LINE, line] if agent_of(body) == "reader" else [other]) if "orders.yaml" in str(body) else ()
    )
    client, uri = opened(project, start, TRUSTED)
    client.command("rollsafe.review", {"uri": uri, "agent": "deployment-orchestrator"}, wait=90)
    client.command("rollsafe.review", {"uri": uri, "agent": "reader"}, wait=90)
    client.sync()
    codes = [one["code"] for one in client.shown(uri) or []]
    assert sorted(code for code in codes if code.startswith("ai/")) == ["ai/shallow-health-check", "ai/user"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nobody", "no agent `nobody`"),
        ("implementation-orchestrator", "does not look at this file"),
        ("stranger", "`stranger` takes no part: "),
    ],
)
def test_who_cannot_be_asked_is_told(
    project: Path, start: Start, double: Double, name: str, words: str
) -> None:
    write(project, {".cursor/agents/stranger.md": AGENT.replace("reader", "stranger")})
    client, uri = opened(project, start, TRUSTED)
    asked = {"command": "rollsafe.review", "arguments": [{"uri": uri, "agent": name}]}
    answer = client.request("workspace/executeCommand", asked)
    assert words in answer["error"]["message"]
    assert double.requests == []
