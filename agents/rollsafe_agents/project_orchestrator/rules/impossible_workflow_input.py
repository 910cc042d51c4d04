"""An input of a workflow contradicts itself.

## What it does
Reports inputs of `workflow_dispatch` and `workflow_call` that cannot be: a `choice` without `options`, `options` of another
type, an option that stands twice, a `default` that is none of the options or not of the input's type, a `default` of an
input of `workflow_call` that is required and therefore never takes it, and more inputs than the 25 that a start by hand
may have.

## Why it matters
GitHub refuses the file, or the form for a start by hand lacks the choice. Found when somebody has to start a rollback by
hand.

## Bad
```yaml title=".github/workflows/check.yml"
name: check
on:
  workflow_dispatch:
    inputs:
      target:
        type: choice
        options: [staging, production]
        default: stagin  # <-
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
```

## Good
```yaml title=".github/workflows/check.yml"
name: check
on:
  workflow_dispatch:
    inputs:
      target:
        type: choice
        options: [staging, production]
        default: staging
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
```

## Fix
Writes the nearest option. Unsafe: a run without a choice then has another value.

## References
- [GitHub: events that trigger workflows](https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows)

## Equivalent rules
- `actionlint:events`
- `actionlint:expression`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.expressions import context_path, read_template
from rollsafe.artefacts.github_workflow import Trigger, Workflow
from rollsafe.formats.nodes import Node, Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.text import Located, nearest

_MOST: Final = 25
_STRICT: Final = frozenset({"boolean", "number"})


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(workflow: Workflow) -> Iterator[Finding]:
    """Yield a finding for each input that cannot be as it is declared."""
    if workflow.problems:
        return
    by_hand, called = workflow.triggers.get("workflow_dispatch"), workflow.triggers.get("workflow_call")
    if by_hand is not None:
        inputs = by_hand.inputs
        if len(inputs) > _MOST:
            yield Finding(by_hand.key, f"`workflow_dispatch` has {len(inputs)} inputs; GitHub takes {_MOST}")
        for name, node in inputs.items():
            yield from _of_options(name, node, _key(by_hand, name))
            yield from _of_type(name, node)
    inputs = called.inputs if called is not None else {}
    for name, node in inputs.items():
        yield from _of_type(name, node)
        yield from _of_other(name, node, inputs)
        default = node.at("default")
        if node.bool_at("required") is True and default is not None:
            told = f"input `{name}` is required, so its default is never taken"
            yield Finding(default, told, severity=Severity.WARNING, level=Level.PEDANTIC)


def _key(trigger: Trigger, name: str) -> Located:
    found = trigger.node.key_at("inputs", name) if trigger.node is not None else None
    return found or trigger.key


def _of_options(name: str, node: Node, key: Located) -> Iterator[Finding]:
    options = [one for one in node.items_at("options") if isinstance(one, Scalar)]
    if node.text_at("type") != "choice":
        if options:
            yield Finding(key, f"input `{name}` has options and is no `choice`")
        return
    if not options:
        if node.at("options") is None or not node.items_at("options"):
            yield Finding(key, f"input `{name}` is a `choice` without options")
        return
    seen: set[str] = set()
    for option in options:
        if option.text in seen:
            told = f"input `{name}` has the option `{option.text}` twice"
            yield Finding(option, told, severity=Severity.WARNING)
        seen.add(option.text)
    default = node.at("default")
    if isinstance(default, Scalar) and not default.is_null and default.text not in seen:
        yield Finding(
            default,
            f"input `{name}` has the default `{default.text}`, which is no option",
            _near(default, seen),
        )


def _near(default: Scalar, options: set[str]) -> tuple[Fix, ...]:
    close = nearest(default.text, options)
    if close is None or default.block:
        return ()
    return (Fix(f"Write `{close}`", Safety.UNSAFE, edits=(set_value(default, close),)),)


def _of_type(name: str, node: Node) -> Iterator[Finding]:
    default, kind = node.at("default"), node.text_at("type")
    if not isinstance(default, Scalar) or default.is_null or "${{" in default.text:
        return
    is_right = {"boolean": _is_boolean, "number": _is_number}.get(kind or "")
    if is_right is not None and not is_right(default.text):
        yield Finding(default, f"input `{name}` is a {kind}, and its default is `{default.text}`")


def _of_other(name: str, node: Node, inputs: dict[str, Node]) -> Iterator[Finding]:
    """Yield the finding for a default that is another input of another type."""
    default, kind = node.at("default"), node.text_at("type")
    whole = read_template(default.text).whole if isinstance(default, Scalar) else None
    path = context_path(whole.root) if whole is not None else None
    if default is None or path is None or len(path) != 2 or path[0] != "inputs" or kind not in _STRICT:
        return
    other = next((one for key, one in inputs.items() if key.lower() == path[1]), None)
    found = other.text_at("type") if other is not None else kind
    if found != kind:
        told = f"input `{name}` is a {kind}, and its default is `inputs.{path[1]}`, a {found}"
        yield Finding(default, told, equivalents=("actionlint:expression",))


def _is_boolean(text: str) -> bool:
    return text.lower() in ("true", "false")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
