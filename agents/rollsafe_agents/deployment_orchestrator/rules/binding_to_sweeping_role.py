"""A binding gives somebody the cluster, or a way to it.

## What it does
Reports RoleBindings and ClusterRoleBindings to `cluster-admin`, and to roles of the repository that allow everything,
commands in pods, all secrets, starting pods, giving out rights, acting as somebody else, or kubelets. The first two
kinds count as hygiene, the rest is for auditors.

## Why it matters
Whoever the binding is for, and whoever gets hold of their token, can read every secret and replace every program.
A mistake of a script that runs with it is as far-reaching.

## Bad
```yaml title="k8s/binding.yaml"
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: deployer
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: cluster-admin  # <-
subjects:
  - kind: ServiceAccount
    name: deployer
    namespace: delivery
```

## Good
```yaml title="k8s/binding.yaml"
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: deployer
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: edit
subjects:
  - kind: ServiceAccount
    name: deployer
    namespace: delivery
```

## Fix
Gives `edit` instead of `cluster-admin`. Manual: whether that is enough has to be tried, and a binding that exists has
to be deleted first, since its `roleRef` cannot be changed.

## References
- [Kubernetes: RBAC good practices](https://kubernetes.io/docs/concepts/security/rbac-good-practices/)

## Equivalent rules
- `kube-linter:cluster-admin-role-binding`
- `kube-linter:access-to-secrets`
- `kube-linter:access-to-create-pods`
- `polaris:clusterrolebindingClusterAdmin`
- `polaris:clusterrolebindingPodExecAttach`
- `polaris:rolebindingClusterAdminClusterRole`
- `polaris:rolebindingClusterAdminRole`
- `polaris:rolebindingClusterRolePodExecAttach`
- `polaris:rolebindingRolePodExecAttach`
- `trivy:KSV-0111`
- `checkov:CKV2_K8S_1`
- `checkov:CKV2_K8S_2`
- `checkov:CKV2_K8S_3`
- `checkov:CKV2_K8S_5`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Power, Role, RoleBinding
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.rules.role_powers import WORDS
from rollsafe.workspace.graph import Graph

_ADMIN: Final = "cluster-admin"
_JUDGED: Final = (*(Power.EVERYTHING, Power.EXEC, Power.SECRETS, Power.RUN, Power.ESCALATE, Power.NODES),)
_OF_PROGRAMS: Final = (
    ("checkov:CKV2_K8S_1", ("bind",), ("clusterrolebindings", "rolebindings")),
    ("checkov:CKV2_K8S_2", ("create",), ("nodes/proxy", "pods/exec")),
    ("checkov:CKV2_K8S_3", ("impersonate",), ("groups", "serviceaccounts", "users")),
    ("checkov:CKV2_K8S_5", ("get", "list", "watch"), ("secrets",)),
)
"""What checkov reports of bindings to service accounts and nodes: verbs, and resources they are allowed on."""
_ADMIN_NAMES: Final = {
    ("ClusterRoleBinding", "ClusterRole"): "polaris:clusterrolebindingClusterAdmin",
    ("RoleBinding", "ClusterRole"): "polaris:rolebindingClusterAdminClusterRole",
    ("RoleBinding", "Role"): "polaris:rolebindingClusterAdminRole",
}
_EXEC_NAMES: Final = {
    ("ClusterRoleBinding", "ClusterRole"): "polaris:clusterrolebindingPodExecAttach",
    ("RoleBinding", "ClusterRole"): "polaris:rolebindingClusterRolePodExecAttach",
    ("RoleBinding", "Role"): "polaris:rolebindingRolePodExecAttach",
}


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.MANUAL)
def check(binding: RoleBinding, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a binding to a role that reaches far."""
    if binding.is_patch or binding.name.startswith("system:"):
        return
    if binding.role_name == _ADMIN and binding.role_kind != "Role":
        yield _finding(binding, (Power.EVERYTHING,), None)
        return
    for role in graph.find(Role, f"{binding.role_kind}/{binding.role_name}"):
        powers = {power for one in role.rules for power in one.powers}
        told = tuple(power for power in _JUDGED if power in powers)
        if told and (role.is_cluster_wide or role.shares_namespace(binding)) and not role.is_built_in:
            yield _finding(binding, told, role)
            return


def _finding(binding: RoleBinding, powers: tuple[Power, ...], role: Role | None) -> Finding:
    whom = ", ".join(f"`{subject.name}`" for subject in binding.subjects[:3]) or "nobody yet"
    edit = set_value(binding.role_node, "edit")
    fix = Fix("Give `edit` instead", Safety.MANUAL, edits=(edit,))
    words = ", ".join(WORDS[power] for power in powers)
    return Finding(
        binding.role_node,
        f"{binding.kind} `{binding.name}` lets {whom} {words}: `{binding.role_name}`",
        fixes=(fix,) if role is None else (),
        related=() if role is None else (Related(role.file, role.title_node, "the role"),),
        level=None if Power.EVERYTHING in powers else Level.AUDITOR,
        equivalents=(*_names(binding, powers, is_admin=role is None), *_names_of_programs(binding, role)),
    )


def _names_of_programs(binding: RoleBinding, role: Role | None) -> Iterator[str]:
    kinds = {subject.kind for subject in binding.subjects}
    if role is None or not kinds & {"Node", "ServiceAccount"}:
        return
    for name, verbs, resources in _OF_PROGRAMS:
        if any(not one.names and one.allows(verbs, *resources) for one in role.rules):
            yield name


def _names(binding: RoleBinding, powers: tuple[Power, ...], *, is_admin: bool) -> Iterator[str]:
    kinds = (binding.kind, binding.role_kind)
    everything = Power.EVERYTHING in powers
    if is_admin:
        yield from ("kube-linter:cluster-admin-role-binding", "trivy:KSV-0111")
    if everything and kinds in _ADMIN_NAMES:
        yield _ADMIN_NAMES[kinds]
    if (everything or Power.EXEC in powers) and kinds in _EXEC_NAMES:
        yield _EXEC_NAMES[kinds]
    if everything or Power.SECRETS in powers:
        yield "kube-linter:access-to-secrets"
    if everything or Power.RUN in powers:
        yield "kube-linter:access-to-create-pods"
