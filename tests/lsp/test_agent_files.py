"""Agent files in the editor: judged where tools look for them, and mended with one press."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.lsp.conftest import Enter, write
from tests.lsp.stdio import span
from tests.lsp.test_actions import applied

EDITORS = Path(__file__).resolve().parents[2] / "editors"
BROKEN = "---\nname: reviewer\ndescription: Use when: a change is big\n---\n\nYou read it.\n"
MENDED = "---\nname: reviewer\ndescription: |-\n  Use when: a change is big\n---\n\nYou read it.\n"
PLACES = (
    ".claude/agents/reviewer.md",
    ".github/agents/reviewer.agent.md",
    ".rollsafe/agents/reviewer.md",
)


@pytest.mark.parametrize("path", PLACES)
def test_a_broken_file_is_found_while_typed_and_mended(path: str, tmp_path: Path, enter: Enter) -> None:
    write(tmp_path, {path: MENDED, "README.md": BROKEN})
    client = enter(tmp_path)
    uri = client.open(tmp_path / path, version=1)
    client.sync()
    assert client.shown(uri) in (None, [])
    client.change(uri, 2, {"text": BROKEN})
    (finding,) = client.diagnostics(uri, 2)
    assert finding["code"] == "unreadable-agent-front-matter"
    (fix,) = [one for one in client.actions(uri, span(2, 0, 2, 3)) if "block scalar" in one["title"]]
    assert fix["isPreferred"]
    (tmp_path / path).write_text(BROKEN, encoding="utf-8")
    assert applied(fix["edit"], tmp_path) == {path: MENDED}


def test_ordinary_markdown_is_left_alone(tmp_path: Path, enter: Enter) -> None:
    write(tmp_path, {"docs/reviewer.md": BROKEN, ".claude/agents/README.md": BROKEN})
    client = enter(tmp_path)
    for path in ("docs/reviewer.md", ".claude/agents/README.md"):
        uri = client.open(tmp_path / path, version=1)
        client.sync()
        assert client.shown(uri) in (None, [])


def test_editors_send_markdown_whatever_they_call_it() -> None:
    """VS Code has a language of its own for some agent files, so they are sent by pattern as well."""
    selector = (EDITORS / "vscode/src/selector.ts").read_text(encoding="utf-8")
    patterns = re.findall(r'"([^"\n]*)"', selector.partition("PATTERNS = ")[2])
    assert any(re.search(r"\*\*/\*\.\{[^}]*\bmd\b", pattern) for pattern in patterns)
    assert '"markdown"' in selector
    assert '"markdown"' in (EDITORS / "neovim/lsp/rollsafe.lua").read_text(encoding="utf-8")
