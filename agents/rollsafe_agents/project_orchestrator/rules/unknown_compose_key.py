"""A Compose file has a key that the specification does not know.

## What it does
Compares every key with the Compose specification. Keys that begin with `x-` are free, and so is what a file says
that a template fills in.

## Why it matters
`docker compose` refuses the whole file: `additional properties 'depend_on' not allowed`. In a file that only the
server uses nobody notices before the deployment.

## Bad
```yaml title="compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
    heathcheck:  # <-
      test: ["CMD", "/app/healthy"]
```

## Good
```yaml title="compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
    healthcheck:
      test: ["CMD", "/app/healthy"]
```

## Fix
Writes the nearest key there is, where the value fits. Unsafe: the key takes effect from then on. A key near none can
be removed.

## References
- [Compose specification](https://docs.docker.com/reference/compose-file/)

## Equivalent rules
- `dclint:invalid-schema`
"""

from collections.abc import Iterator

from rollsafe.artefacts.compose import DIALECT, ComposeFile
from rollsafe.artefacts.shapes import FaultKind, compose_table
from rollsafe.rules import Finding, Safety, Severity, rule
from rollsafe.rules.fields import near_key, removal_fixes, rename_fixes, told_near


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(compose: ComposeFile) -> Iterator[Finding]:
    """Yield a finding for each key that has no meaning where it stands."""
    for fault in compose.faults:
        if fault.kind is not FaultKind.UNKNOWN:
            continue
        table = compose_table()
        close = near_key(fault, table)
        hint = told_near(fault, close, table)
        text = compose.file.text
        fixes = rename_fixes(fault, close, DIALECT) if close is not None else removal_fixes(text, fault)
        where = ".".join(fault.path[:-1])
        yield Finding(
            fault.where,
            f"Compose knows no `{fault.key}` in {f'`{where}`' if where else 'the top level'}{hint}",
            fixes=fixes,
            detail=f"`docker compose up` refuses `{compose.file.path}` as a whole",
        )
