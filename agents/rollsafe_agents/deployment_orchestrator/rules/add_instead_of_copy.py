"""`ADD` does more than the file needs.

## What it does
Reports `ADD` of files and directories of the build context, which `COPY` does too. An `ADD` of an archive, an address
or a Git repository is reported at level `auditor` unless a checksum holds it.

## Why it matters
`ADD` unpacks archives and follows addresses. A file that becomes an archive, or a name that becomes an address, changes
what the image holds without a word.

## Bad
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
ADD package.json /app/  # <-
USER 1000
```

## Good
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
COPY package.json /app/
USER 1000
```

## Fix
Writes `COPY`, which does the same with such files. Unsafe where a name does not tell what is in the file: `ADD` unpacks
whatever is an archive.

## References
- [Docker: build best practices, ADD or COPY](https://docs.docker.com/build/building/best-practices/#add-or-copy)

## Equivalent rules
- `hadolint:DL3020`
- `checkov:CKV_DOCKER_4`
- `trivy:DS-0005`
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule

_ARCHIVE: Final = re.compile(r"\.(?:tar|gz|bz2|xz|zst|tgz|tbz2?|txz|tzst|lzma|Z)(?:\.\w+)?\Z", re.I)
_REMOTE: Final = re.compile(r"[a-z]+://|git@|.*\.git(?:#|\Z)", re.I)


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.SAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for an ADD that copies, or that takes something unchecked."""
    if instruction.deed != "ADD":
        return
    node = instruction.held
    sources = [word.text for word in node.words[:-1]]
    if not sources:
        return
    unpacked = [one for one in sources if _ARCHIVE.search(one) or _REMOTE.match(one)]
    if not unpacked:
        unknown = any("$" in one or not _is_told(one) for one in sources)
        safety = Safety.UNSAFE if unknown else Safety.SAFE
        edit = Edit(
            node.keyword_span, "COPY" if instruction.file.slice(node.keyword_span).isupper() else "copy"
        )
        fixes = (Fix("Write `COPY`", safety, edits=(edit,)),) if not node.flag("checksum") else ()
        message = f"`ADD` of `{sources[0]}` does what `COPY` does, and more as soon as that is an archive"
        yield Finding(_place(instruction), message, fixes=fixes)
    elif node.flag("checksum") is None and (fetched := [one for one in unpacked if _REMOTE.match(one)]):
        message = f"`ADD` takes `{fetched[0]}` without a checksum"
        yield Finding(
            _place(instruction), message, level=Level.AUDITOR, equivalents=("checkov:CKV_DOCKER_4",)
        )


def _is_told(source: str) -> bool:
    """Say whether the name of a source tells that it is no archive, which `ADD` knows by its content."""
    name = source.rpartition("/")[2]
    return name in ("", ".", "..") or ("." in name.lstrip(".") and "*" not in name.rpartition(".")[2])


def _place(instruction: DockerInstruction) -> Span:
    return instruction.held.keyword_span
