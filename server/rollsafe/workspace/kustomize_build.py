"""What a kustomization builds from: the objects its patches and overrides can reach."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import KubernetesObject, Kustomization, Workload, is_placeholder
from rollsafe.text.records import field, open_record, state
from rollsafe.workspace.graph import Graph

_MAX_DEPTH: Final = 12
_OPEN: Final = ("generators", "transformers", "helmCharts", "helmChartInflationGenerator", "configurations")
"""Fields that make objects, or change what reaches them, in ways no file tells."""


@open_record
class Built:
    """An object, with the names it goes by after each layer."""

    thing: KubernetesObject
    names: tuple[str, ...]


@state
class Build:
    """Everything below a kustomization; `made` are generated objects as `Kind/name`.

    `layers` are the kustomizations that take part. `is_complete` is False where something cannot be
    known from the repository, so that nothing is surely absent.
    """

    objects: list[Built] = field(default_factory=list[Built])
    made: list[str] = field(default_factory=list[str])
    layers: list[Kustomization] = field(default_factory=list[Kustomization])
    is_complete: bool = True

    def names_of(self, kind: str | None) -> list[str]:
        """Return the names of the objects of a kind, of all objects for None."""
        found = [name for one in self.objects if kind in (None, one.thing.kind) for name in one.names]
        made = (key.partition("/") for key in self.made)
        return sorted({*found, *(name for of, _, name in made if kind in (None, of))})

    def images(self) -> list[str]:
        """Return the names of the images of workloads, those that layers put in their place too."""
        workloads = (one.thing for one in self.objects if isinstance(one.thing, Workload))
        found = {
            f"{image.registry}/{image.repository}" if image.registry else image.repository
            for workload in workloads
            for container in workload.all_containers
            if (image := container.image) is not None
        }
        renamed = {one.new_name for layer in self.layers for one in layer.images if one.new_name}
        return sorted(found | renamed)

    def may_hold_image(self, name: str, graph: Graph) -> bool:
        """Say whether a patch, or an object that is no workload, may bring an image called `name`."""
        others = (one.thing for one in self.objects if not isinstance(one.thing, Workload))
        if any(name in one.file.text[one.start : one.end] for one in others):
            return True
        return any(
            text is None or name in text for layer in self.layers for text in _patch_texts(layer, graph)
        )


def build_of(layer: Kustomization, graph: Graph) -> Build:
    """Return what a kustomization's own changes apply to."""
    return graph.remember(("kustomize-build", layer.file.path), lambda: _below(layer, graph, frozenset()))


def is_kustomized(directory: str, graph: Graph) -> bool:
    """Say whether a directory holds a kustomization."""
    return bool(graph.find(Kustomization, f"dir:{directory}"))


def objects_in(path: str, graph: Graph) -> tuple[KubernetesObject, ...]:
    """Return the objects written in a file."""
    return graph.find(KubernetesObject, f"file:{path}")


def _below(layer: Kustomization, graph: Graph, above: frozenset[str]) -> Build:
    build = Build(layers=[layer])
    if layer.kind == "Component" and not above:
        build.is_complete = False
    if any(layer.root.at(name) is not None for name in _OPEN):
        build.is_complete = False
    for entry in (*layer.resources, *layer.components):
        if entry.path is None or len(above) >= _MAX_DEPTH or entry.path in above:
            build.is_complete = False
        elif graph.has_file(entry.path):
            _take_file(entry.path, graph, build)
        else:
            _take_directory(entry.path, graph, build, above | {layer.directory})
    build.made += (f"{one.kind}/{one.name}" for one in layer.generators if one.behavior == "create")
    return build


def _take_file(path: str, graph: Graph, build: Build) -> None:
    found = objects_in(path, graph)
    if not found or any(one.templated or not one.has_static_name for one in found):
        build.is_complete = False
    build.objects += (Built(one, (one.name,)) for one in found)


def _take_directory(path: str, graph: Graph, build: Build, above: frozenset[str]) -> None:
    layer = graph.first(Kustomization, f"dir:{path}")
    if layer is None:
        build.is_complete = False
        return
    below = _below(layer, graph, above)
    build.is_complete = build.is_complete and below.is_complete
    build.layers += below.layers
    before, after = layer.name_prefix, layer.name_suffix
    if is_placeholder(before + after):
        build.is_complete = False
    for one in below.objects:
        names = dict.fromkeys((*one.names, f"{before}{one.names[-1]}{after}"))
        build.objects.append(Built(one.thing, tuple(names)))
    for key in below.made:
        kind, _, name = key.partition("/")
        build.made += dict.fromkeys((key, f"{kind}/{before}{name}{after}"))


def _patch_texts(layer: Kustomization, graph: Graph) -> Iterator[str | None]:
    """Yield the texts of a layer's patches; None for one that is not to be read here."""
    for patch in layer.patches:
        if patch.body is not None:
            yield patch.body.text
        elif patch.file is not None and patch.file.path is not None:
            found = objects_in(patch.file.path, graph)
            yield found[0].file.text if found else None
        else:
            yield None
