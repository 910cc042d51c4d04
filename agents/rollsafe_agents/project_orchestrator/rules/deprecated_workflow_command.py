"""A step uses a command that GitHub took away or is about to.

## What it does
Reports `::set-env` and `::add-path`, which no longer work, and `::set-output` and `::save-state`, which are deprecated, in the
scripts of steps.

## Why it matters
The step fails, or the output is empty one day: what follows deploys an empty version or tag.

## Bad
```yaml title=".github/workflows/check.yml"
name: check
on:
  pull_request:
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - id: version
        run: echo "::set-output name=tag::$(cat VERSION)"  # <-
```

## Good
```yaml title=".github/workflows/check.yml"
name: check
on:
  pull_request:
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - id: version
        run: echo "tag=$(cat VERSION)" >> "$GITHUB_OUTPUT"
```

## Fix
Writes to the file that took the command's place, where an `echo` in a POSIX shell is all there is. Unsafe: a value with
several lines has to be written another way.

## References
- [GitHub: set-output and save-state](https://github.blog/changelog/2022-10-11-github-actions-deprecating-save-state-and-set-output-commands/)
- [GitHub: set-env and add-path](https://github.blog/changelog/2020-10-01-github-actions-deprecating-set-env-and-add-path-commands/)

## Equivalent rules
- `actionlint:deprecated-commands`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Step
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.text.patterns import lazily

_FILES: Final = {
    "set-output": "GITHUB_OUTPUT", "save-state": "GITHUB_STATE", "set-env": "GITHUB_ENV", "add-path": "GITHUB_PATH",
}  # fmt: skip
_GONE: Final = frozenset({"set-env", "add-path"})
_COMMAND = lazily(
    r"::(?:(?P<named>save-state|set-output|set-env)\s+name=(?P<name>[A-Za-z][\w-]*)|(?P<path>add-path))::(?=\S)"
)
_HEAD = lazily(r"\becho[ \t]+(?P<quote>[\"']?)\Z")
_SHELLS: Final = frozenset({"", "bash", "sh"})


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(step: Step) -> Iterator[Finding]:
    """Yield a finding for each command of old in a script."""
    if step.run is None or "::" not in step.run.text or step.owner.problems:
        return
    for found in _COMMAND.finditer(step.run.text):
        name = found["named"] or found["path"]
        told = "which no longer works" if name in _GONE else "which is deprecated"
        yield Finding(
            Span(step.offsets(found.start()), step.offsets(found.end())),
            f"step `{step.label.splitlines()[0][:60]}` uses `::{name}`, {told}",
            fixes=_fixes(step, found.start(), found.end(), name, found["name"]),
            severity=Severity.ERROR if name in _GONE else None,
        )


def _fixes(step: Step, start: int, end: int, command: str, name: str | None) -> tuple[Fix, ...]:
    """Return the fix for a line that is one `echo`, as it is written in the file."""
    run = step.run
    if run is None or not (run.plain or run.block) or step.shell not in _SHELLS or step.owner.runs_on_windows:
        return ()
    script = run.text
    line_start, line_end = script.rfind("\n", 0, start) + 1, script.find("\n", end)
    line_end = len(script.rstrip()) if line_end < 0 else line_end
    head = _HEAD.search(script[line_start:start])
    value = script[end:line_end].rstrip()
    quote = head["quote"] if head is not None else ""
    if (
        head is None
        or (quote and not _is_closed(value, quote))
        or (not quote and not _SIMPLE.fullmatch(value))
    ):
        return ()
    written = f'{name + "=" if name else ""}{value} >> "${_FILES[command]}"'
    edit = Edit(Span(step.offsets(start), step.offsets(end + len(value))), written)
    return (Fix(f"Write to `${_FILES[command]}`", Safety.UNSAFE, edits=(edit,)),)


_SIMPLE = lazily(r"[\w.$/{}:@+-]+")


def _is_closed(value: str, quote: str) -> bool:
    """Say whether the quote before a value ends at the end of the line and nowhere else."""
    return value.endswith(quote) and value.count(quote) == 1 and "%0" not in value and "\\" not in value
