"""An ignore comment is past its date.

## What it does
Reports `rollsafe: ignore[...] until=DATE` comments whose date has passed, or is no date. The finding they
silenced is shown again.

## Why it matters
The date is when somebody meant to look at it again. Nobody did, and the hazard is still there.

## Bad
```yaml title="k8s/worker.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
spec:
  replicas: 2
  # rollsafe: ignore[rollback-disabled] until=2025-01-31 -- until the move  # <-
  revisionHistoryLimit: 3
  selector:
    matchLabels: {app: worker}
  template:
    metadata:
      labels: {app: worker}
    spec:
      containers:
        - name: worker
          image: registry.example/worker:2.0.1
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/worker.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
spec:
  replicas: 2
  revisionHistoryLimit: 3
  selector:
    matchLabels: {app: worker}
  template:
    metadata:
      labels: {app: worker}
    spec:
      containers:
        - name: worker
          image: registry.example/worker:2.0.1
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Removes the comment. Safe: it has no effect any more.

## References
- [Ignoring a finding](https://github.com/rollsafe/rollsafe/blob/main/docs/ignoring.md)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.rules import Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.comments import without_comment
from rollsafe.rules.ignores import IgnoreComment
from rollsafe.workspace.facts import Today


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.SAFE)
def check(comment: IgnoreComment, today: Today) -> Iterator[Finding]:
    """Yield a finding for a comment that has lapsed."""
    if comment.until is None or comment.in_force(today.date):
        return
    lapsed = f"ended on `{comment.until}`" if comment.expiry else f"has `{comment.until}` for a date"
    yield Finding(
        Span.of(comment),
        f"this ignore {lapsed} and silences nothing",
        fixes=(Fix("Remove the comment", Safety.SAFE, edits=(without_comment(comment),)),),
        detail="somebody wanted to look at this again by that date",
    )
