"""No machine of a service is kept running.

## What it does
Reports apps on Fly.io that get requests, stop idle machines and keep none of them running, which is so unless the file says
otherwise.

## Why it matters
The first request after a quiet time waits until a machine has started, and work in the background, such as a
scheduler in the same process, does not happen while nobody asks for a page.

## Bad
```toml title="fly.toml"
app = "shop"

[http_service]
  internal_port = 8080
  auto_stop_machines = "stop"
  auto_start_machines = true
  min_machines_running = 0  # <-

[[http_service.checks]]
  path = "/healthz"
  interval = "15s"
  timeout = "2s"
```

## Good
```toml title="fly.toml"
app = "shop"

[http_service]
  internal_port = 8080
  auto_stop_machines = "stop"
  auto_start_machines = true
  min_machines_running = 1

[[http_service.checks]]
  path = "/healthz"
  interval = "15s"
  timeout = "2s"
```

## Fix
Keeps one machine running. Unsafe: it is paid for.

## References
- [Fly.io: autostop and autostart](https://fly.io/docs/launch/autostop-autostart/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.platforms import FlyApp
from rollsafe.formats.toml_edit import add_toml_entry
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule


@rule(severity=Severity.INFO, since="0.1.0", fix=Safety.UNSAFE, level=Level.PEDANTIC)
def check(app: FlyApp) -> Iterator[Finding]:
    """Yield a finding for each service of which nothing may be running."""
    for service in app.services:
        least, key = service.at("min_machines_running"), service.key_at("auto_stop_machines")
        stops = service.text_at("auto_stop_machines")
        if least is not None and service.int_at("min_machines_running") != 0:
            continue
        if stops in ("stop", "suspend", "true") and key is not None and not app.is_development:
            edit = (
                set_value(least, "1")
                if least is not None
                else add_toml_entry(app.file.text, service, "min_machines_running", "1")
            )
            yield Finding(
                least or key,
                f"no machine of `{app.name}` is kept running",
                fixes=(Fix("Keep one machine running", Safety.UNSAFE, edits=(edit,)),),
                detail="after a quiet time the first request waits for a machine to start",
            )
