"""A job takes the files of a job that it does not wait for.

## What it does
Compares `dependencies` with `needs`, where a job has both.

## Why it matters
GitLab refuses the whole file: no job of it starts, also those that guard a deployment.

## Bad
```yaml title=".gitlab-ci.yml"
build:
  stage: build
  script:
    - make
lint:
  stage: build
  script:
    - make lint
test:
  needs:
    - lint
  dependencies:
    - build  # <-
  script:
    - make test
```

## Good
```yaml title=".gitlab-ci.yml"
build:
  stage: build
  script:
    - make
lint:
  stage: build
  script:
    - make lint
test:
  needs:
    - lint
    - build
  dependencies:
    - build
  script:
    - make test
```

## Fix
Waits for the job as well. Unsafe: the job starts later.

## References
- [GitLab: CI/CD YAML syntax](https://docs.gitlab.com/ci/yaml/)

## Equivalent rules
- `gitlab-ci-local:needs`
"""

from collections.abc import Iterator

from rollsafe.artefacts.other_pipelines import FaultKind, PipelineConfiguration
from rollsafe.formats.nodes import Sequence
from rollsafe.formats.yaml_edit import add_item
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.pipeline_faults import of_kind, refused


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(configuration: PipelineConfiguration) -> Iterator[Finding]:
    """Yield a finding for each job whose files are wanted and that is not waited for."""
    for fault in of_kind(configuration, FaultKind.OUTSIDE):
        needs = fault.holder.at("needs") if fault.holder is not None else None
        fixes: tuple[Fix, ...] = ()
        if isinstance(needs, Sequence) and " " not in fault.key:
            edit = add_item(configuration.file.text, needs, fault.key)
            fixes = (Fix(f"Wait for `{fault.key}`", Safety.UNSAFE, edits=(edit,)),)
        yield Finding(
            fault.where,
            f"{fault.owner} takes the files of `{fault.key}`, which is not among its `needs`",
            fixes=fixes,
            equivalents=fault.peers,
            detail=refused(configuration),
        )
