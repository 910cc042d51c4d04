"""A kustomization: which files it builds from, and what it changes in them."""

from collections.abc import Iterable, Iterator
from posixpath import basename, join, normpath
from typing import ClassVar, Final

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.kubernetes.labels import string_map
from rollsafe.artefacts.kubernetes.templates import Amount, amount_at
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar, Tree
from rollsafe.text.cached import cached_property
from rollsafe.text.tuples import NamedTuple

_NAMES: Final = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
_REMOTE: Final = ("://", "?ref=", "git@", "github.com/", "gitlab.com/", "bitbucket.org/")
_PATCH_FIELDS: Final = ("patches", "patchesStrategicMerge", "patchesJson6902")


class PathEntry(NamedTuple):
    """A file or directory a kustomization names in `field`.

    `path` is relative to the project; None for a remote one, or one outside of the project.
    """

    field: str
    text: str
    path: str | None
    is_remote: bool
    node: Scalar


class Patch(NamedTuple):
    """A change to objects of the resources: in a file, or written in place as `body`.

    `target_kind` and `target_name` are None where the patch itself says what it is for.
    """

    field: str
    file: PathEntry | None
    body: Scalar | None
    target_kind: str | None
    target_name: str | None
    node: Node


class ImageOverride(NamedTuple):
    """An `images` entry: every image called `name` gets another name, tag or digest."""

    name: str
    name_node: Scalar
    new_name: str | None
    new_tag: str | None
    digest: str | None
    node: Mapping

    @property
    def asks_for(self) -> str:
        """What the images are to get, for a message: `digest`, `tag 1.2.0` or `name other/api`."""
        if self.digest:
            return "the digest"
        return f"tag `{self.new_tag}`" if self.new_tag else f"name `{self.new_name}`"


class GeneratedKey(NamedTuple):
    """A key of a generated ConfigMap or Secret; `file` is where its value comes from, if a file."""

    name: str
    node: Scalar
    file: PathEntry | None


class Generator(NamedTuple):
    """A ConfigMap or Secret kustomize makes; its name gets a hash unless that is switched off.

    `env_files` hold further keys, one a line. `behavior` is `create`, `merge` or `replace`.
    """

    kind: str
    name: str
    keys: tuple[GeneratedKey, ...]
    env_files: tuple[PathEntry, ...]
    behavior: str
    has_hash: bool
    node: Mapping


class ReplicaOverride(NamedTuple):
    """A `replicas` entry: the workload called `name` gets `amount` replicas."""

    name: str
    amount: Amount
    node: Mapping


class Kustomization(Element):
    """A Kustomization, or a Component other kustomizations include."""

    family = "kubernetes"

    def __init__(self, file: SourceFile, root: Mapping) -> None:
        super().__init__(file, root.start, root.end)
        self.root = root

    @property
    def kind(self) -> str:
        """`Kustomization` or `Component`."""
        return self.root.text_at("kind") or "Kustomization"

    @property
    def directory(self) -> str:
        """The directory it builds."""
        return self.file.directory

    @cached_property
    def resources(self) -> tuple[PathEntry, ...]:
        """What it builds from: `resources`, and `bases`, their deprecated name for directories."""
        return self._paths("resources") + self._paths("bases")

    @cached_property
    def components(self) -> tuple[PathEntry, ...]:
        """The components it includes."""
        return self._paths("components")

    @cached_property
    def patches(self) -> tuple[Patch, ...]:
        """The patches, in whichever field they are written."""
        return tuple(
            self._patch(field, node) for field in _PATCH_FIELDS for node in self.root.items_at(field)
        )

    @cached_property
    def images(self) -> tuple[ImageOverride, ...]:
        """The image overrides."""
        return tuple(_image_overrides(self.root))

    @cached_property
    def generators(self) -> tuple[Generator, ...]:
        """The ConfigMaps and Secrets it makes."""
        return tuple(
            self._generator(kind, node)
            for field, kind in (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret"))
            for node in self.root.items_at(field)
            if isinstance(node, Mapping)
        )

    @cached_property
    def replicas(self) -> tuple[ReplicaOverride, ...]:
        """The replica overrides."""
        return tuple(
            ReplicaOverride(node.text_at("name") or "", amount_at(node, "count"), node)
            for node in self.root.items_at("replicas")
            if isinstance(node, Mapping)
        )

    @property
    def name_prefix(self) -> str:
        """What is put before every name."""
        return self.root.text_at("namePrefix") or ""

    @property
    def name_suffix(self) -> str:
        """What is put after every name."""
        return self.root.text_at("nameSuffix") or ""

    def names_of(self, generator: Generator) -> tuple[str, str]:
        """Return what an object it makes is called in its own files, and by others."""
        return generator.name, f"{self.name_prefix}{generator.name}{self.name_suffix}"

    @property
    def namespace(self) -> str | None:
        """The namespace every object is put in."""
        return self.root.text_at("namespace")

    @cached_property
    def selector_labels(self) -> dict[str, str]:
        """The labels it adds to selectors and pods, not only to the objects themselves."""
        found = string_map(self.root.at("commonLabels"))
        for item in self.root.items_at("labels"):
            if item.bool_at("includeSelectors"):
                found |= string_map(item.at("pairs"))
        return found

    @cached_property
    def named_paths(self) -> tuple[PathEntry, ...]:
        """Every file and directory of the project or elsewhere that it names."""
        return tuple(self._named_paths())

    def graph_keys(self) -> Iterable[str]:
        """Return `dir:` its directory, `path:` what it names, `patch:` what only patches, `makes:` what."""
        keys = {f"dir:{self.directory}": None}
        keys.update((f"path:{e.path}", None) for e in self.named_paths if e.path is not None)
        files = [patch.file for patch in self.patches if patch.file is not None]
        keys.update((f"patch:{file.path}", None) for file in files if file.path is not None)
        for generator in self.generators:
            keys.update((f"makes:{generator.kind}/{name}", None) for name in self.names_of(generator))
        return keys

    def _named_paths(self) -> Iterator[PathEntry]:
        yield from (*self.resources, *self.components)
        for field in ("crds", "configurations", "transformers", "generators", "validators", "replacements"):
            yield from self._paths(field)
        yield from (patch.file for patch in self.patches if patch.file is not None)
        for generator in self.generators:
            yield from (key.file for key in generator.keys if key.file is not None)
            yield from generator.env_files

    def _paths(self, field: str) -> tuple[PathEntry, ...]:
        items = self.root.items_at(field)
        named = (item.at("path") if isinstance(item, Mapping) else item for item in items)
        return tuple(
            self._entry(field, item, item.text)
            for item in named
            if isinstance(item, Scalar) and item.text and not _is_yaml(item)
        )

    def _entry(self, field: str, node: Scalar, text: str) -> PathEntry:
        is_remote = any(mark in text for mark in _REMOTE)
        path = None if is_remote else _within_project(self.directory, text)
        return PathEntry(field, text, path, is_remote, node)

    def _patch(self, field: str, node: Node) -> Patch:
        written = node if isinstance(node, Scalar) else node.at("path")
        body = None if isinstance(node, Scalar) else node.at("patch")
        if isinstance(written, Scalar) and _is_yaml(written):
            written, body = None, written
        file = self._entry(field, written, written.text) if isinstance(written, Scalar) else None
        target = node.at("target") or node
        return Patch(
            field=field,
            file=file,
            body=body if isinstance(body, Scalar) else None,
            target_kind=target.text_at("kind"),
            target_name=target.text_at("name"),
            node=node,
        )

    def _generator(self, kind: str, node: Mapping) -> Generator:
        without_hash = node.bool_at("options", "disableNameSuffixHash")
        if without_hash is None:
            without_hash = self.root.bool_at("generatorOptions", "disableNameSuffixHash")
        return Generator(
            kind=kind,
            name=node.text_at("name") or "",
            keys=tuple(self._generated_keys(node)),
            env_files=tuple(self._env_files(node)),
            behavior=node.text_at("behavior") or "create",
            has_hash=not without_hash,
            node=node,
        )

    def _generated_keys(self, node: Mapping) -> Iterator[GeneratedKey]:
        for item in node.items_at("literals"):
            if isinstance(item, Scalar):
                yield GeneratedKey(item.text.partition("=")[0], item, None)
        for item in node.items_at("files"):
            if isinstance(item, Scalar):
                key, equals, path = item.text.partition("=")
                entry = self._entry("files", item, path if equals else key)
                yield GeneratedKey(key if equals else basename(key), item, entry)

    def _env_files(self, node: Mapping) -> Iterator[PathEntry]:
        for item in [*node.items_at("envs"), node.at("env")]:
            if isinstance(item, Scalar) and not item.is_null:
                yield self._entry("envs", item, item.text)


class KustomizationFile(Artefact):
    """The view of a kustomization file."""

    kind: ClassVar[str] = "kustomization"


def recognise_kustomization(file: SourceFile, tree: Tree) -> KustomizationFile | None:
    """Return the view of a file kustomize reads, by its name or its API group."""
    root = next((node for node in tree.documents if isinstance(node, Mapping)), None)
    if root is None:
        return None
    group = (root.text_at("apiVersion") or "").partition("/")[0]
    if file.name not in _NAMES and group != "kustomize.config.k8s.io":
        return None
    return KustomizationFile(file, [Kustomization(file, root)], tree.problems)


def _image_overrides(root: Mapping) -> Iterator[ImageOverride]:
    for node in root.items_at("images"):
        name = node.at("name")
        if isinstance(node, Mapping) and isinstance(name, Scalar) and not name.is_null:
            new_name, new_tag = node.text_at("newName"), node.text_at("newTag")
            yield ImageOverride(name.text, name, new_name, new_tag, node.text_at("digest"), node)


def _is_yaml(node: Scalar) -> bool:
    return bool(node.block) or "\n" in node.text


def _within_project(directory: str, text: str) -> str | None:
    """Return the project path of `text` seen from `directory`; None when it is outside."""
    if not text or text.startswith("/"):
        return None
    path = normpath(join(directory, text))
    if path == ".." or path.startswith("../"):
        return None
    return "" if path == "." else path
