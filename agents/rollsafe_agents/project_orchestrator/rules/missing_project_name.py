"""A Compose file does not say the name of its project.

## What it does
Reports files without a top-level `name`. Overrides, and files that others include, have none of their own.

## Why it matters
Compose takes the name of the directory. A checkout in another directory, or two in directories of the same name,
gives other containers, networks and volumes: a database that seems empty, or one that two projects share.

## Bad
```yaml title="shop/compose.yaml"
services:  # <-
  api:
    image: registry.example/api:1.2.0
```

## Good
```yaml title="shop/compose.yaml"
name: shop
services:
  api:
    image: registry.example/api:1.2.0
```

## Fix
Writes the name that Compose takes from the directory at present. Unsafe: on the server the directory may have
another name.

## References
- [Compose: specify a project name](https://docs.docker.com/compose/how-tos/project-name/)

## Equivalent rules
- `dclint:require-project-name-field`
"""

import re
from collections.abc import Iterator

from rollsafe.artefacts.compose import ComposeFile
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import add_entry_after, eol_of
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule


@rule(severity=Severity.HINT, since="0.1.0", fix=Safety.UNSAFE, level=Level.AUDITOR)
def check(compose: ComposeFile) -> Iterator[Finding]:
    """Yield a finding for a file without a name."""
    if compose.root.value("name") is not None or not compose.root.entries or not compose.services:
        return
    first = compose.root.entries[0].key
    yield Finding(
        first if isinstance(first, Scalar) else compose.root,
        f"`{compose.file.path}` has no project name: Compose takes that of the directory",
        fixes=lambda: tuple(_fixes(compose)),
    )


def _fixes(compose: ComposeFile) -> Iterator[Fix]:
    name = re.sub(r"[^a-z0-9_-]", "", compose.file.directory.rpartition("/")[2].lower()).lstrip("_-")
    if name and not compose.root.flow:
        first, text = compose.root.entries[0], compose.file.text
        if first.name == "version":
            edit = add_entry_after(text, first, "name", name)
            yield Fix(f"Name it `{name}`", Safety.UNSAFE, edits=(edit,))
            return
        # The first key may stand behind a byte order mark, which is no indentation.
        edit = Edit(Span.at(compose.root.start), f"name: {name}{eol_of(compose.file.text)}")
        yield Fix(f"Name it `{name}`", Safety.UNSAFE, edits=(edit,))
