"""Kubernetes: manifests, kustomizations, Helm charts; `recognise` is the way in."""

from rollsafe.artefacts.base import Artefact
from rollsafe.artefacts.kubernetes.analyses import AnalysisTemplate
from rollsafe.artefacts.kubernetes.chart_files import (
    ChartTemplate,
    ChartValues,
    recognise_template,
    recognise_values,
)
from rollsafe.artefacts.kubernetes.chart_lock import ChartLock, recognise_lock
from rollsafe.artefacts.kubernetes.cluster import (
    CustomResourceDefinition,
    Namespace,
    PersistentVolumeClaim,
    ServiceAccount,
)
from rollsafe.artefacts.kubernetes.configuration import ConfigMap, DataKey, Secret
from rollsafe.artefacts.kubernetes.container import (
    Container,
    ContainerPort,
    EnvSource,
    EnvVar,
    VolumeMount,
)
from rollsafe.artefacts.kubernetes.gitops import Application, AppProject
from rollsafe.artefacts.kubernetes.helm_chart import (
    ChartDependency,
    HelmChart,
    HelmChartFile,
    recognise_chart,
)
from rollsafe.artefacts.kubernetes.kustomization import (
    GeneratedKey,
    Generator,
    ImageOverride,
    Kustomization,
    KustomizationFile,
    Patch,
    PathEntry,
    ReplicaOverride,
    recognise_kustomization,
)
from rollsafe.artefacts.kubernetes.labels import Requirement, Selector, selects
from rollsafe.artefacts.kubernetes.monitoring import Monitor
from rollsafe.artefacts.kubernetes.networking import (
    Backend,
    Ingress,
    NetworkPolicy,
    Service,
    ServicePort,
)
from rollsafe.artefacts.kubernetes.objects import KubernetesElement, KubernetesObject
from rollsafe.artefacts.kubernetes.patch_list import PatchList
from rollsafe.artefacts.kubernetes.probes import Probe
from rollsafe.artefacts.kubernetes.rbac import Power, Role, RoleBinding, RoleRule, Subject
from rollsafe.artefacts.kubernetes.recognition import KubernetesManifest, recognise_manifest
from rollsafe.artefacts.kubernetes.references import Reference
from rollsafe.artefacts.kubernetes.scaling import (
    HorizontalPodAutoscaler,
    Metric,
    PodDisruptionBudget,
)
from rollsafe.artefacts.kubernetes.security import DEFAULT_CAPABILITIES, Capability, SecurityContext
from rollsafe.artefacts.kubernetes.templates import (
    TEMPLATED,
    Amount,
    Share,
    Templated,
    is_placeholder,
)
from rollsafe.artefacts.kubernetes.volumes import Volume, is_engine_socket, is_sensitive
from rollsafe.artefacts.kubernetes.workload import Workload
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Tree

__all__ = [
    "DEFAULT_CAPABILITIES",
    "TEMPLATED",
    "Amount",
    "AnalysisTemplate",
    "AppProject",
    "Application",
    "Backend",
    "Capability",
    "ChartDependency",
    "ChartLock",
    "ChartTemplate",
    "ChartValues",
    "ConfigMap",
    "Container",
    "ContainerPort",
    "CustomResourceDefinition",
    "DataKey",
    "EnvSource",
    "EnvVar",
    "GeneratedKey",
    "Generator",
    "HelmChart",
    "HelmChartFile",
    "HorizontalPodAutoscaler",
    "ImageOverride",
    "Ingress",
    "KubernetesElement",
    "KubernetesManifest",
    "KubernetesObject",
    "Kustomization",
    "KustomizationFile",
    "Metric",
    "Monitor",
    "Namespace",
    "NetworkPolicy",
    "Patch",
    "PatchList",
    "PathEntry",
    "PersistentVolumeClaim",
    "PodDisruptionBudget",
    "Power",
    "Probe",
    "Reference",
    "ReplicaOverride",
    "Requirement",
    "Role",
    "RoleBinding",
    "RoleRule",
    "Secret",
    "SecurityContext",
    "Selector",
    "Service",
    "ServiceAccount",
    "ServicePort",
    "Share",
    "Subject",
    "Templated",
    "Volume",
    "VolumeMount",
    "Workload",
    "is_engine_socket",
    "is_placeholder",
    "is_sensitive",
    "recognise",
    "recognise_chart",
    "recognise_kustomization",
    "recognise_lock",
    "recognise_manifest",
    "recognise_template",
    "selects",
]


def recognise(file: SourceFile, tree: Tree) -> Artefact | None:
    """Return the view of a chart, a kustomization or a manifest; None for any other file."""
    return (
        recognise_chart(file, tree)
        or recognise_kustomization(file, tree)
        or recognise_manifest(file, tree)
        or recognise_values(file, tree)
        or recognise_template(file, tree)
    )
