"""An ignore comment names no rule, or gives no reason.

## What it does
Reports `rollsafe: ignore` without rule names, which silences nothing, and ignores without a reason behind `--`.

## Why it matters
Whoever meets the comment a year later cannot tell whether the hazard was judged or only in the way. It stays
because nobody dares to remove it.

## Bad
```yaml title="k8s/worker.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
spec:
  replicas: 2
  # rollsafe: ignore[rollback-disabled]  # <-
  revisionHistoryLimit: 0
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
  # rollsafe: ignore[rollback-disabled] -- the registry keeps every release
  revisionHistoryLimit: 0
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
There is none: the reason is the author's to give.

## References
- [Ignoring a finding](https://github.com/rollsafe/rollsafe/blob/main/docs/ignoring.md)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.rules import Finding, Severity, Span, rule
from rollsafe.rules.ignores import IgnoreComment


@rule(severity=Severity.INFO, since="0.1.0")
def check(comment: IgnoreComment) -> Iterator[Finding]:
    """Yield a finding for a comment that does not say what or why."""
    if not comment.names:
        yield Finding(
            Span.of(comment),
            "this ignore names no rule and silences nothing: `ignore[rule-name]`",
            detail="a comment without a name would silence everything, the next hazard too",
        )
    elif not comment.reason:
        named = ", ".join(f"`{one.name}`" for one in comment.names)
        yield Finding(
            Span.of(comment),
            f"no reason is given for ignoring {named}: write it behind `--`",
            detail="whoever meets this comment later cannot tell whether the hazard was judged",
        )
