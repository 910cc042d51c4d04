"""What every Kubernetes object has: a kind, a name, a namespace, labels, annotations."""

import re
from collections.abc import Iterable, Iterator
from typing import ClassVar

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.kubernetes.helm_hooks import HOOK, POLICY, WEIGHT, weight_of, words_of
from rollsafe.artefacts.kubernetes.labels import Selector, plain_selector, read_selector, string_map
from rollsafe.artefacts.kubernetes.templates import holds_placeholder, is_placeholder, may_hold_more
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily

_ARGO = "argocd.argoproj.io/"
_PATCH_PATH = lazily(r"(?:^|[/._-])patch(?:es)?(?:[/._-]|$)", re.I)
_OVERLAY = lazily(r"(?:^|/)(?:overlays?|components?|env(?:ironment)?s?|variants?)/", re.I)


class KubernetesElement(Element):
    """A part of a manifest bound to one mapping, `node`.

    `templated` tells that the file holds template tags: then absence has to be asked with `lacks`.
    """

    family = "kubernetes"
    profile: ClassVar[tuple[str, ...]] = ("identity",)
    follows: ClassVar[tuple[str, ...]] = ("node", "templated", "path")

    def __init__(self, file: SourceFile, node: Mapping, templated: bool) -> None:
        super().__init__(file, node.start, node.end)
        self.node = node
        self.templated = templated

    @property
    def is_kept(self) -> bool:
        """Whether findings in it are kept while it is the same: they are."""
        return True

    @property
    def told_by(self) -> Node | None:
        """Its node; None where templates or aliases bring in what stands elsewhere."""
        return None if self.templated or self.identity[-1] else self.node

    @cached_property
    def path(self) -> str:
        """The path of its file."""
        return self.file.path

    @cached_property
    def identity(self) -> tuple[object, ...]:
        """What it says and where; of a file with aliases, all of it."""
        text = self.file.text
        own = text[self.start : self.end]
        return (self.path, self.templated, own, text if "*" in own or "<<" in own else "")

    def lacks(self, *path: str) -> bool:
        """Say whether there is for certain no value at `path`, not even after rendering."""
        node: Node = self.node
        for step in path:
            if not isinstance(node, Mapping):
                return self._holds_no_keys(node)
            value = node.at(step)
            if value is None:
                return self._is_surely_empty(node)
            node = value
        return isinstance(node, Scalar) and self._is_surely_empty(node)

    def is_templated(self, node: Node | None) -> bool:
        """Say whether rendering decides all or part of `node`, or may add something to it."""
        if node is None:
            return False
        return holds_placeholder(node) or (self.templated and may_hold_more(self.file.text, node))

    def _holds_no_keys(self, node: Node) -> bool:
        """Say that rendering puts no key into `node`, which is no mapping."""
        if isinstance(node, Scalar) and not node.is_null:
            return not is_placeholder(node.text)
        return self._is_surely_empty(node)

    def _is_surely_empty(self, node: Node) -> bool:
        """Say that no tag fills `node`: a null, or a mapping without the key asked for."""
        if isinstance(node, Scalar) and not node.is_null:
            return False
        return not (self.templated and may_hold_more(self.file.text, node))


class KubernetesObject(KubernetesElement):
    """One object of a manifest; a kind without a class of its own is a plain instance of this."""

    @property
    def root(self) -> Mapping:
        """The object's own mapping, the one with `apiVersion` and `kind`."""
        return self.node

    @cached_property
    def api_version(self) -> str:
        """The `apiVersion` as written; empty when absent."""
        return self.node.text_at("apiVersion") or ""

    @property
    def api_group(self) -> str:
        """The group of the `apiVersion`; empty for the core group."""
        return self.api_version.rpartition("/")[0]

    @cached_property
    def kind(self) -> str:
        """The `kind` as written, such as `Deployment`."""
        return self.node.text_at("kind") or ""

    @cached_property
    def kind_node(self) -> Node:
        """The value of `kind`."""
        return self.node.at("kind") or self.node

    @cached_property
    def name(self) -> str:
        """The name as written, template tags included, else what it begins with; empty when there is none."""
        return self.node.text_at("metadata", "name") or self.node.text_at("metadata", "generateName") or ""

    @cached_property
    def name_node(self) -> Scalar | None:
        """The value of `metadata.name`."""
        node = self.node.at("metadata", "name")
        return node if isinstance(node, Scalar) and not node.is_null else None

    @property
    def title_node(self) -> Node:
        """Where to point when the object as a whole is meant: its name, else its kind."""
        return self.name_node or self.kind_node

    @property
    def has_static_name(self) -> bool:
        """Whether the name is written out, so that other files can refer to it."""
        return self.name_node is not None and bool(self.name) and not is_placeholder(self.name)

    @cached_property
    def namespace(self) -> str | None:
        """The namespace as written; None when the deployment decides it."""
        return self.node.text_at("metadata", "namespace")

    @cached_property
    def labels(self) -> dict[str, str]:
        """The object's own labels, as written."""
        return string_map(self.node.at("metadata", "labels"))

    @cached_property
    def annotations(self) -> dict[str, str]:
        """The object's own annotations, as written."""
        return string_map(self.node.at("metadata", "annotations"))

    @cached_property
    def spec(self) -> Mapping | None:
        """The object's `spec`."""
        return self.node.map_at("spec")

    @cached_property
    def chart_directory(self) -> str | None:
        """The directory whose `templates/` the file is in: a Helm chart's; None for other files."""
        parts = self.path.split("/")[:-1]
        return "/".join(parts[: parts.index("templates")]) if "templates" in parts else None

    @property
    def from_template(self) -> bool:
        """Whether Helm renders the file, so that the object may exist under a condition only."""
        return self.chart_directory is not None

    @property
    def is_partial(self) -> bool:
        """Whether too little is written for the object to work by itself."""
        return False

    @cached_property
    def is_patch(self) -> bool:
        """Whether this changes an object written elsewhere, so that nothing absent is missing.

        The kustomization knows for certain (`patch:` among its keys); the file alone can tell by a
        directive, by its path, or by being a partial object in an overlay.
        """
        if self.node.at("$patch") is not None or _PATCH_PATH.search(self.path):
            return True
        return self.is_partial and _OVERLAY.search(self.path) is not None

    @property
    def helm_hooks(self) -> tuple[str, ...]:
        """The Helm hooks the object is run at, such as `pre-upgrade`."""
        return words_of(self.annotations.get(HOOK, ""))

    @property
    def is_helm_hook(self) -> bool:
        """Whether Helm runs the object at a hook instead of keeping it."""
        return bool(self.helm_hooks)

    @property
    def hook_weight(self) -> int | None:
        """Its place among the hooks of one event, the lowest first; None for what a template decides."""
        return weight_of(self.annotations.get(WEIGHT))

    @property
    def hook_policies(self) -> tuple[str, ...]:
        """When Helm deletes the hook's object, as written; Helm takes `before-hook-creation` for none."""
        return words_of(self.annotations.get(POLICY, ""))

    def graph_keys(self) -> Iterable[str]:
        """Return `Kind/name`, `name:namespace/name` (`name:/name` without a namespace) and `file:path`.

        What Argo CD is told to bring at a time of its own is found under `argo:Kind/name`, too.
        """
        if not self.has_static_name:
            return (f"file:{self.file.path}",)
        keys = f"{self.kind}/{self.name}", f"name:{self.namespace or ''}/{self.name}"
        ordered = (f"argo:{self.kind}/{self.name}",) if self._is_ordered else ()
        return (*keys, f"file:{self.file.path}", *ordered)

    @property
    def _is_ordered(self) -> bool:
        annotations = self.node.map_at("metadata", "annotations")
        return annotations is not None and any(entry.name.startswith(_ARGO) for entry in annotations.entries)

    def shares_namespace(self, other: "KubernetesObject") -> bool:
        """Say whether both can be in one namespace: the same, or one of them leaves it open."""
        mine, theirs = self.namespace, other.namespace
        if mine is None or theirs is None or mine == theirs:
            return True
        return is_placeholder(mine) or is_placeholder(theirs)

    def selector_at(self, *path: str, plain: bool = False) -> Selector | None:
        """Return the selector at `path`; `plain` for a mapping of labels without `matchLabels`."""
        node = self.node.at(*path)
        if node is None or (not isinstance(node, Mapping) and not self.is_templated(node)):
            return None
        found = plain_selector(node) if plain else read_selector(node)
        if found.is_known and self.templated and self._has_open_labels(node):
            return Selector(node, found.labels, found.requirements, is_known=False)
        return found

    def _has_open_labels(self, node: Node) -> bool:
        labels = node.at("matchLabels")
        parts = [node] if labels is None else [node, labels]
        return any(may_hold_more(self.file.text, part) for part in parts)


def selector_keys(selector: Selector | None) -> Iterator[str]:
    """Yield `selects:key=value` for every label a selector names, templated ones left out."""
    if selector is not None:
        for key, value in selector.labels.items():
            if not is_placeholder(key) and not is_placeholder(value):
                yield f"selects:{key}={value}"
