"""A line that says CRASH."""

from collections.abc import Iterator

from rollsafe.artefacts.dotenv import EnvFile
from rollsafe.rules import Finding, Severity, rule


@rule(severity=Severity.WARNING, since="0.1.0")
def check(file: EnvFile) -> Iterator[Finding]:
    """Fail where the word stands."""
    if "CRASH" in file.file.text:
        raise RuntimeError("a secret place: /home/somebody")
    yield from ()
