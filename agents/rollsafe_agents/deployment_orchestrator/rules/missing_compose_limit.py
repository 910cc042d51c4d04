"""A Compose service may take all of the host's memory or processors.

## What it does
Reports services of files that ship without a memory limit; those without a limit of processors or processes are
told to auditors.

## Why it matters
One leak takes the host down with everything on it: when memory ends, the kernel picks a process to kill, and that
is often the database.

## Bad
```yaml title="compose.yaml"
services:
  api:  # <-
    image: registry.example/api:1.2.0
```

## Good
```yaml title="compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
    mem_limit: 512m
```

## Fix
Adds a limit to fill in. Manual: how much the program needs has to be measured.

## References
- [Compose: resources](https://docs.docker.com/reference/compose-file/deploy/#resources)

## Equivalent rules
- `kics:memory_not_limited`
- `kics:cpus_not_limited`
- `kics:pids_limit_not_set`
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.compose import ComposeService
from rollsafe.rules import Finding, Level, Safety, Severity, rule
from rollsafe.rules.compose_edits import added
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import is_shipped


class _Limit(NamedTuple):
    what: str
    key: str
    path: tuple[str, ...]
    value: str
    level: Level
    equivalent: str


_IN_DEPLOY: Final = ("deploy", "resources", "limits")
_LIMITS: Final = (
    _Limit("memory", "mem_limit", (*_IN_DEPLOY, "memory"), "512m", Level.PEDANTIC, "kics:memory_not_limited"),
    _Limit("processors", "cpus", (*_IN_DEPLOY, "cpus"), '"1.0"', Level.AUDITOR, "kics:cpus_not_limited"),
    _Limit("processes", "pids_limit", (*_IN_DEPLOY, "pids"), "200", Level.AUDITOR, "kics:pids_limit_not_set"),
)


@rule(severity=Severity.INFO, since="0.1.0", fix=Safety.MANUAL, level=Level.PEDANTIC)
def check(service: ComposeService, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each limit that is not set."""
    if not is_shipped(service.compose, graph):
        return
    for limit in _LIMITS:
        if service.lacks(limit.key) and service.lacks(*limit.path):
            title = f"Add `{limit.key}: {limit.value}` (fill in what it needs)"
            yield Finding(
                service.title_node,
                f"service `{service.name}` has no limit of {limit.what}",
                fixes=partial(added, service, limit.key, limit.value, title, Safety.MANUAL),
                level=limit.level,
                equivalents=(limit.equivalent,) if _is_judged(service, limit) else (),
            )


def _is_judged(service: ComposeService, limit: _Limit) -> bool:
    """Say whether KICS judges it: by the version of the file, which it has to have."""
    version = service.compose.root.text_at("version") or ""
    if not version:
        return False
    return limit.key != "pids_limit" or version.startswith(("1", "2"))
