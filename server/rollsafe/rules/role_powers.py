"""The powers of roles in words, and the names other checkers have for them."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Power, Role, RoleRule

WORDS: Final = {
    Power.EVERYTHING: "do everything with every `*`",
    Power.WILDCARD: "use an asterisk, `*`, for verbs, resources or groups",
    Power.SECRETS: "read or write all `secrets`",
    Power.EXEC: "run commands in pods (`pods/exec`, `pods/attach`)",
    Power.RUN: "start or change what runs `pods`",
    Power.ESCALATE: "give out rights or act as somebody else by `roles`, `bind` or `impersonate`",
    Power.NODES: "reach kubelets by `nodes/proxy`",
    Power.WEBHOOKS: "change admission `webhooks`",
    Power.CERTIFICATES: "approve `certificates`",
    Power.LOGS: "remove `pods/log`",
    Power.CONFIGURATION: "change all `configmaps`",
    Power.NETWORK: "change who gets traffic by `services`, `endpoints` or `networkpolicies`",
}
_FIXED: Final = {
    Power.RUN: ("trivy:KSV-0048",),
    Power.NODES: ("trivy:KSV-0047",),
    Power.WEBHOOKS: ("trivy:KSV-0114", "checkov:CKV_K8S_155"),
    Power.CERTIFICATES: ("checkov:CKV_K8S_156",),
    Power.LOGS: ("trivy:KSV-0042",),
    Power.CONFIGURATION: ("trivy:KSV-0049",),
    Power.NETWORK: ("trivy:KSV-0056",),
}


def names_of(role: Role, one: RoleRule, powers: tuple[Power, ...]) -> tuple[str, ...]:
    """Return the names other checkers give to what a rule of a role allows."""
    names = dict.fromkeys(name for power in powers for name in _names(role, one, power))
    return tuple(names)


def _names(role: Role, one: RoleRule, power: Power) -> Iterator[str]:
    yield from _FIXED.get(power, ())
    match power:
        case Power.EVERYTHING:
            yield from (*_asterisks(role, one), *_exec(role, one), *_secrets(role))
        case Power.WILDCARD:
            yield from _asterisks(role, one)
        case Power.SECRETS:
            yield from _secrets(role)
        case Power.EXEC:
            yield from _exec(role, one)
        case Power.ESCALATE:
            yield from _escalation(one)
        case _:
            pass


def _asterisks(role: Role, one: RoleRule) -> Iterator[str]:
    yield from ("kube-linter:wildcard-in-rules", "checkov:CKV_K8S_49")
    if "*" in one.verbs:
        yield "trivy:KSV-0045"
    if "*" in one.resources:
        yield "trivy:KSV-0046" if role.is_cluster_wide else "trivy:KSV-0112"
        if "*" in one.verbs:
            yield "trivy:KSV-0044"


def _secrets(role: Role) -> Iterator[str]:
    if role.is_cluster_wide:
        yield from ("kube-linter:cluster-wide-secrets-access", "trivy:KSV-0041")
    else:
        yield "trivy:KSV-0113"


def _exec(role: Role, one: RoleRule) -> Iterator[str]:
    yield "polaris:clusterrolePodExecAttach" if role.is_cluster_wide else "polaris:rolePodExecAttach"
    if "pods/exec" in one.resources:
        yield "trivy:KSV-0053"
    if "pods/attach" in one.resources:
        yield "trivy:KSV-0054"


def _escalation(one: RoleRule) -> Iterator[str]:
    if "impersonate" in one.verbs:
        yield "trivy:KSV-0043"
    if one.names_it(("bind",), "roles", "clusterroles"):
        yield "checkov:CKV_K8S_157"
    if one.names_it(("escalate",), "roles", "clusterroles"):
        yield "checkov:CKV_K8S_158"
    if one.resources & {"roles", "rolebindings", "clusterroles", "clusterrolebindings"}:
        yield from ("trivy:KSV-0050", "trivy:KSV-0051", "trivy:KSV-0052")
