"""Which files are Kubernetes manifests, and which class each object of them gets."""

from collections.abc import Iterator
from typing import ClassVar, Final

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.cloud_run import is_cloud_run
from rollsafe.artefacts.kubernetes.analyses import AnalysisTemplate
from rollsafe.artefacts.kubernetes.chart_files import template_of
from rollsafe.artefacts.kubernetes.cluster import (
    CustomResourceDefinition,
    Namespace,
    PersistentVolumeClaim,
    ServiceAccount,
)
from rollsafe.artefacts.kubernetes.configuration import ConfigMap, Secret
from rollsafe.artefacts.kubernetes.gitops import Application, AppProject
from rollsafe.artefacts.kubernetes.monitoring import Monitor
from rollsafe.artefacts.kubernetes.networking import Ingress, NetworkPolicy, Service
from rollsafe.artefacts.kubernetes.objects import KubernetesObject
from rollsafe.artefacts.kubernetes.rbac import Role, RoleBinding
from rollsafe.artefacts.kubernetes.scaling import HorizontalPodAutoscaler, PodDisruptionBudget
from rollsafe.artefacts.kubernetes.templates import is_format_field, is_placeholder, is_rendered
from rollsafe.artefacts.kubernetes.workload import Workload
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, Tree

_MAX_OBJECTS: Final = 5_000
_BUILT_IN_GROUPS: Final = frozenset(
    {
        *("", "apps", "extensions", "batch", "policy", "autoscaling", "networking.k8s.io"),
        "rbac.authorization.k8s.io",
    }
)
_BUILT_IN: Final[dict[str, type[KubernetesObject]]] = {
    "Deployment": Workload,
    "StatefulSet": Workload,
    "DaemonSet": Workload,
    "ReplicaSet": Workload,
    "ReplicationController": Workload,
    "DeploymentConfig": Workload,
    "Job": Workload,
    "CronJob": Workload,
    "Pod": Workload,
    "Service": Service,
    "Ingress": Ingress,
    "NetworkPolicy": NetworkPolicy,
    "HorizontalPodAutoscaler": HorizontalPodAutoscaler,
    "PodDisruptionBudget": PodDisruptionBudget,
    "ConfigMap": ConfigMap,
    "Secret": Secret,
    "PersistentVolumeClaim": PersistentVolumeClaim,
    "ServiceAccount": ServiceAccount,
    "Namespace": Namespace,
    "Role": Role,
    "ClusterRole": Role,
    "RoleBinding": RoleBinding,
    "ClusterRoleBinding": RoleBinding,
}
_EXTENSIONS: Final[dict[tuple[str, str], type[KubernetesObject]]] = {
    ("argoproj.io", "Rollout"): Workload,
    ("argoproj.io", "AnalysisTemplate"): AnalysisTemplate,
    ("argoproj.io", "ClusterAnalysisTemplate"): AnalysisTemplate,
    ("argoproj.io", "Application"): Application,
    ("argoproj.io", "ApplicationSet"): Application,
    ("argoproj.io", "AppProject"): AppProject,
    ("apps.openshift.io", "DeploymentConfig"): Workload,
    ("gateway.networking.k8s.io", "HTTPRoute"): Ingress,
    ("gateway.networking.k8s.io", "GRPCRoute"): Ingress,
    ("monitoring.coreos.com", "ServiceMonitor"): Monitor,
    ("monitoring.coreos.com", "PodMonitor"): Monitor,
    ("keda.sh", "ScaledObject"): HorizontalPodAutoscaler,
    ("bitnami.com", "SealedSecret"): Secret,
    ("external-secrets.io", "ExternalSecret"): Secret,
}
_FOREIGN_GROUPS: Final = frozenset(
    {
        "apiextensions.k8s.io",
        "audit.k8s.io",
        "backstage.io",
        "client.authentication.k8s.io",
        "ctlptl.dev",
        "eksctl.io",
        "k3d.io",
        "kind.x-k8s.io",
        "kubeadm.k8s.io",
        "skaffold",
    }
)
"""Groups of what looks like an object, but is a tool's own file or the definition of a kind."""

_WORKFLOW_GROUPS: Final = frozenset({"argoproj.io", "tekton.dev"})
_WORKFLOWS: Final = frozenset({"Workflow", "CronWorkflow", "WorkflowTemplate", "ClusterWorkflowTemplate"})


class KubernetesManifest(Artefact):
    """The objects of a manifest, each followed by its containers."""

    kind: ClassVar[str] = "kubernetes"

    @property
    def objects(self) -> list[KubernetesObject]:
        """The objects, in source order."""
        return [element for element in self.elements if isinstance(element, KubernetesObject)]


def recognise_manifest(file: SourceFile, tree: Tree) -> KubernetesManifest | None:
    """Return the view of a file that holds Kubernetes objects, else None."""
    elements: list[Element] = []
    workflows: list[Element] = []
    templated = tree.templated and is_rendered(file.text)
    for root in _objects(tree):
        workflows += _workflow_of(file, root, tree)
        found = _class_of(root)
        if found is None:
            if root.text_at("kind") == "CustomResourceDefinition" and root.map_at("spec") is not None:
                elements.append(CustomResourceDefinition(file, root, templated))
            continue
        thing = found(file, root, templated)
        elements.append(thing)
        if isinstance(thing, Workload):
            elements += thing.all_containers
    template = template_of(file) if elements and templated else None
    if template is not None:
        elements.append(template)
    # A file of nothing but workflows is none of a cluster's.
    return KubernetesManifest(file, [*elements, *workflows], tree.problems) if elements else None


def _workflow_of(file: SourceFile, root: Mapping, tree: Tree) -> list[Element]:
    if (root.text_at("apiVersion") or "").partition("/")[0] not in _WORKFLOW_GROUPS:
        return []
    from rollsafe.artefacts.workflow_objects import workflow_object

    found = workflow_object(file, root, tree)
    return [found] if found is not None else []


def _objects(tree: Tree) -> Iterator[Mapping]:
    """Yield the mappings with a kind, those in lists and OpenShift templates too, each one once."""
    pending: list[Node] = list(reversed(tree.documents))
    seen: set[int] = set()
    while pending and len(seen) < _MAX_OBJECTS:
        node = pending.pop()
        if not isinstance(node, Mapping) or id(node) in seen or node.value("kind") is None:
            continue
        seen.add(id(node))
        items = _wrapped(node)
        if items is None:
            yield node
        else:
            pending += reversed(items)


def _wrapped(node: Mapping) -> list[Node] | None:
    """Return the objects a list or a template holds; None for an object proper."""
    kind = node.text_at("kind") or ""
    key = "items" if kind.endswith("List") else "objects" if kind == "Template" else None
    if key is None or not isinstance(node.at(key), Sequence):
        return None
    return node.items_at(key)


def _class_of(root: Mapping) -> type[KubernetesObject] | None:
    version, kind = root.at("apiVersion"), root.text_at("kind")
    if is_format_field(root.at("metadata", "name")) or is_cloud_run(root):
        return None
    if not isinstance(version, Scalar) or version.is_null or not kind:
        return None
    group = version.text.rpartition("/")[0]
    if group in _BUILT_IN_GROUPS or is_placeholder(version.text):
        built_in = _BUILT_IN.get(kind)
        if built_in is not None:
            return built_in
    elif _is_foreign(group, kind):
        return None
    extension = _EXTENSIONS.get((group, kind))
    if extension is not None:
        return extension
    if root.items_at("spec", "template", "spec", "containers"):
        # A kind of somebody's own that wraps a pod template, such as a Knative Service.
        return Workload
    return KubernetesObject if root.map_at("metadata") is not None else None


def _is_foreign(group: str, kind: str) -> bool:
    if group in _FOREIGN_GROUPS or group.endswith("config.k8s.io"):
        return True
    return group == "argoproj.io" and kind in _WORKFLOWS
