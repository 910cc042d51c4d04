"""What of the files of a deployment is not understood, or not wholly, and why.

A gap is no fault: a remote base is a good thing to have. It says what no rule has looked at.
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.compose import ComposeFile, ComposeService
from rollsafe.artefacts.dockerfile import Stage
from rollsafe.artefacts.kubernetes import HelmChart, KubernetesObject, Kustomization
from rollsafe.artefacts.kubernetes.kustomization import PathEntry
from rollsafe.artefacts.migrations import Migration
from rollsafe.artefacts.registry import is_program
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Scalar
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.kustomize_build import is_kustomized, objects_in
from rollsafe.workspace.unread_tools import tool_of

_LONGEST: Final = 80
_OPEN_FIELDS: Final = ("generators", "transformers", "configurations")
_TEMPLATE = lazily(r"(?:^|/)templates/(?!tests/)(?:[^/]+/)*(?!_)[^/]+\.ya?ml\Z")
_DEFINITIONS = lazily(r"\{\{-?\s*(?:define\b.*?\{\{-?\s*end\s*-?\}\}\s*\Z|/\*.*?\*/\s*-?\}\})", re.S)
_KIND = lazily(r"^[\"']?kind[\"']?:\s*[\"']?(\w+)", re.M)
_FORMATTED = lazily(r"^ +[\"']?name[\"']?: *\{[A-Za-z_]\w*\}", re.M)
_VERSION = lazily(r"^[\"']?apiVersion[\"']?:\s*[\"']?([\w./-]+)", re.M)


class Gap(NamedTuple):
    """A place of a file of which nothing, or not all, is known, and the reason. `start` is an offset."""

    file: SourceFile
    start: int
    reason: str


def gaps(artefact: Artefact, graph: Graph) -> Iterator[Gap]:
    """Yield what is not understood of a file that is read as something, in source order."""
    found = [gap for element in artefact.elements for gap in _gaps_of(element, graph)]
    yield from dict.fromkeys(sorted(found, key=lambda gap: gap.start))


def gap_of_unknown(file: SourceFile, graph: Graph) -> Gap | None:
    """Return why a file that is read as nothing is not understood; None for one that deploys nothing."""
    tool = tool_of(file.path)
    if tool is not None:
        return Gap(file, 0, f"a file of {tool}, which is not read")
    if is_program(file.path):
        return _of_program(file)
    if _is_unrendered(file, graph):
        return Gap(file, 0, "its objects are known only when the chart is rendered")
    kind, version = _KIND.search(file.text), _VERSION.search(file.text)
    if kind is not None and version is not None and _FORMATTED.search(file.text):
        return Gap(file, kind.start(), f"a program fills in the `{kind[1]}` before it is applied")
    if kind is not None and version is not None:
        return Gap(file, kind.start(), f"`{kind[1]}` of `{version[1]}` is no kind of object that is read")
    return None


def _of_program(file: SourceFile) -> Gap | None:
    from rollsafe.artefacts.migrations.code.recognition import refused  # few files are not understood

    problem = refused(file)
    return Gap(file, 0, f"a migration that is not read: {problem.message}") if problem is not None else None


def _gaps_of(element: Element, graph: Graph) -> Iterator[Gap]:
    match element:
        case Kustomization():
            yield from _of_kustomization(element, graph)
        case HelmChart():
            yield from _of_chart(element, graph)
        case ComposeFile():
            yield from _of_compose(element, graph)
        case Stage():
            yield from _of_stage(element)
        case KubernetesObject():
            yield from _of_object(element)
        case Migration() if element.convention.home == element.file.path:
            yield Gap(element.file.host, 0, "no change log includes it: it is not part of the history")
        case _:
            return


# Kustomize and Helm ------------------------------------------------------------------------------


def _of_kustomization(layer: Kustomization, graph: Graph) -> Iterator[Gap]:
    for entry in (*layer.resources, *layer.components):
        reason = _why_not_built(entry, graph)
        if reason is not None:
            yield Gap(layer.file, entry.node.start, reason)
    for patch in layer.patches:
        if patch.file is not None and (patch.file.path is None or not graph.has_file(patch.file.path)):
            yield Gap(layer.file, patch.file.node.start, _why_elsewhere(patch.file.text))
    for item in layer.root.items_at("helmCharts"):
        name = item.text_at("name") or "?"
        yield Gap(layer.file, item.start, f"the objects of chart `{_short(name)}` are made when it is built")
    for field in _OPEN_FIELDS:
        key = layer.root.key_at(field)
        if key is not None:
            yield Gap(layer.file, key.start, f"what `{field}` makes of the objects is not worked out")


def _why_not_built(entry: PathEntry, graph: Graph) -> str | None:
    if entry.path is None:
        return _why_elsewhere(entry.text)
    if graph.has_file(entry.path):
        is_read = bool(objects_in(entry.path, graph))
        return None if is_read else f"`{_short(entry.text)}` holds no object that is read"
    return None if is_kustomized(entry.path, graph) else _why_elsewhere(entry.text)


def _of_chart(chart: HelmChart, graph: Graph) -> Iterator[Gap]:
    prefix = f"{chart.directory}/charts/".lstrip("/")
    for one in chart.dependencies:
        is_near = one.repository.startswith("file://") or graph.find(HelmChart, f"dir:{prefix}{one.name}")
        if not is_near:
            reason = f"chart `{_short(one.name)}` is not in the project: its objects are not known"
            yield Gap(chart.file, one.node.start, reason)


def _is_unrendered(file: SourceFile, graph: Graph) -> bool:
    """Say whether a file is a template of a chart that prints something before which no object stands."""
    home = _TEMPLATE.search(file.path)
    if home is None or "{{" not in file.text:
        return False
    directory = file.path[: home.start()] if file.path[home.start()] == "/" else ""
    is_defining = _DEFINITIONS.match(file.text.strip()) is not None
    return not is_defining and bool(graph.find(HelmChart, f"dir:{directory}"))


def _of_object(thing: KubernetesObject) -> Iterator[Gap]:
    group = thing.api_group
    if type(thing) is KubernetesObject and "." in group and not group.endswith(".k8s.io"):
        reason = f"of `{thing.kind}`, a kind of `{group}`, only its name and labels are read"
        yield Gap(thing.file, thing.kind_node.start, reason)


# Compose and Dockerfiles -------------------------------------------------------------------------


def _of_compose(compose: ComposeFile, graph: Graph) -> Iterator[Gap]:
    for one in compose.includes:
        if one.path is None or not graph.has_file(one.path):
            yield Gap(compose.file, one.node.start, _why_elsewhere(one.node.text))
    for service in compose.services.values():
        yield from _of_service(service, graph)


def _of_service(service: ComposeService, graph: Graph) -> Iterator[Gap]:
    extends = service.extends
    base = extends.path if extends is not None and extends.is_elsewhere else service.file.path
    if extends is not None and (base is None or not graph.has_file(base)):
        yield Gap(service.file, extends.node.start, f"service `{extends.service}` is not in the project")
    build = service.build
    if build is not None and build.context is None and isinstance(build.context_node, Scalar):
        yield Gap(service.file, build.context_node.start, _why_elsewhere(build.context_node.text))


def _of_stage(stage: Stage) -> Iterator[Gap]:
    word = stage.base_word
    if word is not None and stage.base_text is None:
        yield Gap(
            stage.file, word.start, f"whoever builds it says what the base image `{_short(word.text)}` is"
        )


# -------------------------------------------------------------------------------------------------


def _why_elsewhere(text: str) -> str:
    if "$" in text or "{{" in text:
        return f"whoever runs it says what `{_short(text)}` is"
    return f"`{_short(text)}` is not in the project: what it brings is not known"


def _short(text: str) -> str:
    """Return a name or a path for a message: one line, not too long, without what may be a password."""
    line = re.sub(r"//[^/@\s]*@", "//", " ".join(text.split()))
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
