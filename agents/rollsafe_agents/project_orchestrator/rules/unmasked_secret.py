"""A part of a secret is read that GitHub does not hide in logs.

## What it does
Reports `fromJSON(secrets.X)`: a field of a secret that holds JSON.

## Why it matters
GitHub hides the whole text of a secret in logs. A field taken out of it is another text, and is printed as it is.

## Bad
```yaml title=".github/workflows/test.yml"
name: test
on: push
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: ./tools/report
        env:
          TOKEN: ${{ fromJSON(secrets.REPORT).token }}  # <-
```

## Good
```yaml title=".github/workflows/test.yml"
name: test
on: push
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: ./tools/report
        env:
          TOKEN: ${{ secrets.REPORT_TOKEN }}
```

## Fix
No automatic fix: each field has to become a secret of its own.

## References
- [GitHub: do not use structured data as a secret](https://docs.github.com/en/actions/reference/security/secure-use#use-secrets-for-sensitive-information)

## Equivalent rules
- `zizmor:unredacted-secrets`
"""

from collections.abc import Iterator

from rollsafe.artefacts.expressions import Call, context_path, walk
from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step, Workflow
from rollsafe.rules import Finding, Level, Severity, rule


@rule(severity=Severity.WARNING, level=Level.PEDANTIC, since="0.1.0")
def check(part: Workflow | CompositeAction | Job | Step) -> Iterator[Finding]:
    """Yield a finding for each secret that is taken apart."""
    for written in part.own_expressions:
        for node in walk(written.expression.root):
            if not isinstance(node, Call) or node.name.lower() != "fromjson":
                continue
            paths = [context_path(argument) or () for argument in node.arguments]
            secret = next((path for path in paths if path[:1] == ("secrets",)), None)
            if secret is not None:
                yield Finding(
                    written.place,
                    f"a field of `{'.'.join(secret)}` is not hidden in logs: GitHub only knows the whole text",
                )
