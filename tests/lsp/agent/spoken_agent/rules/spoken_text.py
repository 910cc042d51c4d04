"""A line that says ECHO.

The message is the text of the file: what the server believes the document to be.
"""

from collections.abc import Iterator

from rollsafe.artefacts.dotenv import EnvFile
from rollsafe.rules import Finding, Severity, Span, rule


@rule(severity=Severity.INFO, since="0.1.0")
def check(file: EnvFile) -> Iterator[Finding]:
    """Yield a finding with the file's text."""
    at = file.file.text.find("ECHO")
    if at >= 0:
        yield Finding(Span(at, at + 4), file.file.text)
