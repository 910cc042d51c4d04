"""Write the names of time zones that a schedule may name.

    python tools/list_time_zones.py 2025b

The argument is the release of the IANA time zone database (in the public domain) that this machine has.
"""

import sys
from pathlib import Path
from zoneinfo import available_timezones

_TABLE = Path(__file__).parent.parent / "server/rollsafe/artefacts/github_workflow/data/time_zones.txt"
_NO_PLACES = frozenset({"localtime", "Factory", "posixrules"})


def main() -> None:
    """Write the list."""
    names = sorted(available_timezones() - _NO_PLACES)
    head = (
        f"# Names of the IANA time zone database, release {sys.argv[1]}, in the public domain; "
        "`tools/list_time_zones.py` writes them.\n"
    )
    _TABLE.write_text(head + "\n".join(names) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
