"""Who calls whom: the questions about several files that more than one rule and the plans ask."""

import re
from collections.abc import Iterable

from rollsafe.artefacts.compose import ComposeFile, ComposeService
from rollsafe.artefacts.dockerfile import Dockerfile, Stage
from rollsafe.artefacts.known_images import known_image
from rollsafe.artefacts.kubernetes import (
    Container,
    HelmChart,
    HorizontalPodAutoscaler,
    Ingress,
    KubernetesObject,
    Kustomization,
    PodDisruptionBudget,
    Service,
    Workload,
)
from rollsafe.artefacts.kubernetes.labels import ADDED
from rollsafe.text.patterns import lazily
from rollsafe.workspace.graph import Graph

_PRODUCTION_NAME = lazily(r"(?:^|[/._-])(?:prod|prd|production|live|server|demo)(?:[/._-]|$)", re.I)


def services_of(workload: Workload, graph: Graph) -> tuple[Service, ...]:
    """Return the Services whose selector finds the workload's pods, those beside it first."""
    return graph.remember(("services", workload), lambda: _services_of(workload, graph))


def _services_of(workload: Workload, graph: Graph) -> tuple[Service, ...]:
    found: dict[int, Service] = {}
    for key, value in workload.pod_labels.items():
        for service in graph.find(Service, f"selects:{key}={value}"):
            if service.selects(workload):
                found[id(service)] = service
    return tuple(sorted(found.values(), key=lambda s: (_distance(s.file.path, workload.file.path), s.start)))


def workloads_of(service: Service, graph: Graph) -> tuple[Workload, ...]:
    """Return the workloads whose pods the Service finds, those beside it first."""
    return graph.remember(("workloads", service), lambda: _workloads_of(service, graph))


def _workloads_of(service: Service, graph: Graph) -> tuple[Workload, ...]:
    first = next((one for one in service.selector.items() if one[0] not in ADDED), None)
    if first is not None:
        every = graph.find(Workload, f"label:{first[0]}={first[1]}")
    else:
        every = graph.every(Workload, "label:") if service.selector else ()
    found = [w for w in every if service.selects(w)]
    return tuple(sorted(found, key=lambda w: _distance(w.file.path, service.file.path)))


def autoscalers_of(workload: Workload, graph: Graph) -> tuple[HorizontalPodAutoscaler, ...]:
    """Return the autoscalers that set the workload's number of replicas."""
    return graph.find(HorizontalPodAutoscaler, f"scales:{workload.kind}/{workload.name}")


def targets_of(scaler: HorizontalPodAutoscaler, graph: Graph) -> tuple[Workload, ...]:
    """Return the workloads an autoscaler sets the number of pods of."""
    found = graph.find(Workload, f"{scaler.target_kind}/{scaler.target_name}")
    return tuple(workload for workload in found if scaler.scales(workload))


def budgets_of(workload: Workload, graph: Graph) -> tuple[PodDisruptionBudget, ...]:
    """Return the disruption budgets that cover the workload's pods."""
    found = graph.every(PodDisruptionBudget, "PodDisruptionBudget/")
    return tuple(budget for budget in found if workload.pod_labels and budget.covers(workload))


def covered_by(budget: PodDisruptionBudget, graph: Graph) -> tuple[Workload, ...]:
    """Return the workloads whose pods a disruption budget covers; none for one that covers a namespace."""
    first = next(iter(budget.selector.labels.items()), None) if budget.selector is not None else None
    if first is None:
        return ()
    found = graph.find(Workload, f"label:{first[0]}={first[1]}")
    return tuple(one for one in found if one.is_long_running and budget.covers(one))


def asked_through(workload: Workload, graph: Graph) -> tuple[Service, ...]:
    """Return the Services through which others wait for answers of the pods, metrics left out."""
    return tuple(one for one in services_of(workload, graph) if not one.is_for_metrics)


def is_served(workload: Workload, graph: Graph) -> bool:
    """Say whether a Service sends the workload's pods traffic."""
    return bool(asked_through(workload, graph))


def kustomizations_listing(path: str, graph: Graph) -> tuple[Kustomization, ...]:
    """Return the kustomizations that name the file at `path` among their files."""
    return graph.find(Kustomization, f"path:{path}")


def nearest_first(path: str, others: Iterable[str]) -> list[str]:
    """Return paths ordered by how many directories lie between them and `path`, then by name."""
    return sorted(others, key=lambda other: (_distance(other, path), other))


def _distance(one: str, other: str) -> int:
    mine, theirs = one.split("/")[:-1], other.split("/")[:-1]
    shared = 0
    for left, right in zip(mine, theirs, strict=False):
        if left != right:
            break
        shared += 1
    return len(mine) + len(theirs) - 2 * shared


def service_port_of(service: Service, container: Container) -> int | str | None:
    """Return the container's port the Service sends traffic to, as the probe would name it; else None.

    A container that declares no ports is taken to serve the Service's target when it is alone in its
    pod: declaring ports is optional.
    """
    for port in service.ports:
        target = port.target
        if isinstance(target, int | str) and container.listens_on(target):
            return target
        if isinstance(target, int) and not container.ports and len(container.workload.containers) == 1:
            return target
    return None


def serving(container: Container, graph: Graph) -> tuple[Service, int | str] | None:
    """Return the nearest Service that sends the container traffic, with the port it sends it to."""
    for service in asked_through(container.workload, graph):
        port = service_port_of(service, container)
        if port is not None:
            return service, port
    return None


def lacks_probe(container: Container, name: str) -> bool:
    """Say whether a main container of what keeps running certainly has no probe called `name`."""
    workload = container.workload
    keeps_running = workload.is_long_running or (workload.kind == "Pod" and not _ends(workload))
    asked = keeps_running and not container.is_init and not workload.is_patch
    return asked and container.lacks(name)


def _ends(pod: Workload) -> bool:
    """Say whether a bare Pod is there for a moment: it is not restarted, or runs at a hook of Helm."""
    return pod.is_helm_hook or pod.restart_policy in ("Never", "OnFailure")


def mounts_a_claim(workload: Workload) -> bool:
    """Say whether the pods mount a persistent volume, so that two of them may exclude each other."""
    return any(reference.kind == "PersistentVolumeClaim" for reference in workload.references)


def replica_overrides(workload: Workload, graph: Graph) -> bool:
    """Say whether a patch or a kustomization sets another number of replicas for the workload."""
    if graph.is_built:
        return False
    others = graph.find(Workload, f"{workload.kind}/{workload.name}")
    if any(other is not workload and other.is_patch and other.replica_count != 1 for other in others):
        return True
    return any(
        override.name == workload.name
        for kustomization in graph.every(Kustomization, "dir:")
        for override in kustomization.replicas
    )


def has_default_requests(workload: Workload, graph: Graph) -> bool:
    """Say whether a LimitRange of the repository gives containers their requests."""
    return any(limits.shares_namespace(workload) for limits in graph.every(KubernetesObject, "LimitRange/"))


def dockerfile_stage_of(service: ComposeService, graph: Graph) -> Stage | None:
    """Return the build stage a Compose service runs; None when it is not built here."""
    build = service.build
    if build is None or build.dockerfile is None:
        return None
    dockerfile = graph.first(Dockerfile, f"path:{build.dockerfile}")
    if dockerfile is None:
        return None
    return dockerfile.stage_called(build.target) if build.target else dockerfile.final_stage


def health_check_of(service: ComposeService, graph: Graph) -> bool:
    """Say whether Compose can know the service's health: by its own check or its image's."""
    if service.healthcheck is not None and (service.healthcheck.is_disabled or service.healthcheck.test):
        return not service.healthcheck.is_disabled
    stage = dockerfile_stage_of(service, graph)
    return stage is not None and stage.healthcheck is not None and not stage.healthcheck.is_disabled


def selector_comes_from_elsewhere(service: Service, graph: Graph) -> bool:
    """Say whether a kustomization adds labels, so that selectors and pods are not what is written."""
    return not graph.is_built and any(k.selector_labels for k in graph.every(Kustomization, "dir:"))


def keeps_data(workload: Workload) -> bool:
    """Say whether the pods hold data of their own, so that a second one would not be the same."""
    if mounts_a_claim(workload) or workload.claim_templates:
        return True
    images = (container.image for container in workload.containers)
    known = (known_image(image) for image in images if image is not None)
    return any(one is not None and one.keeps_data for one in known)


def keeps_data_in_pods(workload: Workload) -> bool:
    """Say whether the data is on no volume that outlives a pod, so that a new pod begins without it."""
    return keeps_data(workload) and not mounts_a_claim(workload) and not workload.claim_templates


def is_exposed(service: Service, graph: Graph) -> bool:
    """Say whether the Service is reached from outside of the cluster."""
    return graph.remember(("exposed", service), lambda: _is_exposed(service, graph))


def _is_exposed(service: Service, graph: Graph) -> bool:
    if service.type in ("LoadBalancer", "NodePort"):
        return True
    return any(one.shares_namespace(service) for one in graph.find(Ingress, f"backend:{service.name}"))


def is_for_production(compose: ComposeFile) -> bool:
    """Say whether a Compose file's name says that it is for production."""
    return _PRODUCTION_NAME.search(compose.file.path) is not None


def is_shipped(compose: ComposeFile, graph: Graph) -> bool:
    """Say whether a Compose file is what runs for users, not what developers run.

    Its name or its services may say that it is for development. Where the repository is deployed to
    Kubernetes, a Compose file is taken for one unless its name says production.
    """
    if compose.is_development:
        return False
    if is_for_production(compose):
        return True
    return not graph.keys(Workload, "name:") and not graph.keys(HelmChart, "chart:")
