"""Who may do what in the cluster: roles, the powers they give, and whom they are given to."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from rollsafe.artefacts.kubernetes.objects import KubernetesObject
from rollsafe.artefacts.kubernetes.templates import is_placeholder
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.text.cached import cached_property
from rollsafe.text.tuples import NamedTuple

ALL: Final = "*"
READING: Final = frozenset({"get", "list", "watch"})
WRITING: Final = frozenset({"create", "update", "patch", "delete", "deletecollection"})
_EVERY_VERB: Final = frozenset({"get", "list", "watch", "create", "update", "patch", "delete"})
_RUNNERS: Final = (
    *("pods", "deployments", "daemonsets", "statefulsets", "replicasets", "jobs", "cronjobs"),
    "replicationcontrollers",
)
_NETWORKING: Final = ("services", "endpoints", "endpointslices", "networkpolicies", "ingresses")


class Power(StrEnum):
    """What a rule of a role allows that reaches further than the objects it names."""

    EVERYTHING = "everything"
    """Every verb on every resource."""
    WILDCARD = "wildcard"
    """An asterisk for verbs, resources or groups."""
    SECRETS = "secrets"
    EXEC = "exec"
    """Run commands in pods, or attach to them."""
    RUN = "run"
    """Start or change what runs pods."""
    ESCALATE = "escalate"
    """Give out more than one has: escalate, bind, impersonate, write roles and bindings."""
    NODES = "nodes"
    """Reach kubelets through the API server."""
    WEBHOOKS = "webhooks"
    """See and change every request to the API server."""
    CERTIFICATES = "certificates"
    """Approve certificates, and with them identities."""
    LOGS = "logs"
    """Remove the logs of pods."""
    CONFIGURATION = "configuration"
    """Change ConfigMaps."""
    NETWORK = "network"
    """Change who gets and may send traffic."""


class RoleRule(NamedTuple):
    """One item of `rules`; `names` are the only objects it is about, if any are listed."""

    groups: frozenset[str]
    resources: frozenset[str]
    verbs: frozenset[str]
    names: frozenset[str]
    node: Mapping

    def allows(self, verbs: Iterable[str], *resources: str) -> bool:
        """Say whether one of `verbs` is allowed on one of `resources` by name or asterisk."""
        return self._does(verbs) and (ALL in self.resources or not self.resources.isdisjoint(resources))

    def names_it(self, verbs: Iterable[str], *resources: str) -> bool:
        """Say whether one of `verbs` is allowed on one of `resources` that is written out."""
        return self._does(verbs) and not self.resources.isdisjoint(resources)

    def _does(self, verbs: Iterable[str]) -> bool:
        return ALL in self.verbs or not self.verbs.isdisjoint(verbs)

    @property
    def allows_everything(self) -> bool:
        """Whether it allows all verbs on all resources of all groups."""
        every = ALL in self.verbs or self.verbs >= _EVERY_VERB
        return every and ALL in self.resources and ALL in self.groups

    @property
    def allows_exec(self) -> bool:
        """Whether a shell in somebody's pod can be had by it."""
        in_core = not self.groups or bool(self.groups & {"", ALL})
        return in_core and self.allows(("get", "create"), "pods/exec", "pods/attach")

    @property
    def powers(self) -> tuple[Power, ...]:
        """What it allows beyond the objects it names, the greatest first."""
        return tuple(self._powers())

    def _powers(self) -> Iterator[Power]:
        if self.allows_everything:
            yield Power.EVERYTHING
            return
        if ALL in self.verbs or ALL in self.resources or ALL in self.groups:
            yield Power.WILDCARD
        if not self.names and self.allows(READING | WRITING, "secrets") and self._is_of(""):
            yield Power.SECRETS
        if self.allows_exec:
            yield Power.EXEC
        if self.names_it(WRITING, *_RUNNERS):
            yield Power.RUN
        if self._escalates:
            yield Power.ESCALATE
        yield from self._lesser()

    def _lesser(self) -> Iterator[Power]:
        webhooks = ("mutatingwebhookconfigurations", "validatingwebhookconfigurations")
        if self.names_it(READING | WRITING, "nodes/proxy"):
            yield Power.NODES
        if self.names_it(WRITING, *webhooks):
            yield Power.WEBHOOKS
        if self.names_it(("approve", "update", "patch"), "signers", "certificatesigningrequests/approval"):
            yield Power.CERTIFICATES
        if self.names_it(WRITING, "pods/log"):
            yield Power.LOGS
        if not self.names and self.names_it(WRITING, "configmaps"):
            yield Power.CONFIGURATION
        if self.names_it(WRITING, *_NETWORKING):
            yield Power.NETWORK

    @property
    def _escalates(self) -> bool:
        roles = ("roles", "clusterroles", "rolebindings", "clusterrolebindings")
        if self.names_it(("create", "update", "patch", "escalate", "bind"), *roles):
            return True
        people = ("users", "groups", "serviceaccounts", "userextras", "uids")
        return bool(self.verbs & {"impersonate"}) and self.names_it(("impersonate",), *people)

    def _is_of(self, group: str) -> bool:
        return not self.groups or group in self.groups or ALL in self.groups


class Role(KubernetesObject):
    """A Role or ClusterRole."""

    @cached_property
    def rules(self) -> tuple[RoleRule, ...]:
        """The rules, in source order."""
        items = self.node.items_at("rules")
        return tuple(_rule(item) for item in items if isinstance(item, Mapping))

    @property
    def is_cluster_wide(self) -> bool:
        """Whether it can be given for every namespace."""
        return self.kind == "ClusterRole"

    @property
    def is_built_in(self) -> bool:
        """Whether the cluster brings it along under this name."""
        return self.name.startswith("system:") or self.name in ("admin", "cluster-admin", "edit", "view")


class Subject(NamedTuple):
    """Whom a binding is for; `kind` is `User`, `Group` or `ServiceAccount`."""

    kind: str
    name: str
    namespace: str | None
    node: Mapping


class RoleBinding(KubernetesObject):
    """A RoleBinding or ClusterRoleBinding."""

    @property
    def role_kind(self) -> str:
        """`Role` or `ClusterRole`."""
        return self.node.text_at("roleRef", "kind") or ""

    @property
    def role_name(self) -> str:
        """The name of the role it gives; empty when there is none."""
        return self.node.text_at("roleRef", "name") or ""

    @property
    def role_node(self) -> Node:
        """Where the role is named."""
        return self.node.at("roleRef", "name") or self.title_node

    @property
    def is_cluster_wide(self) -> bool:
        """Whether it gives the role for every namespace."""
        return self.kind == "ClusterRoleBinding"

    @cached_property
    def subjects(self) -> tuple[Subject, ...]:
        """Whom it is for, in source order."""
        return tuple(
            Subject(item.text_at("kind") or "", item.text_at("name") or "", item.text_at("namespace"), item)
            for item in self.node.items_at("subjects")
            if isinstance(item, Mapping)
        )

    def graph_keys(self) -> Iterable[str]:
        """Return the object's keys and `subject:Kind/name`."""
        known = {f"subject:{s.kind}/{s.name}": None for s in self.subjects if not is_placeholder(s.name)}
        return (*super().graph_keys(), *known)


def _rule(node: Mapping) -> RoleRule:
    return RoleRule(
        groups=_words(node, "apiGroups"),
        resources=_words(node, "resources"),
        verbs=_words(node, "verbs"),
        names=_words(node, "resourceNames"),
        node=node,
    )


def _words(node: Mapping, key: str) -> frozenset[str]:
    return frozenset(item.text for item in node.items_at(key) if isinstance(item, Scalar))
