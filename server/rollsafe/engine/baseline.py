"""A baseline: the findings a project has accepted, so that only others speak.

An entry is a path (relative to the directory of the baseline file) and a finding's fingerprint, which
survives lines moving. The file is JSON with one entry per line, sorted, so that it merges well.
"""

from collections.abc import Iterable
from typing import Final, TypedDict

from rollsafe.text.tuples import NamedTuple

BASELINE_NAME: Final = "rollsafe-baseline.json"
"""The name under which a project's baseline is looked up in its root."""
_SCHEMA: Final = "rollsafe/baseline/1"


class BaselineError(Exception):
    """A baseline file that cannot be used; one line without the file's name."""


class Entry(NamedTuple):
    """One accepted finding. `rule` is there for readers of the file; it identifies nothing."""

    path: str
    rule: str
    fingerprint: str

    @property
    def key(self) -> tuple[str, str]:
        """What identifies the finding."""
        return (self.path, self.fingerprint)


class _Row(TypedDict):
    path: str
    rule: str
    fingerprint: str


class _Document(TypedDict):
    schema: str
    findings: list[_Row]


def read_baseline(text: str) -> list[Entry]:
    """Return the entries of a baseline file.

    Raises:
        BaselineError: the text is no baseline.
    """
    import msgspec

    try:
        document = msgspec.json.decode(text, type=_Document)
    except msgspec.MsgspecError as error:
        raise BaselineError(f"no baseline: {error}") from None
    if document["schema"] != _SCHEMA:
        raise BaselineError(f"no baseline: its schema is `{document['schema']}`, not `{_SCHEMA}`")
    return [Entry(**row) for row in document["findings"]]


def baseline_text(entries: Iterable[Entry]) -> str:
    """Return the text of a baseline file with these entries."""
    import msgspec

    rows = ",\n".join(f"  {msgspec.json.encode(entry._asdict()).decode()}" for entry in sorted(set(entries)))
    inside = f"\n{rows}\n " if rows else ""
    return f'{{\n "schema": "{_SCHEMA}",\n "findings": [{inside}]\n}}\n'
