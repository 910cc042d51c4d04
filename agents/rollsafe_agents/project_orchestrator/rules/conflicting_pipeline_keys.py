"""A job has two keys that exclude each other.

## What it does
Reports jobs of GitLab with `script` beside `trigger` or `run`, and with `rules` beside `only` or `except`; in Argo,
templates of two types, tasks with `depends` beside `dependencies`, and templates beside `workflowTemplateRef`; in Azure,
`stages` beside `jobs` or `steps`.

## Why it matters
The service refuses the whole file: no job of it starts, also those that guard a deployment.

## Bad
```yaml title=".gitlab-ci.yml"
test:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  only:  # <-
    - main
  script:
    - make test
```

## Good
```yaml title=".gitlab-ci.yml"
test:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  script:
    - make test
```

## Fix
Removes the second key. Unsafe: the first may be the one to go.

## References
- [GitLab: CI/CD YAML syntax](https://docs.gitlab.com/ci/yaml/)

## Equivalent rules
- `argo-lint:error`
"""

from collections.abc import Iterator

from rollsafe.artefacts.other_pipelines import FaultKind, PipelineConfiguration
from rollsafe.artefacts.workflow_objects import WorkflowObject
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.pipeline_faults import of_kind, refused


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(configuration: PipelineConfiguration | WorkflowObject) -> Iterator[Finding]:
    """Yield a finding for the second of two keys that exclude each other."""
    for fault in of_kind(configuration, FaultKind.CLASH):
        holder = fault.holder
        edit = remove_entry(configuration.file.text, holder, fault.key) if holder is not None else None
        fixes = (Fix(f"Remove `{fault.key}`", Safety.UNSAFE, edits=(edit,)),) if edit is not None else ()
        yield Finding(
            fault.where,
            f"{fault.owner} has `{fault.key}` beside `{fault.told}`, and only one of them may be there",
            fixes=fixes,
            equivalents=fault.peers,
            detail=refused(configuration),
        )
