"""A workflow of Argo may run for ever.

## What it does
Reports Workflows and CronWorkflows of Argo without `activeDeadlineSeconds`, unless each of their templates that starts a container has a limit
of its own (`activeDeadlineSeconds` or `timeout`).

## Why it matters
A container that hangs holds its pod, its locks and, of a CronWorkflow that forbids overlaps, all runs after it. It counts as running, so that
nobody is told.

## Bad
```yaml title="argo/report.yaml"
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata:
  generateName: report-
spec: # <-
  entrypoint: report
  templates:
    - name: report
      container:
        image: registry.example/report:1.0.3
        command: [report]
```

## Good
```yaml title="argo/report.yaml"
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata:
  generateName: report-
spec:
  entrypoint: report
  templates:
    - name: report
      container:
        image: registry.example/report:1.0.3
        command: [report]
  activeDeadlineSeconds: 3600
```

## Fix
Ends it after an hour. Manual: how long the work may take is for the author to say.

## References
- [Argo Workflows: fields](https://argo-workflows.readthedocs.io/en/latest/fields/#workflowspec)

## Equivalent rules
None known.
"""

import re
from collections.abc import Iterator

from rollsafe.artefacts.workflow_objects import WorkflowObject
from rollsafe.formats.nodes import Mapping, Node
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule

_HELM = re.compile(r"\{\{-|\{\{\s*\.")
_STARTS = ("container", "script", "containerSet", "resource", "data", "plugin")


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.MANUAL, level=Level.PEDANTIC)
def check(workflow: WorkflowObject) -> Iterator[Finding]:
    """Yield a finding for a workflow that nothing ends."""
    path = {"Workflow": ("spec",), "CronWorkflow": ("spec", "workflowSpec")}.get(workflow.kind)
    if path is None or not workflow.is_readable or _HELM.search(workflow.file.text):
        return
    spec, key = workflow.node.map_at(*path), workflow.node.key_at(*path)
    if spec is None or key is None or spec.at("activeDeadlineSeconds") is not None or not spec.entries:
        return
    templates = spec.items_at("templates")
    if spec.at("templateDefaults") is not None or not any(_is_endless(one) for one in templates):
        return
    metadata = workflow.node.at("metadata")
    names = [metadata.text_at(word) for word in ("name", "generateName")] if metadata is not None else []
    name = next((one for one in names if one), workflow.kind)
    edit = add_entry(workflow.file.text, spec, "activeDeadlineSeconds", "3600")
    yield Finding(
        key,
        f"Nothing ends `{name}` when one of its steps hangs",
        fixes=(Fix("End it after an hour (adjust)", Safety.MANUAL, edits=(edit,)),),
        detail="a step that hangs counts as running, and nobody is told",
    )


def _is_endless(template: Node) -> bool:
    """Say whether a template starts something and does not bound it; a daemon is meant to go on."""
    if not isinstance(template, Mapping) or template.bool_at("daemon") is True:
        return False
    if template.at("activeDeadlineSeconds") is not None or template.at("timeout") is not None:
        return False
    return any(template.at(word) is not None for word in _STARTS)
