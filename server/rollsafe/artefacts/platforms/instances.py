"""How many instances of a service a platform is told to run."""

from typing import Final

from rollsafe.artefacts.platforms.app_engine import AppEngineService
from rollsafe.artefacts.platforms.cloud_run import CloudRunService
from rollsafe.artefacts.platforms.ecs import EcsService
from rollsafe.artefacts.platforms.railway import RailwayService
from rollsafe.artefacts.platforms.render import RenderService
from rollsafe.artefacts.platforms.service import PlatformService
from rollsafe.formats.nodes import Node, Scalar

_MOST: Final = ("spec", "template", "metadata", "annotations", "autoscaling.knative.dev/maxScale")


def most_instances(service: PlatformService) -> Scalar | None:
    """Return the number of instances that a service gets at most, where its file says it.

    None for what gets no requests, for what can have one alone, and where something else decides.
    """
    if service.is_templated:
        return None
    match service:
        case RenderService() if service.type in ("web", "pserv") and not service.is_static:
            if service.node.at("disk") is not None:
                return None
            scaling = service.node.at("scaling")
            return _scalar(
                scaling.at("maxInstances") if scaling is not None else service.node.at("numInstances")
            )
        case RailwayService() if (
            not service.schedules and service.node.at("deploy", "requiredMountPath") is None
        ):
            return _scalar(service.node.at("deploy", "numReplicas"))
        case EcsService() if service.find("loadBalancers") is not None and not service.is_daemon:
            return _scalar(service.find("desiredCount"))
        case CloudRunService():
            return _scalar(service.node.at(*_MOST))
        case AppEngineService():
            manual = _scalar(service.node.at("manual_scaling", "instances"))
            return manual or _scalar(service.node.at("automatic_scaling", "max_instances"))
        case _:
            return None


def _scalar(node: Node | None) -> Scalar | None:
    return node if isinstance(node, Scalar) and not node.is_null and node.tag is None else None
