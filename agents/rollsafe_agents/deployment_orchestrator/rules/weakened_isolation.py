"""A setting takes away what keeps a container apart from the kernel.

## What it does
Reports what weakens the isolation that a runtime gives by itself: `procMount: Unmasked`, seccomp or AppArmor
`Unconfined`, SELinux options other than the container types, and sysctls that Kubernetes does not count as safe.

## Why it matters
The masks and profiles are there because of attacks that worked: writing to `/proc/sys`, system calls hardly anybody
uses. A sysctl that is not kept apart changes the node for every pod on it, and a kubelet that does not list it
refuses the pod.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: registry.example/web:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
      securityContext:
        allowPrivilegeEscalation: false
        procMount: Unmasked  # <-
```

## Good
```yaml title="k8s/web.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: registry.example/web:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
      securityContext:
        allowPrivilegeEscalation: false
```

## Fix
Removes the setting, or asks for the runtime's own profile. Unsafe: what needed it fails.

## References
- [Kubernetes: Pod Security Standards, baseline](https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline)

## Equivalent rules
- `kube-linter:unsafe-proc-mount`
- `kube-linter:unsafe-sysctls`
- `kube-score:container-seccomp-profile`
- `polaris:linuxHardening`
- `polaris:procMount`
- `checkov:CKV_K8S_31`
- `trivy:KSV-0002`
- `trivy:KSV-0025`
- `trivy:KSV-0026`
- `trivy:KSV-0027`
- `trivy:KSV-0030`
- `trivy:KSV-0104`
- `kubesec:ProcMount`
- `kubesec:SeccompUnconfined`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.hardening import level_of, without_entry, without_item

_SAFE_SYSCTLS: Final = frozenset(
    {
        *("kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies"),
        *("net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start"),
        *("net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout"),
        *("net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes"),
        *("net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"),
    }
)
_PROFILES: Final = frozenset({"", "RuntimeDefault", "Localhost"})
_CONTAINER_TYPES: Final = frozenset(
    {"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"}
)
_PROC: Final = (
    *("kube-linter:unsafe-proc-mount", "polaris:procMount", "trivy:KSV-0027"),
    "kubesec:ProcMount",
)
_SECCOMP: Final = (
    *("kube-score:container-seccomp-profile", "checkov:CKV_K8S_31", "trivy:KSV-0030", "trivy:KSV-0104"),
    "kubesec:SeccompUnconfined",
)


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for each setting that weakens the isolation of the pods or of a container."""
    if workload.pod_spec is None:
        return
    yield from _sysctls(workload)
    own = workload.pod_spec.map_at("securityContext")
    if own is not None:
        yield from _profiles(workload, f"the pods of `{workload.name}`", own)
    for container in workload.all_containers:
        own = container.node.map_at("securityContext")
        if own is not None:
            who = f"container `{container.name}` of `{workload.name}`"
            yield from _profiles(workload, who, own)
            yield from _proc_mount(workload, who, own)


def _sysctls(workload: Workload) -> Iterator[Finding]:
    owner = workload.pod_spec.map_at("securityContext") if workload.pod_spec is not None else None
    for item in owner.items_at("sysctls") if owner is not None else ():
        name = item.at("name")
        if isinstance(name, Scalar) and name.text not in _SAFE_SYSCTLS and not workload.is_templated(name):
            assert owner is not None
            edit = without_item(workload.file.text, owner, "sysctls", item)
            words = f"the pods of `{workload.name}` set the sysctl `{name.text}`, which is not a safe one"
            names = ("kube-linter:unsafe-sysctls", "trivy:KSV-0026")
            yield _finding(workload, name, words, names, edit, "Remove the sysctl")


def _profiles(workload: Workload, who: str, own: Mapping) -> Iterator[Finding]:
    for key, names in (("seccompProfile", _SECCOMP), ("appArmorProfile", ("trivy:KSV-0002",))):
        kind = own.at(key, "type")
        if isinstance(kind, Scalar) and kind.text not in _PROFILES and not workload.is_templated(kind):
            title = f"Use the runtime's profile in `{key}`"
            more = ("polaris:linuxHardening",) if not _is_restricted(workload, own) else ()
            words = f"{who} is confined by no profile: `{key}` is `{kind.text}`"
            yield _finding(workload, kind, words, (*names, *more), set_value(kind, "RuntimeDefault"), title)
    options = own.map_at("seLinuxOptions")
    if options is None:
        return
    odd = (options.text_at("type") or "") not in _CONTAINER_TYPES
    if odd or options.text_at("user") or options.text_at("role"):
        edit = without_entry(workload.file.text, own, "seLinuxOptions")
        words = f"{who} chooses SELinux options of its own"
        place = own.key_at("seLinuxOptions") or options
        yield _finding(
            workload, place, f"{words}: `seLinuxOptions`", ("trivy:KSV-0025",), edit, "Remove them"
        )


def _is_restricted(workload: Workload, own: Mapping) -> bool:
    options = own.map_at("seLinuxOptions")
    return bool(options is not None and options.entries) or bool(own.items_at("capabilities", "drop"))


def _proc_mount(workload: Workload, who: str, own: Mapping) -> Iterator[Finding]:
    kind = own.at("procMount")
    if isinstance(kind, Scalar) and kind.text not in ("", "Default") and not workload.is_templated(kind):
        edit = without_entry(workload.file.text, own, "procMount")
        words = f"{who} sees `/proc` without its masks"
        yield _finding(workload, own.key_at("procMount") or kind, words, _PROC, edit, "Remove `procMount`")


def _finding(
    workload: Workload, where: Node, words: str, names: tuple[str, ...], edit: Edit | None, title: str
) -> Finding:
    fix = Fix(title, Safety.UNSAFE, edits=(edit,) if edit is not None else ())
    fixes = (fix,) if edit is not None else ()
    return Finding(where, words, fixes=fixes, level=level_of(workload), equivalents=names)
