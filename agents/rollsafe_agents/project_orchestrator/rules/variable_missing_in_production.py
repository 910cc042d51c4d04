"""A variable that staging is given is missing in production.

## What it does
Compares the variables that the files of a platform give the same kind of service in staging and in production, told apart by
their names: `fly.staging.toml` and `fly.production.toml`, or `fly.toml` beside one for staging; `app.staging.yaml`; task
definitions of ECS in `staging/` and `production/`; services `shop-staging` and `shop-production` of one blueprint. Variables about logs, debugging and tests are left
alone.

## Why it matters
Somebody adds a variable where the release is tried, and forgets the other file. Unless it is kept as a secret elsewhere, the
release that worked in staging does not start in production, or runs with a default.

## Bad
```toml title="fly.production.toml"
app = "shop"

[env]  # <-
  QUEUE = "orders"
```
```toml title="fly.staging.toml"
app = "shop-staging"

[env]
  QUEUE = "orders-staging"
  PAYMENT_URL = "https://pay.staging.example.com"
```

## Good
```toml title="fly.production.toml"
app = "shop"

[env]
  QUEUE = "orders"
  PAYMENT_URL = "https://pay.example.com"
```
```toml title="fly.staging.toml"
app = "shop-staging"

[env]
  QUEUE = "orders-staging"
  PAYMENT_URL = "https://pay.staging.example.com"
```

## Fix
None: the value only you know.

## References
- [The twelve-factor app: config](https://12factor.net/config)

## Equivalent rules
None known.
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.platforms import (
    AppEngineService,
    CloudRunService,
    EcsContainer,
    FlyApp,
    PlatformService,
    RenderService,
)
from rollsafe.artefacts.recognition import EnvironmentKind, environment_of
from rollsafe.rules import Confidence, Finding, Level, Related, Severity, rule
from rollsafe.rules.drift import is_for_trials
from rollsafe.rules.intent import explained
from rollsafe.text import Located
from rollsafe.workspace.graph import Graph

_MOST: Final = 3
_WORDS: Final = re.compile(
    r"[-_.](?:staging|stage|stg|preprod|uat|production|prod|prd|live)(?=[-_.]|\Z)", re.I
)
_APART: Final = (EnvironmentKind.STAGING, EnvironmentKind.PRODUCTION)


@rule(severity=Severity.WARNING, since="0.1.0", confidence=Confidence.LOW, level=Level.PEDANTIC)
def check(
    service: FlyApp | AppEngineService | RenderService | CloudRunService | EcsContainer, graph: Graph
) -> Iterator[Finding]:
    """Yield a finding for the variables that only staging has."""
    if service.is_templated or _kind_of(service) is EnvironmentKind.STAGING:
        return
    staging = next((one for one in _beside(service, graph) if not one.is_templated), None)
    if staging is None:
        return
    known = set(_names(service))
    missing = [name for name in _names(staging) if name not in known and not is_for_trials(name)]
    where = _where(service)
    if not missing or explained(service.file, where):
        return
    named = ", ".join(f"`{name}`" for name in missing[:_MOST]) + (" …" if len(missing) > _MOST else "")
    yield Finding(
        where,
        f"`{service.name}` is not given {named}, which staging has",
        related=(Related(staging.file, staging.title, "staging has it from here"),),
        detail="unless it is kept as a secret elsewhere, what was tried in staging was not tried without it",
    )


def _beside(service: PlatformService, graph: Graph) -> Iterator[PlatformService]:
    """Yield the services for staging of which this may be the one for production."""
    mine, is_named = _plain(service), _kind_of(service) is EnvironmentKind.PRODUCTION
    others = [
        one for one in graph.every(type(service), "path:") if _plain(one) == mine and one is not service
    ]
    kinds = {_kind_of(one) for one in others}
    if not is_named and EnvironmentKind.PRODUCTION in kinds:
        return
    for one in others:
        if _kind_of(one) is EnvironmentKind.STAGING:
            yield one


def _kind_of(service: PlatformService) -> EnvironmentKind:
    names = (service.file.name, _own_name(service), *reversed(service.file.directory.split("/")))
    kinds = [environment_of(name) for name in names]
    return next((one for one in kinds if one in _APART), kinds[0])


def _own_name(service: PlatformService) -> str:
    return service.name if isinstance(service, RenderService) else ""


def _plain(service: PlatformService) -> tuple[str, ...]:
    """Return what two files of one service have in common: where they lie, and their names without the environment."""
    name = "" if isinstance(service, FlyApp | AppEngineService) else _WORDS.sub("", service.name)
    folders = (one for one in service.file.directory.split("/") if environment_of(one) not in _APART)
    return "/".join(folders), _WORDS.sub("", service.file.name), name


def _names(service: PlatformService) -> Iterator[str]:
    if isinstance(service, RenderService):
        yield from (item.text_at("key") or "" for item in service.node.items_at("envVars"))
    elif isinstance(service, EcsContainer):
        for key in ("environment", "secrets"):
            for item in service.node.items_at(service.key(key)):
                yield item.text_at(service.key("name")) or ""
    elif isinstance(service, CloudRunService):
        for container in service.containers:
            yield from (item.text_at("name") or "" for item in container.items_at("env"))
    else:
        yield from (one.name for one in service.variables)


def _where(service: PlatformService) -> Located:
    """Return where to point: the list of variables, else what stands for the service."""
    keys = ("env", "env_variables", "envVars", "environment", "Environment")
    return next((key for name in keys if (key := service.node.key_at(name)) is not None), service.title)
