"""A pipeline prints everything it does, secrets in new forms included.

## What it does
Reports `ACTIONS_STEP_DEBUG` and `ACTIONS_RUNNER_DEBUG` of workflows, `CI_DEBUG_TRACE` and `CI_DEBUG_SERVICES` of GitLab
and `system.debug` of Azure that are switched on in the file.

## Why it matters
The log then holds the values of variables and the answers of services. Whoever may read logs reads them.

## Bad
```yaml title=".gitlab-ci.yml"
variables:
  CI_DEBUG_TRACE: "true"  # <-
test:
  script: make test
  interruptible: true
  timeout: 10 minutes
```

## Good
```yaml title=".gitlab-ci.yml"
test:
  script: make test
  interruptible: true
  timeout: 10 minutes
```

## Fix
Removes the variable. Unsafe: the log is shorter.

## References
- [GitLab: debug logging](https://docs.gitlab.com/ci/variables/variables_troubleshooting/#enable-debug-logging)

## Equivalent rules
- `poutine:debug_enabled`
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.github_workflow import Job, Step, Workflow
from rollsafe.artefacts.other_pipelines import Dialect, PipelineConfiguration
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar, walk
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule

_GITHUB: Final = frozenset({"ACTIONS_STEP_DEBUG", "ACTIONS_RUNNER_DEBUG"})
_OTHERS: Final = {
    Dialect.GITLAB: frozenset({"CI_DEBUG_TRACE", "CI_DEBUG_SERVICES"}),
    Dialect.AZURE: frozenset({"system.debug"}),
}


@rule(severity=Severity.INFO, level=Level.PEDANTIC, since="0.1.0", fix=Safety.UNSAFE)
def check(part: Workflow | Job | Step | PipelineConfiguration) -> Iterator[Finding]:
    """Yield a finding for each variable that switches debugging on."""
    if not isinstance(part, PipelineConfiguration):
        yield from _of_variables(part.file, part.node, "env", _GITHUB)
        return
    names = _OTHERS.get(part.dialect)
    if names is None or not any(name in part.file.text for name in names):
        return
    for node in walk(part.root):
        if isinstance(node, Mapping):
            yield from _of_variables(part.file, node, "variables", names)


def _of_variables(file: SourceFile, owner: Mapping, key: str, names: frozenset[str]) -> Iterator[Finding]:
    variables = owner.at(key)
    if isinstance(variables, Mapping):
        for entry in variables.entries:
            if entry.name in names and _is_on(entry.value):
                yield Finding(
                    entry,
                    f"`{entry.name}` prints everything, values of variables included",
                    fixes=partial(_fixes, file, owner, key, entry.name),
                )


def _is_on(node: Node) -> bool:
    value = node.at("value") if isinstance(node, Mapping) else node
    return isinstance(value, Scalar) and value.text.lower() == "true"


def _fixes(file: SourceFile, owner: Mapping, key: str, name: str) -> tuple[Fix, ...]:
    variables = owner.map_at(key)
    if variables is None:
        return ()
    is_alone = len(variables.entries) == 1
    edit = remove_entry(file.text, *((owner, key) if is_alone else (variables, name)))
    return () if edit is None else (Fix("Remove the variable", Safety.UNSAFE, edits=(edit,)),)
