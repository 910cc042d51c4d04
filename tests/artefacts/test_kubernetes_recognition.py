"""Which files are manifests, and what each document of them becomes."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsafe.artefacts.kubernetes import (
    ConfigMap,
    Container,
    HelmChart,
    HorizontalPodAutoscaler,
    Ingress,
    KubernetesManifest,
    KubernetesObject,
    Role,
    Secret,
    Service,
    Workload,
)
from tests.artefacts.kubernetes_files import (
    DEPLOYMENT,
    ask_everything,
    elements,
    only,
    source_of,
    view,
)


def obj(api_version: str, kind: str, more: str = "metadata: {name: a}") -> str:
    return f"apiVersion: {api_version}\nkind: {kind}\n{more}\n"


@pytest.mark.parametrize(
    ("api_version", "kind", "expected"),
    [
        ("apps/v1", "Deployment", Workload),
        ("extensions/v1beta1", "Deployment", Workload),
        ("batch/v1beta1", "CronJob", Workload),
        ("v1", "Pod", Workload),
        ("argoproj.io/v1alpha1", "Rollout", Workload),
        ("apps.openshift.io/v1", "DeploymentConfig", Workload),
        ("{{ include 'x.apiVersion' . }}", "Deployment", Workload),
        ("v1", "Service", Service),
        ("serving.knative.dev/v1", "Service", KubernetesObject),
        ("networking.k8s.io/v1", "Ingress", Ingress),
        ("gateway.networking.k8s.io/v1", "HTTPRoute", Ingress),
        ("autoscaling/v2", "HorizontalPodAutoscaler", HorizontalPodAutoscaler),
        ("keda.sh/v1alpha1", "ScaledObject", HorizontalPodAutoscaler),
        ("v1", "ConfigMap", ConfigMap),
        ("bitnami.com/v1alpha1", "SealedSecret", Secret),
        ("external-secrets.io/v1beta1", "ExternalSecret", Secret),
        ("rbac.authorization.k8s.io/v1", "Role", Role),
    ],
)
def test_documents_get_the_class_of_their_kind(
    api_version: str, kind: str, expected: type[KubernetesObject]
) -> None:
    (found,) = elements(KubernetesObject, obj(api_version, kind))
    assert type(found) is expected
    assert (found.kind, source_of(found, found.kind_node)) == (kind, kind)


@pytest.mark.parametrize(
    "text",
    [
        "services:\n  web:\n    image: a\n",
        obj("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
        obj("skaffold/v4beta1", "Config"),
        obj("kind.x-k8s.io/v1alpha4", "Cluster"),
        obj("kubelet.config.k8s.io/v1beta1", "KubeletConfiguration"),
        obj("backstage.io/v1alpha1", "Component"),
        obj("argoproj.io/v1alpha1", "WorkflowTemplate"),
        obj("v1", "Config", "clusters: []"),
        "kind: Deployment\nmetadata: {name: a}\n",
        "apiVersion: apps/v1\nmetadata: {name: a}\n",
        "- apiVersion: v1\n  kind: Pod\n",
        "apiVersion: v1\nkind: [Pod]\n",
        "",
    ],
)
def test_other_files_are_not_manifests(text: str) -> None:
    assert view(text) is None


def test_every_document_counts_and_containers_follow_their_workload() -> None:
    seen = view(f"{DEPLOYMENT}---\n{obj('v1', 'Service')}---\n# empty\n---\n{obj('v1', 'Pod')}")
    assert isinstance(seen, KubernetesManifest)
    assert [type(element).__name__ for element in seen.elements] == [
        "Workload", "Container", "Service", "Workload",
    ]  # fmt: skip
    assert [found.kind for found in seen.objects] == ["Deployment", "Service", "Pod"]


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n"
        "- {apiVersion: v1, kind: Service, metadata: {name: b}}\n",
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: PodList\n  items:\n"
        "  - {apiVersion: v1, kind: Pod, metadata: {name: a}}\n"
        "- {apiVersion: v1, kind: Service, metadata: {name: b}}\n",
        "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: t}\nobjects:\n"
        "- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n"
        "- {apiVersion: v1, kind: Service, metadata: {name: b}}\n",
        '{"apiVersion": "v1", "kind": "List", "items": ['
        '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}},'
        '{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "b"}}]}',
    ],
)
def test_lists_are_unwrapped(text: str) -> None:
    assert [(o.kind, o.name) for o in elements(KubernetesObject, text)] == [
        ("Pod", "a"), ("Service", "b"),
    ]  # fmt: skip


def test_a_custom_kind_called_list_is_an_object() -> None:
    assert only(KubernetesObject, obj("example.test/v1", "AllowList")).kind == "AllowList"


def test_identity_of_an_object() -> None:
    web = only(Workload, DEPLOYMENT)
    assert (web.name, web.namespace, web.api_group, web.labels) == (
        "web", "shop", "apps", {"team": "a"},
    )  # fmt: skip
    assert source_of(web, web.title_node) == "web"
    keys = set(web.graph_keys())
    names = {"Deployment/web", "name:shop/web", f"file:{web.file.path}"}
    assert {*names, "label:app=web", "label:tier=front"} == keys


def test_a_nameless_object_points_at_its_kind_and_has_no_keys_but_its_file() -> None:
    found = only(Service, "apiVersion: v1\nkind: Service\nmetadata:\n  name:\n")
    assert source_of(found, found.title_node) == "Service"
    assert list(found.graph_keys()) == [f"file:{found.file.path}"]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("a", "a", True), ("a", "b", False), ("a", "", True), ("{{ .x }}", "b", True)],
)
def test_namespaces_that_may_be_the_same(one: str, other: str, expected: bool) -> None:
    pair = [
        only(Service, obj("v1", "Service", f"metadata: {{name: s, namespace: '{space}'}}"))
        if space
        else only(Service, obj("v1", "Service", "metadata: {name: s}"))
        for space in (one, other)
    ]
    assert pair[0].shares_namespace(pair[1]) is expected


@pytest.mark.parametrize(
    ("path", "extra", "expected"),
    [
        ("k8s/web.yaml", "", False),
        ("overlays/prod/patches/web.yaml", "", True),
        ("overlays/prod/web-patch.yaml", "", True),
        ("overlays/prod/web.yaml", "", True),
        ("k8s/dispatcher.yaml", "", False),
        ("k8s/web.yaml", "$patch: delete\n", True),
    ],
)
def test_patches_are_told_apart(path: str, extra: str, expected: bool) -> None:
    text = f"{obj('apps/v1', 'Deployment')}spec: {{replicas: 2}}\n{extra}"
    found = only(Workload, text, path)
    assert found.is_partial
    assert found.is_patch is expected
    assert not only(Workload, DEPLOYMENT, "overlays/prod/web.yaml").is_patch


def test_chart_file_and_templates_of_a_chart() -> None:
    chart = only(
        HelmChart,
        "apiVersion: v2\nname: shop\nversion: 1.2.0\nappVersion: '3'\ndependencies:\n"
        "- {name: redis, version: 1.x, repository: 'https://r.test', condition: redis.on}\n",
        "charts/shop/Chart.yaml",
    )
    assert (chart.name, chart.version, chart.app_version, chart.directory) == (
        "shop", "1.2.0", "3", "charts/shop",
    )  # fmt: skip
    assert [(it.name, it.condition) for it in chart.dependencies] == [("redis", "redis.on")]
    assert set(chart.graph_keys()) == {"chart:shop", "dir:charts/shop"}
    assert only(Workload, DEPLOYMENT, "charts/shop/templates/web.yaml").chart_directory == ("charts/shop")
    assert not only(Workload, DEPLOYMENT).from_template


def test_helm_hooks() -> None:
    job = only(
        Workload,
        obj("batch/v1", "Job", "metadata:\n  annotations: {helm.sh/hook: 'pre-install, pre-upgrade'}"),
    )
    assert job.helm_hooks == ("pre-install", "pre-upgrade")
    assert job.is_helm_hook
    assert not only(Workload, DEPLOYMENT).is_helm_hook


def test_aliases_do_not_multiply() -> None:
    """A container, or an object, that an alias repeats is still one."""
    repeated = ", ".join(["*c"] * 5_000)
    text = f"x: &c {{name: a, image: b}}\n{obj('v1', 'Pod')}spec:\n  containers: [{repeated}]\n"
    began = time.process_time()
    assert len(elements(Container, text)) == 1
    looped = "apiVersion: v1\nkind: List\nitems: &l\n- apiVersion: v1\n  kind: List\n  items: *l\n"
    assert view(looped) is None
    assert time.process_time() - began < 5


PIECES = st.sampled_from(
    [
        "apiVersion: apps/v1\n", "kind: Deployment\n", "kind: Service\n", "metadata:\n", "spec:\n",
        "  name: a\n", "  template:\n", "    spec:\n", "      containers:\n", "      - name: x\n",
        "        image: y\n", "        ports: [1, {containerPort: z}]\n", "  selector: [a]\n",
        "  ports:\n  - port: http\n", "---\n", "{{- if .x }}\n", "kind: List\nitems: [1, {}]\n",
        "data: {a: b}\n", "&a [*a]\n", ": :\n", "\ud800", "\0", "- ",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=25))
def test_whatever_is_half_typed_is_read_without_errors(pieces: list[str]) -> None:
    text = "".join(pieces)
    seen = view(text)
    for element in seen.elements if seen is not None else ():
        assert 0 <= element.start <= element.end <= len(text)
        assert all(isinstance(key, str) for key in element.graph_keys())
        assert ask_everything(element) > 5
