"""Whether what an object names is missing, and how sure that is.

A repository rarely holds everything that runs beside it. What is missing is surely missing only where one
of its kind stands beside the object that names it, or bears nearly the same name.
"""

from rollsafe.artefacts.kubernetes import HelmChart, KubernetesObject, Kustomization, is_placeholder
from rollsafe.text import nearest
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph


class Missing(NamedTuple):
    """Something nobody defines; `close` is a name like it that somebody does define."""

    close: str | None
    is_sure: bool


def missing(
    thing: KubernetesObject, wanted: type[KubernetesObject], kind: str, name: str, graph: Graph
) -> Missing | None:
    """Return what is known of the absence of `kind`/`name`; None where it exists, or may exist.

    Charts name their objects when they are rendered, so nothing is missing in them.
    """
    if thing.from_template or thing.templated or thing.is_patch or not name or is_placeholder(name):
        return None
    if any(one.shares_namespace(thing) for one in graph.find(wanted, f"{kind}/{name}")):
        return None
    known = [key.partition("/")[2] for key in graph.keys(wanted, f"{kind}/")]
    if any(known_as(name, one, graph) for one in known):
        return None
    close = nearest(name, [one for one in known if one != name])
    return Missing(close, close is not None or _stands_beside(thing, wanted, kind, graph))


def known_as(name: str, written: str, graph: Graph) -> bool:
    """Say whether a kustomization's prefix or suffix makes `name` of what is `written`."""
    if written == name or written not in name:
        return False
    return any(
        f"{layer.name_prefix}{written}{layer.name_suffix}" == name
        for layer in graph.every(Kustomization, "dir:")
        if layer.name_prefix or layer.name_suffix
    )


def _stands_beside(thing: KubernetesObject, wanted: type[KubernetesObject], kind: str, graph: Graph) -> bool:
    if graph.keys(HelmChart, "chart:"):
        return False
    directory = thing.file.directory
    beside = (one for one in graph.every(wanted, f"{kind}/") if one is not thing)
    return any(one.file.directory == directory and not one.is_patch for one in beside)
