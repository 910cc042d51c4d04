"""A job waits for a job of a later stage.

## What it does
Compares the stages of a job with those of the jobs in its `needs` and `dependencies`.

## Why it matters
GitLab refuses the whole file: no job of it starts, also those that guard a deployment.

## Bad
```yaml title=".gitlab-ci.yml"
package:
  stage: build
  needs:
    - smoke  # <-
  script:
    - make package
smoke:
  stage: test
  script:
    - make smoke
```

## Good
```yaml title=".gitlab-ci.yml"
package:
  stage: build
  script:
    - make package
smoke:
  stage: test
  script:
    - make smoke
```

## Fix
None: which of the jobs is in the wrong stage only you know.

## References
- [GitLab: CI/CD YAML syntax](https://docs.gitlab.com/ci/yaml/)

## Equivalent rules
- `gitlab-ci-local:needs`
"""

from collections.abc import Iterator

from rollsafe.artefacts.other_pipelines import FaultKind, PipelineConfiguration
from rollsafe.rules import Finding, Severity, rule
from rollsafe.rules.pipeline_faults import of_kind, refused


@rule(severity=Severity.ERROR, since="0.1.0")
def check(configuration: PipelineConfiguration) -> Iterator[Finding]:
    """Yield a finding for each wait for what comes later."""
    for fault in of_kind(configuration, FaultKind.LATER):
        yield Finding(
            fault.where,
            f"{fault.owner} `{fault.key}`, which runs later, in stage `{fault.told}`",
            equivalents=fault.peers,
            detail=refused(configuration),
        )
