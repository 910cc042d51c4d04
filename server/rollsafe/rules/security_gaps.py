"""What a container's security context leaves open, and how it is completed."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Container
from rollsafe.formats.nodes import Mapping, Sequence
from rollsafe.formats.yaml_edit import add_entry, stacked
from rollsafe.rules.hardening import has_own_users, put_settings
from rollsafe.text import Edit, Span
from rollsafe.text.tuples import NamedTuple

_USER: Final = "10001"
"""Above every user a base image or a node is likely to have."""
_PRIVILEGED_PORTS: Final = 1024


class Gap(NamedTuple):
    """Something left open: what a message says, the settings that close it, and its names elsewhere."""

    words: str
    settings: dict[str, str]
    equivalents: tuple[str, ...]


def gaps_of(container: Container) -> Iterator[Gap]:
    """Yield what the settings in force for `container` leave open for certain."""
    yield from _escalation(container)
    yield from _capabilities(container)
    yield from _filesystem(container)
    yield from _user(container)
    yield from _seccomp(container)


def _escalation(container: Container) -> Iterator[Gap]:
    security = container.security
    refused = security.is_privileged or security.adds("SYS_ADMIN", "ALL") is not None
    if not refused and security.lacks("allowPrivilegeEscalation"):
        names = ("polaris:privilegeEscalationAllowed", "checkov:CKV_K8S_20", "trivy:KSV-0001")
        more = ("kubesec:AllowPrivilegeEscalation", *_absent(container))
        settings = {"allowPrivilegeEscalation": "false"}
        yield Gap("privilege escalation left open", settings, (*names, *more))


def _absent(container: Container) -> Iterator[str]:
    """Yield the names of checks for any security context at all."""
    if container.workload.pod_lacks("securityContext"):
        yield "checkov:CKV_K8S_29"
    if container.lacks("securityContext"):
        yield from ("checkov:CKV_K8S_30", "trivy:KSV-0118")


def _capabilities(container: Container) -> Iterator[Gap]:
    security = container.security
    is_known = security.lacks("capabilities") or security.at("capabilities") is not None
    if security.drops_all or not is_known or container.is_templated(security.at("capabilities")):
        return
    names = ["polaris:insecureCapabilities", "checkov:CKV_K8S_37", "trivy:KSV-0003", "trivy:KSV-0106"]
    names.append("kubesec:CapDropAll")
    if not security.dropped:
        names += ["trivy:KSV-0004", "kubesec:CapDropAny"]
    if "NET_RAW" not in security.dropped:
        names.append("checkov:CKV_K8S_28")
        if isinstance(security.at("capabilities"), Mapping):
            names.append("kube-linter:drop-net-raw-capability")
    yield Gap("undropped capabilities", {"capabilities": _dropping(container)}, tuple(names))


def _dropping(container: Container) -> str:
    """Return what drops all capabilities but the one for the ports the container listens on."""
    low = (port.number for port in container.ports)
    needs_port = any(isinstance(number, int) and 0 < number < _PRIVILEGED_PORTS for number in low)
    kept = "\nadd:\n  - NET_BIND_SERVICE" if needs_port else ""
    return f"drop:\n  - ALL{kept}"


def _filesystem(container: Container) -> Iterator[Gap]:
    key = "readOnlyRootFilesystem"
    if container.security.flag(key) is False or container.security.lacks(key):
        names = (
            *("kube-linter:no-read-only-root-fs", "polaris:notReadOnlyRootFilesystem", "checkov:CKV_K8S_22"),
            *("kube-score:container-security-context-readonlyrootfilesystem", "trivy:KSV-0014"),
            "kubesec:ReadOnlyRootFilesystem",
        )
        yield Gap("a writable root filesystem", {key: "true"}, names)


def _user(container: Container) -> Iterator[Gap]:
    security = container.security
    if not security.lacks("runAsUser"):
        return
    if security.lacks("runAsNonRoot"):
        root = (
            *("kube-linter:run-as-non-root", "polaris:runAsRootAllowed", "checkov:CKV_K8S_23"),
            *("trivy:KSV-0012", "kubesec:RunAsNonRoot"),
        )
        yield Gap("no ban on running as root", {"runAsNonRoot": "true"}, root)
    if has_own_users(container.workload):
        return
    names = ["checkov:CKV_K8S_40", "trivy:KSV-0020", "kubesec:RunAsUser"]
    settings = {"runAsUser": _USER}
    if security.lacks("runAsGroup"):
        names += ["trivy:KSV-0021", "kubesec:RunAsGroup"]
        settings["runAsGroup"] = _USER
    more = ("kube-score:container-security-context-user-group-id",)
    yield Gap("no user id", settings, (*names, *more))


def _seccomp(container: Container) -> Iterator[Gap]:
    security = container.security
    if security.seccomp is not None or not security.lacks("seccompProfile") or security.is_privileged:
        return
    names = ["kube-score:container-seccomp-profile", "checkov:CKV_K8S_31", "trivy:KSV-0030", "trivy:KSV-0104"]
    if not _is_restricted_otherwise(container):
        names.append("polaris:linuxHardening")
    yield Gap("no seccomp profile", {"seccompProfile": "type: RuntimeDefault"}, tuple(names))


def _is_restricted_otherwise(container: Container) -> bool:
    security = container.security
    options = security.at("seLinuxOptions")
    if isinstance(options, Mapping) and options.entries:
        return True
    drops = bool(security.dropped) and security.adds("ALL") is None
    return drops or security.apparmor not in (None, "Unconfined")


def complete(container: Container, gaps: list[Gap]) -> tuple[Edit, ...]:
    """Return edits that close all `gaps`; none where the place to write them is shared."""
    settings = {key: value for gap in gaps for key, value in gap.settings.items()}
    own = container.security.mapping
    present = own.map_at("capabilities") if own is not None else None
    if own is None or present is None or "capabilities" not in settings:
        return put_settings(container, settings)
    del settings["capabilities"]
    return stacked((*_drop_all(container.file.text, present), *put_settings(container, settings)))


def _drop_all(text: str, capabilities: Mapping) -> Iterator[Edit]:
    listed = capabilities.at("drop")
    if isinstance(listed, Sequence) and listed.items:
        yield Edit(Span(listed.start, listed.end), "[ALL]" if listed.flow else "- ALL")
    elif listed is None and capabilities.entries:
        yield add_entry(text, capabilities, "drop", "- ALL")
