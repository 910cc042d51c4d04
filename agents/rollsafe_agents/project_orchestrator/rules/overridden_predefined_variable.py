"""A pipeline sets a variable that GitLab sets itself.

## What it does
Reports variables of a pipeline or a job that have the name of one that GitLab sets for every job.

## Why it matters
What reads the variable gets another value than anywhere else: a script that tags images with `CI_COMMIT_SHA` tags
another commit, and GitLab's own tools take the wrong job.

## Bad
```yaml title=".gitlab-ci.yml"
variables:
  CI_COMMIT_SHA: latest  # <-
test:
  script:
    - make test
```

## Good
```yaml title=".gitlab-ci.yml"
variables:
  IMAGE_TAG: latest
test:
  script:
    - make test
```

## Fix
None: all that read the variable have to read another.

## References
- [GitLab: predefined variables](https://docs.gitlab.com/ci/variables/predefined_variables/)

## Equivalent rules
- `gitlab-ci-local:warning`
"""

from collections.abc import Iterator

from rollsafe.artefacts.other_pipelines import FaultKind, PipelineConfiguration
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.rules.pipeline_faults import of_kind


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC)
def check(configuration: PipelineConfiguration) -> Iterator[Finding]:
    """Yield a finding for each variable that hides one of GitLab's."""
    for fault in of_kind(configuration, FaultKind.PREDEFINED):
        yield Finding(
            fault.where,
            f"{fault.owner} sets `{fault.key}`, which GitLab sets for every job",
            equivalents=fault.peers,
        )
