"""An environment variable has a name that no shell and no runner takes.

## What it does
Reports names in `env` of a workflow, job, step, container or service that hold a space, `&` or `=`.

## Why it matters
The variable never reaches the script, which runs with an empty one: a deployment without its region or its version.

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
    env:
      "RELEASE NAME": nightly  # <-
    steps:
      - run: make test
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
    env:
      RELEASE_NAME: nightly
    steps:
      - run: make test
```

## Fix
Writes `_` in place of what is not allowed. Unsafe: the variable takes effect from then on.

## References
- [GitHub: variables](https://docs.github.com/en/actions/reference/workflows-and-actions/variables#naming-conventions-for-configuration-variables)

## Equivalent rules
- `actionlint:env-var`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step, Workflow
from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, resolve
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.text.patterns import lazily

_WRONG = lazily(r"[&=\s]+")


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(part: Workflow | Job | CompositeAction) -> Iterator[Finding]:
    """Yield a finding for each name that is none."""
    if part.problems:
        return
    for holder in _holders(part):
        env = resolve(holder.at("env"))
        for entry in env.entries if isinstance(env, Mapping) else ():
            if isinstance(entry.key, Scalar) and "${{" not in entry.name and _WRONG.search(entry.name):
                told = f"`{entry.name[:60]}` is no name of an environment variable"
                yield Finding(entry.key, told, fixes=_fixes(env, entry))


def _holders(part: Workflow | Job | CompositeAction) -> Iterator[Node]:
    if not isinstance(part, CompositeAction):
        yield part.node
    if isinstance(part, Job):
        container = resolve(part.fields.get("container"))
        yield from [container] if container is not None else []
        services = (resolve(service) for service in part.services.values())
        yield from (service for service in services if service is not None)
    if not isinstance(part, Workflow):
        steps: list[Step] = part.steps
        yield from (step.node for step in steps if "env" in step.fields)


def _fixes(env: Node | None, entry: Entry) -> tuple[Fix, ...]:
    written = _WRONG.sub("_", entry.name.strip())
    if not isinstance(env, Mapping) or env.entry(written) is not None or not written.strip("_"):
        return ()
    return (Fix(f"Write `{written}`", Safety.UNSAFE, edits=(Edit(Span.of(entry.key), written),)),)
