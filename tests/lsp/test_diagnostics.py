"""What is pushed, when, and when it is taken back."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lsp.conftest import DEPLOYMENT, Enter, Start, write
from tests.lsp.stdio import VSCODE, Client, Json, span

PAIR = {"a.env": "PAIR=one\n", "other.env": "PAIR=two\n", "far.env": "X=SIMPLE\n"}


def codes(found: list[Json]) -> list[str]:
    return [one["code"] for one in found]


def published(client: Client, uri: str) -> list[Json]:
    """Return the parameters of all diagnostics of a document that came so far."""
    return [
        message["params"]
        for message in client.sync()
        if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri
    ]


def test_findings_of_one_file_do_not_wait_for_the_others(shop: Path, start: Start) -> None:
    client = start(shop)
    uri = client.open(shop / "k8s" / "orders.yaml")
    client.until(lambda m: m.get("method") == "textDocument/publishDiagnostics")
    assert not [m for m in client.seen if m.get("method") == "rollsafe/status"]
    client.settled()
    assert {"rollback-disabled", "missing-readiness-probe"} <= set(codes(client.shown(uri) or []))


def test_closed_files_have_findings_without_a_version(shop: Path, enter: Enter) -> None:
    client = enter(shop)
    client.sync()
    uri = (shop / "k8s" / "orders.yaml").as_uri()
    (sent,) = published(client, uri)
    assert "rollback-disabled" in codes(sent["diagnostics"])
    assert "version" not in sent


def test_every_edit_is_answered_with_its_version(shop: Path, enter: Enter) -> None:
    client = enter(shop)
    uri = client.open(shop / "k8s" / "orders.yaml", version=7)
    client.sync()
    client.sync()
    client.change(uri, 8, {"range": span(6, 25, 6, 26), "text": "3"})
    assert "rollback-disabled" not in codes(client.diagnostics(uri, 8))
    client.change(uri, 9, {"range": span(6, 25, 6, 26), "text": "0"})
    assert "rollback-disabled" in codes(client.diagnostics(uri, 9))


def test_half_typed_and_emptied_documents(shop: Path, enter: Enter) -> None:
    client = enter(shop)
    uri = client.open(shop / "k8s" / "orders.yaml")
    client.change(uri, 2, {"text": DEPLOYMENT[:150] + "\n  : {["})
    client.diagnostics(uri, 2)
    client.change(uri, 3, {"text": ""})
    assert client.diagnostics(uri, 3) == []
    client.change(uri, 4, {"text": DEPLOYMENT})
    assert "rollback-disabled" in codes(client.diagnostics(uri, 4))


def test_burst_of_edits_is_few_analyses_and_ends_with_the_last(shop: Path, enter: Enter) -> None:
    client = enter(shop)
    uri = client.open(shop / "k8s" / "orders.yaml", text=DEPLOYMENT * 40)
    client.sync()
    client.sync()
    client.seen.clear()
    typed = b""
    for number in range(30):
        change = {"range": span(3, 8, 3, 8), "text": "x"}
        params = {"textDocument": {"uri": uri, "version": number + 2}, "contentChanges": [change]}
        body = json.dumps({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": params}).encode()
        typed += b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    client.send_bytes(typed)
    versions = [sent["version"] for sent in published(client, uri)]
    assert versions[-1] == 31
    assert versions == sorted(versions)
    assert len(versions) < 10


def test_files_that_depend_on_an_edit_follow_it(tmp_path: Path, enter: Enter) -> None:
    root = write(tmp_path / "w", PAIR)
    client = enter(root)
    uris = {name: (root / name).as_uri() for name in PAIR}
    client.open(root / "other.env")
    client.diagnostics(uris["other.env"], 1)
    assert codes(client.shown(uris["a.env"]) or []) == ["spoken-pair"]
    client.sync()
    client.seen.clear()

    client.change(uris["other.env"], 2, {"text": "PAIR=one\n"})
    assert client.diagnostics(uris["a.env"]) == []
    client.change(uris["other.env"], 3, {"text": "PAIR=one\n#\n"})
    client.diagnostics(uris["other.env"], 3)
    assert published(client, uris["a.env"]) == []
    assert published(client, uris["far.env"]) == []


def test_close_goes_back_to_the_disk(shop: Path, enter: Enter) -> None:
    client = enter(shop)
    path = shop / "k8s" / "orders.yaml"
    uri = client.open(path, text=DEPLOYMENT.replace("  revisionHistoryLimit: 0\n", ""))
    client.sync()
    assert "rollback-disabled" not in codes(client.shown(uri) or [])
    client.sync()
    client.seen.clear()
    client.close(uri)
    assert "rollback-disabled" in codes(client.diagnostics(uri))


def test_close_of_what_was_never_saved_leaves_nothing(shop: Path, enter: Enter) -> None:
    client = enter(shop)
    client.sync()
    uri = client.open((shop / "k8s" / "new.yaml").as_uri(), DEPLOYMENT.replace("orders", "fresh"))
    assert client.diagnostics(uri, 1)
    client.sync()
    client.seen.clear()
    client.close(uri)
    assert client.diagnostics(uri) == []


def test_documents_without_a_file_are_left_alone(shop: Path, start: Start) -> None:
    client = start(shop)
    for uri in ("untitled:Untitled-1", "git:/x/compose.yaml?ref", "file:", "::", ""):
        client.open(uri, DEPLOYMENT)
        client.change(uri, 2, {"range": span(0, 0, 0, 1), "text": ""})
        client.close(uri)
    client.settled()
    shown = [m["params"]["uri"] for m in client.sync() if "publishDiagnostics" in m.get("method", "")]
    assert all(uri.startswith(shop.as_uri()) for uri in shown)


@pytest.mark.parametrize("name", ["src/app.py", "vendor/k8s.yaml", "ignored/k8s.yaml"])
def test_what_the_command_line_would_leave_out_is_quiet(shop: Path, enter: Enter, name: str) -> None:
    write(shop, {".gitignore": "ignored/\n", name: DEPLOYMENT})
    client = enter(shop)
    uri = client.open(shop / name)
    client.change(uri, 2, {"range": span(0, 0, 0, 0), "text": "#\n"})
    assert not any(sent["diagnostics"] for sent in published(client, uri))


def test_very_many_findings_are_capped(tmp_path: Path, enter: Enter) -> None:
    root = write(tmp_path / "w", {"many.env": "A=SIMPLE\n" * 640 + "B=CREATE\n"})
    client = enter(root)
    uri = client.open(root / "many.env")
    found = client.diagnostics(uri, 1)
    assert len(found) == 501
    assert codes(found).count("spoken-creation") == 1, "the worst ones are kept"
    assert found[-1]["code"] == "findings-left-out"
    assert "141" in found[-1]["message"]


def test_related_places_and_links_as_far_as_the_client_shows_them(
    tmp_path: Path, start_spoken: Start
) -> None:
    root = write(tmp_path / "w", PAIR)
    uri = (root / "a.env").as_uri()
    able = start_spoken(root)
    able.settled()
    (rich,) = able.shown(uri) or []
    related = rich["relatedInformation"][0]
    assert related["location"] == {"uri": (root / "other.env").as_uri(), "range": span(0, 5, 0, 8)}
    assert rich["codeDescription"]["href"].endswith("spoken-pair.md")
    assert rich["data"]["fingerprint"]

    unable = start_spoken(root, {})
    unable.settled()
    (poor,) = unable.shown(uri) or []
    assert poor["message"] == f"{rich['message']} (see other.env:1)"
    assert not {"relatedInformation", "codeDescription", "data"} & poor.keys()


# Status


def test_status_counts_what_is_shown(tmp_path: Path, start_spoken: Start) -> None:
    root = write(tmp_path / "w", {"a.env": "A=SIMPLE\nB=CREATE\nC=SIMPLE\n", "b.env": "A=SIMPLE\n"})
    client = start_spoken(root)
    status = client.settled()
    assert status == {"files": 2, "errors": 1, "warnings": 3, "state": "ready", "off": []}
    uri = client.open(root / "a.env")
    client.change(uri, 2, {"text": "A=1\n"})
    client.until(lambda m: m.get("method") == "rollsafe/status" and m["params"]["warnings"] == 1)


def test_reading_is_announced(shop: Path, start: Start) -> None:
    client = start(shop)
    client.settled()
    first = next(m for m in client.seen if m.get("method") == "rollsafe/status")
    assert first["params"]["state"] == "indexing"


# Trust


def test_untrusted_workspace_runs_nothing_and_says_so(
    tmp_path: Path, shop: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = recorded_git(tmp_path, monkeypatch)
    client = start(shop, options={"trusted": False, "settings": {"ai": {"enabled": True}}})
    uri = client.open(shop / "k8s" / "orders.yaml")
    status = client.settled()
    assert "rollback-disabled" in codes(client.shown(uri) or [])
    client.command("rollsafe.plan", {"kind": "deploy", "base": "main"})
    assert not ran.exists()
    assert len(status["off"]) == 2


def test_trusted_workspace_is_compared_with_git(
    tmp_path: Path, shop: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = recorded_git(tmp_path, monkeypatch)
    client = start(shop, options={"trusted": True, "settings": {"plan": {"base": "nonsense"}}})
    status = client.settled()
    assert ran.exists()
    assert len(status["off"]) == 1
    assert "git" in status["off"][0]


def recorded_git(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a `git` on the path that fails and leaves a trace."""
    program = directory / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ntouch {directory}/ran\nexit 128\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return directory / "ran"


# Settings


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("root = true\nlevle = 'regular'\n", 1, "levle"),
        ("root = true\n\n[migrations]\ndialect = 'oracle'\n", 3, "dialect"),
        ("root = true\nignore = ['floating-image-tags']\n", 1, "floating-image-tag"),
        ("root = true\n[", 1, "TOML"),
    ],
)
def test_broken_settings_are_shown_where_they_are(
    shop: Path, start: Start, text: str, line: int, words: str
) -> None:
    write(shop, {"rollsafe.toml": text})
    client = start(shop)
    uri = client.open(shop / "k8s" / "orders.yaml")
    client.settled()
    assert client.shown(uri), "the defaults hold meanwhile"
    settings = shop / "rollsafe.toml"
    (found,) = client.shown(settings.as_uri()) or []
    assert (found["range"]["start"]["line"], found["severity"]) == (line, 1)
    assert words in found["message"]
    assert str(shop) not in found["message"]


def test_settings_are_judged_as_they_are_typed_and_hold_when_saved(shop: Path, start: Start) -> None:
    client = start(shop)
    client.settled()
    settings, uri = shop / "rollsafe.toml", (shop / "k8s" / "orders.yaml").as_uri()
    edited = client.open(settings)
    client.change(edited, 2, {"text": "root = true\nignore = ['rollback-disable']\n"})
    assert client.diagnostics(edited, 2)
    fine = "root = true\nignore = ['rollback-disabled']\n"
    client.change(edited, 3, {"text": fine})
    assert client.diagnostics(edited, 3) == []
    client.sync()
    client.seen.clear()
    settings.write_text(fine)
    client.notify("textDocument/didSave", {"textDocument": {"uri": edited}})
    assert "rollback-disabled" not in codes(client.diagnostics(uri))


@pytest.mark.parametrize(("level", "expected"), [("", ["spoken-audit"]), ("level = 'regular'\n", [])])
def test_level_of_the_project_wins_over_the_users(
    tmp_path: Path, start_spoken: Start, level: str, expected: list[str]
) -> None:
    root = write(tmp_path / "w", {"rollsafe.toml": f"root = true\n{level}", "a.env": "A=AUDIT\n"})
    client = start_spoken(root, options={"trusted": True, "settings": {"level": "auditor"}})
    uri = client.open(root / "a.env")
    assert codes(client.diagnostics(uri, 1)) == expected, "before the workspace was read"
    client.settled()
    client.change(uri, 2, {"range": span(0, 0, 0, 0), "text": "#\n"})
    assert codes(client.diagnostics(uri, 2)) == expected


def test_level_that_changes_is_followed(tmp_path: Path, start_spoken: Start) -> None:
    root = write(tmp_path / "w", {"a.env": "A=AUDIT\n"})
    client = start_spoken(root)
    client.settled()
    levels = iter(["regular", "auditor"])
    client.answers["workspace/configuration"] = lambda _: [{"level": next(levels)}]
    client.until(lambda m: m.get("method") == "workspace/codeLens/refresh")
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    assert codes(client.diagnostics((root / "a.env").as_uri())) == ["spoken-audit"]


def test_pushed_settings_are_followed(shop: Path, start: Start) -> None:
    client = start(shop, {**VSCODE, "workspace": {}})
    client.settled()
    client.notify("workspace/didChangeConfiguration", {"settings": {"rollsafe": {"level": "loud"}}})
    status = client.until(lambda m: m.get("method") == "rollsafe/status" and m["params"]["off"])["params"]
    assert "loud" in status["off"][0]


def test_first_answer_comes_before_anything_heavy_is_loaded(shop: Path) -> None:
    """Until the first diagnostics neither the event loop nor the protocol library is imported."""
    script = (
        "import sys\n"
        "from rollsafe.lsp import connection, server, session\n"
        "print(sorted({'asyncio', 'pygls', 'lsprotocol', 'pydantic', 'logging'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=shop
    )
    assert done.stdout.strip() == "[]"
