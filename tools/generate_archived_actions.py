"""Write the table of repositories of actions that are archived.

    python tools/generate_archived_actions.py path/to/archived-repos.txt DATE

The first argument is the file of that name in the source of zizmor (github.com/zizmorcore/zizmor, under the
MIT licence), one repository a line; the second the day on which it was taken over.
"""

import json
import sys
from pathlib import Path

_OUT = Path(__file__).parent.parent / "server/rollsafe/artefacts/recognition/data/archived_actions.json"


def main(source: str, date: str) -> None:
    """Read the list, write the table."""
    lines = Path(source).read_text(encoding="utf-8").splitlines()
    names = sorted({line.strip().lower() for line in lines if "/" in line and not line.startswith("#")})
    about = {
        "origin": "github.com/zizmorcore/zizmor, data/archived-repos.txt",
        "licence": "MIT",
        "date": date,
    }
    text = json.dumps({"about": about, "repositories": names}, separators=(",", ":"))
    _OUT.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
