"""An ignore comment silences nothing.

## What it does
Reports `rollsafe: ignore[...]` comments that name a rule which finds nothing at that place, or a rule that does
not exist. Rules that do not run in this project's settings are left alone.

## Why it matters
A comment that is left behind silences the next finding at that place, the one somebody introduces by accident.
A misspelt one gives a false sense of having been dealt with.

## Bad
```yaml title="k8s/worker.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
spec:
  replicas: 2
  revisionHistoryLimit: 5  # rollsafe: ignore[rollback-disabled] -- small cluster  # <-
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
  revisionHistoryLimit: 5
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
Removes the comment, or the one name that silences nothing. Safe: nothing is silenced by it.

## References
- [Ignoring a finding](https://github.com/rollsafe/rollsafe/blob/main/docs/ignoring.md)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.comments import without_comment
from rollsafe.rules.ignores import IgnoreComment, NamedRule, RuleNames
from rollsafe.text import nearest
from rollsafe.workspace.facts import Today


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.SAFE)
def check(comment: IgnoreComment, names: RuleNames, today: Today) -> Iterator[Finding]:
    """Yield a finding for each name that has no effect."""
    if not comment.in_force(today.date):
        return
    for named in comment.names:
        if named.name.startswith("ai/"):
            continue  # a remark of a model, which is not there in this run
        if named.name not in names:
            close = nearest(named.name, names)
            hint = f"; nearest: `{close}`" if close else ""
            yield _finding(comment, named, f"there is no rule `{named.name}` to ignore{hint}")
        elif named.name in comment.active_names and named.name not in comment.silenced:
            yield _finding(comment, named, f"`{named.name}` finds nothing here to ignore")


def _finding(comment: IgnoreComment, named: NamedRule, message: str) -> Finding:
    edit = _without_name(comment, named) if len(comment.names) > 1 else without_comment(comment)
    return Finding(
        Span(named.start, named.end),
        message,
        fixes=(Fix("Remove what silences nothing", Safety.SAFE, edits=(edit,)),),
        detail="the next finding of that rule at this place would be silenced without anybody deciding so",
    )


def _without_name(comment: IgnoreComment, named: NamedRule) -> Edit:
    names = list(comment.names)
    at = names.index(named)
    if at + 1 < len(names):
        return Edit(Span(named.start, names[at + 1].start), "")
    return Edit(Span(names[at - 1].end, named.end), "")
