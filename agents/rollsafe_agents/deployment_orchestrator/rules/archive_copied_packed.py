"""An archive is copied into a layer, and unpacked into the next one.

## What it does
Reports `COPY` of a tar archive that a later `RUN` of the stage unpacks.

## Why it matters
The archive stays in its layer: the image carries everything twice, and every node pulls it at every release. `ADD`
unpacks it while it copies.

## Bad
```dockerfile title="Dockerfile"
FROM debian:12.7
COPY app.tar.gz /tmp/  # <-
RUN tar -xzf /tmp/app.tar.gz -C /opt
USER 10001
```

## Good
```dockerfile title="Dockerfile"
FROM debian:12.7
ADD app.tar.gz /opt/
USER 10001
```

## Fix
Adds it where it is unpacked to, if the `RUN` does nothing else. Unsafe: owners and the archive itself may be missed.

## References
- [Docker: build best practices, ADD or COPY](https://docs.docker.com/build/building/best-practices/#add-or-copy)

## Equivalent rules
- `hadolint:DL3010`
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.formats.shell import ShellCommand
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.dockerfiles import cased, without_instruction

_MOST: Final = 100
_ARCHIVE: Final = re.compile(r"\.(?:tar(?:\.(?:gz|bz2|xz|zst|lzma|Z))?|tgz|tbz2?|txz|tzst)\Z", re.I)
_ENDING: Final = re.compile(r"\.t(?:ar|gz|b|xz|zst)", re.I)
"""What an instruction with an archive holds: most hold none."""
_PLAIN_OPTIONS: Final = re.compile(r"-?[xzjJvf]+\Z")


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for a COPY of an archive that is unpacked below."""
    if (
        instruction.deed != "COPY"
        or instruction.keyword != "COPY"
        or not _ENDING.search(instruction.node.body)
    ):
        return
    words = instruction.words
    if len(words) < 2 or instruction.flag("from") is not None or instruction.heredocs:
        return
    written = [instruction.file.slice(Span.of(word)).strip("\"'") for word in words]
    sources = [_last_part(one) for one in written[:-1] if _ARCHIVE.search(one)]
    if not sources:
        return
    target = _last_part(written[-1])
    names = {target} if _ARCHIVE.search(target) else set(sources)
    for other in instruction.after[:_MOST]:
        command = next((one for one in other.commands if _unpacks(one, names)), None)
        if command is not None:
            yield Finding(
                Span(words[0].start, words[-1].end),
                f"`{sources[0]}` stays in the image, packed and unpacked",
                fixes=_fixes(instruction, other, command) if len(words) == 2 else (),
            )
            return


def _last_part(path: str) -> str:
    return re.split(r"[/\\]", path)[-1]


def _unpacks(command: ShellCommand, names: set[str]) -> bool:
    if command.name.rpartition("/")[2] != "tar":
        return False
    first = command.texts[1] if len(command.texts) > 1 else ""
    extracts = (
        command.has_flag("--extract", "--get") or command.has_letter("x") or re.match(r"[a-zA-Z]*x", first)
    )
    return bool(extracts) and any(_last_part(text) in names for text in command.texts[1:])


def _fixes(
    copy: DockerInstruction, run: DockerInstruction, command: ShellCommand
) -> Callable[[], tuple[Fix, ...]] | tuple[()]:
    texts = command.texts[1:]
    plain = len(texts) == 4 and texts[2] == "-C" and _PLAIN_OPTIONS.match(texts[0])
    if not plain or len(run.commands) != 1 or run.keyword != "RUN" or copy.flags:
        return ()
    folder = texts[3].rstrip("/") + "/"
    if not folder.startswith("/") or "$" in folder or copy.exec_form is not None:
        return ()
    return partial(_adding, copy, run, folder)


def _adding(copy: DockerInstruction, run: DockerInstruction, folder: str) -> tuple[Fix, ...]:
    edits = (
        Edit(copy.keyword_span, cased(copy, "ADD")),
        Edit(Span.of(copy.words[-1]), folder),
        without_instruction(run),
    )
    return (Fix(f"Add it to `{folder}`, which unpacks it", Safety.UNSAFE, edits=edits),)
