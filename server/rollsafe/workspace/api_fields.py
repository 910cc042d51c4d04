"""The fields of Kubernetes objects, those of kinds the workspace itself defines included."""

from typing import cast

from rollsafe.artefacts.kubernetes import CustomResourceDefinition, KubernetesObject, Kustomization
from rollsafe.artefacts.kubernetes.api import faults_against, faults_of
from rollsafe.artefacts.shapes import Fault, FaultKind, Shape, kubernetes_table, shape_of_schema
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.settings import Settings


def field_faults(thing: KubernetesObject, graph: Graph) -> list[Fault]:
    """Return what is wrong with the fields of an object; nothing for a kind nobody defines."""
    found = thing.kept.get(field_faults)
    if isinstance(found, list):
        return cast("list[Fault]", found)
    if "." in thing.api_group and kubernetes_table().kind(thing.api_version, thing.kind) is None:
        # What the workspace defines may change while the object does not.
        shape = _own_shape(thing, graph)
        return faults_against(thing, shape) if shape is not None else faults_of(thing)
    faults = thing.kept[field_faults] = faults_of(thing)
    return faults


def _own_shape(thing: KubernetesObject, graph: Graph) -> Shape | None:
    group, _, version = thing.api_version.rpartition("/")
    definition = graph.first(CustomResourceDefinition, f"defines:{group} {thing.kind}")
    schema = definition.schema(version) if definition is not None and not definition.templated else None
    if definition is None or schema is None:
        return None
    known = definition.kept.get(version)
    if known is None:
        known = definition.kept[version] = shape_of_schema(schema, "*")
    return known if isinstance(known, Shape) else None


def is_whole(thing: KubernetesObject, graph: Graph) -> bool:
    """Say whether an object is written in full, so that what is not there is missing."""
    if thing.is_patch or thing.is_partial:
        return False
    return not graph.find(Kustomization, f"patch:{thing.file.path}")


def does_not_know(fault: Fault, settings: Settings) -> bool:
    """Say whether the clusters' version, as set, has no such field."""
    minor = settings.kubernetes.minor
    if fault.kind is not FaultKind.VERSION or minor is None:
        return False
    first, last = fault.shape.spans[fault.key]
    versions = kubernetes_table().versions
    return (minor < first and first > versions.first) or (minor > last and last < versions.last)
