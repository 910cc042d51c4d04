"""A line that says CREATE."""

import re
from collections.abc import Iterator

from rollsafe.artefacts.dotenv import EnvFile
from rollsafe.rules import Edit, Finding, Fix, NewFile, Safety, Severity, Span, rule


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(file: EnvFile) -> Iterator[Finding]:
    """Yield a finding whose fix creates a file and edits this one."""
    for match in re.finditer("CREATE", file.file.text):
        where = Span(*match.span())
        fix = Fix(
            "Create the file",
            Safety.UNSAFE,
            edits=(Edit(where, "CREATED"),),
            creates=(NewFile("made/new.env", "NEW=1\n"),),
        )
        yield Finding(where, "a file is missing", fixes=(fix,))
