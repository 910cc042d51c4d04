"""A pipeline of GitLab or a workflow of Argo has a value that is not taken there.

## What it does
Compares the values of a `.gitlab-ci.yml` with GitLab's own schema, and reports what GitLab refuses besides: lists that are
empty, `when: never` outside of `rules`, variables in braces in conditions, references that go too deep; in Argo, what
templates without a pod do not take.

## Why it matters
The service refuses the whole file: no job of it starts, also those that guard a deployment.

## Bad
```yaml title=".gitlab-ci.yml"
test:
  when: on_failur  # <-
  script:
    - make test
```

## Good
```yaml title=".gitlab-ci.yml"
test:
  when: on_failure
  script:
    - make test
```

## Fix
Writes the nearest word there is, the same value as the type that is wanted, a list of one, or a variable without
braces. Unsafe: it takes effect from then on.

## References
- [GitLab: CI/CD YAML syntax](https://docs.gitlab.com/ci/yaml/)

## Equivalent rules
- `gitlab-ci-local:schema`
- `gitlab-ci-local:needs`
- `gitlab-ci-local:stage`
- `gitlab-ci-local:error`
- `gitlab-ci-local:reference`
- `argo-lint:error`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.other_pipelines import Fault, PipelineConfiguration
from rollsafe.artefacts.other_pipelines import FaultKind as Kind
from rollsafe.artefacts.shapes import Fault as ShapeFault
from rollsafe.artefacts.shapes import FaultKind, described
from rollsafe.artefacts.workflow_objects import WorkflowObject
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.fields import retyping_fixes, told_value
from rollsafe.rules.pipeline_faults import of_kind, refused
from rollsafe.text import nearest
from rollsafe.text.patterns import lazily

_BRACES = lazily(r"\$\{(\w+)\}")
_SCHEMA: Final = ("gitlab-ci-local:schema",)


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(configuration: PipelineConfiguration | WorkflowObject) -> Iterator[Finding]:
    """Yield a finding for each value that its key does not take."""
    shaped = [] if isinstance(configuration, WorkflowObject) else configuration.shape_faults
    for owner, fault in shaped:
        if fault.kind in (FaultKind.TYPE, FaultKind.WORD, FaultKind.EMPTY):
            fixes = _fixes(configuration.file.text, fault)
            message, detail = _message(owner, fault), refused(configuration)
            yield Finding(fault.where, message, fixes=fixes, equivalents=_SCHEMA, detail=detail)
    for found in of_kind(configuration, Kind.VALUE):
        yield Finding(
            found.where,
            f"{found.owner} {found.told}",
            fixes=_mended(found),
            equivalents=found.peers,
            detail=refused(configuration),
        )


def _message(owner: str, fault: ShapeFault) -> str:
    path = ".".join(fault.path)
    name = f"`{path}` of {owner}" if path else owner
    if fault.kind is FaultKind.EMPTY:
        return f"{name} is empty"
    if fault.kind is FaultKind.TYPE:
        return f"{name} is {told_value(fault.where)} where {described(fault.shape) or 'nothing'} is due"
    written = fault.where.text[:40] if isinstance(fault.where, Scalar) else ""
    known = ", ".join(f"`{word}`" for word in fault.shape.words[:8])
    return f"{name} is `{written}`, which is none of {known}"


def _fixes(text: str, fault: ShapeFault) -> tuple[Fix, ...]:
    node = fault.where
    if fault.kind is FaultKind.TYPE:
        return retyping_fixes(text, fault)
    close = nearest(node.text, fault.shape.words) if isinstance(node, Scalar) and not node.block else None
    if close is None:
        return ()
    return (Fix(f"Write `{close}`", Safety.UNSAFE, edits=(Edit(Span.of(node), close),)),)


def _mended(fault: Fault) -> tuple[Fix, ...]:
    node = fault.where
    if not isinstance(node, Scalar) or node.block:
        return ()
    if fault.key == "if":
        text = _BRACES.sub(r"$\1", node.text)
        return (Fix("Write variables without braces", Safety.UNSAFE, edits=(set_value(node, text),)),)
    close = nearest(node.text, fault.words) if fault.words else None
    if close is not None:
        return (Fix(f"Write `{close}`", Safety.UNSAFE, edits=(set_value(node, close),)),)
    if fault.told == "takes a list" and node.plain:
        edit = Edit(Span.of(node), f"[{node.text}]")
        return (Fix("Write it as a list of one", Safety.UNSAFE, edits=(edit,)),)
    return ()
