"""How traffic reaches pods: Services, Ingresses, HTTPRoutes; and what may talk to what."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from rollsafe.artefacts.kubernetes.labels import Selector, read_selector, selects
from rollsafe.artefacts.kubernetes.objects import KubernetesObject, selector_keys
from rollsafe.artefacts.kubernetes.templates import (
    Amount,
    Share,
    amount_at,
    is_placeholder,
    share_at,
)
from rollsafe.artefacts.kubernetes.workload import Workload
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple


class ServicePort(NamedTuple):
    """A port of a Service; `target` is the pods' port by number or name, `port` by default."""

    name: str | None
    port: Amount
    port_node: Scalar | None
    target: Share
    target_node: Scalar | None
    protocol: str
    node_port: Amount
    node: Mapping


class Backend(NamedTuple):
    """Where an Ingress or HTTPRoute sends requests for `host` and `path` (None: any)."""

    host: str | None
    path: str | None
    service: str
    service_node: Scalar
    port: Share
    port_node: Scalar | None
    node: Node


_METRICS: Final = lazily(r"(?:^|[-_])(?:\w{0,12}metrics(?:https?)?|prometheus|telemetry)(?:$|[-_])", re.I)


class Service(KubernetesObject):
    """A stable address for the pods its selector finds."""

    @property
    def type(self) -> str:
        """`ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`."""
        return self.node.text_at("spec", "type") or "ClusterIP"

    @property
    def is_headless(self) -> bool:
        """Whether it has no address of its own, as StatefulSets want it."""
        return self.node.text_at("spec", "clusterIP") == "None"

    @cached_property
    def is_for_metrics(self) -> bool:
        """Whether only metrics are asked for here, so that nobody waits for an answer."""
        names = [one.name or "" for one in self.ports]
        return bool(names) and all(_METRICS.search(name) for name in (names if all(names) else [self.name]))

    @cached_property
    def label_selector(self) -> Selector | None:
        """The selector with its place; None when the Service has none."""
        return self.selector_at("spec", "selector", plain=True)

    @property
    def selector(self) -> dict[str, str]:
        """The labels the pods have to carry."""
        return self.label_selector.labels if self.label_selector is not None else {}

    @cached_property
    def ports(self) -> tuple[ServicePort, ...]:
        """The ports, in source order."""
        items = self.node.items_at("spec", "ports")
        return tuple(_service_port(item) for item in items if isinstance(item, Mapping))

    def serves_on(self, port: int | str) -> bool:
        """Say whether the Service has a port of this number or name."""
        return any(port in (served.port, served.name) for served in self.ports)

    def selects(self, workload: Workload) -> bool:
        """Say whether the Service finds the workload's pods."""
        pod = self.selector.get("statefulset.kubernetes.io/pod-name")
        if pod is not None and pod.rpartition("-")[0] != workload.name:
            return False
        return self.shares_namespace(workload) and selects(self.selector, workload.pod_labels)

    def graph_keys(self) -> Iterable[str]:
        """Return the object's keys and `selects:key=value`."""
        return (*super().graph_keys(), *selector_keys(self.label_selector))


class Ingress(KubernetesObject):
    """An Ingress of any version, or a Gateway API HTTPRoute or GRPCRoute."""

    @cached_property
    def backends(self) -> tuple[Backend, ...]:
        """Where requests are sent, the default backend first."""
        if self.api_group == "gateway.networking.k8s.io":
            return tuple(_route_backends(self.node))
        return tuple(_ingress_backends(self.node))

    @property
    def hosts(self) -> tuple[str, ...]:
        """The host names that have rules, in source order."""
        return tuple(dict.fromkeys(b.host for b in self.backends if b.host is not None))

    @property
    def tls(self) -> Node | None:
        """The `tls` list; None when absent."""
        return self.node.at("spec", "tls")

    def graph_keys(self) -> Iterable[str]:
        """Return the object's keys and `backend:service`."""
        named = {b.service: None for b in self.backends if not is_placeholder(b.service)}
        return (*super().graph_keys(), *(f"backend:{name}" for name in named))


class NetworkPolicy(KubernetesObject):
    """Which traffic the pods it selects may have."""

    @cached_property
    def pod_selector(self) -> Selector | None:
        """The pods it is about; an empty selector means all of the namespace."""
        return self.selector_at("spec", "podSelector")

    @cached_property
    def peers(self) -> tuple[Selector, ...]:
        """The selectors of pods of its own namespace that traffic may come from or go to."""
        sides = (("ingress", "from"), ("egress", "to"))
        found = (
            self._selector_of(peer)
            for side, key in sides
            for item in self.node.items_at("spec", side)
            for peer in item.items_at(key)
            if peer.at("namespaceSelector") is None
        )
        return tuple(selector for selector in found if selector is not None)

    def _selector_of(self, peer: Node) -> Selector | None:
        node = peer.at("podSelector")
        if not isinstance(node, Mapping) or self.is_templated(node):
            return None
        return read_selector(node)

    def isolates(self, direction: str) -> bool:
        """Say whether it decides about traffic of a direction, `Ingress` or `Egress`."""
        if self.policy_types:
            return direction in self.policy_types
        return direction == "Ingress" or self.node.at("spec", "egress") is not None

    @property
    def policy_types(self) -> tuple[str, ...]:
        """The directions written: `Ingress`, `Egress`."""
        items = self.node.items_at("spec", "policyTypes")
        return tuple(item.text for item in items if isinstance(item, Scalar))

    @property
    def ingress(self) -> list[Node]:
        """The rules for traffic to the pods."""
        return self.node.items_at("spec", "ingress")

    @property
    def egress(self) -> list[Node]:
        """The rules for traffic from the pods."""
        return self.node.items_at("spec", "egress")

    def graph_keys(self) -> Iterable[str]:
        """Return the object's keys and `selects:key=value`."""
        return (*super().graph_keys(), *selector_keys(self.pod_selector))


def _service_port(node: Mapping) -> ServicePort:
    port, target = node.at("port"), node.at("targetPort")
    has_target = isinstance(target, Scalar) and not target.is_null
    return ServicePort(
        name=node.text_at("name"),
        port=amount_at(port),
        port_node=port if isinstance(port, Scalar) else None,
        target=share_at(target) if has_target else share_at(port),
        target_node=target if has_target and isinstance(target, Scalar) else None,
        protocol=node.text_at("protocol") or "TCP",
        node_port=amount_at(node, "nodePort"),
        node=node,
    )


def _ingress_backends(root: Mapping) -> Iterator[Backend]:
    for key in ("defaultBackend", "backend"):
        yield from _ingress_backend(None, None, root.at("spec", key))
    for rule in root.items_at("spec", "rules"):
        host = rule.text_at("host")
        for path in rule.items_at("http", "paths"):
            yield from _ingress_backend(host, path.text_at("path"), path.at("backend"))


def _ingress_backend(host: str | None, path: str | None, node: Node | None) -> Iterator[Backend]:
    """Yield the backend `node` names, in the words of v1 or of v1beta1."""
    if node is None:
        return
    service = node.at("service", "name") or node.at("serviceName")
    port = node.at("service", "port", "number") or node.at("service", "port", "name")
    yield from _backend(host, path, service, port or node.at("servicePort"), node)


def _route_backends(root: Mapping) -> Iterator[Backend]:
    hosts = root.items_at("spec", "hostnames")
    host = hosts[0].text if hosts and isinstance(hosts[0], Scalar) else None
    for rule in root.items_at("spec", "rules"):
        matches = rule.items_at("matches")
        path = matches[0].text_at("path", "value") if matches else None
        for node in rule.items_at("backendRefs"):
            if (node.text_at("kind") or "Service") == "Service":
                yield from _backend(host, path, node.at("name"), node.at("port"), node)


def _backend(
    host: str | None, path: str | None, service: Node | None, port: Node | None, node: Node
) -> Iterator[Backend]:
    if isinstance(service, Scalar) and not service.is_null:
        port_node = port if isinstance(port, Scalar) else None
        yield Backend(host, path, service.text, service, share_at(port), port_node, node)
