"""A reference in a workflow of Argo or Tekton leads nowhere.

## What it does
Follows `{{steps…}}`, `{{tasks…}}`, `{{inputs…}}` and `{{workflow.parameters…}}` of Argo and `$(params…)`, `$(tasks…)`,
`$(workspaces…)` and `$(results…)` of Tekton to what they name: steps that come before, tasks, inputs, outputs of the template
or the task that is called, in another file of the workspace, too.

## Why it matters
The engine refuses the workflow when it is submitted. A schedule that submits it does nothing from then on.

## Bad
```yaml title="tekton/release.yaml"
apiVersion: tekton.dev/v1
kind: Pipeline
metadata:
  name: release
spec:
  params:
    - name: tag
  tasks:
    - name: build
      taskRef:
        name: build
      params:
        - name: tag
          value: $(params.tga)  # <-
```

## Good
```yaml title="tekton/release.yaml"
apiVersion: tekton.dev/v1
kind: Pipeline
metadata:
  name: release
spec:
  params:
    - name: tag
  tasks:
    - name: build
      taskRef:
        name: build
      params:
        - name: tag
          value: $(params.tag)
```

## Fix
Writes the nearest name of what is there, where one is near. Unsafe: the workflow runs with it from then on.

## References
- [Argo: variables](https://argo-workflows.readthedocs.io/en/latest/variables/)
- [Tekton: variables](https://tekton.dev/docs/pipelines/variables/)

## Equivalent rules
- `argo-lint:error`
- `tekton-lint:no-undefined-param`
- `tekton-lint:no-undefined-result`
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.other_pipelines import Fault, FaultKind
from rollsafe.artefacts.workflow_objects import WorkflowObject
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, rule
from rollsafe.rules.pipeline_faults import refused, with_others
from rollsafe.text import Span, nearest
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(workflow: WorkflowObject, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each reference to what is not there."""
    for fault in with_others(workflow, graph, FaultKind.REFERENCE):
        close = nearest(fault.key, fault.words)
        hint = f"; the nearest is `{close}`" if close is not None else ""
        yield Finding(
            fault.where,
            f"`{fault.key}` in {fault.owner} {fault.told}{hint}",
            fixes=partial(_fixes, workflow, fault, close) if close is not None else (),
            equivalents=fault.peers,
            detail=refused(workflow),
        )


def _fixes(workflow: WorkflowObject, fault: Fault, close: str) -> tuple[Fix, ...]:
    text = workflow.file.slice(fault.where)
    places = [at + fault.where.start for at in _places(text, f"({fault.key}")]
    edits = tuple(Edit(Span(at + 1, at + 1 + len(fault.key)), close) for at in places)
    return (Fix(f"Take `{close}`", Safety.UNSAFE, edits=edits),) if edits else ()


def _places(text: str, key: str) -> Iterator[int]:
    at = text.find(key)
    while at >= 0:
        end = at + len(key)
        if text[end : end + 1] in (")", ".", "["):
            yield at
        at = text.find(key, end)
