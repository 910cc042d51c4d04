"""What tests of `check --ai` share: a plan with a fault only reading shows, and what a model says of it."""

import os
from pathlib import Path

import pytest

from tests.review.double import item

KEY = "test-key-93f1c2d7"
SCRIPT = """\
#!/bin/sh
set -e
pg_dump staging > /tmp/backup.sql
kubectl set image deployment/web web=registry.example/web:2
"""
PLAN = """\
# Plan: give orders a database of its own

Status: accepted

## Rollout

1. Deploy `orders` 2.0 beside the old one.
2. Run the script.
3. Switch traffic.

## Risks

- Writes are slower for an hour; we watch the queue.

## Validation

- The error rate stays below 0.1 % for an hour.
"""
FILE = "docs/plans/0001-orders.md"
REMARK = item(
    file=FILE, line=8, node_id="", quote="2. Run the script.", key="step-nobody-can-do",
    message="`the script` is never named", why="Whoever carries this out at night has nothing to run.",
)  # fmt: skip
NAME = "ai/step-nobody-can-do"
AGENT = "implementation-orchestrator"
QUIET = ("check", "--quiet", "--select=plan-without-rollback", "--fail-on=warning")


def orders(text: str, monkeypatch: pytest.MonkeyPatch, directory: Path) -> Path:
    """Write the user's settings; return their file."""
    file = directory / "rollsafe" / "settings.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(directory))
    monkeypatch.setenv("APPDATA", str(directory))
    return file


def kept_answers() -> list[Path]:
    return sorted(Path(os.environ["ROLLSAFE_CACHE_DIR"]).rglob("*.*"))
