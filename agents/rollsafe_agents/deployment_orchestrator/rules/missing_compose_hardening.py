"""A Compose service keeps rights that most programs do not need.

## What it does
Reports services without `no-new-privileges`, without `cap_drop`, and without a network of their own. It is for
auditors: what a program needs can be seen only when it runs.

## Why it matters
A program that is taken over can become root through a `setuid` file, and reach every other container of the
project.

## Bad
```yaml title="compose.yaml"
services:
  api:  # <-
    image: registry.example/api:1.2.0
    cap_drop: [ALL]
    networks: [front]
networks:
  front:
```

## Good
```yaml title="compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
    cap_drop: [ALL]
    networks: [front]
    security_opt:
      - no-new-privileges:true
networks:
  front:
```

## Fix
Adds the option, or drops all capabilities. Unsafe: an image that begins as root and changes its user may need some.

## References
- [Docker: runtime privilege](https://docs.docker.com/engine/containers/run/#runtime-privilege-and-linux-capabilities)

## Equivalent rules
- `kics:security_opt_not_set`
- `kics:no_new_privileges_not_set`
- `kics:container_capabilities_unrestricted`
- `kics:networks_not_set`
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.compose import ComposeService
from rollsafe.formats.nodes import Scalar, Sequence
from rollsafe.formats.yaml_edit import add_item
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.compose_edits import added

_OPTION = "no-new-privileges:true"


@rule(severity=Severity.HINT, since="0.1.0", fix=Safety.UNSAFE, level=Level.AUDITOR)
def check(service: ComposeService) -> Iterator[Finding]:
    """Yield a finding for each kind of right that is not given up."""
    yield from _privileges(service)
    if service.lacks("cap_drop"):
        yield Finding(
            service.title_node,
            f"service `{service.name}` keeps the capabilities Docker gives every container: no `cap_drop`",
            fixes=partial(added, service, "cap_drop", "- ALL", "Drop all capabilities", Safety.UNSAFE),
            equivalents=("kics:container_capabilities_unrestricted",),
        )
    if service.lacks("networks") and service.lacks("network_mode"):
        yield Finding(
            service.title_node,
            f"service `{service.name}` names no network: every service of the project can reach it",
            equivalents=("kics:networks_not_set",),
        )


def _privileges(service: ComposeService) -> Iterator[Finding]:
    options = service.node.at("security_opt")
    message = f"programs in service `{service.name}` can gain rights: no `no-new-privileges`"
    if service.lacks("security_opt"):
        yield Finding(
            service.title_node,
            message,
            fixes=partial(added, service, "security_opt", f"- {_OPTION}", f"Add `{_OPTION}`", Safety.UNSAFE),
            equivalents=("kics:security_opt_not_set",),
        )
    elif isinstance(options, Sequence):
        written = [item.text for item in options.items if isinstance(item, Scalar)]
        if options.items and not any(text.startswith("no-new-privileges") for text in written):
            edit = add_item(service.file.text, options, _OPTION)
            yield Finding(
                service.key_at("security_opt") or service.title_node,
                message,
                fixes=(Fix(f"Add `{_OPTION}`", Safety.UNSAFE, edits=(edit,)),),
                equivalents=("kics:no_new_privileges_not_set",),
            )
