"""A session in real, headless Neovims: a finding, its explanation, its fix, a plan.

The configurations are the ones that editors/neovim/README.md tells users to write.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NoReturn

import pytest

pytestmark = pytest.mark.editor

REPOSITORY = Path(__file__).resolve().parents[2]
NEOVIM = REPOSITORY / "editors" / "neovim"
AGENT = ".claude/agents/reader.md"
MIGRATION = Path("db") / "migrations" / "0002_add_index.up.sql"

# Neovim 0.7 has no vim.lsp.start; the README names the two calls that stand for it.
START_CLIENT = """
local config = dofile("/path/to/rollsafe/editors/neovim/lsp/rollsafe.lua")
vim.api.nvim_create_autocmd("FileType", {
  pattern = config.filetypes,
  callback = function(event)
    if vim.bo[event.buf].buftype == "" then
      local root = vim.fn.fnamemodify(vim.fn.finddir(".git", ".;"), ":p:h:h")
      local client = vim.lsp.start_client(vim.tbl_extend("force", config, { root_dir = root }))
      vim.lsp.buf_attach_client(event.buf, client)
    end
  end,
})
"""

Start = Callable[[list[str], Path, dict[str, str]], AbstractContextManager[subprocess.Popen[bytes]]]


@pytest.mark.parametrize("way", ["system", "enable", "start"])
def test_finding_explanation_fix_and_plan(
    way: str,
    workspace: Path,
    server: Path,
    editor_cache: Path,
    absent: Callable[[str], NoReturn],
    running: Start,
    tmp_path: Path,
) -> None:
    write_agent(workspace)
    program = system_neovim(absent) if way == "system" else current_neovim(editor_cache, absent)
    init = configuration(way, program)
    change_image(workspace)
    seen = drive(program, init, workspace, server, running, tmp_path)

    assert "failure" not in seen, seen["failure"]
    assert (seen["notices"], seen["error"]) == ([], "")
    assert {finding["source"] for finding in seen["findings"]} == {"rollsafe"}
    rule = seen["findings"][0]["code"]
    assert rule in seen["explained"]["text"]
    assert rule in seen["explained_by_action"]["text"]
    assert "CONCURRENTLY" in seen["offered"][0]
    assert (
        (workspace / MIGRATION)
        .read_text(encoding="utf-8")
        .startswith("CREATE INDEX CONCURRENTLY idx ON orders (id);")
    )
    assert seen["plan"]["text"].startswith("# Deployment plan")
    assert seen["completed"] == ["rollback", "runbook"]
    assert re.match(r"# Rollback plan: .*\(staging\)\n", seen["rollback"]["text"])
    assert "base HEAD" in seen["rollback"]["text"]
    assert seen["reviewers"] == ["deployment-orchestrator"]
    assert "Review with deployment-orchestrator  (built-in)" in seen["agents"]["lines"]
    told = "the project is not trusted: by the editor, or by `agents.trusted` of your own settings"
    assert f"reader  ({AGENT}): {told}" in seen["agents"]["lines"]
    assert seen["agents"]["opened"].endswith(AGENT)
    assert re.fullmatch(r"rollsafe ✓ \d+ files.*", seen["status"])
    check_run(seen["run"])


def change_image(workspace: Path) -> None:
    """Deploys something that can be taken back."""
    manifest = workspace / "k8s" / "orders.yaml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(":latest", ":1.9.0"), encoding="utf-8")


def check_run(run: dict[str, Any]) -> None:
    """A plan was carried out step by step: what the buffer said after each key."""
    keys, _, title = run["started"].splitlines()[:3]
    assert keys.startswith("d done · f failed · s skip · a abort")
    assert title.startswith("# Run 1: Deployment plan")
    assert run["cursor"].startswith("## Next: 1 ")
    assert (run["actions"], run["steps"]) == (["start", "status", "skipped"], ["1"])
    assert "## Next: 2 " in run["done"]
    assert "- [!] 2 " in run["failed"]
    assert "no answer within 5 s" in run["failed"]
    assert f"```sh\n{run['copied']}\n```" in run["failed"]
    assert "**GOING BACK**" in run["aborted"]
    assert "## Next: R" in run["aborted"]
    assert re.search(r"^- \[x\] R\d+ .* · undone ", run["undone"], flags=re.MULTILINE)
    assert run["windows"] == 2
    assert run["report"]["text"].startswith("# Run 1: ")
    assert "errors rise" in run["report"]["text"]


def write_agent(workspace: Path) -> None:
    """Writes an agent of a source that the project names and that nobody has trusted."""
    (workspace / "rollsafe.toml").write_text(
        'root = true\n[agents]\nsources = ["claude"]\n', encoding="utf-8"
    )
    file = workspace / AGENT
    file.parent.mkdir(parents=True)
    file.write_text(
        "---\nname: reader\ndescription: Reads SQL migrations\n---\nYou read.\n", encoding="utf-8"
    )


def drive(
    program: Path, init: str, workspace: Path, server: Path, running: Start, tmp_path: Path
) -> dict[str, Any]:
    """Runs one session and returns what the driver wrote down."""
    (tmp_path / "init.lua").write_text(init, encoding="utf-8")
    result = tmp_path / "result.json"
    env = {
        "PATH": os.pathsep.join([str(server.parent), "/usr/bin", "/bin"]),
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "SMOKE_INIT": str(tmp_path / "init.lua"),
        "SMOKE_RESULT": str(result),
    }
    driver = Path(__file__).with_name("neovim_smoke.lua")
    command = [str(program), "--headless", "--clean", "-u", str(driver), str(workspace / MIGRATION)]
    log = tmp_path / "neovim.log"
    with running(command, log, env) as neovim:
        neovim.wait(timeout=90)
    if not result.is_file():
        pytest.fail(f"no result from Neovim:\n{log.read_text(encoding='utf-8')[-4000:]}")
    seen: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return seen


def configuration(way: str, program: Path) -> str:
    """What a user of this Neovim writes into init.lua."""
    enable, start = (snippet("vim.lsp.enable("), snippet("vim.lsp.start("))
    if way == "system" and version(program) < (0, 8):
        chosen = START_CLIENT
    else:
        chosen = enable if way == "enable" else start
    return chosen.replace("/path/to/rollsafe", str(REPOSITORY))


def snippet(call: str) -> str:
    readme = (NEOVIM / "README.md").read_text(encoding="utf-8")
    blocks: list[str] = re.findall(r"```lua\n(.*?)```", readme, flags=re.DOTALL)
    return next(block for block in blocks if call in block)


def version(program: Path) -> tuple[int, int]:
    printed = subprocess.run(
        [program, "--version"], capture_output=True, text=True, timeout=20, check=True
    ).stdout
    found = re.search(r"NVIM v(\d+)\.(\d+)", printed)
    assert found, printed
    return int(found[1]), int(found[2])


def system_neovim(absent: Callable[[str], NoReturn]) -> Path:
    if program := shutil.which("nvim"):
        return Path(program)
    absent("Neovim (apt-get install neovim)")


def current_neovim(editor_cache: Path, absent: Callable[[str], NoReturn]) -> Path:
    program = editor_cache / "neovim" / "nvim"
    if not program.is_file():
        absent("a current Neovim (run editors/neovim/install.sh)")
    return program
