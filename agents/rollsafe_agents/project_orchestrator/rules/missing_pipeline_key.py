"""A job of a pipeline lacks a key that has to be there.

## What it does
Reports jobs of GitLab without `script`, `trigger` or `run`, `when: delayed` without `start_in`, and keys that GitLab's
schema asks for; in Argo, workflows without `entrypoint`; in CircleCI, jobs without a place to run
or steps; in Azure, deployments without strategy or environment. A job that may get it from another repository is left alone.

## Why it matters
GitLab refuses the whole file: no job of it starts, also those that guard a deployment.

## Bad
```yaml title=".gitlab-ci.yml"
test:  # <-
  stage: test
```

## Good
```yaml title=".gitlab-ci.yml"
test:
  stage: test
  script:
    - make test
```

## Fix
None: what is missing only you know.

## References
- [GitLab: CI/CD YAML syntax](https://docs.gitlab.com/ci/yaml/)

## Equivalent rules
- `gitlab-ci-local:error`
- `argo-lint:error`
- `gitlab-ci-local:schema`
"""

from collections.abc import Iterator

from rollsafe.artefacts.other_pipelines import FaultKind as Kind
from rollsafe.artefacts.other_pipelines import PipelineConfiguration
from rollsafe.artefacts.shapes import FaultKind
from rollsafe.artefacts.workflow_objects import WorkflowObject
from rollsafe.formats.nodes import Mapping
from rollsafe.rules import Finding, Severity, rule
from rollsafe.rules.fields import place_of
from rollsafe.rules.pipeline_faults import of_kind, refused


@rule(severity=Severity.ERROR, since="0.1.0")
def check(configuration: PipelineConfiguration | WorkflowObject) -> Iterator[Finding]:
    """Yield a finding for each mapping that lacks a required key."""
    detail = refused(configuration)
    for fault in of_kind(configuration, Kind.MISSING):
        message = f"{fault.owner} has no `{fault.key}`"
        yield Finding(fault.where, message, equivalents=fault.peers, detail=detail)
    if isinstance(configuration, WorkflowObject):
        return
    for owner, missed in configuration.shape_faults:
        if missed.kind is FaultKind.MISSING:
            above = ".".join(missed.path[:-1])
            place = place_of(missed.where) if isinstance(missed.where, Mapping) else missed.where
            name = f"`{above}` of {owner}" if above else owner
            yield Finding(
                place,
                f"{name} has no `{missed.key}`",
                equivalents=("gitlab-ci-local:schema",),
                detail=detail,
            )
