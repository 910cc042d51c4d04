"""An `ENV` uses a variable that the same `ENV` sets.

## What it does
Reports a value that names a variable of the same instruction, which nothing above sets.

## Why it matters
All values of an instruction are worked out before any is set: the variable is still empty, so the program starts with
`/bin` instead of `/opt/shop/bin`. The build does not fail.

## Bad
```dockerfile title="Dockerfile"
FROM debian:12.7
ENV HOME_OF_SHOP=/opt/shop LOG_DIR=$HOME_OF_SHOP/log  # <-
USER 10001
```

## Good
```dockerfile title="Dockerfile"
FROM debian:12.7
ENV HOME_OF_SHOP=/opt/shop
ENV LOG_DIR=$HOME_OF_SHOP/log
USER 10001
```

## Fix
Makes a second `ENV` of what comes after. Unsafe: the program gets another value than before.

## References
- [Dockerfile: environment replacement](https://docs.docker.com/reference/dockerfile/#environment-replacement)

## Equivalent rules
- `hadolint:DL3044`
"""

import re
from collections.abc import Iterator

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.formats.dockerfile_nodes import Pair
from rollsafe.formats.dockerfile_words import Word
from rollsafe.formats.interpolation import DollarEscape, read_references
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.dockerfiles import line_end


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for each value that needs another of the same instruction."""
    if instruction.deed != "ENV" or len(instruction.held.pairs) < 2 or "$" not in instruction.held.body:
        return
    pairs = instruction.held.pairs
    set_here = {pair.name.text for pair in pairs}
    known = _set_before(instruction)
    for at, pair in enumerate(pairs):
        names = _used(instruction, pair) & set_here - known - {pair.name.text}
        if names and pair.value is not None:
            name = min(names)
            yield Finding(
                Span(pair.name.start, pair.value.end),
                f"`{name}` is still unset where `{pair.name.text}` uses it",
                fixes=tuple(_fixes(instruction, at, names)),
            )


def _used(instruction: DockerInstruction, pair: Pair) -> frozenset[str]:
    if pair.value is None or "$" not in pair.value.text or _is_single_quoted(instruction, pair.value):
        return frozenset()
    found = read_references(pair.value.text, DollarEscape.BACKSLASH).found
    return frozenset(reference.name for reference in found if not reference.operator)


def _is_single_quoted(instruction: DockerInstruction, value: Word) -> bool:
    return instruction.file.slice(Span(value.start, value.start + 1)) == "'"


def _set_before(instruction: DockerInstruction) -> set[str]:
    stages = instruction.stage.lineage[1:] if instruction.stage is not None else ()
    above = [*instruction.before, *(one for stage in stages for one in stage.instructions)]
    return {pair.name.text for one in above if one.keyword in ("ENV", "ARG") for pair in one.pairs}


def _fixes(instruction: DockerInstruction, at: int, names: frozenset[str]) -> Iterator[Fix]:
    pairs = instruction.held.pairs
    before = pairs[at - 1].value if at else None
    earlier = {pair.name.text for pair in pairs[:at]}
    if before is None or not names <= earlier or instruction.node.trigger is not None:
        return
    keyword = instruction.file.slice(instruction.keyword_span)
    gap = Span(before.end, pairs[at].name.start)
    if re.fullmatch(r"[ \t\\\r\n]+", instruction.file.slice(gap)):
        edit = Edit(gap, f"{line_end(instruction)}{keyword} ")
        yield Fix("Set it by an `ENV` of its own", Safety.UNSAFE, edits=(edit,))
