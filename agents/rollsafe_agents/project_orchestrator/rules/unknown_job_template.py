"""A job builds on a definition that does not exist.

## What it does
Looks for what `extends` and `!reference` of GitLab name, for the templates that the entry point, steps and tasks of Argo
name, for the tasks, workspaces and volumes of Tekton, and for the executors and commands of CircleCI. A task of Tekton that
may be in the cluster already is told only where its name is nearly that of one in the workspace. A pipeline that includes more than files of its repository is left
alone: the definition may be there.

## Why it matters
The service refuses the whole file: no job of it starts, also those that guard a deployment.

## Bad
```yaml title=".gitlab-ci.yml"
.base:
  image: node:22
test:
  extends: .bse  # <-
  script:
    - make test
```

## Good
```yaml title=".gitlab-ci.yml"
.base:
  image: node:22
test:
  extends: .base
  script:
    - make test
```

## Fix
Writes the nearest definition there is. Unsafe: another one may be meant.

## References
- [GitLab: CI/CD YAML syntax](https://docs.gitlab.com/ci/yaml/)

## Equivalent rules
- `gitlab-ci-local:error`
- `argo-lint:error`
- `gitlab-ci-local:reference`
- `tekton-lint:no-undefined-volume`
- `tekton-lint:no-missing-workspace`
"""

from collections.abc import Iterator

from rollsafe.artefacts.other_pipelines import FaultKind, PipelineConfiguration
from rollsafe.artefacts.workflow_objects import WorkflowObject
from rollsafe.rules import Finding, Safety, Severity, rule
from rollsafe.rules.pipeline_faults import near, refused, with_others
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(configuration: PipelineConfiguration | WorkflowObject, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each definition that is not there."""
    for fault in with_others(configuration, graph, FaultKind.TEMPLATE):
        hint, fixes = near(fault)
        yield Finding(
            fault.where,
            f"{fault.owner} uses `{fault.key}`, which is not there{hint}",
            fixes=fixes,
            equivalents=fault.peers,
            detail=refused(configuration),
        )
