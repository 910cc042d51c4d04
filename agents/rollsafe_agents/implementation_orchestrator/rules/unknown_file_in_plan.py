"""A plan names a file that is not in the repository.

## What it does
Reports paths in live plan documents that the plan takes to be there and that the repository does not have,
when a similarly named file or the directory exists. Files the plan makes or removes are left alone.

## Why it matters
A plan that names the wrong file is carried out on the wrong file, or stops at that step while somebody looks for
what was meant. Plans are read when there is no time for that.

## Bad
```markdown title="docs/plans/0009-split-reports.md"
# Plan: split reports out of orders

Status: accepted

## Rollout

Change the schedule in `k8s/base/report.yaml`. <!-- <- -->

## Risks

Reports may be late on the first day.

## Validation

The next report arrives within an hour.

## Rollback

Put the old schedule back.
```
```yaml title="k8s/base/reports.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: reports
data:
  SCHEDULE: daily
```

## Good
```markdown title="docs/plans/0009-split-reports.md"
# Plan: split reports out of orders

Status: accepted

## Rollout

Change the schedule in `k8s/base/reports.yaml`.

## Risks

Reports may be late on the first day.

## Validation

The next report arrives within an hour.

## Rollback

Put the old schedule back.
```
```yaml title="k8s/base/reports.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: reports
data:
  SCHEDULE: daily
```

## Fix
Uses the nearest name that exists. Unsafe: whether it is the one that was meant is a guess.

## References
- [Write the Docs: docs as code](https://www.writethedocs.org/guide/docs-as-code/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.plan_document import Intent, Mention, MentionKind
from rollsafe.rules import Confidence, Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.text import nearest
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE, confidence=Confidence.MEDIUM)
def check(mention: Mention, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a path that leads nowhere."""
    if mention.kind is not MentionKind.FILE or mention.intent is not Intent.NAMED:
        return
    if not mention.document.is_live or mention.is_bare_name or not mention.paths:
        return
    if any(graph.has_file(path) for path in mention.paths):
        return
    close = _meant(mention, graph)
    if close is None:
        return
    yield Finding(
        Span.of(mention),
        f"`{mention.text}` is not in this repository; the nearest is `{close}`",
        level=Level.PEDANTIC if mention.document.is_proposal else None,
        fixes=(Fix(f"Name `{close}`", Safety.UNSAFE, edits=(Edit(Span.of(mention), close),)),),
        detail="whoever carries out this step looks for a file that is not there",
    )


def _meant(mention: Mention, graph: Graph) -> str | None:
    """Return the file that was meant, written as the plan writes paths; None without a likely one."""
    likeliest = mention.paths[0]
    directory, _, name = likeliest.rpartition("/")
    siblings = {path.rpartition("/")[2] for path in graph.paths() if path.rpartition("/")[0] == directory}
    close = nearest(name, siblings)
    if close is not None:
        return mention.text[: len(mention.text) - len(name)] + close
    same_name = [path for path in graph.paths() if path.rpartition("/")[2] == name]
    return same_name[0] if len(same_name) == 1 else None
