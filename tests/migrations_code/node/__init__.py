"""The migration tools of JavaScript, run without a database.

`install.sh` installs them; without them a test that asks for them is skipped, in CI it fails.
"""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.installed import cache, missing
from tests.migrations_code import Ways, plain

_TELL = Path(__file__).with_name("tell.cjs")


def sent(tool: str, files: Mapping[str, str], directory: Path) -> dict[str, Ways]:
    """Return what a tool sends for each file, given by its name: both ways, without what only reads."""
    installed, node = cache() / "node-migrations", shutil.which("node")
    if not (installed / ".installed").is_file() or node is None:
        missing("the migration tools of JavaScript (run tests/migrations_code/node/install.sh)")
    for name, text in files.items():
        (directory / name).write_text(text, encoding="utf-8")
    wanted = [{"tool": tool, "file": str(directory / name)} for name in files]
    done = subprocess.run(
        [node, str(_TELL), str(installed)],
        input=json.dumps(wanted), capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return {
        name: Ways(*([one for sql in way for one in plain(sql)] for way in (ways["up"], ways["down"])))
        for name, ways in zip(files, told, strict=True)
    }
