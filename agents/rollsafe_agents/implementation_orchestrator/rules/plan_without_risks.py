"""A plan that changes what runs does not say what can go wrong.

## What it does
Reports plan, rollout, RFC and decision documents that describe a change to what runs and name no risk. Documents
whose status says that they are done, rejected or replaced are left alone.

## Why it matters
A risk nobody wrote down is one nobody prepared for: no alarm is set, nobody is asked to stand by, and the moment
to stop passes unnoticed.

## Bad
```markdown title="docs/plans/0007-move-sessions.md"
# Plan: move sessions to PostgreSQL <!-- <- -->

Status: accepted

## Rollout

1. Deploy the new session store beside the old one.
2. Switch reads, then writes.
3. Remove the old store.

## Rollback

- What shows that we have to go back:
- How each step is undone, in reverse order:
- The step after which there is no way back:

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

## Rollback

- What shows that we have to go back:
- How each step is undone, in reverse order:
- The step after which there is no way back:

## Validation

- What shows that each step worked (command and expected answer):
- Who looks, and for how long:

## Risks

- What can go wrong, and how we would notice:
- Who is affected while it goes wrong:
- What we do about it beforehand:
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
## Risks

- What can go wrong, and how we would notice:
- Who is affected while it goes wrong:
- What we do about it beforehand:
"""


@rule(severity=Severity.INFO, since="0.1.0", fix=Safety.MANUAL)
def check(document: PlanDocument) -> Iterator[Finding]:
    """Yield a finding for a plan that names no risk."""
    if not document.is_operational or not document.is_live or document.has_risks:
        return
    yield Finding(
        document.title_node,
        f"plan `{document.file.name}` names no risk",
        level=Level.PEDANTIC if document.is_proposal else None,
        fixes=(append_section(document, "Add a section Risks (fill it in)", _SECTION),),
        detail="nobody can prepare for what is not written down",
    )
