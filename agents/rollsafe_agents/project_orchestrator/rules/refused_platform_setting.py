"""A platform refuses what its file says.

## What it does
Reports settings that exclude each other in `vercel.json` (`functions` and `builds`, `routes` and `rewrites` or their like), paths
of its cron jobs that do not begin with `/`, services of `fly.toml` for processes that it has not, variables of `render.yaml`
without a value or a source, shares of traffic on Cloud Run that are not 100 % together, and more instances at least than at most.

## Why it matters
The deployment stops before anything is built or released, and it does so at the first try after the edit, which may be the one
that was to mend production.

## Bad
```toml title="fly.toml"
app = "shop"

[processes]
  server = "bin/server"
  worker = "bin/worker"

[http_service]
  internal_port = 8080
  processes = ["sever"]  # <-
  min_machines_running = 2

[checks.alive]
  type = "tcp"
  port = 8080
```

## Good
```toml title="fly.toml"
app = "shop"

[processes]
  server = "bin/server"
  worker = "bin/worker"

[http_service]
  internal_port = 8080
  processes = ["server"]
  min_machines_running = 2

[checks.alive]
  type = "tcp"
  port = 8080
```

## Fix
Writes the name that is nearest, begins a path with `/`, or takes out what is too much. Unsafe: the platform does then what the
file says.

## References
- [Fly.io: app configuration](https://fly.io/docs/reference/configuration/)
- [Vercel: project configuration](https://vercel.com/docs/project-configuration)
- [Render: blueprint specification](https://render.com/docs/blueprint-spec)
- [Cloud Run: rollbacks, gradual rollouts, and traffic migration](https://cloud.google.com/run/docs/rollouts-rollbacks-traffic-migration)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.platforms import PlatformService
from rollsafe.artefacts.platforms.refusals import Refusal, refusals_in
from rollsafe.formats.yaml_edit import set_value
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.text import nearest


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(service: PlatformService) -> Iterator[Finding]:
    """Yield a finding for each thing the platform does not take."""
    for one in refusals_in(service):
        yield Finding(
            one.where,
            f"{service.platform} refuses the file: {one.said}",
            fixes=partial(_fixes, service, one),
            detail="nothing is deployed until it is mended",
        )


def _fixes(service: PlatformService, one: Refusal) -> tuple[Fix, ...]:
    node = one.node
    if one.holder is not None and one.extra:
        removed = remove_entry(service.file.text, one.holder, one.extra)
        return (Fix(f"Remove `{one.extra}`", Safety.UNSAFE, edits=(removed,)),) if removed is not None else ()
    if node is None:
        return ()
    if not one.names:
        return (Fix(f"Write `/{node.text}`", Safety.UNSAFE, edits=(set_value(node, f"/{node.text}"),)),)
    close = nearest(node.text, one.names)
    return (Fix(f"Write `{close}`", Safety.UNSAFE, edits=(set_value(node, close),)),) if close else ()
