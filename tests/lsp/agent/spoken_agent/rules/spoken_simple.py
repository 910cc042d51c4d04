"""A line that says SIMPLE.

## Why it matters
The first sentence says why. The second one says it again. The third is too much.
"""

import re
from collections.abc import Iterator

from rollsafe.artefacts.dotenv import EnvFile
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.SAFE)
def check(file: EnvFile) -> Iterator[Finding]:
    """Yield a finding per word, with a safe fix, an unsafe one and one to fill in."""
    for match in re.finditer("SIMPLE", file.file.text):
        where = Span(*match.span())
        yield Finding(
            where,
            "this is `SIMPLE`",
            fixes=(
                Fix("Write UNSAFE", Safety.UNSAFE, (Edit(where, "UNSAFE"),)),
                Fix("Write DONE", Safety.SAFE, (Edit(where, "DONE"),)),
                Fix("Write something", Safety.MANUAL, (Edit(where, "…"),)),
            ),
            detail="`SIMPLE` happens here",
        )
