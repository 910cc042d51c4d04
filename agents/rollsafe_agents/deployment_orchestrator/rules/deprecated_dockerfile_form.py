r"""An instruction is written in a form that builders are about to drop.

## What it does
Reports `MAINTAINER`, `ENV` and `LABEL` without `=`, and blank lines inside of a continued instruction.

## Why it matters
BuildKit warns of each of them. A blank line that is refused one day ends the instruction in its middle; `ENV A B=c` sets
one variable to `B=c` and not two.

## Bad
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
ENV NODE_ENV production  # <-
USER 1000
```

## Good
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
ENV NODE_ENV=production
USER 1000
```

## Fix
Writes it in the form of today, which means the same.

## References
- [BuildKit: MaintainerDeprecated](https://docs.docker.com/reference/build-checks/maintainer-deprecated/)
- [BuildKit: LegacyKeyValueFormat](https://docs.docker.com/reference/build-checks/legacy-key-value-format/)
- [BuildKit: NoEmptyContinuation](https://docs.docker.com/reference/build-checks/no-empty-continuation/)

## Equivalent rules
- `hadolint:DL4000`
- `checkov:CKV_DOCKER_6`
- `trivy:DS-0022`
- `buildkit:MaintainerDeprecated`
- `buildkit:LegacyKeyValueFormat`
- `buildkit:NoEmptyContinuation`
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.formats.dockerfile_words import Word
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.dockerfiles import place_in

_MAINTAINER: Final = (
    "hadolint:DL4000",
    "checkov:CKV_DOCKER_6",
    "trivy:DS-0022",
    "buildkit:MaintainerDeprecated",
)
_EMPTY: Final = re.compile(r"[\\`][ \t]*\r?\n(?P<blank>(?:[ \t]*\r?\n)+)")
_WITH_EQUALS: Final = re.compile(r"[A-Za-z]+[ \t]+[\w.-]+=")
_LABEL: Final = "org.opencontainers.image.authors"


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.SAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for each form of yesterday."""
    if instruction.deed == "MAINTAINER" and instruction.keyword == "MAINTAINER":
        yield from _maintainer(instruction)
    elif instruction.deed in ("ENV", "LABEL"):
        yield from _old_pair(instruction)
    if not instruction.is_continued:
        return
    body_end = instruction.start + len(instruction.node.body)
    for match in _EMPTY.finditer(instruction.file.text_for(instruction), instruction.start, body_end):
        blank = Span(match.start("blank"), match.end("blank"))
        yield Finding(
            place_in(instruction, Span(match.start(), match.start() + 1)),
            f"`{instruction.keyword}` goes on behind a blank line",
            fixes=(Fix("Remove the blank line", Safety.SAFE, edits=(Edit(blank, ""),)),),
            equivalents=("buildkit:NoEmptyContinuation",),
        )


def _maintainer(instruction: DockerInstruction) -> Iterator[Finding]:
    node = instruction.held
    word = node.argument
    if word is None:
        return
    value = _quoted(instruction, word)
    edit = Edit(Span(node.start, word.end), f"LABEL {_LABEL}={value}")
    yield Finding(
        node.keyword_span,
        "`MAINTAINER` is a label with an instruction of its own, which builders are about to drop",
        fixes=(Fix("Write it as a label", Safety.SAFE, edits=(edit,)),) if value else (),
        equivalents=_MAINTAINER,
    )


def _old_pair(instruction: DockerInstruction) -> Iterator[Finding]:
    node = instruction.held
    if _WITH_EQUALS.match(node.body):
        return
    pair = node.pairs[0] if len(node.pairs) == 1 else None
    if (
        pair is None
        or pair.value is None
        or instruction.file.slice(Span(pair.name.end, pair.name.end + 1)) == "="
    ):
        return
    value = _quoted(instruction, pair.value)
    edit = Edit(Span(pair.name.end, pair.value.end), f"={value}")
    yield Finding(
        Span(pair.name.start, pair.value.end),
        f"`{node.keyword} {pair.name.text}` without `=` is a form that builders are about to drop",
        fixes=(Fix("Write `=`", Safety.SAFE, edits=(edit,)),) if value else (),
        equivalents=("buildkit:LegacyKeyValueFormat",),
        sensitive=True,
    )


def _quoted(instruction: DockerInstruction, word: Word) -> str:
    """Return a value as it is written behind `=`; empty where the old form reads quotes in another way."""
    written = instruction.file.slice(Span.of(word))
    if re.fullmatch(r"[\w./:$@%+,~{}-]+", written):
        return written
    if re.fullmatch(r'"[^"\\\n]*"', written):
        return written
    return f'"{written}"' if re.fullmatch(r"[^\"'\\\n`]*", written) else ""
