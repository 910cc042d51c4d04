"""A step that runs for strangers lets a text decide about the environment of later steps.

## What it does
Reports scripts that write something else than fixed text to `$GITHUB_ENV` or `$GITHUB_PATH`: in workflows that
`pull_request_target` or `workflow_run` starts, and in actions, which such workflows may use.

## Why it matters
A text with a line break adds further variables. With `LD_PRELOAD`, `NODE_OPTIONS` or another `PATH` the next step runs
whatever the text names.

## Bad
```yaml title=".github/workflows/test.yml"
name: test
on:
  workflow_run:
    workflows: [build]
    types: [completed]
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: echo "LABEL=$(cat label.txt)" >> "$GITHUB_ENV"  # <-
      - run: ./tools/label
```

## Good
```yaml title=".github/workflows/test.yml"
name: test
on:
  workflow_run:
    workflows: [build]
    types: [completed]
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - id: label
        run: echo "label=$(head -n 1 label.txt)" >> "$GITHUB_OUTPUT"
      - run: ./tools/label
        env:
          LABEL: ${{ steps.label.outputs.label }}
```

## Fix
No automatic fix: pass the text on as an output of the step.

## References
- [zizmor: github-env](https://docs.zizmor.sh/audits/#github-env)

## Equivalent rules
- `zizmor:github-env`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.shell import ShellCommand, ShellWord
from rollsafe.rules import Confidence, Finding, Level, Related, Severity, Span, rule
from rollsafe.rules.script_variables import shell_of
from rollsafe.text.patterns import lazily

_FILES: Final = frozenset({"GITHUB_ENV", "GITHUB_PATH"})
_LONGEST: Final = 60
_PRINTING: Final = frozenset({"echo", "printf"})
_POSIX: Final = frozenset({"bash", "sh", "zsh"})
_OTHER = {
    "cmd": lazily(r"(?mi)^.+?>>?\s*\"?%(GITHUB_ENV|GITHUB_PATH)%"),
    "pwsh": lazily(
        r"(?i)(?:>>?\s*|\b(?:out-file|add-content|set-content|tee-object)\b[^\n|;]*?)"
        r"\"?\$\{?env:(GITHUB_ENV|GITHUB_PATH)\b"
    ),
}


@rule(severity=Severity.WARNING, level=Level.PEDANTIC, since="0.1.0")
def check(step: Step) -> Iterator[Finding]:
    """Yield a finding for each write of an open text to a file of the environment."""
    if (
        step.run is None
        or step.is_skipped
        or not any(name in step.run.text for name in _FILES)
        or not _is_exposed(step)
    ):
        return
    shell = shell_of(step)
    key = step.node.key_at("run") or step.run
    if shell in _POSIX:
        for command in step.commands:
            for name in _written(command, step):
                yield _finding(step, key, name, Span(command.start, command.end))
        return
    pattern = _OTHER.get("pwsh" if shell == "powershell" else shell)
    for found in pattern.finditer(step.run.text) if pattern is not None else ():
        yield _finding(
            step, key, found[1].upper(), Span(step.offsets(found.start()), step.offsets(found.end()))
        )


def _finding(step: Step, key: Scalar, name: str, write: Span) -> Finding:
    line = " ".join(step.file.slice(write).split()).replace("`", "'")
    short = line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."
    return Finding(
        key,
        f"`{short}` lets a text that is not fixed decide about `${name}`, which later steps obey",
        related=(Related(step.file, write, "writes it"),),
        confidence=Confidence.LOW,
    )


def _is_exposed(step: Step) -> bool:
    owner = step.owner
    if isinstance(owner, Job):
        return owner.workflow.has_event("pull_request_target", "workflow_run")
    return isinstance(owner, CompositeAction)


def _written(command: ShellCommand, step: Step) -> Iterator[str]:
    """Yield the files of the environment that a command writes open text to."""
    if command.name == "tee":
        yield from (name for word in command.args if (name := _named(word.text)) is not None)
        return
    for redirect in command.redirects:
        name = _named(redirect.target.text) if redirect.operator in (">", ">>") else None
        if name is None or not command.name:
            continue
        if command.name not in _PRINTING or not all(_is_fixed(word, step) for word in command.args):
            yield name


def _named(text: str) -> str | None:
    name = text.strip('"${}')
    return name if name in _FILES and "$" in text else None


def _is_fixed(word: ShellWord, step: Step) -> bool:
    """Say whether the shell takes a word as it is written; what GitHub pastes in is told by another rule."""
    source = step.file.text[word.start : word.end]
    if source.startswith("'") and source.endswith("'"):
        return True
    return "$" not in source and "`" not in source
