"""The time zone of a CronJob stands in its schedule.

## What it does
Reports CronJobs whose `schedule` begins with `TZ=` or `CRON_TZ=`.

## Why it matters
Kubernetes refuses such a schedule since 1.29. A cluster that was updated keeps the old object and refuses every
later change of it.

## Bad
```yaml title="k8s/report.yaml"
apiVersion: batch/v1
kind: CronJob
metadata:
  name: report
spec:
  schedule: "TZ=Europe/Berlin 0 3 * * *"  # <-
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 300
  jobTemplate:
    spec:
      backoffLimit: 2
      activeDeadlineSeconds: 3600
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: report
              image: registry.example/report:1.0.3
              resources:
                requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/report.yaml"
apiVersion: batch/v1
kind: CronJob
metadata:
  name: report
spec:
  schedule: "0 3 * * *"
  timeZone: Europe/Berlin
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 300
  jobTemplate:
    spec:
      backoffLimit: 2
      activeDeadlineSeconds: 3600
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: report
              image: registry.example/report:1.0.3
              resources:
                requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Moves the zone to `timeZone`. Safe: the times are the same.

## References
- [Kubernetes: time zones](https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#time-zones)

## Equivalent rules
None known.
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.formats.yaml_edit import add_entry, add_entry_after, set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.text.patterns import lazily

_ZONE: Final = lazily(r"(?:CRON_)?TZ=(?P<zone>[\w/+-]{1,40})\s+(?P<rest>\S.*)\Z")


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.SAFE)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for a zone that Kubernetes refuses where it stands."""
    spec = workload.spec
    node = spec.at("schedule") if spec is not None and workload.kind == "CronJob" else None
    found = _ZONE.match(node.text) if isinstance(node, Scalar) else None
    if spec is None or not isinstance(node, Scalar) or found is None:
        return
    yield Finding(
        node,
        f"Kubernetes refuses the schedule of `{workload.name}`: the zone `{found['zone']}` belongs to `timeZone`",
        fixes=tuple(_fixes(workload, spec, node, found)),
    )


def _fixes(workload: Workload, spec: Mapping, node: Scalar, found: re.Match[str]) -> Iterator[Fix]:
    entry, text = spec.entry("schedule"), workload.file.text
    if entry is None or spec.entry("timeZone") is not None:
        return
    zone = found["zone"]
    edit = (
        add_entry(text, spec, "timeZone", zone)
        if spec.flow
        else add_entry_after(text, entry, "timeZone", zone)
    )
    yield Fix("Move the zone to `timeZone`", Safety.SAFE, edits=(set_value(node, found["rest"]), edit))
