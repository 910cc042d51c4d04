"""Alembic and Django, run without a database: what they send for a migration."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.migrations_code import Ways, plain


def sent(tool: str, files: Mapping[str, str], directory: Path) -> dict[str, Ways]:
    """Return what a tool sends for each file, given by its name: both ways."""
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    script = Path(__file__).with_name(f"tell_{tool}.py")
    done = subprocess.run(
        [sys.executable, str(script), str(directory), *files],
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return {
        name: Ways(*([one for sql in told[name][way] for one in plain(sql)] for way in ("up", "down")))
        for name in files
    }
