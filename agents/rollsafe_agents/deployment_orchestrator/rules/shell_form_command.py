"""A container's program is started by a shell, which keeps signals from it.

## What it does
Reports `CMD` and `ENTRYPOINT` in shell form, of shipped images to everybody; `exec` in front and a `SHELL` of one's
own are intent and told to auditors only, as is a `HEALTHCHECK`. A JSON form that cannot be read, such as one in
single quotes, is reported too: the builder hands it to the shell.

## Why it matters
The shell is process 1 and gets the SIGTERM of a rollout. Most shells do not hand it on: the program works until it
is killed after the grace period, requests are cut off, and every rollout waits.

## Bad
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
COPY . /app
USER 1000
CMD node /app/server.js  # <-
```

## Good
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
COPY . /app
USER 1000
CMD ["node", "/app/server.js"]
```

## Fix
Writes the JSON form, where the command is a single one and nothing in it needs a shell. Unsafe for a `CMD` beside an
`ENTRYPOINT`, which then gets other arguments, and for that `ENTRYPOINT`.

## References
- [Dockerfile: shell and exec form](https://docs.docker.com/reference/dockerfile/#shell-and-exec-form)
- [BuildKit: JSONArgsRecommended](https://docs.docker.com/reference/build-checks/json-args-recommended/)

## Equivalent rules
- `hadolint:DL3025`
- `buildkit:JSONArgsRecommended`
"""

import re
import shlex
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.formats.dockerfile_nodes import Script
from rollsafe.formats.dockerfile_words import json_words
from rollsafe.formats.shell import read_shell
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.dockerfiles import quiet_level
from rollsafe.text.patterns import lazily

_STARTS: Final = frozenset({"CMD", "ENTRYPOINT"})
_NEEDS_SHELL: Final = lazily(r"[$`*?~<>|;&(){}!#\[\]\\]")
_BUILT_IN: Final = frozenset(
    [
        "cd",
        ".",
        "source",
        "export",
        "set",
        "eval",
        "exit",
        "ulimit",
        "umask",
        "alias",
        "trap",
        "wait",
        ":",
        "test",
    ]
)
_BROKEN_LIST: Final = lazily(r"\[.*\]\s*\Z", re.S)


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.SAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for a program that a shell starts."""
    if instruction.deed not in _STARTS and instruction.deed != "HEALTHCHECK":
        return
    script = instruction.held.script
    if script is None or not script.text.strip() or _is_windows(instruction):
        return
    if _BROKEN_LIST.match(script.text):
        yield _broken(instruction, script)
    else:
        yield _started(instruction, script)


def _started(instruction: DockerInstruction, script: Script) -> Finding:
    probes = instruction.deed == "HEALTHCHECK"
    meant = "exec " in script.text or _is_under_init(instruction)
    level = Level.AUDITOR if meant or probes or instruction.shell is not None else quiet_level(instruction)
    program = _program(script.text)
    if probes:
        message = f"the health check needs a shell to run `{program}`"
        detail = "an image without a shell is never healthy"
    else:
        message = f"`{program}` is started by a shell and does not get the signals of a rollout"
        detail = "the container works until it is killed after the grace period, and requests are cut off"
    return Finding(
        Span(script.start, script.start + len(script.text.rstrip())),
        message,
        fixes=lambda: tuple(_fixes(instruction, script)),
        level=level,
        severity=Severity.INFO if probes else None,
        detail=detail,
        equivalents=("hadolint:DL3025",) if probes or instruction.shell is not None else None,
    )


@lru_cache(maxsize=256)
def _program(text: str) -> str:
    """Return the first word of the last command, which is the program as a rule."""
    commands = read_shell(text).commands
    start = commands[-1].start if commands else 0
    words = text[start:].split(maxsplit=2)
    return words[1] if words[0] == "exec" and len(words) > 1 else words[0]


def _is_under_init(instruction: DockerInstruction) -> bool:
    """Say whether the ENTRYPOINT beside a CMD hands signals to the shell's children as well."""
    stage = instruction.stage
    entrypoint = stage.entrypoint if stage is not None and instruction.deed == "CMD" else None
    words = [word.text for word in entrypoint.exec_form or ()] if entrypoint is not None else []
    name = words[0].rpartition("/")[2] if words else ""
    return name == "dumb-init" or (name == "tini" and "-g" in words)


def _broken(instruction: DockerInstruction, script: Script) -> Finding:
    span = Span(script.start, script.start + len(script.text.rstrip()))
    fixed = instruction.file.slice(span).replace("'", '"')
    fixes = (Fix("Write it as JSON", Safety.SAFE, edits=(Edit(span, fixed),)),) if _is_list(fixed) else ()
    return Finding(
        span,
        f"the list of `{instruction.deed}` is no JSON: a shell gets it, brackets and all",
        fixes=fixes,
        severity=Severity.ERROR,
        detail="the container fails as soon as it starts, since the shell finds no program of that name",
    )


def _is_list(text: str) -> bool:
    return json_words(text, 0, 0) is not None


def _is_windows(instruction: DockerInstruction) -> bool:
    """Say whether another shell than a POSIX one reads it, whose words are split in other ways."""
    stage = instruction.stage
    image = stage.root.image if stage is not None else None
    named = image is not None and ("windows" in image.repository or "nanoserver" in image.repository)
    return named or (stage is not None and stage.dockerfile.escape == "`")


def _fixes(instruction: DockerInstruction, script: Script) -> Iterator[Fix]:
    words = _plain_words(script.text.strip())
    if not words or instruction.shell is not None:
        return
    span = Span(script.start, script.start + len(script.text.rstrip()))
    stage = instruction.stage
    # A shell that is the ENTRYPOINT takes no arguments; a list takes those of CMD.
    other = stage.entrypoint if stage is not None and instruction.deed == "CMD" else None
    if stage is not None and instruction.deed == "ENTRYPOINT":
        other = stage.last("CMD")
    beside = other is not None
    import json  # few files have something to mend

    edit = Edit(span, json.dumps(words, ensure_ascii=False))
    yield Fix("Write it as a list", Safety.UNSAFE if beside else Safety.SAFE, edits=(edit,))


def _plain_words(text: str) -> list[str]:
    """Return the words of a single command that needs nothing of a shell; empty for any other."""
    if _NEEDS_SHELL.search(text) or len(read_shell(text).commands) != 1:
        return []
    try:
        words = shlex.split(text)
    except ValueError:
        return []
    words = words[1:] if words[:1] == ["exec"] else words
    first = words[0] if words else ""
    return [] if "=" in first or first in _BUILT_IN else words
