"""A job is in a stage that does not exist.

## What it does
Compares the stage of each job of GitLab with `stages`, or with `build`, `test` and `deploy` where the file names none. A
job that names no stage is in `test`.

## Why it matters
GitLab refuses the whole file: no job of it starts, also those that guard a deployment.

## Bad
```yaml title=".gitlab-ci.yml"
stages: [check, deploy]
test:
  stage: chek  # <-
  script:
    - make test
```

## Good
```yaml title=".gitlab-ci.yml"
stages: [check, deploy]
test:
  stage: check
  script:
    - make test
```

## Fix
Writes the nearest stage there is. Unsafe: another one may be meant.

## References
- [GitLab: CI/CD YAML syntax](https://docs.gitlab.com/ci/yaml/)

## Equivalent rules
- `gitlab-ci-local:stage`
"""

from collections.abc import Iterator

from rollsafe.artefacts.other_pipelines import FaultKind, PipelineConfiguration
from rollsafe.rules import Finding, Safety, Severity, rule
from rollsafe.rules.pipeline_faults import near, of_kind, refused


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(configuration: PipelineConfiguration) -> Iterator[Finding]:
    """Yield a finding for each stage that is not there."""
    for fault in of_kind(configuration, FaultKind.STAGE):
        hint, fixes = near(fault)
        yield Finding(
            fault.where,
            f"{fault.owner} is in stage `{fault.key}`, and no stage is called that{hint}",
            fixes=fixes,
            equivalents=fault.peers,
            detail=refused(configuration),
        )
