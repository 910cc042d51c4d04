"""A plan that changes what runs does not say how to go back.

## What it does
Reports plan, rollout, RFC and decision documents that describe a change to what runs and say nowhere how to undo
it. Documents whose status says that they are done, rejected or replaced are left alone.

## Why it matters
The way back is thought about when it is needed: at night, under pressure, with half of the steps done. That is
when it turns out that step three cannot be undone.

## Bad
```markdown title="docs/plans/0007-move-sessions.md"
# Plan: move sessions to PostgreSQL <!-- <- -->

Status: accepted

## Rollout

1. Deploy the new session store beside the old one.
2. Switch reads, then writes.
3. Remove the old store.

## Risks

- What can go wrong, and how we would notice:
- Who is affected while it goes wrong:
- What we do about it beforehand:

## Validation

- What shows that each step worked (command and expected answer):
- Who looks, and for how long:
```

## Good
```markdown title="docs/plans/0007-move-sessions.md"
# Plan: move sessions to PostgreSQL

Status: accepted

## Rollout

1. Deploy the new session store beside the old one.
2. Switch reads, then writes.
3. Remove the old store.

## Risks

- What can go wrong, and how we would notice:
- Who is affected while it goes wrong:
- What we do about it beforehand:

## Validation

- What shows that each step worked (command and expected answer):
- Who looks, and for how long:

## Rollback

- What shows that we have to go back:
- How each step is undone, in reverse order:
- The step after which there is no way back:
```

## Fix
Appends the section with the questions it has to answer. Manual: the answers are the author's.

## References
- [Google SRE: release engineering](https://sre.google/sre-book/release-engineering/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.plan_document import PlanDocument
from rollsafe.rules import Finding, Level, Safety, Severity, rule
from rollsafe.rules.documents import append_section

_SECTION: Final = """\
## Rollback

- What shows that we have to go back:
- How each step is undone, in reverse order:
- The step after which there is no way back:
"""


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.MANUAL)
def check(document: PlanDocument) -> Iterator[Finding]:
    """Yield a finding for a plan that has no way back."""
    if not document.is_operational or not document.is_live or document.has_rollback:
        return
    yield Finding(
        document.title_node,
        f"plan `{document.file.name}` does not say how to go back",
        level=Level.PEDANTIC if document.is_proposal else None,
        fixes=(append_section(document, "Add a section Rollback (fill it in)", _SECTION),),
        detail="when a step fails, whoever carries this out has to invent the way back",
    )
