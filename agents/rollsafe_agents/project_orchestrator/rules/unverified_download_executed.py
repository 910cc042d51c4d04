"""A script is downloaded and run without a look at what came.

## What it does
Reports `curl … | sh` and alike in steps, where the address names no commit.

## Why it matters
Whoever controls the server, or the name it has, decides what runs with the job's token and secrets.

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
      - run: curl -fsSL https://get.example/install.sh | sh  # <-
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
      - run: |
          curl -fsSL https://get.example/install.sh -o install.sh
          echo "${INSTALL_SHA256}  install.sh" | sha256sum --check
          sh install.sh
        env:
          INSTALL_SHA256: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
```

## Fix
No automatic fix: download it to a file, compare the sum, and run it then.

## References
- [CWE-494: download of code without integrity check](https://cwe.mitre.org/data/definitions/494.html)

## Equivalent rules
- `poutine:unverified_script_exec`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import Step
from rollsafe.rules import Finding, Level, Severity, Span, rule
from rollsafe.text.patterns import lazily

_RUN = lazily(
    r"(?:bash|source|sh)\s+<\(\s*curl [^)\n]+\)"
    r"|\b(?:curl|wget|iwr)\b[^\n|]{0,256}(?:\|[^\n|]{0,256}){0,3}?\|\s*(?:sudo\s+(?:-\w+\s+)*)?(?:env\s+\S+\s+)?"
    r"(?:(?:ba|z|da)?sh|python3?|php|node|iex|perl)\b"
    r"|\biex\b[^\n]{0,512}\.DownloadString\([^)\n]+\)"
    r"|\bdeno\s+(?:run|install)\s+(?:-A|--allow-all)[^\n]{0,128}https://\S{0,128}"
)
_PINNED = lazily(
    r"https://raw\.githubusercontent\.com/[^/\s]+/[^/\s]+/[a-f0-9]{40}/"
    r"|https://github\.com/[^/\s]+/[^/\s]+/raw/[a-f0-9]{40}/"
)


@rule(severity=Severity.WARNING, level=Level.PEDANTIC, since="0.1.0")
def check(step: Step) -> Iterator[Finding]:
    """Yield a finding for each download that is run at once."""
    if step.run is None or step.is_skipped:
        return
    for found in _RUN.finditer(step.run.text):
        if _PINNED.search(found.group()) is None:
            tool = found.group().split()[0]
            yield Finding(
                Span(step.offsets(found.start()), step.offsets(found.end())),
                f"what `{tool}` downloads is run as it comes",
            )
