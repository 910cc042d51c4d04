"""Which files belong together: folders, nested roots, files outside of everything."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.lsp.conftest import Enter, Start, write
from tests.lsp.stdio import Client, Json, span

PAIR = {"a.env": "PAIR=one\n", "other.env": "PAIR=two\n"}
ROOT = {"rollsafe.toml": "root = true\n"}


def codes(found: list[Json] | None) -> list[str] | None:
    return None if found is None else [one["code"] for one in found]


def folders_changed(client: Client, added: list[Path], removed: list[Path]) -> None:
    event = {
        "added": [{"uri": path.as_uri(), "name": path.name} for path in added],
        "removed": [{"uri": path.as_uri(), "name": path.name} for path in removed],
    }
    client.notify("workspace/didChangeWorkspaceFolders", {"event": event})


def test_folders_are_separate_projects(tmp_path: Path, start_spoken: Start) -> None:
    one = write(tmp_path / "one", {"a.env": "PAIR=one\n"})
    two = write(tmp_path / "two", {"other.env": "PAIR=two\n"})
    both = write(tmp_path / "both", PAIR)
    client = start_spoken([one, two, both])
    client.settled()
    client.sync()
    assert client.shown((one / "a.env").as_uri()) is None
    assert codes(client.shown((both / "a.env").as_uri())) == ["spoken-pair"]


def test_nested_root_is_isolated(tmp_path: Path, enter: Enter) -> None:
    root = write(tmp_path / "w", {**PAIR, "in/a.env": "PAIR=one\n", "in/rollsafe.toml": "root = true\n"})
    client = enter(root)
    uri = client.open(root / "in" / "a.env")
    client.sync()
    assert codes(client.shown((root / "a.env").as_uri())) == ["spoken-pair"]
    assert client.shown(uri) == []
    client.change(uri, 2, {"text": "A=SIMPLE\n"})
    assert codes(client.diagnostics(uri, 2)) == ["spoken-simple"]


def test_nested_root_has_its_own_settings(tmp_path: Path, enter: Enter) -> None:
    inner = {"in/rollsafe.toml": "root = true\nignore = ['spoken-simple']\n", "in/a.env": "A=SIMPLE\n"}
    root = write(tmp_path / "w", {"a.env": "A=SIMPLE\n", **inner})
    client = enter(root)
    uri = client.open(root / "in" / "a.env")
    assert client.diagnostics(uri, 1) == [], "before the workspace was read"
    client.sync()
    assert codes(client.shown((root / "a.env").as_uri())) == ["spoken-simple"]
    assert not client.shown(uri)


def test_nested_root_that_appears_and_goes(tmp_path: Path, enter: Enter) -> None:
    root = write(tmp_path / "w", {"other.env": "PAIR=two\n", "in/a.env": "PAIR=one\n"})
    settings = root / "in" / "rollsafe.toml"
    client = enter(root)
    uri = client.open(root / "in" / "a.env")
    client.sync()
    assert codes(client.shown(uri)) == ["spoken-pair"]
    client.seen.clear()

    settings.write_text("root = true\n")
    changes = [{"uri": settings.as_uri(), "type": 1}]
    client.notify("workspace/didChangeWatchedFiles", {"changes": changes})
    assert client.diagnostics(uri) == []

    settings.unlink()
    client.notify("workspace/didChangeWatchedFiles", {"changes": [{**changes[0], "type": 3}]})
    client.until(
        lambda m: (
            m.get("method") == "textDocument/publishDiagnostics"
            and m["params"]["uri"] == uri
            and codes(m["params"]["diagnostics"]) == ["spoken-pair"]
        )
    )


def test_folder_inside_of_a_repository_knows_the_repository_but_shows_itself(
    tmp_path: Path, enter: Enter
) -> None:
    root = write(tmp_path / "w", {**ROOT, "other.env": "PAIR=two\nA=SIMPLE\n", "sub/a.env": "PAIR=one\n"})
    client = enter(root / "sub")
    client.sync()
    assert codes(client.shown((root / "sub/a.env").as_uri())) == ["spoken-pair"]
    assert client.shown((root / "other.env").as_uri()) is None


def test_file_without_folders_belongs_to_the_nearest_project(tmp_path: Path, spoken: Client) -> None:
    root = write(tmp_path / "w", {**ROOT, "other.env": "PAIR=two\n", "deep/er/a.env": "PAIR=one\n"})
    client = spoken
    uri = client.open(root / "deep" / "er" / "a.env")
    assert client.diagnostics(uri, 1) == []
    assert codes(client.diagnostics(uri, 1)) == ["spoken-pair"]
    client.sync()
    assert client.shown((root / "other.env").as_uri()) is None


def test_repository_is_a_project(tmp_path: Path, spoken: Client) -> None:
    root = write(tmp_path / "w", {"other.env": "PAIR=two\n", "deep/a.env": "PAIR=one\n"})
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    client = spoken
    uri = client.open(root / "deep" / "a.env")
    assert client.diagnostics(uri, 1) == []
    assert codes(client.diagnostics(uri, 1)) == ["spoken-pair"]


def test_file_outside_of_everything_is_judged_alone(tmp_path: Path, spoken: Client) -> None:
    root = write(tmp_path / "w", {**PAIR, "b.env": "A=SIMPLE\n"})
    client = spoken
    alone, simple = client.open(root / "a.env"), client.open(root / "b.env")
    assert client.diagnostics(alone, 1) == []
    assert codes(client.diagnostics(simple, 1)) == ["spoken-simple"]
    client.change(simple, 2, {"range": span(0, 0, 0, 0), "text": "SIMPLE=1\n"})
    assert len(client.diagnostics(simple, 2)) == 2
    client.close(simple)
    assert client.diagnostics(simple) == []


def test_file_outside_of_the_folders(tmp_path: Path, start_spoken: Start) -> None:
    root = write(tmp_path / "w", {"x.env": "A=1\n"})
    other = write(tmp_path / "v", {**ROOT, **PAIR})
    client = start_spoken(root)
    client.settled()
    uri = client.open(other / "a.env")
    client.until(
        lambda m: (
            m.get("method") == "textDocument/publishDiagnostics"
            and m["params"]["uri"] == uri
            and codes(m["params"]["diagnostics"]) == ["spoken-pair"]
        )
    )
    client.close(uri)
    assert client.diagnostics(uri) == []


def test_home_that_is_a_repository_is_no_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start_spoken: Start
) -> None:
    home = write(tmp_path / "home", {".git/HEAD": "x", "other.env": "PAIR=two\n", "work/a.env": "PAIR=one\n"})
    monkeypatch.setenv("HOME", str(home))
    client = start_spoken(home / "work")
    client.settled()
    client.sync()
    assert client.shown((home / "work/a.env").as_uri()) is None


def test_folders_come_and_go(tmp_path: Path, start_spoken: Start) -> None:
    one = write(tmp_path / "one", {"a.env": "A=SIMPLE\n"})
    two = write(tmp_path / "two", {"b.env": "A=SIMPLE\n"})
    client = start_spoken([one])
    client.settled()
    client.sync()
    assert codes(client.shown((one / "a.env").as_uri())) == ["spoken-simple"]
    client.seen.clear()

    folders_changed(client, [two], [])
    assert codes(client.diagnostics((two / "b.env").as_uri())) == ["spoken-simple"]
    folders_changed(client, [], [one])
    assert client.diagnostics((one / "a.env").as_uri()) == []

    uri = client.open(one / "a.env")
    assert codes(client.diagnostics(uri, 1)) == ["spoken-simple"], "it is still judged by itself"


def test_open_document_outlives_its_folder(tmp_path: Path, start_spoken: Start) -> None:
    root = write(tmp_path / "w", PAIR)
    client = start_spoken([root])
    uri = client.open(root / "a.env")
    client.settled()
    client.sync()
    assert codes(client.shown(uri)) == ["spoken-pair"]
    folders_changed(client, [], [root])
    client.change(uri, 2, {"text": "PAIR=one\nA=SIMPLE\n"})
    assert "spoken-simple" in (codes(client.diagnostics(uri, 2)) or [])


def test_spelling_of_uris_is_the_clients(tmp_path: Path, start_spoken: Start) -> None:
    root = write(tmp_path / "a b+c@d", {"x (1).env": "A=SIMPLE\n"})
    client = start_spoken(root)
    odd = root.as_uri().replace("%20", "%20").replace("@", "%40").replace("+", "%2B") + "/x%20%281%29.env"
    client.open(odd, "A=SIMPLE\nB=SIMPLE\n")
    client.settled()
    client.sync()
    shown = {m["params"]["uri"] for m in client.seen if "publishDiagnostics" in m.get("method", "")}
    assert shown == {odd}
    client.seen.clear()
    client.close(odd)
    assert len(client.diagnostics(odd)) == 1
