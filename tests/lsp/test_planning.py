"""Plans of every kind in the editor: what there is, section by section, and stopped in between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rollsafe.engine.planning import plan_kinds
from tests.lsp.conftest import SHOP, Start, visit
from tests.lsp.stdio import Client, Json

KINDS = [kind.name for kind in plan_kinds() if not kind.needs_subject]
TOKEN = "parts-1"


def parts(client: Client, token: str | int = TOKEN) -> list[Json]:
    """Return what was sent under the token of parts."""
    progress = [m["params"] for m in client.seen if m.get("method") == "$/progress"]
    return [params["value"] for params in progress if params["token"] == token]


def asked(client: Client, arguments: Json, **params: Any) -> int:
    request = {"command": "rollsafe.plan", "arguments": [arguments], **params}
    return client.ask("workspace/executeCommand", request)


def test_the_server_says_which_kinds_there_are(tmp_path: Path, spoken: Client) -> None:
    visit(spoken, tmp_path, SHOP, "k8s/orders.yaml")
    kinds = spoken.command("rollsafe.planKinds")
    assert {kind["name"] for kind in kinds} == {kind.name for kind in plan_kinds()} | {"spoken"}
    (own,) = [kind for kind in kinds if kind["name"] == "spoken"]
    assert own == {
        "name": "spoken",
        "title": "Spoken plan",
        "summary": "what was asked for",
        "agent": "spoken-agent",
        "subject": "FILE",
        "needsSubject": False,
        "options": [{"name": "word", "help": "A word to say", "metavar": "TEXT"}],
        "forms": [],
        "takesWords": False,
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_comes_in_parts_that_make_up_the_whole(kind: str, tmp_path: Path, spoken: Client) -> None:
    uri = visit(spoken, tmp_path, SHOP, "k8s/orders.yaml")
    whole = spoken.command("rollsafe.plan", {"kind": kind, "uri": uri})
    spoken.sync()
    spoken.seen.clear()
    answer = spoken.answer(asked(spoken, {"kind": kind, "uri": uri}, partialResultToken=TOKEN))["result"]
    received = parts(spoken)
    assert {part["title"] for part in received} == {whole["title"]} == {answer["title"]}
    assert "".join(part["markdown"] for part in received) == whole["markdown"]
    assert answer["markdown"] == ""
    assert not [m for m in spoken.seen if m.get("method") == "window/showDocument"]


@pytest.mark.parametrize("token", ["a", 7])
def test_the_token_may_stand_among_the_arguments(token: str | int, tmp_path: Path, spoken: Client) -> None:
    uri = visit(spoken, tmp_path, SHOP, "k8s/orders.yaml")
    request = {"kind": "spoken", "uri": uri, "partialResultToken": token, "options": {"word": ["a", "b"]}}
    spoken.command("rollsafe.plan", request)
    received = [part["markdown"] for part in parts(spoken, token)]
    assert received == ["# Spoken plan\n", "\na b for production\n", "\nthe end\n"]


def test_an_environment_is_taken(tmp_path: Path, spoken: Client) -> None:
    uri = visit(spoken, tmp_path, SHOP, "k8s/orders.yaml")
    request = {"kind": "spoken", "uri": uri, "environment": "staging", "options": {"word": "x"}}
    assert "x for staging" in spoken.command("rollsafe.plan", request)["markdown"]


def test_the_first_section_is_there_before_the_others_are_written(tmp_path: Path, spoken: Client) -> None:
    uri = visit(spoken, tmp_path / "project", SHOP, "k8s/orders.yaml")
    file = tmp_path / "go on"
    request = asked(spoken, {"kind": "spoken", "uri": uri, "subject": str(file)}, partialResultToken=TOKEN)
    first = spoken.until(lambda m: m.get("method") == "$/progress" and m["params"]["token"] == TOKEN)
    assert first["params"]["value"] == {"title": "Spoken plan", "markdown": "# Spoken plan\n"}
    file.touch()
    assert spoken.answer(request)["result"] == {"title": "Spoken plan", "markdown": ""}
    assert parts(spoken)[-1]["markdown"] == "\nthe end\n"


@pytest.mark.parametrize("way", ["request", "progress"])
def test_it_can_be_stopped_between_sections(way: str, tmp_path: Path, spoken: Client) -> None:
    uri = visit(spoken, tmp_path / "project", SHOP, "k8s/orders.yaml")
    file = tmp_path / "go on"
    arguments = {"kind": "spoken", "uri": uri, "subject": str(file)}
    request = asked(spoken, arguments, partialResultToken=TOKEN, workDoneToken="work-1")
    spoken.until(lambda m: m.get("method") == "$/progress" and m["params"]["token"] == TOKEN)
    if way == "request":
        spoken.notify("$/cancelRequest", {"id": request})
    else:
        spoken.notify("window/workDoneProgress/cancel", {"token": "work-1"})
    spoken.sync()
    file.touch()
    assert spoken.answer(request)["error"]["code"] == -32800
    spoken.sync()
    assert parts(spoken) == []
    assert [m for m in spoken.seen if m.get("method") == "$/progress"][-1]["params"]["value"]["kind"] == "end"


@pytest.mark.parametrize(
    "arguments",
    [{"kind": 1}, {"subject": []}, {"base": 1}, {"environment": {}}, {"options": {"word-of-nobody": "x"}}],
)
def test_a_request_that_does_not_fit_is_refused(arguments: Json, tmp_path: Path, spoken: Client) -> None:
    uri = visit(spoken, tmp_path, SHOP, "k8s/orders.yaml")
    answer = spoken.answer(asked(spoken, {"kind": "spoken", "uri": uri, **arguments}))
    assert answer["error"]["code"] == -32602


def test_arguments_that_are_null_count_as_left_out(tmp_path: Path, spoken: Client) -> None:
    uri = visit(spoken, tmp_path, SHOP, "k8s/orders.yaml")
    nothing = dict.fromkeys(("kind", "subject", "base", "environment", "options", "partialResultToken"))
    assert spoken.command("rollsafe.plan", {"uri": uri, **nothing})["markdown"].startswith(
        "# Deployment plan"
    )


def test_a_client_of_ours_gets_parts_and_opens_them_itself(shop: Path, start: Start) -> None:
    client = start(shop, options={"trusted": True, "settings": {}})
    request = asked(client, {"kind": "deploy"}, partialResultToken=TOKEN)
    assert client.answer(request)["result"]["markdown"] == ""
    assert "".join(part["markdown"] for part in parts(client)).startswith("# Deployment plan")
