"""What points at what: selectors, Services, Ingresses, autoscalers, budgets, configuration."""

import pytest

from rollsafe.artefacts.kubernetes import (
    ConfigMap,
    HorizontalPodAutoscaler,
    Ingress,
    NetworkPolicy,
    PersistentVolumeClaim,
    PodDisruptionBudget,
    Secret,
    Service,
    ServiceAccount,
    Workload,
    selects,
)
from tests.artefacts.kubernetes_files import DEPLOYMENT, only, source_of


def service(spec: str, namespace: str = "shop") -> Service:
    return only(
        Service,
        f"apiVersion: v1\nkind: Service\nmetadata: {{name: web, namespace: {namespace}}}\nspec:\n{spec}",
    )


@pytest.mark.parametrize(
    ("selector", "labels", "expected"),
    [
        ({"a": "1"}, {"a": "1", "b": "2"}, True),
        ({"a": "1", "b": "3"}, {"a": "1", "b": "2"}, False),
        ({"a": ""}, {}, False),
        ({}, {"a": "1"}, False),
    ],
)
def test_plain_selectors(selector: dict[str, str], labels: dict[str, str], expected: bool) -> None:
    assert selects(selector, labels) is expected


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("matchLabels: {app: web}", True),
        ("matchLabels: {app: db}", False),
        ("matchExpressions: [{key: app, operator: In, values: [db, web]}]", True),
        ("matchExpressions: [{key: app, operator: NotIn, values: [web]}]", False),
        ("matchExpressions: [{key: zone, operator: NotIn, values: [a]}]", True),
        ("matchExpressions: [{key: tier, operator: Exists}]", True),
        ("matchExpressions: [{key: tier, operator: DoesNotExist}]", False),
        ("matchExpressions: [{key: tier, operator: Sometimes}]", False),
        ("matchLabels: {app: web}\n    matchExpressions: [{key: x, operator: Exists}]", False),
        ("{}", True),
    ],
)
def test_a_budget_covers_what_its_selector_finds(selector: str, expected: bool) -> None:
    budget = only(
        PodDisruptionBudget,
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: b}\n"
        f"spec:\n  minAvailable: 50%\n  selector:\n    {selector}\n",
    )
    assert budget.covers(only(Workload, DEPLOYMENT)) is expected
    assert (budget.min_available, budget.max_unavailable) == ("50%", None)
    assert source_of(budget, budget.limit_node) == "50%"


def test_a_budget_without_selector_covers_nothing() -> None:
    budget = only(
        PodDisruptionBudget,
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: b}\nspec: {maxUnavailable: 0}\n",
    )
    assert not budget.covers(only(Workload, DEPLOYMENT))
    assert budget.max_unavailable == 0


def test_workload_selectors() -> None:
    web = only(Workload, DEPLOYMENT)
    assert web.selector is not None
    assert (web.selector.labels, web.selector.is_known) == ({"app": "web"}, True)
    assert web.selector.selects(web.pod_labels)
    controller = only(
        Workload,
        "apiVersion: v1\nkind: ReplicationController\nmetadata: {name: a}\nspec: {selector: {app: x}}\n",
    )
    assert controller.selector is not None
    assert controller.selector.labels == {"app": "x"}


def test_ports_of_a_service() -> None:
    found = service(
        "  type: NodePort\n  selector: {app: web}\n  ports:\n"
        "    - {name: http, port: 80, targetPort: web, nodePort: 30080}\n"
        "    - port: 443\n"
        "    - {port: 53, targetPort: 5353, protocol: UDP}\n"
    )
    assert [(p.name, p.port, p.target, p.protocol, p.node_port) for p in found.ports] == [
        ("http", 80, "web", "TCP", 30080),
        (None, 443, 443, "TCP", None),
        (None, 53, 5353, "UDP", None),
    ]
    assert source_of(found, found.ports[0].target_node) == "web"
    assert found.ports[1].target_node is None
    assert found.type == "NodePort"
    assert found.serves_on("http")
    assert found.serves_on(443)
    assert not found.serves_on(8080)


@pytest.mark.parametrize(
    ("spec", "namespace", "expected"),
    [
        ("  selector: {app: web}\n", "shop", True),
        ("  selector: {app: web, tier: front}\n", "shop", True),
        ("  selector: {app: web}\n", "other", False),
        ("  selector: {app: db}\n", "shop", False),
        ("  selector: {}\n", "shop", False),
        ("  ports: []\n", "shop", False),
    ],
)
def test_a_service_finds_pods(spec: str, namespace: str, expected: bool) -> None:
    assert service(spec, namespace).selects(only(Workload, DEPLOYMENT)) is expected


def test_keys_by_which_a_service_is_found() -> None:
    found = service("  selector: {app: web, release: '{{ .Release.Name }}'}\n")
    names = {"Service/web", "name:shop/web", f"file:{found.file.path}"}
    assert set(found.graph_keys()) == {*names, "selects:app=web"}
    assert found.label_selector is not None
    assert not found.label_selector.is_known


def test_headless_services() -> None:
    assert service("  clusterIP: None\n").is_headless
    assert not service("  clusterIP: 10.0.0.1\n").is_headless


@pytest.mark.parametrize(
    ("api_version", "backend"),
    [
        ("networking.k8s.io/v1", "{service: {name: web, port: {number: 80}}}"),
        ("networking.k8s.io/v1beta1", "{serviceName: web, servicePort: 80}"),
    ],
)
def test_ingress_backends(api_version: str, backend: str) -> None:
    found = only(
        Ingress,
        f"apiVersion: {api_version}\nkind: Ingress\nmetadata: {{name: i}}\nspec:\n"
        "  defaultBackend: {service: {name: fallback, port: {name: http}}}\n"
        "  tls: [{hosts: [shop.test]}]\n"
        "  rules:\n    - host: shop.test\n      http:\n        paths:\n"
        f"          - {{path: /a, backend: {backend}}}\n          - {{path: /b}}\n",
    )
    assert [(b.host, b.path, b.service, b.port) for b in found.backends] == [
        (None, None, "fallback", "http"), ("shop.test", "/a", "web", 80),
    ]  # fmt: skip
    assert source_of(found, found.backends[1].service_node) == "web"
    assert source_of(found, found.backends[1].port_node) == "80"
    assert found.hosts == ("shop.test",)
    assert found.tls is not None
    assert set(found.graph_keys()) >= {"backend:web", "backend:fallback"}


def test_routes_of_the_gateway_api() -> None:
    route = only(
        Ingress,
        "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: r}\nspec:\n"
        "  hostnames: [shop.test]\n  rules:\n"
        "    - matches: [{path: {type: PathPrefix, value: /a}}]\n"
        "      backendRefs:\n        - {name: web, port: 80}\n        - {kind: Bucket, name: b}\n",
    )
    assert [(b.host, b.path, b.service, b.port) for b in route.backends] == [("shop.test", "/a", "web", 80)]


def test_autoscaler() -> None:
    found = only(
        HorizontalPodAutoscaler,
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: h}\nspec:\n"
        "  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n"
        "  minReplicas: 2\n  maxReplicas: 10\n  metrics:\n"
        "  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}\n"
        "  - {type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 1Gi}}}\n",
    )
    assert (found.min_replicas, found.max_replicas) == (2, 10)
    assert [(m.resource, m.is_utilization) for m in found.metrics] == [("cpu", True), ("memory", False)]
    assert found.scales(only(Workload, DEPLOYMENT))
    assert not found.scales(only(Workload, DEPLOYMENT.replace("Deployment", "StatefulSet")))
    assert source_of(found, found.target_node) == "web"
    assert "scales:Deployment/web" in set(found.graph_keys())


@pytest.mark.parametrize(
    ("text", "bounds", "metrics"),
    [
        (
            "apiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata: {name: h}\n"
            "spec: {scaleTargetRef: {kind: Deployment, name: web}, maxReplicas: 3,"
            " targetCPUUtilizationPercentage: 50}\n",
            (None, 3),
            [("cpu", True)],
        ),
        (
            "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: h}\n"
            "spec: {scaleTargetRef: {name: web}, minReplicaCount: 0, maxReplicaCount: 5,"
            " triggers: [{type: kafka}, {type: cpu, metricType: Utilization}]}\n",
            (0, 5),
            [(None, False), ("cpu", True)],
        ),
    ],
)
def test_other_autoscalers(
    text: str, bounds: tuple[int | None, int], metrics: list[tuple[str | None, bool]]
) -> None:
    found = only(HorizontalPodAutoscaler, text)
    assert (found.min_replicas, found.max_replicas) == bounds
    assert [(m.resource, m.is_utilization) for m in found.metrics] == metrics
    assert found.scales(only(Workload, DEPLOYMENT))


def test_configuration_shows_keys_and_no_values() -> None:
    found = only(
        Secret,
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\n"
        "data: {password: aHVudGVyMg==}\nstringData: {user: admin}\n",
    )
    assert [key.name for key in found.keys] == ["password", "user"]
    assert source_of(found, found.keys[0].node) == "password"
    assert found.keys_are_known
    assert "aHVudGVyMg" not in repr(found) + repr(found.keys)


@pytest.mark.parametrize(
    ("text", "name", "keys", "known"),
    [
        (
            "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db}\n"
            "spec: {encryptedData: {password: xyz}}\n",
            "db", ["password"], True,
        ),
        (
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: e}\n"
            "spec: {target: {name: db}, data: [{secretKey: password}]}\n",
            "db", ["password"], True,
        ),
        (
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: db}\n"
            "spec: {dataFrom: [{extract: {key: all}}]}\n",
            "db", [], False,
        ),
    ],
)  # fmt: skip
def test_what_makes_a_secret(text: str, name: str, keys: list[str], known: bool) -> None:
    found = only(Secret, text)
    assert (found.provides, found.provided_name) == ("Secret", name)
    assert [key.name for key in found.keys] == keys
    assert found.keys_are_known is known
    assert f"Secret/{name}" in set(found.graph_keys())


def test_immutable_configuration() -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\nimmutable: true\ndata: {a: b}\n"
    assert only(ConfigMap, text).is_immutable
    assert only(ConfigMap, text).key_names == {"a"}


@pytest.mark.parametrize(
    ("modes", "single"),
    [("[ReadWriteOnce]", True), ("[ReadWriteOnce, ReadWriteMany]", False), ("[]", False)],
)
def test_claims(modes: str, single: bool) -> None:
    claim = only(
        PersistentVolumeClaim,
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: d}\n"
        f"spec: {{accessModes: {modes}, storageClassName: fast}}\n",
    )
    assert (claim.is_single_node, claim.storage_class) == (single, "fast")


def test_service_accounts_and_network_policies() -> None:
    account = only(
        ServiceAccount,
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\nautomountServiceAccountToken: no\n",
    )
    assert account.mounts_token is False
    policy = only(
        NetworkPolicy,
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: n}\n"
        "spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{from: []}]}\n",
    )
    assert policy.pod_selector is not None
    assert policy.pod_selector.is_empty
    assert (policy.policy_types, len(policy.ingress), policy.egress) == (("Ingress",), 1, [])
