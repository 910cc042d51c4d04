"""A key of a pipeline stands twice in one mapping.

## What it does
Compares the keys at the top of a `.gitlab-ci.yml`, of its jobs and of their mappings.

## Why it matters
The second value replaces the first without a word: of two jobs of one name only the later one runs, and of two
`variables` blocks the first is gone.

## Bad
```yaml title=".gitlab-ci.yml"
variables:
  STAGE: beta
variables:  # <-
  REGION: eu
test:
  script:
    - make test
```

## Good
```yaml title=".gitlab-ci.yml"
variables:
  STAGE: beta
  REGION: eu
test:
  script:
    - make test
```

## Fix
None: whether both are to be kept only you know.

## References
- [GitLab: CI/CD YAML syntax](https://docs.gitlab.com/ci/yaml/)

## Equivalent rules
- `gitlab-ci-local:warning`
"""

from collections.abc import Iterator

from rollsafe.artefacts.other_pipelines import FaultKind, PipelineConfiguration
from rollsafe.rules import Finding, Severity, rule
from rollsafe.rules.pipeline_faults import of_kind


@rule(severity=Severity.WARNING, since="0.1.0")
def check(configuration: PipelineConfiguration) -> Iterator[Finding]:
    """Yield a finding for each key that was there before."""
    for fault in of_kind(configuration, FaultKind.AGAIN):
        yield Finding(
            fault.where,
            f"`{fault.key}` stands twice in {fault.owner}, and only the second counts",
            equivalents=fault.peers,
        )
