"""A Compose file says a version that nothing reads.

## What it does
Reports the top-level `version`.

## Why it matters
Compose ignores it and warns in every command, so that warnings that matter drown. People take it for the version
of a format that limits which keys they may use.

## Bad
```yaml title="compose.yaml"
version: "3.8"  # <-
services:
  api:
    image: registry.example/api:1.2.0
```

## Good
```yaml title="compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
```

## Fix
Removes it. Safe: Compose ignores it. A file for `docker stack` is left alone.

## References
- [Compose: version and name](https://docs.docker.com/reference/compose-file/version-and-name/)

## Equivalent rules
- `dclint:no-version-field`
"""

from collections.abc import Iterator

from rollsafe.artefacts.compose import ComposeFile
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule


@rule(severity=Severity.HINT, since="0.1.0", fix=Safety.SAFE, level=Level.PEDANTIC)
def check(compose: ComposeFile) -> Iterator[Finding]:
    """Yield a finding for a `version`."""
    key = compose.version_key
    if key is None or "stack" in compose.file.name.lower():
        return
    edit = remove_entry(compose.file.text, compose.root, "version")
    fixes = (Fix("Remove `version`", Safety.SAFE, edits=(edit,)),) if edit is not None else ()
    yield Finding(key, "`version` is obsolete: Compose ignores it and warns in every command", fixes=fixes)
