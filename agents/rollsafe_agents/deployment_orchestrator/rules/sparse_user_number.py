"""A user with a large number makes the image huge.

## What it does
Reports `useradd` with a number of more than five digits and without `--no-log-init`.

## Why it matters
`useradd` writes `/var/log/lastlog` and `faillog`, in which each user has a place by number. Layers do not know sparse
files: a number of ten digits makes the image hundreds of gigabytes large, and the build fails for lack of space.

## Bad
```dockerfile title="Dockerfile"
FROM debian:12.7
RUN useradd -u 1000660000 app  # <-
USER 1000660000
```

## Good
```dockerfile title="Dockerfile"
FROM debian:12.7
RUN useradd -l -u 1000660000 app
USER 1000660000
```

## Fix
Adds `-l`.

## References
- [Docker: build best practices, USER](https://docs.docker.com/build/building/best-practices/#user)

## Equivalent rules
- `hadolint:DL3046`
"""

from collections.abc import Iterator

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.formats.shell import ShellCommand
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.dockerfiles import place_in


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.SAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for each user with a number that makes sparse files."""
    if "useradd" not in instruction.tools:
        return
    for command in instruction.commands:
        number = _large_number(command)
        if number:
            name = instruction.span_of(command.word(0))
            edit = Edit(Span.at(name.end), " -l")
            yield Finding(
                place_in(instruction, Span(name.start, instruction.span_of(command).end)),
                f"`useradd` with the number {number} writes a log file of that many entries",
                fixes=(Fix("Add `-l`", Safety.SAFE, edits=(edit,)),),
            )


def _large_number(command: ShellCommand) -> str:
    if command.name.rpartition("/")[2] != "useradd" or command.has_flag("-l", "--no-log-init"):
        return ""
    if any(text[:1] == "-" and text[1:].isalpha() and "l" in text for text in command.texts[1:]):
        return ""
    number = command.option("-u", "--uid") or ""
    return number if number.isdigit() and len(number.lstrip("0")) > 5 else ""
