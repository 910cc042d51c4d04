"""A plan names a service, table or environment that the repository does not have.

## What it does
Reports names in live plan documents that the words around them call a service, a table or an environment, when
the repository defines things of that kind and none is called so, but one is called nearly so.

## Why it matters
The step is carried out on something else, or the command in it fails half-way through the plan. A misspelt
environment is the worst case: the step runs where nobody looks.

## Bad
```markdown title="docs/plans/0010-payments.md"
# Plan: new payment provider

Status: accepted

## Rollout

1. Scale the `biling` service to zero. <!-- <- -->
2. Switch the provider.

## Risks

Payments wait for some minutes.

## Validation

A test payment goes through.

## Rollback

Switch the provider back.
```
```yaml title="compose.yaml"
services:
  billing:
    image: registry.example/billing:2.3.1
```

## Good
```markdown title="docs/plans/0010-payments.md"
# Plan: new payment provider

Status: accepted

## Rollout

1. Scale the `billing` service to zero.
2. Switch the provider.

## Risks

Payments wait for some minutes.

## Validation

A test payment goes through.

## Rollback

Switch the provider back.
```
```yaml title="compose.yaml"
services:
  billing:
    image: registry.example/billing:2.3.1
```

## Fix
Uses the nearest name that exists. Unsafe: whether it is the one that was meant is a guess.

## References
- [Write the Docs: docs as code](https://www.writethedocs.org/guide/docs-as-code/)

## Equivalent rules
None known.
"""

from collections.abc import Callable, Iterator
from typing import Final

from rollsafe.artefacts.plan_document import Intent, Mention, MentionKind
from rollsafe.rules import Confidence, Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.text import nearest
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.inventory import environment_names, service_names, table_names

_KNOWN: Final[dict[MentionKind, Callable[[Graph], frozenset[str]]]] = {
    MentionKind.SERVICE: service_names,
    MentionKind.TABLE: table_names,
    MentionKind.ENVIRONMENT: environment_names,
}


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE, confidence=Confidence.MEDIUM)
def check(mention: Mention, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a name of nothing."""
    names_of = _KNOWN.get(mention.kind)
    if names_of is None or mention.intent is not Intent.NAMED or not mention.document.is_live:
        return
    known = names_of(graph)
    if mention.text in known or mention.text.casefold() in {name.casefold() for name in known}:
        return
    close = nearest(mention.text, known)
    if close is None:
        return
    yield Finding(
        Span.of(mention),
        f"this repository has no {mention.kind} `{mention.text}`; the nearest is `{close}`",
        level=Level.PEDANTIC if mention.document.is_proposal else None,
        fixes=(Fix(f"Name `{close}`", Safety.UNSAFE, edits=(Edit(Span.of(mention), close),)),),
        detail=f"a step about `{mention.text}` fails, or is carried out on something else",
    )
