"""A Compose service reaches into its host.

## What it does
Reports `privileged`, the Docker socket, namespaces of the host, directories of the system, added capabilities,
security profiles that are switched off, shared mount propagation and a foreign control group. This is for
auditors: monitoring, proxies and CI runners need some of it.

## Why it matters
Whoever takes over such a container has the host, or a good part of it: with the Docker socket one command starts
a container that mounts the whole disk.

## Bad
```yaml title="compose.yaml"
services:
  agent:
    image: registry.example/agent:1.2.0
    privileged: true  # <-
```

## Good
```yaml title="compose.yaml"
services:
  agent:
    image: registry.example/agent:1.2.0
```

## Fix
Takes the key or the item away. Unsafe: the program may need it.

## References
- [Docker: security](https://docs.docker.com/engine/security/)

## Equivalent rules
- `kics:privileged_containers_enabled`
- `kics:docker_socket_mounted_in_container`
- `kics:host_namespace_is_shared`
- `kics:shared_host_network_namespace`
- `kics:shared_host_ipc_namespace`
- `kics:shared_host_user_namespace`
- `kics:container_capabilities_unrestricted`
- `kics:default_seccomp_profile_disabled`
- `kics:volume_has_sensitive_host_directory`
- `kics:volume_mounted_in_multiple_containers`
- `kics:cgroup_not_default`
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.compose import ComposeService, Mount, MountKind
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence
from rollsafe.formats.yaml_removal import remove_entry, remove_item
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.compose_edits import removed

_NAMESPACES: Final = {
    "network_mode": ("network", "kics:shared_host_network_namespace"),
    "pid": ("process", "kics:host_namespace_is_shared"),
    "ipc": ("memory", "kics:shared_host_ipc_namespace"),
    "userns_mode": ("user", "kics:shared_host_user_namespace"),
}
_SOCKET: Final = re.compile(r"(?:^|/)(?:docker|podman|containerd|crio)\.sock\Z")
_SYSTEM: Final = re.compile(
    r"/\Z|/(?:bin|sbin|boot|cdrom|dev|etc|home|lib|lib64|media|proc|root|run|srv|sys|usr|var)(?:/|\Z)"
)
_HARMLESS: Final = re.compile(
    r"/etc/(?:localtime|timezone|ssl/certs|ca-certificates)(?:/|\Z)|/usr/share/zoneinfo(?:/|\Z)"
)
_PROFILE: Final = re.compile(r"(?:seccomp|apparmor|label)[:=](?:unconfined|disable)")
_PROPAGATION: Final = frozenset({"shared", "rshared", "slave", "rslave"})


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE, level=Level.AUDITOR)
def check(service: ComposeService) -> Iterator[Finding]:
    """Yield a finding for each way into the host."""
    yield from _keys(service)
    yield from _profiles(service)
    for index, mount in enumerate(service.own_mounts):
        yield from _mounted(service, mount, index)


def _keys(service: ComposeService) -> Iterator[Finding]:
    node = service.node
    if node.bool_at("privileged") is True:
        what = "runs privileged: with all rights of the host's root"
        yield _of_key(service, "privileged", what, "kics:privileged_containers_enabled")
    for key, (name, equivalent) in _NAMESPACES.items():
        if node.text_at(key) == "host":
            yield _of_key(service, key, f"shares the {name} namespace of the host", equivalent)
    if node.items_at("cap_add"):
        added = ", ".join(f"`{item.text}`" for item in node.items_at("cap_add") if isinstance(item, Scalar))
        yield _of_key(
            service, "cap_add", f"adds capabilities: {added}", "kics:container_capabilities_unrestricted"
        )
    if node.text_at("cgroup_parent") is not None:
        yield _of_key(
            service, "cgroup_parent", "runs in a control group of its own choice", "kics:cgroup_not_default"
        )


def _of_key(service: ComposeService, key: str, what: str, equivalent: str) -> Finding:
    place: Node = service.node.key_at(key) or service.title_node
    return Finding(
        place,
        f"service `{service.name}` {what}",
        fixes=_own_network(service)
        if key == "network_mode"
        else removed(service, key, f"Remove `{key}`", Safety.UNSAFE),
        equivalents=(equivalent,),
    )


def _own_network(service: ComposeService) -> tuple[Fix, ...]:
    """Return the fix that writes the project's network instead of the host's."""
    entry = service.node.entry("network_mode")
    if entry is None or service.lacks("networks") is False:
        return ()
    quote = '"' if service.file.text[entry.key.start] == '"' else ""
    written = f"{quote}networks{quote}: [{quote}default{quote}]"
    edit = Edit(Span(entry.start, entry.end), written)
    return (Fix("Use the network of the project", Safety.UNSAFE, edits=(edit,)),)


def _profiles(service: ComposeService) -> Iterator[Finding]:
    options = service.node.at("security_opt")
    if not isinstance(options, Sequence):
        return
    for index, item in enumerate(options.items):
        if isinstance(item, Scalar) and _PROFILE.match(item.text):
            seccomp = item.text.startswith("seccomp")
            yield Finding(
                item,
                f"service `{service.name}` switches a security profile off: `{item.text}`",
                fixes=_without(service, "security_opt", options, index, item.text),
                equivalents=("kics:default_seccomp_profile_disabled",) if seccomp else (),
            )


def _mounted(service: ComposeService, mount: Mount, index: int) -> Iterator[Finding]:
    source, node = mount.source or "", mount.node
    volumes = service.node.at("volumes")
    if isinstance(node, Mapping) and node.text_at("bind", "propagation") in _PROPAGATION:
        place = node.at("bind", "propagation") or node
        yield Finding(
            place,
            f"mounts below `{mount.target}` of service `{service.name}` spread to the host",
            fixes=tuple(_without_propagation(service, node)),
            equivalents=("kics:volume_mounted_in_multiple_containers",),
        )
    is_harmless = mount.is_read_only and _HARMLESS.match(source)
    if mount.kind is not MountKind.BIND or not _SYSTEM.match(source) or is_harmless:
        return
    equivalents: tuple[str, ...] = ("kics:volume_has_sensitive_host_directory",)
    what = f"mounts `{source}` of the host"
    if _SOCKET.search(source):
        what, equivalents = (
            f"commands the host's Docker through `{source}`",
            (*equivalents, "kics:docker_socket_mounted_in_container"),
        )
    yield Finding(
        node.at("source") or node if isinstance(node, Mapping) else node,
        f"service `{service.name}` {what}",
        fixes=_without(service, "volumes", volumes, index, source),
        equivalents=equivalents,
    )


def _without(service: ComposeService, key: str, items: Node | None, index: int, what: str) -> tuple[Fix, ...]:
    if not isinstance(items, Sequence) or index >= len(items.items):
        return ()
    if len(items.items) == 1:
        return removed(service, key, f"Remove `{key}`", Safety.UNSAFE)
    edit = remove_item(service.file.text, items, index)
    return (Fix(f"Remove `{what}`", Safety.UNSAFE, edits=(edit,)),) if edit is not None else ()


def _without_propagation(service: ComposeService, node: Mapping) -> Iterator[Fix]:
    bind = node.map_at("bind")
    if bind is not None:
        owner, key = (node, "bind") if len(bind.entries) == 1 else (bind, "propagation")
        edit = remove_entry(service.file.text, owner, key)
        if edit is not None:
            yield Fix("Remove `propagation`", Safety.UNSAFE, edits=(edit,))
