"""A Compose service is killed before it can stop.

## What it does
Reports `stop_signal: SIGKILL`, and a `stop_grace_period` of a second or less. Databases and queues that have no
longer one than Docker's ten seconds are told at level `pedantic`.

## Why it matters
After that time Docker kills the process. Requests are cut off, and a database starts with a recovery that can take
longer than the release itself.

## Bad
```yaml title="compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
    stop_grace_period: 0s  # <-
```

## Good
```yaml title="compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
    stop_grace_period: 30s
```

## Fix
Gives it time: 30 seconds, a database a minute; or takes the signal away. Unsafe: a program that does not react to
the signal takes that long to stop.

## References
- [Compose: stop_grace_period](https://docs.docker.com/reference/compose-file/services/#stop_grace_period)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.compose import ComposeService
from rollsafe.artefacts.known_images import Layer
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.compose_edits import added, removed
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import is_shipped

_NO_TIME = 1.0
_DEFAULT = 10.0
_STORES = frozenset({Layer.DATABASE, Layer.SEARCH, Layer.QUEUE})


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(service: ComposeService, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a service that gets no time to stop."""
    is_store = service.known is not None and service.known.layer in _STORES
    if not (service.node.entry("stop_signal") or service.node.entry("stop_grace_period") or is_store):
        return
    if not is_shipped(service.compose, graph):
        return
    signal = service.node.at("stop_signal")
    if isinstance(signal, Scalar) and signal.text in ("SIGKILL", "KILL", "9"):
        yield Finding(
            signal,
            f"service `{service.name}` is stopped by `{signal.text}`: it cannot finish anything",
            fixes=removed(service, "stop_signal", "Remove `stop_signal`", Safety.UNSAFE),
        )
    node, period = service.node.at("stop_grace_period"), service.stop_grace_period
    longer = "1m" if is_store else "30s"
    if isinstance(node, Scalar) and period is not None and period <= _NO_TIME:
        yield Finding(
            node,
            f"service `{service.name}` is killed `{node.text}` after it is told to stop",
            fixes=(Fix(f"Allow `{longer}`", Safety.UNSAFE, edits=(set_value(node, longer),)),),
            detail="what it is doing then is cut off",
        )
    elif is_store and period is not None and period <= _DEFAULT and service.lacks("provider"):
        yield _of_store(service, node, period)


def _of_store(service: ComposeService, node: object, period: float) -> Finding:
    title = "Allow `1m`"
    fixes = added(service, "stop_grace_period", "1m", title, Safety.UNSAFE)
    if isinstance(node, Scalar):
        fixes = (Fix(title, Safety.UNSAFE, edits=(set_value(node, "1m"),)),)
    return Finding(
        node if isinstance(node, Scalar) else service.title_node,
        f"`{service.name}` is killed {period:g} seconds after it is told to stop",
        fixes=fixes,
        level=Level.PEDANTIC,
        detail="with many open transactions that is too short, and the next start begins with a recovery",
    )
