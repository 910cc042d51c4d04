"""A key of a platform's file is a slip of one the platform knows.

## What it does
Reports keys in `fly.toml`, `render.yaml`, `railway.json`, `railway.toml` and `vercel.json` that the platform does not
know and that all but are one it knows. Other unknown keys are left alone: platforms add keys.

## Why it matters
Platforms ignore such a key, or refuse the file. Where it is ignored the setting has no effect, and nobody is told:
no release command runs, no health is asked for.

## Bad
```toml title="fly.toml"
app = "shop"

[deploy]
  release_comand = "bin/migrate"  # <-

[checks.up]
  type = "tcp"
  port = 8080
```

## Good
```toml title="fly.toml"
app = "shop"

[deploy]
  release_command = "bin/migrate"

[checks.up]
  type = "tcp"
  port = 8080
```

## Fix
Renames the key. Unsafe: the setting takes effect from then on.

## References
- [Fly.io: app configuration](https://fly.io/docs/reference/configuration/)
- [Render: blueprint specification](https://render.com/docs/blueprint-spec)
- [Railway: config as code](https://docs.railway.com/reference/config-as-code)
- [Vercel: project configuration](https://vercel.com/docs/project-configuration)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.platforms import PlatformService
from rollsafe.artefacts.platforms.keys import slips_in
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, rule


@rule(
    severity=Severity.WARNING,
    since="0.1.0",
    fix=Safety.UNSAFE,
    confidence=Confidence.MEDIUM,
    level=Level.PEDANTIC,
)
def check(service: PlatformService) -> Iterator[Finding]:
    """Yield a finding for each key that all but is a known one."""
    for slip in slips_in(service):
        key = slip.entry.key
        if isinstance(key, Scalar):
            fix = Fix(
                f"Rename `{key.text}` to `{slip.meant}`", Safety.UNSAFE, edits=(set_value(key, slip.meant),)
            )
            yield Finding(
                key,
                f"{service.platform} knows no `{key.text}`; the nearest is `{slip.meant}`",
                fixes=(fix,),
                detail="the setting has no effect, or the platform refuses the file",
            )
