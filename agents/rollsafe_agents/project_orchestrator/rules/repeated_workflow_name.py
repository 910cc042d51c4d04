"""Two templates, steps, tasks or inputs of a workflow have one name.

## What it does
Compares the names of templates, of the steps or tasks of a template, and of its inputs and outputs, in Argo and Tekton,
and those of stages and jobs in Azure.

## Why it matters
The engine refuses the workflow when it is submitted. A schedule that submits it does nothing from then on.

## Bad
```yaml title="workflow.yaml"
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata:
  generateName: release-
spec:
  entrypoint: release
  activeDeadlineSeconds: 3600
  templates:
    - name: release
      dag:
        tasks:
          - name: check
            template: check
          - name: check  # <-
            template: check
    - name: check
      container:
        image: registry.example.com/build:1.4.2
        command: [make, check]
```

## Good
```yaml title="workflow.yaml"
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata:
  generateName: release-
spec:
  entrypoint: release
  activeDeadlineSeconds: 3600
  templates:
    - name: release
      dag:
        tasks:
          - name: check
            template: check
          - name: check-again
            template: check
    - name: check
      container:
        image: registry.example.com/build:1.4.2
        command: [make, check]
```

## Fix
None: another name is for you to find.

## References
- [Argo: core concepts](https://argo-workflows.readthedocs.io/en/latest/workflow-concepts/)

## Equivalent rules
- `argo-lint:error`
- `tekton-lint:no-duplicate-param`
"""

from collections.abc import Iterator

from rollsafe.artefacts.other_pipelines import FaultKind, PipelineConfiguration
from rollsafe.artefacts.workflow_objects import WorkflowObject
from rollsafe.rules import Finding, Severity, rule
from rollsafe.rules.pipeline_faults import of_kind, refused


@rule(severity=Severity.ERROR, since="0.1.0")
def check(workflow: PipelineConfiguration | WorkflowObject) -> Iterator[Finding]:
    """Yield a finding for each name that was there before."""
    for fault in of_kind(workflow, FaultKind.SAME_NAME):
        yield Finding(
            fault.where,
            f"another {fault.told} of {fault.owner} is called `{fault.key}`, too",
            equivalents=fault.peers,
            detail=refused(workflow),
        )
