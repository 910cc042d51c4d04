"""A step calls a template without an input that it needs.

## What it does
Compares the arguments of steps and tasks of Argo with the inputs of the template they call, and the parameters and workspaces
that a pipeline or a run of Tekton hands on with those that the task or the pipeline asks for, in another file of the
workspace, too. Inputs with a value or a default need none.

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
            template: build  # <-
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
None: the value only you know.

## References
- [Argo: inputs](https://argo-workflows.readthedocs.io/en/latest/walk-through/parameters/)

## Equivalent rules
- `argo-lint:error`
- `tekton-lint:no-missing-param`
- `tekton-lint:no-missing-workspace`
"""

from collections.abc import Iterator

from rollsafe.artefacts.other_pipelines import FaultKind
from rollsafe.artefacts.workflow_objects import WorkflowObject
from rollsafe.rules import Finding, Severity, rule
from rollsafe.rules.pipeline_faults import refused, with_others
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0")
def check(workflow: WorkflowObject, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each input that nobody gives."""
    for fault in with_others(workflow, graph, FaultKind.ARGUMENT):
        yield Finding(
            fault.where,
            f"{fault.owner} gives no `{fault.key}`, {fault.told}",
            equivalents=fault.peers,
            detail=refused(workflow),
        )
