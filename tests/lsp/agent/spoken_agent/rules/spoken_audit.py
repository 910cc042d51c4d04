"""A line that says AUDIT, worth a look in an audit only."""

from collections.abc import Iterator

from rollsafe.artefacts.dotenv import EnvFile
from rollsafe.rules import Finding, Level, Severity, Span, rule


@rule(severity=Severity.INFO, since="0.1.0", level=Level.AUDITOR)
def check(file: EnvFile) -> Iterator[Finding]:
    """Yield a finding where the word stands."""
    at = file.file.text.find("AUDIT")
    if at >= 0:
        yield Finding(Span(at, at + 5), "this is `AUDIT`")
