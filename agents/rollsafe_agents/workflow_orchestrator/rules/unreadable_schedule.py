"""A schedule is none that the platform reads.

## What it does
Reports CronJobs, and jobs by the clock in `vercel.json`, `render.yaml` and `railway.json`, whose schedule has not five
fields, has a value out of its range, or names a day that no month of it has, such as February 30. Vercel reads no
names of days and months, and wants `*` for the day of the month or for the day of the week.

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
- [Vercel: cron expressions](https://vercel.com/docs/cron-jobs#cron-expressions)

## Equivalent rules
None known.
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Workload, is_placeholder
from rollsafe.artefacts.platforms import PlatformService, VercelProject
from rollsafe.formats.nodes import Scalar
from rollsafe.rules import Finding, Severity, rule

_NAMED: Final = frozenset({"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"})
_EVERY: Final = re.compile(r"@every \S+\Z")
_FIELDS: Final = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_NAMES: Final = {
    "month": ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    "weekday": ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
}
_PART: Final = re.compile(r"(?:[*?]|(?P<first>\w{1,3})(?:-(?P<last>\w{1,3}))?)(?:/(?P<step>\d{1,3}))?\Z")


@rule(severity=Severity.ERROR, since="0.1.0")
def check(clock: Workload | PlatformService) -> Iterator[Finding]:
    """Yield a finding for a schedule that is refused or never comes."""
    if isinstance(clock, PlatformService):
        yield from _on_platform(clock)
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


def _finding(platform: str, node: Scalar, name: str, wrong: str) -> Finding:
    return Finding(node, f"{platform} cannot read the schedule `{node.text}` of `{name}`: {wrong}")


def _wrong_on_vercel(schedule: str) -> str | None:
    fields = schedule.split()
    if len(fields) != len(_FIELDS):
        return f"{len(fields)} fields instead of five"
    if any(letter.isalpha() for letter in schedule):
        return "it has to be in numbers"
    return "it names days of the month and of the week" if "*" not in (fields[2], fields[4]) else None


def _wrong(schedule: str) -> str | None:
    if schedule.lower() in _NAMED or _EVERY.match(schedule) or "TZ=" in schedule:
        return None
    fields = schedule.split()
    if len(fields) != len(_FIELDS):
        return f"{len(fields)} fields instead of five"
    for text, (name, least, most) in zip(fields, _FIELDS, strict=True):
        for part in text.split(","):
            if not _is_part(part, name, least, most):
                return f"the {name} `{text}`"
    return "no month has such a day" if _never_comes(fields) else None


def _is_part(part: str, name: str, least: int, most: int) -> bool:
    found = _PART.match(part)
    if found is None or found["step"] == "0":
        return False
    ends = [_number(text, name) for text in (found["first"], found["last"]) if text is not None]
    return all(end is not None and least <= end <= most for end in ends)


def _number(text: str, name: str) -> int | None:
    if text.isascii() and text.isdigit():
        return int(text)
    names = _NAMES.get(name, [])
    short = text.lower()
    return names.index(short) + (name == "month") if short in names else None


def _never_comes(fields: list[str]) -> bool:
    """Say whether it is only days that the only month does not have."""
    _, _, day, month, weekday = fields
    if not day.isdigit() or not month.isdigit() or weekday not in ("*", "?"):
        return False
    longest = 29 if int(month) == 2 else 30 if int(month) in (4, 6, 9, 11) else 31
    return int(day) > longest
