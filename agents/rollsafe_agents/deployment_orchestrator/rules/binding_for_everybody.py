"""A binding gives a role to everybody.

## What it does
Reports subjects that stand for more than somebody: `system:anonymous`, `system:unauthenticated`,
`system:authenticated`, and the `default` ServiceAccount that every pod of a namespace has. Roles the cluster
itself gives to everybody, such as `system:discovery`, are left alone.

## Why it matters
The anonymous user is whoever reaches the API server; in some clouds `system:authenticated` is everybody with an
account there. A role for `default` is a role for each pod somebody starts without thinking of accounts.

## Bad
```yaml title="k8s/binding.yaml"
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: readers
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: view
subjects:
  - apiGroup: rbac.authorization.k8s.io
    kind: Group
    name: readers
  - apiGroup: rbac.authorization.k8s.io
    kind: Group
    name: system:authenticated  # <-
```

## Good
```yaml title="k8s/binding.yaml"
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: readers
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: view
subjects:
  - apiGroup: rbac.authorization.k8s.io
    kind: Group
    name: readers
```

## Fix
Takes the subject out, where others are left. Unsafe: who relied on it is refused.

## References
- [Kubernetes: default roles and role bindings](https://kubernetes.io/docs/reference/access-authn-authz/rbac/#discovery-roles)

## Equivalent rules
- `checkov:CKV_K8S_42`
- `trivy:KSV-0122`
- `trivy:KSV-0123`
- `kubesec:BindingsToSystemAnonymous`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import RoleBinding, Subject
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.hardening import without_item

_ANONYMOUS: Final = frozenset({"system:anonymous", "system:unauthenticated"})
_PUBLIC: Final = frozenset({"system:discovery", "system:basic-user", "system:public-info-viewer"})


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(binding: RoleBinding) -> Iterator[Finding]:
    """Yield a finding for each subject that is everybody."""
    if binding.role_name in _PUBLIC:
        return
    for subject in binding.subjects:
        if subject.name in _ANONYMOUS:
            names = ("trivy:KSV-0122", "kubesec:BindingsToSystemAnonymous")
            yield _finding(binding, subject, "whoever reaches the API server", names)
        elif subject.name == "system:authenticated":
            yield _finding(binding, subject, "everybody who has logged in", ("trivy:KSV-0123",))
        elif subject.kind == "ServiceAccount" and subject.name == "default":
            who = "each pod that names no account"
            yield _finding(binding, subject, who, ("checkov:CKV_K8S_42",), Severity.INFO, Level.AUDITOR)


def _finding(
    binding: RoleBinding,
    subject: Subject,
    who: str,
    names: tuple[str, ...],
    severity: Severity | None = None,
    level: Level | None = None,
) -> Finding:
    edit = None
    if len(binding.subjects) > 1:
        edit = without_item(binding.file.text, binding.node, "subjects", subject.node)
    fix = Fix(f"Take `{subject.name}` out", Safety.UNSAFE, edits=(edit,) if edit is not None else ())
    return Finding(
        subject.node.at("name") or subject.node,
        f"{binding.kind} `{binding.name}` gives `{binding.role_name}` to {who}: `{subject.name}`",
        fixes=(fix,) if edit is not None else (),
        severity=severity,
        level=level,
        equivalents=names,
    )
