"""A pipeline of GitLab has a key that GitLab does not know.

## What it does
Compares every key of a `.gitlab-ci.yml` with GitLab's own schema. Names that are free (jobs, variables, inputs) and hidden
definitions that no job extends are left alone.

## Why it matters
GitLab refuses the whole file: no job of it starts, also those that guard a deployment.

## Bad
```yaml title=".gitlab-ci.yml"
test:
  interuptible: true  # <-
  script:
    - make test
```

## Good
```yaml title=".gitlab-ci.yml"
test:
  interruptible: true
  script:
    - make test
```

## Fix
Writes the nearest key there is, where the value fits. Unsafe: the key takes effect from then on. A key near none can
be removed.

## References
- [GitLab: CI/CD YAML syntax](https://docs.gitlab.com/ci/yaml/)

## Equivalent rules
- `gitlab-ci-local:schema`
"""

from collections.abc import Iterator

from rollsafe.artefacts.other_pipelines import PipelineConfiguration
from rollsafe.artefacts.other_pipelines.gitlab_grammar import DIALECT
from rollsafe.artefacts.shapes import FaultKind, gitlab_table
from rollsafe.rules import Finding, Safety, Severity, rule
from rollsafe.rules.fields import near_key, removal_fixes, rename_fixes, told_near
from rollsafe.rules.pipeline_faults import refused


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(configuration: PipelineConfiguration) -> Iterator[Finding]:
    """Yield a finding for each key that has no meaning where it stands."""
    for owner, fault in configuration.shape_faults:
        if fault.kind is not FaultKind.UNKNOWN:
            continue
        table = gitlab_table()
        close = near_key(fault, table)
        hint = told_near(fault, close, table) if close is not None else ""
        text = configuration.file.text
        is_top = fault.holder is configuration.root
        where = "at the top, and a job is a mapping" if is_top else f"in {_place(owner, fault.path[:-1])}"
        yield Finding(
            fault.where,
            f"GitLab knows no `{fault.key}` {where}{hint}",
            fixes=rename_fixes(fault, close, DIALECT) if close is not None else removal_fixes(text, fault),
            detail=refused(configuration),
        )


def _place(owner: str, path: tuple[str, ...]) -> str:
    return f"`{'.'.join(path)}` of {owner}" if path else owner
