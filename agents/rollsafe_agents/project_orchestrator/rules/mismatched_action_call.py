"""A step gives an action inputs that it does not take, or not those it needs.

## What it does
Compares `with` of a step with the `action.yml` that it uses, when that is in the same repository, and with a table of popular
actions otherwise: names that the action does not declare, and required ones without a default that are missing. The
table has a date and a version may have changed since, so what it says is never more than a warning, and of the newest version
it knows, which goes on changing, only a name that is nearly right is told below level `pedantic`.

## Why it matters
The runner warns of an unknown input in its log and goes on without it: a deployment takes the default where another value
was meant. One that is missing is an empty text.

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
      - uses: actions/checkout@8e8c483db84b4bee98b60c0593521ed34d9990e8
      - uses: ./.github/actions/greet
        with:
          whom: world  # <-
```
```yaml title=".github/actions/greet/action.yml"
name: greet
description: Says hello
inputs:
  who:
    description: whom to greet
runs:
  using: composite
  steps:
    - run: echo "hello $WHO"
      shell: bash
      env:
        WHO: ${{ inputs.who }}
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
      - uses: actions/checkout@8e8c483db84b4bee98b60c0593521ed34d9990e8
      - uses: ./.github/actions/greet
        with:
          who: world
```
```yaml title=".github/actions/greet/action.yml"
name: greet
description: Says hello
inputs:
  who:
    description: whom to greet
runs:
  using: composite
  steps:
    - run: echo "hello $WHO"
      shell: bash
      env:
        WHO: ${{ inputs.who }}
```

## Fix
Writes the nearest name that is declared. Unsafe: the value takes effect from then on.

## References
- [GitHub: metadata of actions](https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax)

## Equivalent rules
- `actionlint:action`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import ActionRef, Step
from rollsafe.artefacts.github_workflow.known_actions import Interface, TakenInput
from rollsafe.formats.nodes import Entry, Mapping, resolve
from rollsafe.formats.yaml_edit import rename_key
from rollsafe.rules import Confidence, Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.text import nearest
from rollsafe.workspace.called_actions import interface_of, local_action
from rollsafe.workspace.graph import Graph

_SHOWN = 8


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(step: Step, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each input that is too much or missing."""
    if step.uses is None or step.owner.problems:
        return
    interface = interface_of(step, graph)
    given = resolve(step.fields.get("with"))
    if interface is None or interface.inputs is None or not (given is None or isinstance(given, Mapping)):
        return
    action = local_action(step, graph)
    about = () if action is None else (Related(action.file, action, "what it declares"),)
    entries = [one for one in given.entries if one.name != "<<"] if given is not None else []
    for entry in entries:
        if entry.name.lower() not in interface.inputs:
            yield _unknown(step.uses, entry, interface, interface.inputs, entries, about)
    names = {name.lower() for name, _ in given.pairs()} if given is not None else set[str]()
    missing = [one.name for name, one in interface.inputs.items() if one.is_required and name not in names]
    if missing:
        word = "input" if len(missing) == 1 else "inputs"
        told = ", ".join(f"`{name}`" for name in missing[:_SHOWN]) + (" …" if len(missing) > _SHOWN else "")
        yield Finding(
            step.uses,
            f"`{step.uses.name}` requires the {word} {told}{_dated(interface)}",
            confidence=_confidence(interface),
            level=Level.PEDANTIC if interface.may_change else None,
            related=about,
        )


def _unknown(
    uses: ActionRef,
    entry: Entry,
    interface: Interface,
    inputs: dict[str, TakenInput],
    entries: list[Entry],
    about: tuple[Related, ...],
) -> Finding:
    declared = [one.name for one in inputs.values()]
    close = nearest(entry.name, declared)
    there = {one.name.lower() for one in entries}
    fixes = (
        (Fix(f"Rename `{entry.name}` to `{close}`", Safety.UNSAFE, edits=(rename_key(entry, close),)),)
        if close is not None and close.lower() not in there
        else ()
    )
    more = " …" if len(declared) > _SHOWN else ""
    known = ", ".join(f"`{name}`" for name in declared[:_SHOWN]) + more
    hint = f"; the nearest is `{close}`" if close else f"; it takes {known}" if known else "; it takes none"
    return Finding(
        entry.key,
        f"`{uses.name}` takes no input `{entry.name}`{_dated(interface)}{hint}",
        fixes=fixes,
        confidence=_confidence(interface),
        level=Level.PEDANTIC if interface.may_change and close is None else None,
        related=about,
    )


def _dated(interface: Interface) -> str:
    return f" (as of {interface.date})" if interface.date else ""


def _confidence(interface: Interface) -> Confidence | None:
    return Confidence.MEDIUM if interface.date else None
