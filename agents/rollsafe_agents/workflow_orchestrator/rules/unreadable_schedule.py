"""A schedule is none that the platform reads.

## What it does
Reports CronJobs, and jobs by the clock in `vercel.json`, `render.yaml` and `railway.json`, whose schedule has not five
fields, has a value out of its range, or names a day that no month of it has, such as February 30. Vercel reads no
names of days and months, and wants `*` for the day of the month or for the day of the week. The same in `on.schedule`
of a workflow, where Sunday is 0 and not 7, `timezone` is a name of the
IANA database and `schedule` by its name alone says no time.

## Why it matters
The platform refuses the object and the release stops there, or the job never runs. Six fields, with seconds, are
of other schedulers.

## Bad
```yaml title="k8s/report.yaml"
apiVersion: batch/v1
kind: CronJob
metadata:
  name: report
spec:
  schedule: "0 0 24 * * *"  # <-
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
  schedule: "0 0 * * *"
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
None: what was meant is not known.

## References
- [Kubernetes: writing a CronJob spec](https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#writing-a-cronjob-spec)
- [GitHub: schedule](https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule)
- [Vercel: cron expressions](https://vercel.com/docs/cron-jobs#cron-expressions)

## Equivalent rules
- `actionlint:events`
- `actionlint:syntax-check`
"""

from collections.abc import Iterator
from functools import cache
from pkgutil import get_data
from typing import Final

from rollsafe.artefacts.github_workflow import Workflow
from rollsafe.artefacts.kubernetes import Workload, is_placeholder
from rollsafe.artefacts.platforms import PlatformService, VercelProject
from rollsafe.formats.cron import cron_fault
from rollsafe.formats.nodes import Scalar
from rollsafe.rules import Finding, Severity, rule
from rollsafe.text import nearest
from rollsafe.text.patterns import lazily

_NAMED: Final = frozenset({"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"})
_EVERY: Final = lazily(r"@every \S+\Z")
_FIELDS: Final = 5
_SATURDAY: Final = 6
_WORKFLOWS: Final = ("actionlint:events",)
_UNSET: Final = ("actionlint:syntax-check",)


@rule(severity=Severity.ERROR, since="0.1.0")
def check(clock: Workload | PlatformService | Workflow) -> Iterator[Finding]:
    """Yield a finding for a schedule that is refused or never comes."""
    if isinstance(clock, PlatformService):
        yield from _on_platform(clock)
        return
    if isinstance(clock, Workflow):
        yield from _on_github(clock)
        return
    node = clock.node.at("spec", "schedule")
    if clock.kind == "CronJob" and isinstance(node, Scalar) and node.text and not is_placeholder(node.text):
        wrong = _wrong(node.text.strip())
        if wrong is not None:
            yield _finding("Kubernetes", node, clock.name, wrong)


def _on_platform(service: PlatformService) -> Iterator[Finding]:
    is_strict = isinstance(service, VercelProject)
    for schedule in service.schedules:
        text = schedule.node.text.strip()
        if "$" in text or "{{" in text:
            continue
        wrong = (_wrong_on_vercel(text) if is_strict else None) or _wrong(text)
        if wrong is not None:
            yield _finding(service.platform, schedule.node, schedule.name, wrong)


def _on_github(workflow: Workflow) -> Iterator[Finding]:
    clock = workflow.triggers.get("schedule")
    if clock is None or workflow.problems:
        return
    if clock.node is None:
        if any(fault.path == ("on", "schedule") for fault in workflow.reading.faults):
            return  # that it is empty is told already
        yield Finding(clock.key, "`schedule` has no time at which it starts the workflow", equivalents=_UNSET)
        return
    for item in clock.node.items_at():
        cron, zone = item.at("cron"), item.at("timezone")
        if isinstance(cron, Scalar) and cron.text.strip() and "${{" not in cron.text:
            wrong = cron_fault(cron.text, last_weekday=_SATURDAY)
            if wrong is not None:
                told = f"GitHub cannot read the schedule `{cron.text}`: {wrong}"
                yield Finding(cron, told, equivalents=_WORKFLOWS)
        if isinstance(zone, Scalar) and zone.text and "${{" not in zone.text and zone.text not in _zones():
            close = nearest(zone.text, _zones())
            hint = f"; the nearest is `{close}`" if close is not None else ""
            yield Finding(zone, f"there is no time zone `{zone.text}`{hint}", equivalents=_WORKFLOWS)


@cache
def _zones() -> frozenset[str]:
    data = get_data("rollsafe.artefacts.github_workflow", "data/time_zones.txt") or b""
    return frozenset(line for line in data.decode().splitlines() if not line.startswith("#"))


def _finding(platform: str, node: Scalar, name: str, wrong: str) -> Finding:
    told = f"{platform} cannot read the schedule `{node.text}` of `{name}`: {wrong}"
    return Finding(node, told, equivalents=())


def _wrong_on_vercel(schedule: str) -> str | None:
    fields = schedule.split()
    if len(fields) != _FIELDS:
        return f"{len(fields)} fields instead of five"
    if any(letter.isalpha() for letter in schedule):
        return "it has to be in numbers"
    return "it names days of the month and of the week" if "*" not in (fields[2], fields[4]) else None


def _wrong(schedule: str) -> str | None:
    if schedule.lower() in _NAMED or _EVERY.match(schedule) or "TZ=" in schedule:
        return None
    return cron_fault(schedule)
