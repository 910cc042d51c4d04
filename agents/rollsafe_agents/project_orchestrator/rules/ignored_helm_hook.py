"""Helm does not understand what an annotation says of a hook.

## What it does
Reports events in `helm.sh/hook` that Helm does not know, policies in `helm.sh/hook-delete-policy` that it does not know,
weights that are no whole number, and hooks that are written at the pods of a workload and not at the workload.

## Why it matters
Helm says nothing. It leaves an object with an unknown event out of the release, so the migration never runs. An unknown
policy deletes nothing and takes the place of the one that Helm has without it, and a weight that is no number counts as 0.

## Bad
```yaml title="chart/templates/migrate.yaml"
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations:
    helm.sh/hook: pre-install,pre-upgrde  # <-
    helm.sh/hook-delete-policy: before-hook-creation
spec:
  activeDeadlineSeconds: 600
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: migrate
          image: registry.example/shop:2.4.0
          command: [alembic, upgrade, head]
          resources:
            requests: {cpu: 100m, memory: 128Mi}
            limits: {memory: 128Mi}
```

## Good
```yaml title="chart/templates/migrate.yaml"
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-delete-policy: before-hook-creation
spec:
  activeDeadlineSeconds: 600
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: migrate
          image: registry.example/shop:2.4.0
          command: [alembic, upgrade, head]
          resources:
            requests: {cpu: 100m, memory: 128Mi}
            limits: {memory: 128Mi}
```

## Fix
Writes the word that Helm knows, where there is one nearly like it. Unsafe: the hook runs, or goes, from then on.

## References
- [Helm: chart hooks](https://helm.sh/docs/topics/charts_hooks/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.kubernetes import KubernetesObject, Workload
from rollsafe.artefacts.kubernetes.helm_hooks import (
    EVENTS,
    FORMER_EVENTS,
    HOOK,
    POLICIES,
    POLICY,
    WEIGHT,
    words_of,
)
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.text import nearest
from rollsafe.text.patterns import lazily

_WHOLE: Final = lazily(r"\s*[+-]?\d+\s*\Z")
_AT: Final = ("metadata", "annotations")


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(thing: KubernetesObject) -> Iterator[Finding]:
    """Yield a finding for each annotation of a hook that has no effect, or another one."""
    if isinstance(thing, Workload):
        yield from _misplaced(thing)
    if HOOK not in thing.annotations:
        return
    yield from _unknown(
        thing, HOOK, EVENTS | FORMER_EVENTS, "event", "Helm leaves the object out of the release"
    )
    yield from _unknown(
        thing, POLICY, POLICIES, "policy", "it deletes nothing, and the next hook finds the old object"
    )
    weight = thing.node.at(*_AT, WEIGHT)
    if isinstance(weight, Scalar) and "{{" not in weight.text and not _WHOLE.match(weight.text):
        yield Finding(
            weight,
            f"`{weight.text}` is no weight: Helm runs the hook as one of weight 0",
            severity=Severity.WARNING,
        )


def _unknown(
    thing: KubernetesObject, key: str, known: frozenset[str], what: str, detail: str
) -> Iterator[Finding]:
    node = thing.node.at(*_AT, key)
    if not isinstance(node, Scalar) or "{{" in node.text:
        return
    for word in words_of(node.text):
        if word not in known:
            close = nearest(word, sorted(known - FORMER_EVENTS))
            yield Finding(
                node,
                f"Helm knows no {what} `{word}`" + (f"; the nearest is `{close}`" if close else ""),
                fixes=partial(_fixes, node, word, close),
                detail=detail,
            )
            return


def _fixes(node: Scalar, word: str, close: str | None) -> tuple[Fix, ...]:
    if close is None or word not in node.text or node.block:
        return ()
    edit = set_value(node, node.text.replace(word, close))
    return (Fix(f"Write `{close}`", Safety.UNSAFE, edits=(edit,)),)


def _misplaced(workload: Workload) -> Iterator[Finding]:
    template = workload.pod_template
    key = template.key_at(*_AT, HOOK) if template is not None and template is not workload.node else None
    if key is None or not workload.lacks(*_AT, HOOK):
        return
    yield Finding(
        key,
        f"`{HOOK}` stands at the pods of `{workload.name}`, where Helm does not look",
        detail=f"`{workload.name}` is no hook: it is installed with everything else",
    )
