"""A right of the token is given without a word about what for.

## What it does
Reports blocks of `permissions` with a right that no comment explains, `contents: read` left out.

## Why it matters
Nobody dares to take a right away whose purpose is not written, so tokens gather rights over the years.

## Bad
```yaml title=".github/workflows/test.yml"
name: test
on: pull_request
permissions:
  contents: read
  packages: read  # <-
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
```

## Good
```yaml title=".github/workflows/test.yml"
name: test
on: pull_request
permissions:
  contents: read
  packages: read # for the images the tests run in
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
```

## Fix
No automatic fix: say what the right is for, in a comment behind it.

## References
- [zizmor: undocumented-permissions](https://docs.zizmor.sh/audits/#undocumented-permissions)

## Equivalent rules
- `zizmor:undocumented-permissions`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Job, Workflow
from rollsafe.formats.nodes import Entry, Mapping
from rollsafe.formats.yaml_edit import line_end
from rollsafe.rules import Finding, Level, Related, Severity, rule
from rollsafe.text.patterns import lazily

_COMMENT = lazily(r"(?:^|\s)#\s*(?!zizmor:|rollsafe:)[^\s#]")


@rule(severity=Severity.HINT, level=Level.AUDITOR, since="0.1.0")
def check(part: Workflow | Job) -> Iterator[Finding]:
    """Yield a finding for each block with a right that nothing explains."""
    permissions = part.permissions
    if permissions is None or not isinstance(permissions.node, Mapping):
        return
    if isinstance(part, Job) and part.is_disabled:
        return
    text = part.file.text
    bare = [
        entry
        for entry in permissions.node.entries
        if not (entry.name == "contents" and permissions.level("contents") == "read")
        and not _is_told(text, entry)
    ]
    if bare:
        named = ", ".join(f"`{entry.name}`" for entry in bare[:3])
        yield Finding(
            bare[0],
            f"no comment says what {named} {'is' if len(bare) == 1 else 'are'} for",
            related=tuple(Related(part.file, entry, "what for") for entry in bare[:3]),
        )


def _is_told(text: str, entry: Entry) -> bool:
    return _COMMENT.search(text, entry.value.end, line_end(text, entry.value.end)) is not None
