"""What runs pods: Deployments, StatefulSets, Jobs, bare Pods and their like."""

from collections.abc import Iterable, Iterator
from typing import Final

from rollsafe.artefacts.kubernetes.container import Container, ContainerPort
from rollsafe.artefacts.kubernetes.labels import Selector, read_selector, string_map
from rollsafe.artefacts.kubernetes.objects import KubernetesElement, KubernetesObject
from rollsafe.artefacts.kubernetes.probes import words_at
from rollsafe.artefacts.kubernetes.references import Reference, reference_at
from rollsafe.artefacts.kubernetes.templates import (
    Amount,
    Share,
    amount_at,
    is_placeholder,
    share_at,
)
from rollsafe.artefacts.kubernetes.volumes import Volume, volumes_of
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.text.cached import cached_property

LONG_RUNNING: Final = frozenset(
    {
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "ReplicaSet",
        "ReplicationController",
        "Rollout",
        "DeploymentConfig",
    }
)
JOBS: Final = frozenset({"Job", "CronJob"})
_PLAIN_SELECTOR: Final = frozenset({"ReplicationController", "DeploymentConfig"})
_WITHOUT_REPLICAS: Final = frozenset({"DaemonSet", "Job", "CronJob", "Pod"})
_ANTI_AFFINITY: Final = ("affinity", "podAntiAffinity")
_STRATEGIES: Final = ("canary", "blueGreen", "rollingUpdate")


class Workload(KubernetesObject):
    """An object with a pod template; a Pod is its own template, a CronJob has it inside its Job."""

    @cached_property
    def job_spec(self) -> Mapping | None:
        """The Job part of a Job or CronJob; None for other kinds."""
        if self.kind == "CronJob":
            return self.node.map_at("spec", "jobTemplate", "spec")
        return self.spec if self.kind == "Job" else None

    @cached_property
    def pod_template(self) -> Mapping | None:
        """The mapping that holds the pods' `metadata` and `spec`."""
        if self.kind == "Pod":
            return self.node
        owner = self.job_spec if self.kind in JOBS else self.spec
        return owner.map_at("template") if owner is not None else None

    @cached_property
    def pod_spec(self) -> Mapping | None:
        """The pods' `spec`."""
        return self.pod_template.map_at("spec") if self.pod_template is not None else None

    def pod_lacks(self, *path: str) -> bool:
        """Say whether the pods' `spec` has no value at `path` for certain."""
        if self.pod_spec is None:
            return self.pod_template is None or not self.is_templated(self.pod_template)
        if not self.templated and len(path) == 1:
            found = self.pod_spec.at(path[0])
            return found is None or (isinstance(found, Scalar) and found.is_null)
        return KubernetesElement(self.file, self.pod_spec, self.templated).lacks(*path)

    def job_lacks(self, *path: str) -> bool:
        """Say whether the Job part of it has for certain no value at `path`."""
        below = ("spec", "jobTemplate", "spec") if self.kind == "CronJob" else ("spec",)
        return self.lacks(*below, *path)

    @property
    def keeps_apart(self) -> bool | None:
        """Whether an anti-affinity keeps its pods on different nodes; None where a template decides."""
        affinity = self.pod_spec.at("affinity") if self.pod_spec is not None else None
        if affinity is not None and self.is_templated(affinity):
            return None
        return self.pod_spec is not None and any(_is_apart(one, self) for one in _terms(self.pod_spec))

    @cached_property
    def pod_labels(self) -> dict[str, str]:
        """The labels of the pods, as written; those it selects where no template is."""
        if self.pod_template is None and self.selector is not None:
            return self.selector.labels
        return string_map(self._pod_metadata("labels"))

    @property
    def pod_labels_node(self) -> Node | None:
        """The mapping of the pods' labels; a null where a template fills it in."""
        return self._pod_metadata("labels")

    @cached_property
    def pod_labels_are_known(self) -> bool:
        """Whether the pods' labels are written out, so that a mismatch means something."""
        node = self.pod_labels_node
        if node is None:
            return not self.templated
        return not self.is_templated(node)

    @cached_property
    def pod_annotations(self) -> dict[str, str]:
        """The annotations of the pods, as written."""
        return string_map(self._pod_metadata("annotations"))

    @cached_property
    def selector(self) -> Selector | None:
        """How the workload finds its pods; None when absent."""
        return self.selector_at("spec", "selector", plain=self.kind in _PLAIN_SELECTOR)

    @cached_property
    def containers(self) -> tuple[Container, ...]:
        """The main containers, in source order."""
        return self._containers_at("containers", is_init=False)

    @cached_property
    def init_containers(self) -> tuple[Container, ...]:
        """The init containers, sidecars among them."""
        return self._containers_at("initContainers", is_init=True)

    @property
    def all_containers(self) -> tuple[Container, ...]:
        """Main and init containers."""
        return self.containers + self.init_containers

    @property
    def ports(self) -> Iterator[ContainerPort]:
        """The ports of the containers that run beside each other: the main ones and sidecars."""
        for container in self.all_containers:
            if not container.is_init or container.is_sidecar:
                yield from container.ports

    @cached_property
    def volumes(self) -> tuple[Volume, ...]:
        """The volumes of the pods; claims of a StatefulSet are `claim_templates`."""
        return tuple(volumes_of(self.pod_spec)) if self.pod_spec is not None else ()

    @property
    def claim_templates(self) -> tuple[str, ...]:
        """The names of a StatefulSet's volume claim templates."""
        items = self.node.items_at("spec", "volumeClaimTemplates")
        return tuple(item.text_at("metadata", "name") or "" for item in items)

    @property
    def replicas(self) -> Amount:
        """The `replicas` as written."""
        return amount_at(self.node, "spec", "replicas")

    @property
    def replica_count(self) -> int | None:
        """How many pods are asked for, 1 by default; None when unknown or not a fixed number."""
        if self.kind in _WITHOUT_REPLICAS:
            return 1 if self.kind == "Pod" else None
        replicas = self.replicas
        if isinstance(replicas, int):
            return replicas
        return 1 if self.lacks("spec", "replicas") else None

    @cached_property
    def strategy(self) -> Mapping | None:
        """The mapping that says how pods are replaced."""
        key = "updateStrategy" if self.kind in ("StatefulSet", "DaemonSet") else "strategy"
        return self.node.map_at("spec", key)

    @property
    def strategy_type(self) -> str | None:
        """How pods are replaced, such as `Recreate`; None when nothing is written."""
        if self.strategy is None:
            return None
        found = self.strategy.text_at("type")
        return found or next((key for key in _STRATEGIES if self.strategy.at(key)), None)

    @property
    def max_surge(self) -> Share:
        """How many pods may be there above the number asked for."""
        return self._rolling("maxSurge")

    @property
    def max_unavailable(self) -> Share:
        """How many pods may be missing while a release rolls out."""
        return self._rolling("maxUnavailable")

    @property
    def revision_history_limit(self) -> Amount:
        """How many earlier revisions are kept for a rollback."""
        return amount_at(self.node, "spec", "revisionHistoryLimit")

    @property
    def min_ready_seconds(self) -> Amount:
        """How long a pod has to stay ready before it counts."""
        return amount_at(self.node, "spec", "minReadySeconds")

    @property
    def progress_deadline_seconds(self) -> Amount:
        """After how long without progress a rollout counts as failed."""
        return amount_at(self.node, "spec", "progressDeadlineSeconds")

    @property
    def termination_grace_seconds(self) -> Amount:
        """How long pods may take to stop, as written; Kubernetes gives 30 otherwise."""
        return amount_at(self.pod_spec, "terminationGracePeriodSeconds")

    @property
    def service_account(self) -> Reference | None:
        """The ServiceAccount the pods run as."""
        name = "serviceAccountName"
        if self.pod_spec is not None and self.pod_spec.at(name) is None:
            name = "serviceAccount"
        return reference_at("ServiceAccount", self.pod_spec, name)

    @property
    def service_name(self) -> str | None:
        """The headless Service a StatefulSet names."""
        return self.node.text_at("spec", "serviceName")

    @property
    def schedule(self) -> str | None:
        """A CronJob's schedule."""
        return self.node.text_at("spec", "schedule")

    @property
    def concurrency_policy(self) -> str | None:
        """A CronJob's `concurrencyPolicy` as written; Kubernetes takes `Allow` otherwise."""
        return self.node.text_at("spec", "concurrencyPolicy")

    @property
    def starting_deadline_seconds(self) -> Amount:
        """How late a CronJob may still start a run."""
        return amount_at(self.node, "spec", "startingDeadlineSeconds")

    @property
    def backoff_limit(self) -> Amount:
        """How often a Job is tried again."""
        return amount_at(self.job_spec, "backoffLimit")

    @property
    def active_deadline_seconds(self) -> Amount:
        """How long a Job may run."""
        return amount_at(self.job_spec, "activeDeadlineSeconds")

    @property
    def ttl_seconds_after_finished(self) -> Amount:
        """How long a finished Job is kept."""
        return amount_at(self.job_spec, "ttlSecondsAfterFinished")

    @property
    def restart_policy(self) -> str | None:
        """The pods' `restartPolicy` as written; Kubernetes takes `Always` otherwise."""
        return self.pod_spec.text_at("restartPolicy") if self.pod_spec is not None else None

    @property
    def is_long_running(self) -> bool:
        """Whether its pods are kept running: not a Job, not a bare Pod."""
        return self.kind in LONG_RUNNING

    @property
    def is_job(self) -> bool:
        """Whether its pods run to an end: a Job or CronJob."""
        return self.kind in JOBS

    @property
    def is_partial(self) -> bool:
        """Whether a container, or the image of one, is missing."""
        if self.kind == "Rollout" and self.node.at("spec", "workloadRef") is not None:
            return False
        return not self.containers or any(c.image_node is None for c in self.containers)

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """Every ConfigMap, Secret, claim and ServiceAccount the pods need."""
        return tuple(self._references())

    def graph_keys(self) -> Iterable[str]:
        """Return the object's keys, `label:key=value` of the pods and `uses:Kind/name`."""
        keys = dict.fromkeys(super().graph_keys())
        for key, value in self.pod_labels.items():
            if not is_placeholder(key) and not is_placeholder(value):
                keys[f"label:{key}={value}"] = None
        keys.update((f"uses:{r.kind}/{r.name}", None) for r in self.references if r.is_static)
        return keys

    def _references(self) -> Iterator[Reference]:
        for container in self.all_containers:
            yield from container.references
        for volume in self.volumes:
            yield from volume.references
        account = self.service_account
        if account is not None:
            yield account
        for secret in self.pod_spec.items_at("imagePullSecrets") if self.pod_spec else ():
            reference = reference_at("Secret", secret)
            if reference is not None:
                yield reference

    def _pod_metadata(self, key: str) -> Node | None:
        return self.pod_template.at("metadata", key) if self.pod_template is not None else None

    def _rolling(self, key: str) -> Share:
        for parent in ("rollingUpdate", "rollingParams", "canary"):
            found = share_at(self.strategy, parent, key)
            if found is not None:
                return found
        return None

    def _containers_at(self, key: str, *, is_init: bool) -> tuple[Container, ...]:
        if self.pod_spec is None:
            return ()
        # Aliases may repeat one mapping any number of times; it is one container all the same.
        items = {id(item): item for item in self.pod_spec.items_at(key)}.values()
        return tuple(Container(self, item, is_init) for item in items if isinstance(item, Mapping))


def _terms(pod_spec: Mapping) -> Iterator[Node]:
    """Yield the terms of a pod's anti-affinity, required and preferred."""
    yield from pod_spec.items_at(*_ANTI_AFFINITY, "requiredDuringSchedulingIgnoredDuringExecution")
    for item in pod_spec.items_at(*_ANTI_AFFINITY, "preferredDuringSchedulingIgnoredDuringExecution"):
        term = item.at("podAffinityTerm")
        if term is not None:
            yield term


def _is_apart(term: Node, workload: Workload) -> bool:
    """Say whether an anti-affinity term speaks of the workload's own pods."""
    selector = term.at("labelSelector")
    namespaces = words_at(term, "namespaces")
    if selector is None or not term.text_at("topologyKey"):
        return False
    if namespaces and workload.namespace is not None and workload.namespace not in namespaces:
        return False
    return read_selector(selector).selects(workload.pod_labels)
