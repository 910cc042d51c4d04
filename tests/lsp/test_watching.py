"""Files that change behind the editor's back."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.lsp.conftest import DEPLOYMENT, Enter, Start, write
from tests.lsp.stdio import VSCODE, Client, Json

CREATED, CHANGED, DELETED = 1, 2, 3
PAIR = {"a.env": "PAIR=one\n", "other.env": "PAIR=two\n"}

BLIND = {
    **VSCODE,
    "workspace": {**VSCODE["workspace"], "didChangeWatchedFiles": {"dynamicRegistration": False}},
}
"""A client that cannot watch files, such as Neovim on Linux."""


def happened(client: Client, *events: tuple[Path, int]) -> None:
    changes = [{"uri": path.as_uri(), "type": kind} for path, kind in events]
    client.notify("workspace/didChangeWatchedFiles", {"changes": changes})


def forget(client: Client) -> None:
    client.sync()
    client.seen.clear()


def codes(found: list[Json]) -> list[str]:
    return [one["code"] for one in found]


def test_client_is_asked_to_watch(shop: Path, start: Start) -> None:
    client = start(shop)
    asked = client.until(lambda m: m.get("method") == "client/registerCapability")
    (registration,) = asked["params"]["registrations"]
    assert registration["method"] == "workspace/didChangeWatchedFiles"
    patterns = [one["globPattern"] for one in registration["registerOptions"]["watchers"]]
    assert any("yaml" in pattern for pattern in patterns)


def test_client_that_cannot_watch_is_not_asked(shop: Path, start: Start) -> None:
    client = start(shop, BLIND)
    client.until(lambda m: m.get("method") == "workspace/codeLens/refresh")
    asked = [m for m in client.seen if m.get("method") == "client/registerCapability"]
    methods = [one["method"] for m in asked for one in m["params"]["registrations"]]
    assert "workspace/didChangeWatchedFiles" not in methods


def test_changed_created_and_deleted_files(tmp_path: Path, enter: Enter) -> None:
    root = write(tmp_path / "w", PAIR)
    a, other, new = root / "a.env", root / "other.env", root / "new.env"
    client = enter(root)
    assert codes(client.shown(a.as_uri()) or []) == ["spoken-pair"]

    forget(client)
    other.write_text("PAIR=one\n")
    happened(client, (other, CHANGED))
    assert client.diagnostics(a.as_uri()) == []

    new.write_text("A=SIMPLE\n")
    happened(client, (new, CREATED))
    assert codes(client.diagnostics(new.as_uri())) == ["spoken-simple"]

    new.unlink()
    happened(client, (new, DELETED))
    assert client.diagnostics(new.as_uri()) == []


def test_rename_takes_the_findings_along(tmp_path: Path, enter: Enter) -> None:
    root = write(tmp_path / "w", {"old.env": "A=SIMPLE\n"})
    client = enter(root)
    forget(client)
    old, new = root / "old.env", root / "new.env"
    old.rename(new)
    files = [{"oldUri": old.as_uri(), "newUri": new.as_uri()}]
    client.notify("workspace/didRenameFiles", {"files": files})
    assert codes(client.diagnostics(new.as_uri())) == ["spoken-simple"]
    assert client.diagnostics(old.as_uri()) == []


def test_deleted_directory_takes_its_findings_along(tmp_path: Path, enter: Enter) -> None:
    root = write(tmp_path / "w", {"d/x/a.env": "A=SIMPLE\n", "d/b.env": "A=SIMPLE\n"})
    client = enter(root)
    forget(client)
    shutil.rmtree(root / "d")
    client.notify("workspace/didDeleteFiles", {"files": [{"uri": (root / "d").as_uri()}]})
    assert client.diagnostics((root / "d/x/a.env").as_uri()) == []
    assert client.diagnostics((root / "d/b.env").as_uri()) == []


def test_created_directory_is_looked_through(tmp_path: Path, enter: Enter) -> None:
    root = write(tmp_path / "w", {"a.env": "A=1\n"})
    client = enter(root)
    write(root, {"d/x/a.env": "A=SIMPLE\n"})
    happened(client, (root / "d", CREATED))
    assert codes(client.diagnostics((root / "d/x/a.env").as_uri())) == ["spoken-simple"]


def test_open_documents_count_instead_of_their_files(tmp_path: Path, enter: Enter) -> None:
    root = write(tmp_path / "w", {"a.env": "A=SIMPLE\n"})
    client = enter(root)
    uri = client.open(root / "a.env")
    forget(client)
    (root / "a.env").write_text("A=1\n")
    happened(client, (root / "a.env", CHANGED))
    client.change(uri, 2, {"text": "A=SIMPLE SIMPLE\n"})
    assert len(client.diagnostics(uri, 2)) == 2


@pytest.mark.parametrize("name", ["node_modules/x/a.env", "left_out/a.env"])
def test_files_that_are_left_out_stay_out(tmp_path: Path, enter: Enter, name: str) -> None:
    root = write(tmp_path / "w", {"a.env": "A=1\n", ".gitignore": "left_out/\n"})
    client = enter(root)
    forget(client)
    write(root, {name: "A=SIMPLE\n", "seen.env": "A=SIMPLE\n"})
    happened(client, (root / name, CREATED), (root / "seen.env", CREATED))
    client.diagnostics((root / "seen.env").as_uri())
    forget(client)
    assert client.shown((root / name).as_uri()) is None


def test_many_events_are_one_reading(tmp_path: Path, enter: Enter) -> None:
    root = write(tmp_path / "w", {"a.env": "A=1\n"})
    client = enter(root)
    names = [f"many/{number}.env" for number in range(150)]
    write(root, dict.fromkeys(names, "A=SIMPLE\n"))
    happened(client, *((root / name, CREATED) for name in names))
    client.until(lambda m: m.get("method") == "rollsafe/status" and m["params"]["warnings"] == 150)


def test_open_document_that_is_left_out_from_now_on(tmp_path: Path, enter: Enter) -> None:
    root = write(tmp_path / "w", {"b/c.env": "A=SIMPLE\n"})
    client = enter(root)
    uri = client.open(root / "b" / "c.env")
    assert codes(client.diagnostics(uri, 1)) == ["spoken-simple"]
    forget(client)
    write(root, {".gitignore": "b/\n"})
    happened(client, (root / ".gitignore", CREATED))
    assert client.diagnostics(uri) == []
    client.change(uri, 2, {"text": "A=SIMPLE SIMPLE\n"})
    (root / ".gitignore").unlink()
    happened(client, (root / ".gitignore", DELETED))
    assert len(client.diagnostics(uri, 2)) == 2


def test_settings_and_ignore_files_are_read_again(tmp_path: Path, enter: Enter) -> None:
    root = write(tmp_path / "w", {"a.env": "A=SIMPLE\n", "b/c.env": "A=SIMPLE\n"})
    client = enter(root)
    forget(client)
    write(root, {".gitignore": "b/\n"})
    happened(client, (root / ".gitignore", CREATED))
    assert client.diagnostics((root / "b/c.env").as_uri()) == []
    forget(client)
    write(root, {"rollsafe.toml": "root = true\nignore = ['spoken-simple']\n"})
    happened(client, (root / "rollsafe.toml", CREATED))
    assert client.diagnostics((root / "a.env").as_uri()) == []


@pytest.mark.parametrize("trusted", [True, False])
def test_commit_changes_what_is_compared_with(tmp_path: Path, start_spoken: Start, trusted: bool) -> None:
    root = write(tmp_path / "w", {"rollsafe.toml": "root = true\n", ".git/logs/HEAD": "x\n"})
    client = start_spoken(root, options={"trusted": trusted})
    client.settled()
    forget(client)
    happened(client, (root / ".git/logs/HEAD", CHANGED))
    client.quiet(0.5)
    states = [m["params"]["state"] for m in client.seen if m.get("method") == "rollsafe/status"]
    assert ("indexing" in states) is trusted


def test_client_that_cannot_watch_sees_changes_when_it_does_something(
    tmp_path: Path, start_spoken: Start
) -> None:
    root = write(tmp_path / "w", {**PAIR, "c.env": "A=1\n"})
    client = start_spoken(root, BLIND)
    client.settled()
    forget(client)

    (root / "other.env").write_text("PAIR=one\n")
    uri = client.open(root / "c.env")
    assert client.diagnostics((root / "a.env").as_uri()) == []

    write(root, {"new/d.env": "A=SIMPLE\n"})
    client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    assert codes(client.diagnostics((root / "new/d.env").as_uri())) == ["spoken-simple"]

    (root / "new" / "d.env").unlink()
    client.close(uri)
    assert client.diagnostics((root / "new/d.env").as_uri()) == []

    write(root, {"rollsafe.toml": "ignore = ['spoken-simple']\n", "e.env": "A=SIMPLE\n"})
    uri = client.open(root / "e.env")
    assert client.diagnostics(uri, 1) != []
    assert client.diagnostics(uri, 1) == []


def test_file_that_becomes_unreadable(tmp_path: Path, enter: Enter) -> None:
    root = write(tmp_path / "w", {"a.env": "A=SIMPLE\n"})
    client = enter(root)
    forget(client)
    (root / "a.env").write_bytes(b"A=SIMPLE \0\xff")
    happened(client, (root / "a.env", CHANGED))
    assert client.diagnostics((root / "a.env").as_uri()) == []
    os.remove(root / "a.env")
    os.mkfifo(root / "a.env")
    happened(client, (root / "a.env", CHANGED))
    write(root, {"k8s.yaml": DEPLOYMENT})
    happened(client, (root / "k8s.yaml", CREATED))
    assert "rollback-disabled" in codes(client.diagnostics((root / "k8s.yaml").as_uri()))
