"""The command line on a project of files."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Json = dict[str, Any]


def write(root: Path, files: Mapping[str, str], version: int) -> Path:
    """Write a project for a server of major `version`."""
    settings = f'root = true\n[migrations]\npostgres-version = "{version}"\n'
    for name, text in {"rollsafe.toml": settings, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return root


def read(root: Path) -> dict[str, str]:
    """Return the SQL files of a project, and what stands beside them for Flyway."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes().decode() for path in sorted(root.rglob("*.sql*"))
    }


def findings(root: Path, *words: str) -> list[Json]:
    """Return what `rollsafe check` finds."""
    done = _run(root, "check", "--format", "json", *words)
    assert done.returncode < 2, done.stderr
    found: list[Json] = json.loads(done.stdout)["findings"]
    return found


def fix(root: Path, *words: str) -> dict[str, str]:
    """Apply all fixes there are and return the files as they are then."""
    done = _run(root, "fix", "--unsafe-fixes", *words)
    assert done.returncode < 2, done.stderr
    return read(root)


def _run(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rollsafe", *words]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
