"""The light bulb: what is offered, in which order, and in the form each client can apply."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.lsp.conftest import DEPLOYMENT, Start, visit, write
from tests.lsp.stdio import VSCODE, Client, Json, span

SIMPLE = span(0, 2, 0, 8)


def titles(actions: list[Json]) -> list[str]:
    return [action["title"] for action in actions]


def capable(**edit: object) -> Json:
    """Capabilities with other abilities to edit the workspace."""
    return {**VSCODE, "workspace": {**VSCODE["workspace"], "workspaceEdit": edit}}


def opened(root: Path, start: Start, capabilities: Json) -> tuple[Client, str]:
    """Start a server for a client with other capabilities."""
    client = start(root, capabilities)
    uri = client.open(root / "a.env")
    client.settled()
    return client, uri


def applied(edit: Json, root: Path) -> dict[str, str]:
    """Apply an edit to the files of a workspace (ASCII only) and return what they become."""
    steps: list[Json] = edit.get("documentChanges") or [
        {"textDocument": {"uri": changed}, "edits": edits} for changed, edits in edit["changes"].items()
    ]
    texts: dict[str, str] = {}
    for step in steps:
        uri: str = step.get("uri") or step["textDocument"]["uri"]
        name = uri.removeprefix(f"{root.as_uri()}/")
        if step.get("kind") == "create":
            assert not (root / name).exists()
            texts[name] = ""
            continue
        text = texts.get(name)
        lines = ((root / name).read_text() if text is None else text).splitlines(keepends=True)
        starts = [sum(map(len, lines[:n])) for n in range(len(lines) + 1)]
        text = "".join(lines)
        edits: list[Json] = sorted(step["edits"], key=lambda e: str(e["range"]), reverse=True)
        for one in edits:
            first, last = one["range"]["start"], one["range"]["end"]
            start = starts[int(first["line"])] + int(first["character"])
            end = starts[int(last["line"])] + int(last["character"])
            text = text[:start] + one["newText"] + text[end:]
        texts[name] = text
    return texts


def test_order(tmp_path: Path, spoken: Client) -> None:
    client, root = spoken, tmp_path
    uri = visit(client, root, {"a.env": "A=SIMPLE\nB=SIMPLE\n"}, "a.env")
    offered = client.actions(uri, span(0, 4, 0, 4))
    assert titles(offered)[:7] == [
        "Write DONE",
        "Write UNSAFE (changes behaviour)",
        "Write something (to be filled in)",
        "Apply all safe fixes in this file (2)",
        "Explain `spoken-simple`",
        "Plan this deployment",
        "Ignore `spoken-simple` with a reason…",
    ]
    assert titles(offered)[7].startswith("Ignore `spoken-simple` until 2")
    assert [action.get("isPreferred", False) for action in offered] == [True] + [False] * 7
    assert applied(offered[0]["edit"], root) == {"a.env": "A=DONE\nB=SIMPLE\n"}


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (["source.fixAll.rollsafe"], ["source.fixAll.rollsafe"]),
        (["source.fixAll"], ["source.fixAll.rollsafe"]),
        (["source"], ["source.fixAll.rollsafe"]),
        (["source.fixAll.other"], []),
        (["source.organizeImports"], []),
        (["refactor"], []),
        (["quickfix.other"], []),
        (["quickfix"], ["quickfix"]),
        ([""], ["quickfix", "source.fixAll.rollsafe"]),
    ],
)
def test_only_what_is_asked_for(tmp_path: Path, spoken: Client, only: list[str], expected: list[str]) -> None:
    client, root = spoken, tmp_path
    uri = visit(client, root, {"a.env": "A=SIMPLE\nB=SIMPLE\n"}, "a.env")
    offered = client.actions(uri, span(0, 4, 0, 4), only=only)
    assert sorted({action["kind"] for action in offered}) == expected


def test_fix_all_applies_safe_fixes_of_this_file_only(tmp_path: Path, spoken: Client) -> None:
    files = {"a.env": "A=SIMPLE\nPAIR=one\nB=SIMPLE CREATE\n", "other.env": "PAIR=two\nC=SIMPLE\n"}
    client, root = spoken, tmp_path
    uri = visit(client, root, files, "a.env")
    (action,) = client.actions(uri, span(0, 0, 0, 0), only=["source.fixAll.rollsafe"])
    assert applied(action["edit"], root) == {"a.env": "A=DONE\nPAIR=both\nB=DONE CREATE\n"}


def test_named_diagnostics_choose_the_findings(tmp_path: Path, spoken: Client) -> None:
    client, root = spoken, tmp_path
    uri = visit(client, root, {"a.env": "A=SIMPLE\nB=SIMPLE\n"}, "a.env")
    shown = client.shown(uri) or []
    everywhere = span(0, 0, 9, 0)
    for one in shown:
        first = client.actions(uri, everywhere, [one])[0]
        assert first["diagnostics"] == [one]
        bare = {key: one[key] for key in ("range", "message", "code", "source")}
        assert client.actions(uri, everywhere, [bare])[0]["diagnostics"] == [one]


def test_diagnostic_that_moved_is_still_known(tmp_path: Path, spoken: Client) -> None:
    client, root = spoken, tmp_path
    uri = visit(client, root, {"a.env": "A=SIMPLE\n"}, "a.env")
    (old,) = client.shown(uri) or []
    client.change(uri, 2, {"range": span(0, 0, 0, 0), "text": "X=1\n\n"})
    (moved,) = client.actions(uri, old["range"], [old])[0]["diagnostics"]
    assert moved["range"] == span(2, 2, 2, 8)


@pytest.mark.parametrize("keeps_data", [True, False])
def test_stale_diagnostics_get_nothing(tmp_path: Path, spoken: Client, keeps_data: bool) -> None:
    client, root = spoken, tmp_path
    uri = visit(client, root, {"a.env": "A=SIMPLE\nB=SIMPLE\n"}, "a.env")
    old = (client.shown(uri) or [])[1]
    if not keeps_data:
        old = {key: value for key, value in old.items() if key != "data"}
    client.change(uri, 2, {"range": span(1, 2, 1, 8), "text": "fine"})
    assert client.actions(uri, old["range"], [old]) == []


def test_edits_carry_the_version_they_are_for(tmp_path: Path, spoken: Client) -> None:
    client, root = spoken, tmp_path
    uri = visit(client, root, {"a.env": "PAIR=one\n", "other.env": "PAIR=two\n"}, "a.env")
    client.change(uri, 5, {"range": span(1, 0, 1, 0), "text": "#\n"})
    fix = client.actions(uri, span(0, 6, 0, 6))[1]
    assert fix["title"] == "Use one value in both (2 files, changes behaviour)"
    versions = {
        s["textDocument"]["uri"]: s["textDocument"]["version"] for s in fix["edit"]["documentChanges"]
    }
    assert versions == {uri: 5, (root / "other.env").as_uri(): None}


def test_change_of_behaviour_is_confirmed_where_that_is_possible(
    tmp_path: Path, spoken: Client, start_spoken: Start
) -> None:
    client, root = spoken, tmp_path
    uri = visit(client, root, {"a.env": "PAIR=one\n", "other.env": "PAIR=two\n"}, "a.env")
    safe, unsafe, *_ = client.actions(uri, span(0, 6, 0, 6))
    assert "changeAnnotations" not in safe["edit"]
    ((name, label),) = unsafe["edit"]["changeAnnotations"].items()
    assert label["needsConfirmation"] is True
    edits = [edit for step in unsafe["edit"]["documentChanges"] for edit in step["edits"]]
    assert [edit["annotationId"] for edit in edits] == [name, name]

    other, uri = opened(root, start_spoken, capabilities=capable(documentChanges=True))
    unsafe = other.actions(uri, span(0, 6, 0, 6))[1]
    assert "nnotation" not in json.dumps(unsafe)


def test_client_with_plain_changes_only(tmp_path: Path, start_spoken: Start) -> None:
    root = write(tmp_path / "w", {"a.env": "PAIR=one\n", "other.env": "PAIR=two\n"})
    client, uri = opened(root, start_spoken, capabilities=capable())
    both = client.actions(uri, span(0, 6, 0, 6))[1]
    assert both["edit"].keys() == {"changes"}
    assert applied(both["edit"], root) == {"a.env": "PAIR=both\n", "other.env": "PAIR=both\n"}


def test_creation_of_a_file(tmp_path: Path, spoken: Client) -> None:
    client, root = spoken, tmp_path
    uri = visit(client, root, {"a.env": "A=CREATE\n"}, "a.env")
    create = client.actions(uri, span(0, 4, 0, 4))[0]
    assert create["title"] == "Create the file (2 files, changes behaviour)"
    assert [step.get("kind", "edit") for step in create["edit"]["documentChanges"]] == [
        "create",
        "edit",
        "edit",
    ]
    assert applied(create["edit"], root) == {"made/new.env": "NEW=1\n", "a.env": "A=CREATED\n"}


def test_creation_is_not_offered_over_an_existing_file(tmp_path: Path, spoken: Client) -> None:
    client, root = spoken, tmp_path
    uri = visit(client, root, {"a.env": "A=CREATE\n", "made/new.env": "OLD=1\n"}, "a.env")
    assert titles(client.actions(uri, span(0, 4, 0, 4)))[0] == "Explain `spoken-creation`"


@pytest.mark.parametrize("presses", [True, False])
@pytest.mark.parametrize(
    "edit",
    [{}, {"documentChanges": True}, {"resourceOperations": ["create"]}],
    ids=["none", "eglot", "neovim"],
)
def test_creation_by_a_client_that_cannot(
    tmp_path: Path, start_spoken: Start, edit: Json, presses: bool
) -> None:
    root = write(tmp_path / "w", {"a.env": "A=CREATE\n"})
    client, uri = opened(root, start_spoken, capabilities=capable(**edit))
    client.answers["window/showMessageRequest"] = lambda params: params["actions"][0] if presses else None
    client.answers["workspace/applyEdit"] = lambda _: {"applied": True}

    action = client.actions(uri, span(0, 4, 0, 4))[0]
    assert "edit" not in action
    command = action["command"]
    done = client.command(command["command"], *command["arguments"])

    assert done == {"applied": presses}
    assert "made/new.env" in client.notification("window/showMessageRequest")["message"]
    made = root / "made" / "new.env"
    assert made.exists() is presses
    if presses:
        assert made.read_text() == "NEW=1\n"
        edit = client.notification("workspace/applyEdit")["edit"]
        assert applied(edit, root) == {"a.env": "A=CREATED\n"}


def test_creation_that_came_too_late(tmp_path: Path, start_spoken: Start) -> None:
    root = write(tmp_path / "w", {"a.env": "A=CREATE\n"})
    client, uri = opened(root, start_spoken, capabilities=capable())
    command = client.actions(uri, span(0, 4, 0, 4))[0]["command"]
    write(root, {"made/new.env": "MINE=1\n"})
    answer = client.request(
        "workspace/executeCommand", {"command": command["command"], "arguments": command["arguments"]}
    )
    assert "error" in answer
    assert (root / "made" / "new.env").read_text() == "MINE=1\n"


# Ignoring

IGNORED = {
    "k8s/a.yaml": (DEPLOYMENT, "rollback-disabled", "  # rollsafe: ignore[rollback-disabled] -- reason"),
    "a.env": ("X=1\nA=SIMPLE\n", "spoken-simple", "# rollsafe: ignore[spoken-simple] -- reason"),
    "win.env": ("X=1\r\nA=SIMPLE\r\n", "spoken-simple", "# rollsafe: ignore[spoken-simple] -- reason"),
    "docs/plans/0007-move-sessions.md": (
        "# Plan: move sessions to PostgreSQL\n\nStatus: accepted\n\n## Rollout\n\n"
        "1. Deploy the new session store beside the old one.\n2. Switch reads, then writes.\n\n"
        "## Risks\n\n- Sessions are lost.\n\n## Validation\n\n- Logins go on.\n",
        "plan-without-rollback",
        " <!-- rollsafe: ignore[plan-without-rollback] -- reason -->",
    ),
}


@pytest.mark.parametrize("name", IGNORED)
def test_ignore_comment_silences_the_finding(tmp_path: Path, spoken: Client, name: str) -> None:
    text, rule, line = IGNORED[name]
    client = spoken
    uri = visit(client, tmp_path, {name: text}, name)
    found = next(one for one in client.shown(uri) or [] if one["code"] == rule)
    action = next(
        a for a in client.actions(uri, found["range"], [found]) if a["title"].endswith("` with a reason…")
    )
    (step,) = action["edit"]["documentChanges"]
    (edit,) = step["edits"]
    assert edit["newText"].rstrip("\r\n") == line
    assert edit["newText"].endswith("\r\n") is ("\r\n" in text)
    client.change(uri, 2, {"range": edit["range"], "text": edit["newText"]})
    assert rule not in [one["code"] for one in client.diagnostics(uri, 2)]


def test_ignore_comment_with_an_expiry(tmp_path: Path, spoken: Client) -> None:
    client, root = spoken, tmp_path
    uri = visit(client, root, {"a.env": "A=SIMPLE\n"}, "a.env")
    action = client.actions(uri, SIMPLE)[-1]
    edit = action["edit"]["documentChanges"][0]["edits"][0]
    assert edit["newText"].startswith("# rollsafe: ignore[spoken-simple] until=2")
    client.change(uri, 2, {"range": edit["range"], "text": edit["newText"]})
    assert client.diagnostics(uri, 2) == []


def test_ignore_comment_never_goes_into_a_text(tmp_path: Path, spoken: Client) -> None:
    """The finding is inside of a script; a line above it would be part of the script."""
    workflow = """\
on: issue_comment
jobs:
  answer:
    runs-on: ubuntu-latest
    steps:
      - name: answer
        run: |
          cat <<END
          ${{ github.event.comment.body }}
          END
"""
    client, name = spoken, ".github/workflows/answer.yml"
    uri = visit(client, tmp_path, {name: workflow}, name)
    found = next(one for one in client.shown(uri) or [] if one["code"] == "script-injection")
    assert found["range"]["start"]["line"] == 8
    action = next(
        a for a in client.actions(uri, found["range"], [found]) if a["title"].endswith("` with a reason…")
    )
    edit = action["edit"]["documentChanges"][0]["edits"][0]
    assert edit["range"] == span(6, 0, 6, 0)
    assert edit["newText"] == "        # rollsafe: ignore[script-injection] -- reason\n"


def test_reason_is_a_snippet_where_that_is_possible(tmp_path: Path, start_spoken: Start) -> None:
    root = write(tmp_path / "w", {"a.env": "A=SIMPLE\n"})
    client, uri = opened(
        root, start_spoken, capabilities=capable(documentChanges=True, snippetEditSupport=True)
    )
    edit = client.actions(uri, SIMPLE)[-2]["edit"]["documentChanges"][0]["edits"][0]
    assert edit["snippet"]["value"] == "# rollsafe: ignore[spoken-simple] -- ${1:reason}\n"


def test_json_has_no_comments_to_ignore_with(tmp_path: Path, spoken: Client) -> None:
    machine = {
        "StartAt": "A",
        "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::x", "End": True}},
    }
    client = spoken
    uri = visit(client, tmp_path, {"flow.asl.json": json.dumps(machine, indent=2)}, "flow.asl.json")
    found = (client.shown(uri) or [])[0]
    offered = titles(client.actions(uri, found["range"], [found]))
    assert offered
    assert not any(title.startswith("Ignore") for title in offered)


def test_file_outside_of_any_project_has_no_plan(tmp_path: Path, spoken: Client) -> None:
    client = spoken
    uri = client.open(write(tmp_path, {"a.env": "A=SIMPLE\n"}) / "a.env")
    client.diagnostics(uri, 1)
    offered = titles(client.actions(uri, SIMPLE))
    assert offered[0] == "Write DONE"
    assert "Plan this deployment" not in offered
