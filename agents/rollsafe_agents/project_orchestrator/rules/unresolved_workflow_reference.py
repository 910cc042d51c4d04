"""A reference in a workflow of Argo or Tekton leads nowhere.

## What it does
Follows `{{steps…}}`, `{{tasks…}}`, `{{inputs…}}` and `{{workflow.parameters…}}` of Argo and `$(params…)` and `$(tasks…)` of
Tekton to what they name: steps that come before, tasks, inputs, outputs of the template that is called.

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
      steps:
        - - name: make
            template: build
            arguments:
              parameters:
                - name: tag
                  value: "{{steps.version.outputs.result}}"  # <-
    - name: build
      inputs:
        parameters:
          - name: tag
      container:
        image: registry.example.com/build:1.4.2
        command: [make, build]
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
      steps:
        - - name: make
            template: build
            arguments:
              parameters:
                - name: tag
                  value: "1.4.2"
    - name: build
      inputs:
        parameters:
          - name: tag
      container:
        image: registry.example.com/build:1.4.2
        command: [make, build]
```

## Fix
None: what is meant only you know.

## References
- [Argo: variables](https://argo-workflows.readthedocs.io/en/latest/variables/)
- [Tekton: variables](https://tekton.dev/docs/pipelines/variables/)

## Equivalent rules
- `argo-lint:error`
"""

from collections.abc import Iterator

from rollsafe.artefacts.other_pipelines import FaultKind
from rollsafe.artefacts.workflow_objects import WorkflowObject
from rollsafe.rules import Finding, Severity, rule
from rollsafe.rules.pipeline_faults import of_kind, refused


@rule(severity=Severity.ERROR, since="0.1.0")
def check(workflow: WorkflowObject) -> Iterator[Finding]:
    """Yield a finding for each reference to what is not there."""
    for fault in of_kind(workflow, FaultKind.REFERENCE):
        yield Finding(
            fault.where,
            f"`{fault.key}` in {fault.owner} {fault.told}",
            equivalents=fault.peers,
            detail=refused(workflow),
        )
