"""A job of CircleCI is in no workflow.

## What it does
Compares the jobs of a configuration with those that its workflows run.

## Why it matters
The job never runs, and nothing says so: a check that everybody counts on may have been left out by mistake.

## Bad
```yaml title=".circleci/config.yml"
version: 2.1
jobs:
  test:
    docker:
      - image: cimg/node:22.1.0
    steps:
      - checkout
      - run: make test
  lint:  # <-
    docker:
      - image: cimg/node:22.1.0
    steps:
      - checkout
      - run: make lint
workflows:
  check:
    jobs:
      - test
```

## Good
```yaml title=".circleci/config.yml"
version: 2.1
jobs:
  test:
    docker:
      - image: cimg/node:22.1.0
    steps:
      - checkout
      - run: make test
workflows:
  check:
    jobs:
      - test
```

## Fix
Removes the job. Unsafe: it may be the workflow that lacks it.

## References
- [CircleCI: configuration](https://circleci.com/docs/reference/configuration-reference/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.other_pipelines import FaultKind, PipelineConfiguration
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.pipeline_faults import of_kind


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(configuration: PipelineConfiguration) -> Iterator[Finding]:
    """Yield a finding for each job that nothing starts."""
    for fault in of_kind(configuration, FaultKind.UNUSED):
        holder = fault.holder
        edit = remove_entry(configuration.file.text, holder, fault.key) if holder is not None else None
        fixes = (Fix(f"Remove `{fault.key}`", Safety.UNSAFE, edits=(edit,)),) if edit is not None else ()
        yield Finding(fault.where, f"job `{fault.key}` is in no workflow and never runs", fixes=fixes)
