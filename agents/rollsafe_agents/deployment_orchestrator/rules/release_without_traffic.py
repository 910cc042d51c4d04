"""A new revision on Cloud Run gets no requests.

## What it does
Reports services of Cloud Run whose `traffic` names revisions only. A share or a tag for the latest revision
(`latestRevision: true`) says that somebody looks at it first, and is left alone.

## Why it matters
Traffic that is given to named revisions stays with them. Each later deployment makes a revision and succeeds, and
everybody goes on using the old one: the fix that was shipped is not there, and nothing says so.

## Bad
```yaml title="service.yaml"
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
  labels:
    cloud.googleapis.com/location: europe-west1
spec:
  template:
    spec:
      containers:
        - image: registry.example/shop:2.4.1
  traffic:
    - revisionName: shop-00007  # <-
      percent: 100
```

## Good
```yaml title="service.yaml"
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
  labels:
    cloud.googleapis.com/location: europe-west1
spec:
  template:
    spec:
      containers:
        - image: registry.example/shop:2.4.1
  traffic:
    - latestRevision: true
      percent: 100
```

## Fix
Sends the requests to the latest revision, where one revision has all of them. Unsafe: it is what users get next.

## References
- [Cloud Run: rollbacks and traffic](https://cloud.google.com/run/docs/rollouts-rollbacks-traffic-migration)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.platforms.cloud_run import CloudRunService
from rollsafe.formats.nodes import Scalar
from rollsafe.rules import Confidence, Edit, Finding, Fix, Safety, Severity, Span, rule


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE, confidence=Confidence.MEDIUM)
def check(service: CloudRunService) -> Iterator[Finding]:
    """Yield a finding for a service whose next revision nobody uses."""
    pinned = service.pinned
    if pinned is None or service.is_development:
        return
    yield Finding(
        service.traffic[0].key_at("revisionName") or pinned,
        f"a new revision of `{service.name}` gets no requests: they stay with `{pinned.text}`",
        fixes=tuple(_fixes(service, pinned)),
        detail="deployments succeed and change nothing for users until somebody moves the traffic",
    )


def _fixes(service: CloudRunService, pinned: Scalar) -> Iterator[Fix]:
    key = service.traffic[0].key_at("revisionName")
    if key is None or len(service.traffic) != 1 or pinned.block or service.traffic[0].flow:
        return
    edit = Edit(Span(key.start, pinned.end), "latestRevision: true")
    yield Fix("Send the requests to the latest revision", Safety.UNSAFE, edits=(edit,))
