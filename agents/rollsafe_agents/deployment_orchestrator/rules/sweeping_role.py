"""A role allows more than the objects it is about.

## What it does
Reports rules of Roles and ClusterRoles that reach beyond themselves: everything, asterisks, all secrets, commands in
pods, starting pods, giving out rights, nodes, webhooks, certificates. One finding for each rule says all of it.
Everything at once counts as hygiene, the rest is for auditors.

## Why it matters
Whoever may read secrets is everybody whose token is one. Whoever may start a pod may mount any secret and run as any
account of the namespace. An asterisk also allows what is installed tomorrow.

## Bad
```yaml title="k8s/role.yaml"
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: operator
rules:
  - apiGroups: [""]  # <-
    resources: [services, pods/exec]
    verbs: [get]
```

## Good
```yaml title="k8s/role.yaml"
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: operator
rules:
  - apiGroups: [""]
    resources: [services]
    verbs: [get]
```

## Fix
Takes a resource that is written out from the rule, where others are left. Unsafe: who needs it is refused. For an
asterisk nothing is offered: what is needed is not written anywhere.

## References
- [Kubernetes: RBAC good practices](https://kubernetes.io/docs/concepts/security/rbac-good-practices/)

## Equivalent rules
- `kube-linter:wildcard-in-rules`
- `kube-linter:cluster-wide-secrets-access`
- `polaris:clusterrolePodExecAttach`
- `polaris:rolePodExecAttach`
- `checkov:CKV_K8S_49`
- `checkov:CKV_K8S_155`
- `checkov:CKV_K8S_156`
- `checkov:CKV_K8S_157`
- `checkov:CKV_K8S_158`
- `trivy:KSV-0041`
- `trivy:KSV-0042`
- `trivy:KSV-0043`
- `trivy:KSV-0044`
- `trivy:KSV-0045`
- `trivy:KSV-0046`
- `trivy:KSV-0047`
- `trivy:KSV-0048`
- `trivy:KSV-0049`
- `trivy:KSV-0050`
- `trivy:KSV-0051`
- `trivy:KSV-0052`
- `trivy:KSV-0053`
- `trivy:KSV-0054`
- `trivy:KSV-0056`
- `trivy:KSV-0112`
- `trivy:KSV-0113`
- `trivy:KSV-0114`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Power, Role, RoleRule
from rollsafe.formats.nodes import Scalar
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.hardening import without_item
from rollsafe.rules.role_powers import WORDS, names_of

_REMOVABLE = {
    "secrets": Power.SECRETS,
    "pods/exec": Power.EXEC,
    "pods/attach": Power.EXEC,
    "pods/log": Power.LOGS,
    "nodes/proxy": Power.NODES,
    "configmaps": Power.CONFIGURATION,
}


@rule(
    severity=Severity.WARNING, since="0.1.0", level=Level.AUDITOR, earliest=Level.PEDANTIC, fix=Safety.UNSAFE
)
def check(role: Role) -> Iterator[Finding]:
    """Yield a finding for each rule that reaches beyond its objects."""
    if role.is_built_in or role.is_patch:
        return
    for one in role.rules:
        powers = one.powers
        if powers:
            edit = _without(role, one, powers)
            fix = Fix("Take it out of the rule", Safety.UNSAFE, edits=(edit,) if edit is not None else ())
            words = ", ".join(WORDS[power] for power in powers)
            yield Finding(
                one.node.entries[0].key,
                f"{role.kind} `{role.name}` allows to {words}",
                fixes=(fix,) if edit is not None else (),
                level=Level.PEDANTIC if Power.EVERYTHING in powers else Level.AUDITOR,
                equivalents=names_of(role, one, powers),
            )


def _without(role: Role, one: RoleRule, powers: tuple[Power, ...]) -> Edit | None:
    """Return what takes away the only resource that gives the only power; None where there is more."""
    listed = [item for item in one.node.items_at("resources") if isinstance(item, Scalar)]
    meant = [item for item in listed if _REMOVABLE.get(item.text) in powers]
    if len(powers) != 1 or len(meant) != 1 or len(listed) == 1:
        return None
    return without_item(role.file.text, one.node, "resources", meant[0])
