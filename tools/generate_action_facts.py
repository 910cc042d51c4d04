"""Write what is known of actions by name: advisories, and owners that GitHub has verified.

    python tools/generate_action_facts.py path/to/poutine DATE

The argument is the source of poutine (github.com/boostsecurityio/poutine, under the Apache licence, version
2.0), whose tables come from the OSV database and from GitHub's marketplace; DATE is the day of that.
"""

import json
import re
import sys
from pathlib import Path

_DATA = Path(__file__).parent.parent / "server/rollsafe/artefacts/recognition/data"
_ADVISORY = re.compile(
    r'"osv_id": "(?P<id>[^"]+)",\s*"package_name": "(?P<name>[^"]+)".*?"summary": "(?P<summary>[^"]*)"'
    r'.*?"vulnerable_version_ranges": \[(?P<ranges>[^\]]*)\]',
    re.S,
)
_OWNERS = re.compile(r"contains p if some p in \[(.*?)\]", re.S)
_TEXT = re.compile(r'"([^"]+)"')


def main(source: str, date: str) -> None:
    """Read both tables, write one."""
    rego = Path(source) / "opa/rego"
    advisories = (rego / "external/osv.rego").read_text(encoding="utf-8")
    rule = (rego / "rules/github_action_from_unverified_creator_used.rego").read_text(encoding="utf-8")
    found = [
        [match["name"].lower(), match["id"], match["summary"], _TEXT.findall(match["ranges"])]
        for match in _ADVISORY.finditer(advisories)
    ]
    owners = _OWNERS.search(rule)
    assert owners is not None
    about = {"origin": "github.com/boostsecurityio/poutine", "licence": "Apache-2.0", "date": date}
    table = {"about": about, "advisories": sorted(found), "owners": sorted(set(_TEXT.findall(owners[1])))}
    text = json.dumps(table, separators=(",", ":"), ensure_ascii=False)
    (_DATA / "action_facts.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
