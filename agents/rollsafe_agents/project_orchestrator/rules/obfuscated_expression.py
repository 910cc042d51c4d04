"""An expression or a reference is written in a way that hides what it is.

## What it does
Reports expressions, or parts of them, that are always the same, indexes that are computed, paths of actions with
`.`, `..` or nothing between two slashes, and a `with:` that is one expression.

## Why it matters
What can be written plainly and is not keeps reviewers and tools from seeing what runs: a search for an action or a
secret does not find it.

## Bad
```yaml title=".github/workflows/test.yml"
name: test
on: pull_request
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
        env:
          MODE: ${{ format('{0}-{1}', 'unit', 'fast') }}  # <-
```

## Good
```yaml title=".github/workflows/test.yml"
name: test
on: pull_request
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
        env:
          MODE: unit-fast
```

## Fix
Writes what the expression always is, or the path without detours.

## References
- [zizmor: obfuscation](https://docs.zizmor.sh/audits/#obfuscation)

## Equivalent rules
- `zizmor:obfuscation`
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.expressions import (
    UNKNOWN,
    Value,
    computed_indexes,
    constant_parts,
    constant_value,
)
from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step, Workflow
from rollsafe.artefacts.github_workflow.written import Written
from rollsafe.formats.nodes import Scalar
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule

_PLAIN: Final = re.compile(r"[A-Za-z_][\w./-]*")
_WORDS: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


@rule(severity=Severity.INFO, level=Level.PEDANTIC, since="0.1.0", fix=Safety.SAFE)
def check(part: Workflow | CompositeAction | Job | Step) -> Iterator[Finding]:
    """Yield a finding for an expression or a reference that can be written plainly."""
    if isinstance(part, Step) and not part.is_skipped:
        yield from _of_uses(part)
        yield from _of_inputs(part)
    for written in part.own_expressions:
        found = _of_expression(written)
        if found is not None:
            yield found


def _of_expression(written: Written) -> Finding | None:
    root = written.expression.root
    value = constant_value(root)
    if value is not UNKNOWN and not _is_fence(value):
        return Finding(
            written.place,
            f"`{_short(written.text)}` is always `{_short(_as_text(value))}`",
            fixes=tuple(_plain(written, value)),
        )
    parts = [(part, value) for part, value in constant_parts(root) if not _is_fence(value)]
    if parts:
        part, value = parts[0]
        literal = _as_literal(value)
        edit = Edit(written.place_of(part), literal)
        fixable = len(parts) == 1 and not ("'" in literal and _is_quoted_by(written, "'"))
        return Finding(
            written.place_of(part),
            f"`{_short(written.text_of(part))}` is always `{_short(_as_text(value))}`",
            fixes=(Fix("Write what it always is", Safety.SAFE, edits=(edit,)),) if fixable else (),
        )
    index = next(computed_indexes(root), None)
    if index is None:
        return None
    return Finding(
        written.place_of(index),
        f"which entry `{_short(written.text_of(index))}` reads is only known when it runs",
    )


def _is_fence(value: Value) -> bool:
    return isinstance(value, str) and "${{" in value


def _is_quoted_by(written: Written, quote: str) -> bool:
    return not written.scalar.plain and not written.scalar.block and quote == "'"


def _short(text: str) -> str:
    one = " ".join(text.split()).replace("`", "'")
    return one if len(one) <= 60 else f"{one[:57]}..."


def _as_text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _as_literal(value: Value) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return "null" if value is None else _as_text(value)


def _plain(written: Written, value: Value) -> Iterator[Fix]:
    """Yield the fix that puts the value there, where the text around takes it as it is."""
    text = _as_text(value)
    is_whole = written.scalar.text.strip() == written.text
    simple = _PLAIN.fullmatch(text) is not None
    if not simple or (is_whole and isinstance(value, str) and text.lower() in _WORDS):
        return
    yield Fix("Write what it always is", Safety.SAFE, edits=(Edit(written.place, text),))


def _of_uses(step: Step) -> Iterator[Finding]:
    ref = step.uses
    if ref is None or not ref.owner or ref.name == ref.repository:
        return
    path = ref.name.removeprefix(f"{ref.repository}/").split("/")
    odd = next((piece for piece in path if piece in ("", ".", "..")), None)
    if odd is None:
        return
    what = f"`{odd}`" if odd else "nothing between two slashes"
    yield Finding(ref, f"the path of `{ref.name}` contains {what}", fixes=tuple(_straight(step, path)))


def _straight(step: Step, path: list[str]) -> Iterator[Fix]:
    ref = step.uses
    kept: list[str] = []
    for piece in path:
        if piece == "..":
            if not kept:
                return
            kept.pop()
        elif piece not in ("", "."):
            kept.append(piece)
    if ref is None or ref.ref_span is None:
        return
    name = "/".join((ref.repository, *kept))
    at = ref.ref_span.start - 1 - len(ref.name)
    yield Fix(
        "Write the path without detours", Safety.SAFE, edits=(Edit(Span(at, at + len(ref.name)), name),)
    )


def _of_inputs(step: Step) -> Iterator[Finding]:
    node = step.node.at("with")
    if isinstance(node, Scalar) and "${{" in node.text and step.uses is not None and step.uses.owner:
        yield Finding(
            node, f"what `{step.uses.name}` is given is only known when it runs: `with` is one expression"
        )
