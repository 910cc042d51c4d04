"""A variable whose partner in `other.env` says something else."""

import re
from collections.abc import Iterator

from rollsafe.artefacts.dotenv import EnvFile
from rollsafe.rules import Edit, FileEdit, Finding, Fix, Related, Safety, Severity, Span, rule
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.SAFE)
def check(file: EnvFile, graph: Graph) -> Iterator[Finding]:
    """Yield a finding when both files have a PAIR and the values differ."""
    other = graph.first(EnvFile, "path:other.env")
    mine = re.search(r"PAIR=(\w+)", file.file.text)
    theirs = re.search(r"PAIR=(\w+)", other.file.text) if other is not None else None
    if other is file or other is None or mine is None or theirs is None or mine[1] == theirs[1]:
        return
    there = Span(*theirs.span(1))
    fix = Fix("Use one value", Safety.SAFE, (Edit(Span(*mine.span(1)), "both"),))
    both = Fix(
        "Use one value in both",
        Safety.UNSAFE,
        (Edit(Span(*mine.span(1)), "both"),),
        elsewhere=(FileEdit("other.env", Edit(there, "both")),),
    )
    yield Finding(
        Span(*mine.span(1)),
        f"`{mine[1]}` is `{theirs[1]}` in the other file",
        fixes=(fix, both),
        related=(Related(other.file, there, "the other value"),),
    )
