"""What Kubernetes' API takes: the fields of an object, and the versions of it that are gone."""

from functools import lru_cache
from typing import Final

from rollsafe.artefacts.kubernetes.objects import KubernetesObject
from rollsafe.artefacts.kubernetes.templates import is_placeholder
from rollsafe.artefacts.shapes import (
    Dialect,
    Fault,
    Shape,
    Table,
    faults_in,
    kubernetes_table,
    operators_table,
)
from rollsafe.text.tuples import NamedTuple

DIALECT: Final = Dialect(
    frozenset({"true", "True", "TRUE", "false", "False", "FALSE", "yes", "Yes", "YES", "no", "No", "NO"})
    | frozenset({"on", "On", "ON", "off", "Off", "OFF"}),
    is_placeholder,
)
"""kubectl reads YAML 1.1, where `yes` and `on` are booleans."""

_CLEAN: Final[dict[str, Shape]] = {}
_MAX_CLEAN: Final = 4_000
"""Objects whose source text has no fault: after an edit all but one object of a file are the same."""


_OPERATORS: Final = frozenset({"argoproj.io", "tekton.dev"})


class RetiredVersion(NamedTuple):
    """An `apiVersion` of a kind that the API server no longer serves, or will not serve for long.

    `deprecated` and `removed` are minor versions. `replacement` is None where the kind itself is gone.
    `same_fields` says that a manifest means the same under the replacement.
    """

    deprecated: int
    removed: int
    replacement: str | None
    same_fields: bool


def table_of(thing: KubernetesObject) -> Table:
    """Return the table that describes an object's kind, if any does."""
    return operators_table() if thing.api_group in _OPERATORS else kubernetes_table()


def faults_of(thing: KubernetesObject) -> list[Fault]:
    """Return what is wrong with the fields of an object of a known kind, whatever the version."""
    known = table_of(thing).kind(thing.api_version, thing.kind)
    return [] if known is None else faults_against(thing, known[0])


def faults_against(thing: KubernetesObject, shape: Shape) -> list[Fault]:
    """Return what is wrong with the fields of an object that is to be of `shape`."""
    text = thing.file.slice(thing)
    # An alias may stand for something outside of the object's own text.
    key = f"{id(shape)} {text}" if "*" not in text else ""
    if key in _CLEAN:
        return []
    faults = faults_in(thing.node, shape, DIALECT)
    if not faults and key:
        if len(_CLEAN) >= _MAX_CLEAN:
            _CLEAN.clear()
        # The shape is kept with its address in the key: another one must not come to lie there.
        _CLEAN[key] = shape
    return faults


@lru_cache(maxsize=1_000)
def retired(api_version: str, kind: str) -> RetiredVersion | None:
    """Return when the API server stops serving a kind under `api_version`; None when it does not."""
    written = _RETIRED.get((api_version, kind))
    if written is not None:
        return written
    table = kubernetes_table()
    known = table.kind(api_version, kind)
    if known is None or known[1].last >= table.versions.last:
        return None
    group = api_version.rpartition("/")[0]
    newer = [
        name
        for name, span in table.kinds_called(kind)
        if name.rpartition("/")[0] == group and span.last == table.versions.last
    ]
    best = min(newer, key=lambda name: ("alpha" in name, "beta" in name, name), default=None)
    return RetiredVersion(known[1].last, known[1].last + 1, best, same_fields=False)


def _rows(
    api_version: str, kinds: str, deprecated: int, removed: int, replacement: str | None, *, same: bool
) -> dict[tuple[str, str], RetiredVersion]:
    return {
        (api_version, kind): RetiredVersion(deprecated, removed, replacement, same) for kind in kinds.split()
    }


# From the deprecation guide, https://kubernetes.io/docs/reference/using-api/deprecation-guide/
_RETIRED: Final[dict[tuple[str, str], RetiredVersion]] = {
    **_rows("extensions/v1beta1", "DaemonSet Deployment ReplicaSet", 9, 16, "apps/v1", same=False),
    **_rows("extensions/v1beta1", "NetworkPolicy", 9, 16, "networking.k8s.io/v1", same=True),
    **_rows("extensions/v1beta1", "PodSecurityPolicy", 10, 16, None, same=False),
    **_rows("extensions/v1beta1", "Ingress", 14, 22, "networking.k8s.io/v1", same=False),
    **_rows("apps/v1beta1", "Deployment StatefulSet ControllerRevision", 9, 16, "apps/v1", same=False),
    **_rows(
        "apps/v1beta2",
        "DaemonSet Deployment ReplicaSet StatefulSet ControllerRevision",
        9,
        16,
        "apps/v1",
        same=False,
    ),
    **_rows("batch/v2alpha1", "CronJob", 8, 21, "batch/v1", same=True),
    **_rows(
        "admissionregistration.k8s.io/v1beta1",
        "MutatingWebhookConfiguration ValidatingWebhookConfiguration",
        16,
        22,
        "admissionregistration.k8s.io/v1",
        same=False,
    ),
    **_rows(
        "apiextensions.k8s.io/v1beta1",
        "CustomResourceDefinition",
        16,
        22,
        "apiextensions.k8s.io/v1",
        same=False,
    ),
    **_rows("apiregistration.k8s.io/v1beta1", "APIService", 19, 22, "apiregistration.k8s.io/v1", same=True),
    **_rows("authentication.k8s.io/v1beta1", "TokenReview", 19, 22, "authentication.k8s.io/v1", same=True),
    **_rows(
        "authorization.k8s.io/v1beta1",
        "LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview",
        19,
        22,
        "authorization.k8s.io/v1",
        same=False,
    ),
    **_rows(
        "certificates.k8s.io/v1beta1",
        "CertificateSigningRequest",
        19,
        22,
        "certificates.k8s.io/v1",
        same=False,
    ),
    **_rows("coordination.k8s.io/v1beta1", "Lease", 19, 22, "coordination.k8s.io/v1", same=True),
    **_rows("networking.k8s.io/v1beta1", "Ingress", 19, 22, "networking.k8s.io/v1", same=False),
    **_rows("networking.k8s.io/v1beta1", "IngressClass", 19, 22, "networking.k8s.io/v1", same=True),
    **_rows(
        "rbac.authorization.k8s.io/v1alpha1",
        "ClusterRole ClusterRoleBinding Role RoleBinding",
        17,
        22,
        "rbac.authorization.k8s.io/v1",
        same=True,
    ),
    **_rows(
        "rbac.authorization.k8s.io/v1beta1",
        "ClusterRole ClusterRoleBinding Role RoleBinding",
        17,
        22,
        "rbac.authorization.k8s.io/v1",
        same=True,
    ),
    **_rows("scheduling.k8s.io/v1alpha1", "PriorityClass", 14, 22, "scheduling.k8s.io/v1", same=True),
    **_rows("scheduling.k8s.io/v1beta1", "PriorityClass", 14, 22, "scheduling.k8s.io/v1", same=True),
    **_rows(
        "storage.k8s.io/v1beta1",
        "CSIDriver CSINode StorageClass VolumeAttachment",
        19,
        22,
        "storage.k8s.io/v1",
        same=True,
    ),
    **_rows("batch/v1beta1", "CronJob", 21, 25, "batch/v1", same=True),
    **_rows("discovery.k8s.io/v1beta1", "EndpointSlice", 21, 25, "discovery.k8s.io/v1", same=False),
    **_rows("events.k8s.io/v1beta1", "Event", 19, 25, "events.k8s.io/v1", same=False),
    **_rows("autoscaling/v2beta1", "HorizontalPodAutoscaler", 22, 25, "autoscaling/v2", same=False),
    **_rows("policy/v1beta1", "PodDisruptionBudget", 21, 25, "policy/v1", same=True),
    **_rows("policy/v1beta1", "PodSecurityPolicy", 21, 25, None, same=False),
    **_rows("node.k8s.io/v1beta1", "RuntimeClass", 20, 25, "node.k8s.io/v1", same=True),
    **_rows("autoscaling/v2beta2", "HorizontalPodAutoscaler", 23, 26, "autoscaling/v2", same=True),
    **_rows(
        "flowcontrol.apiserver.k8s.io/v1beta1",
        "FlowSchema PriorityLevelConfiguration",
        23,
        26,
        "flowcontrol.apiserver.k8s.io/v1",
        same=False,
    ),
    **_rows("storage.k8s.io/v1beta1", "CSIStorageCapacity", 24, 27, "storage.k8s.io/v1", same=True),
    **_rows(
        "flowcontrol.apiserver.k8s.io/v1beta2",
        "FlowSchema PriorityLevelConfiguration",
        26,
        29,
        "flowcontrol.apiserver.k8s.io/v1",
        same=False,
    ),
    **_rows(
        "flowcontrol.apiserver.k8s.io/v1beta3",
        "FlowSchema PriorityLevelConfiguration",
        29,
        32,
        "flowcontrol.apiserver.k8s.io/v1",
        same=False,
    ),
}
