"""Write the table of what popular actions take and hand on.

    python tools/generate_known_actions.py path/to/actionlint 1.7.12 2026-03-30

The first argument is the unpacked source of actionlint (github.com/rhysd/actionlint, under the MIT licence),
whose `popular_actions.go` is made from the actions' own metadata; then its version and date. What comes out
holds names of inputs and outputs, what is required and what is said of deprecated ones. Versions of which the
same is true share it.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

_TABLE = Path(__file__).parent.parent / "server/rollsafe/artefacts/github_workflow/data/actions.json"
_SCRIPTED = frozenset({"actions/github-script"})
"""Actions whose outputs are those that the script they are given sets."""
_FREE = frozenset({"octokit/graphql-action", "octokit/request-action"})
"""Actions that take any input: each is a variable of the query they are given."""
_SPEC = re.compile(r'^\t"([^"]+)@([^"@]+)": \{(\},)?')
_INPUT = re.compile(
    r'^\t\t\t"(?:[^"\\]|\\.)+":\s+\{("(?:[^"\\]|\\.)+"), (true|false), (true|false), ("(?:[^"\\]|\\.)*")\}'
)
_OUTPUT = re.compile(r'^\t\t\t"(?:[^"\\]|\\.)+":\s+\{("(?:[^"\\]|\\.)+")\}')
_OLD = re.compile(r'^\t"([^"]+)@([^"@]+)":\s+\{\},')


def read(source: str) -> tuple[dict[str, dict[str, Any]], dict[str, list[str]]]:
    """Return the actions by name and version, and the versions of others that run on what is gone."""
    actions: dict[str, dict[str, Any]] = {}
    old: dict[str, list[str]] = {}
    known, _, outdated = source.partition("var OutdatedPopularActionSpecs")
    current: dict[str, Any] = {}
    for line in known.splitlines():
        spec, given, handed = _SPEC.match(line), _INPUT.match(line), _OUTPUT.match(line)
        if spec is not None:
            current = actions.setdefault(spec[1].lower(), {}).setdefault(spec[2], {"i": {}, "o": []})
        elif given is not None:
            required, deprecated = given[2] == "true", given[3] == "true"
            told = json.loads(given[4]) if deprecated else None
            current["i"][json.loads(given[1])] = [required, told] if deprecated else required
        elif handed is not None:
            current["o"].append(json.loads(handed[1]))
        elif "SkipInputs" in line:
            current["i"] = None
        elif "SkipOutputs" in line:
            current["o"] = None
    for line in outdated.splitlines():
        spec = _OLD.match(line)
        if spec is not None:
            old.setdefault(spec[1].lower(), []).append(spec[2])
    return actions, old


def packed(inputs: dict[str, Any] | None) -> Any:
    """Return inputs as a list: a name, with `!` before it if required, or name and what is said of it."""
    if inputs is None:
        return None
    found: list[Any] = []
    for name, told in inputs.items():
        if isinstance(told, list):
            found.append([f"{'!' if told[0] else ''}{name}", told[1]])
        else:
            found.append(f"!{name}" if told else name)
    return found


def main() -> None:
    """Write the table."""
    folder, version, date = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    actions, old = read((folder / "popular_actions.go").read_text(encoding="utf-8"))
    answers: list[Any] = []
    table: dict[str, dict[str, int]] = {}
    for name, versions in actions.items():
        for ref, told in versions.items():
            inputs = None if name in _FREE else packed(told["i"])
            answer = [inputs, None if name in _SCRIPTED else told["o"]]
            if answer not in answers:
                answers.append(answer)
            table.setdefault(name, {})[ref] = answers.index(answer)
    about = {"origin": f"actionlint {version}, popular_actions.go", "licence": "MIT", "date": date}
    data = {"about": about, "actions": table, "answers": answers, "old": old}
    _TABLE.write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
