"""A line that says SLOW, which takes its time."""

import time
from collections.abc import Iterator

from rollsafe.artefacts.dotenv import EnvFile
from rollsafe.rules import Finding, Severity, rule


@rule(severity=Severity.WARNING, since="0.1.0")
def check(file: EnvFile) -> Iterator[Finding]:
    """Keep everybody waiting where the word stands."""
    if "SLOW" in file.file.text:
        time.sleep(0.3)
    yield from ()
