"""A baseline: the findings a project has accepted, so that only others speak.

An entry is a path (relative to the directory of the baseline file) and a finding's fingerprint, which
survives lines moving. The file is JSON with one entry per line, sorted, so that it merges well.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import orjson

BASELINE_NAME: Final = "rollsafe-baseline.json"
"""The name under which a project's baseline is looked up in its root."""
_SCHEMA: Final = "rollsafe/baseline/1"


class BaselineError(Exception):
    """A baseline file that cannot be used; one line without the file's name."""


class Entry(NamedTuple):
    """One accepted finding. `rule` is there for readers of the file; it does not count for equality of two."""

    path: str
    fingerprint: str
    rule: str

    @property
    def key(self) -> tuple[str, str]:
        """What identifies the finding."""
        return (self.path, self.fingerprint)


def read_baseline(text: str) -> list[Entry]:
    """Return the entries of a baseline file.

    Raises:
        BaselineError: the text is no baseline.
    """
    try:
        data: Any = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BaselineError(f"not valid JSON: {error}") from None
    if not isinstance(data, Mapping) or data.get("schema") != _SCHEMA:
        raise BaselineError(f'not a baseline: no `"schema": "{_SCHEMA}"`')
    try:
        return [Entry(str(it["path"]), str(it["fingerprint"]), str(it["rule"])) for it in data["findings"]]
    except (KeyError, TypeError):
        raise BaselineError("not a baseline: an entry lacks path, fingerprint or rule") from None


def baseline_text(entries: Iterable[Entry]) -> str:
    """Return the text of a baseline file with these entries."""
    ordered = sorted(set(entries), key=lambda it: (it.path, it.rule, it.fingerprint))
    rows = ",\n".join(f"  {orjson.dumps(entry._asdict()).decode()}" for entry in ordered)
    inside = f"\n{rows}\n " if rows else ""
    return f'{{\n "schema": "{_SCHEMA}",\n "findings": [{inside}]\n}}\n'
