"""A pipeline includes a file that does not exist.

## What it does
Looks for the files of `include: local` of GitLab and of `template` of Azure in the project. Paths with wildcards or variables, and files that rules decide
about, are left alone.

## Why it matters
The service refuses the whole file: no job of it starts, also those that guard a deployment.

## Bad
```yaml title=".gitlab-ci.yml"
include:
  - local: ci/tests.yml  # <-
test:
  script:
    - make test
```
```yaml title="ci/test.yml"
lint:
  script:
    - make lint
```

## Good
```yaml title=".gitlab-ci.yml"
include:
  - local: ci/test.yml
test:
  script:
    - make test
```
```yaml title="ci/test.yml"
lint:
  script:
    - make lint
```

## Fix
Writes the nearest file of the same directory. Unsafe: another one may be meant.

## References
- [GitLab: CI/CD YAML syntax](https://docs.gitlab.com/ci/yaml/)

## Equivalent rules
- `gitlab-ci-local:include`
"""

from collections.abc import Iterator
from posixpath import normpath

from rollsafe.artefacts.other_pipelines import FaultKind, PipelineConfiguration
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.pipeline_faults import of_kind, refused
from rollsafe.text import nearest
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(configuration: PipelineConfiguration, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each file that is named and not there."""
    base = configuration.file.directory
    for fault in of_kind(configuration, FaultKind.FILE):
        # A path is from the file's directory or from the root, by service and by how it begins.
        paths = [normpath(f"{base}/{fault.path}").lstrip("/"), normpath(fault.path).lstrip("/")]
        if any(one.startswith("..") or graph.has_file(one) for one in paths):
            continue
        path = paths[0]
        directory, _, name = path.rpartition("/")
        beside = [one.rpartition("/")[2] for one in graph.paths() if one.rpartition("/")[0] == directory]
        close = nearest(name, beside)
        fixes: tuple[Fix, ...] = ()
        if close is not None and isinstance(fault.where, Scalar) and fault.where.text.endswith(name):
            written = fault.where.text.removesuffix(name) + close
            fixes = (Fix(f"Include `{written}`", Safety.UNSAFE, edits=(set_value(fault.where, written),)),)
        yield Finding(
            fault.where,
            f"`{fault.path}` is not there" + (f"; the nearest is `{close}`" if close is not None else ""),
            fixes=fixes,
            equivalents=fault.peers,
            detail=refused(configuration),
        )
