"""What Argo CD brings to a cluster: applications, sets of them, and the projects that permit them."""

from collections.abc import Iterator
from posixpath import normpath
from typing import Final

from rollsafe.artefacts.kubernetes.objects import KubernetesObject
from rollsafe.artefacts.kubernetes.templates import is_placeholder
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.text.cached import cached_property

SYNC_WAVE: Final = "argocd.argoproj.io/sync-wave"
SYNC_HOOK: Final = "argocd.argoproj.io/hook"


class Source:
    """Where an application's objects come from: a folder of a repository, or a chart of a registry."""

    def __init__(self, node: Mapping) -> None:
        self.node = node

    @property
    def repository(self) -> str:
        """The address of the repository as it is compared; empty where something fills it in."""
        node = _written(self.node.at("repoURL"))
        return repository_of(node.text) if node is not None else ""

    @property
    def path_node(self) -> Scalar | None:
        """The `path` as written; None where there is none, or something fills it in."""
        return _written(self.node.at("path"))

    @property
    def path(self) -> str | None:
        """The folder within the repository; empty for its root."""
        node = self.path_node
        if node is None or node.text.startswith(("..", "~")):
            return None
        found = normpath(node.text.strip("/") or ".")
        return "" if found == "." else found

    @property
    def chart(self) -> Node | None:
        """The name of a chart in a registry."""
        return self.node.at("chart")

    @property
    def revision_node(self) -> Scalar | None:
        """The `targetRevision` as written."""
        return _written(self.node.at("targetRevision"))

    @property
    def value_files(self) -> list[Scalar]:
        """The files of values as written; those that may be missing are left out."""
        if self.node.bool_at("helm", "ignoreMissingValueFiles") is True:
            return []
        found = (_written(item) for item in self.node.items_at("helm", "valueFiles"))
        return [one for one in found if one is not None and "://" not in one.text]


class Application(KubernetesObject):
    """An Application, or an ApplicationSet with the template it makes applications of."""

    @property
    def is_set(self) -> bool:
        """Whether it makes any number of applications."""
        return self.kind == "ApplicationSet"

    @cached_property
    def template(self) -> Mapping | None:
        """The `spec` of an application."""
        return self.node.map_at("spec", "template", "spec") if self.is_set else self.spec

    @cached_property
    def sources(self) -> list[Source]:
        """Where the objects come from; `sources` outweigh `source`."""
        if self.template is None:
            return []
        several = [Source(item) for item in self.template.items_at("sources") if isinstance(item, Mapping)]
        one = self.template.map_at("source")
        return several or ([Source(one)] if one is not None else [])

    @property
    def destination(self) -> Mapping | None:
        """Which cluster and namespace the objects go to."""
        return self.template.map_at("destination") if self.template is not None else None

    @property
    def sync_policy(self) -> Mapping | None:
        """How the cluster is brought to what the repository says."""
        return self.template.map_at("syncPolicy") if self.template is not None else None

    @property
    def automated(self) -> Mapping | None:
        """The settings of automated syncing; None without it, or where it is switched off."""
        found = self.sync_policy.map_at("automated") if self.sync_policy is not None else None
        return None if found is None or found.bool_at("enabled") is False else found

    @property
    def sync_options(self) -> Iterator[Scalar]:
        """The options of syncing, such as `CreateNamespace=true`."""
        for item in self.sync_policy.items_at("syncOptions") if self.sync_policy is not None else ():
            if isinstance(item, Scalar) and not item.is_null and not is_placeholder(item.text):
                yield item


class AppProject(KubernetesObject):
    """What the applications of a project may use."""

    def texts(self, *path: str) -> list[str]:
        """Return the texts of a list."""
        return [item.text for item in self.node.items_at("spec", *path) if isinstance(item, Scalar)]

    @property
    def destinations(self) -> list[Mapping]:
        """The clusters and namespaces that are permitted."""
        return [item for item in self.node.items_at("spec", "destinations") if isinstance(item, Mapping)]


def repository_of(url: str) -> str:
    """Return an address of a repository as it is compared."""
    rest = url.partition("://")[2] or url.replace(":", "/", 1)
    rest = rest.rpartition("@")[2] if "@" in rest.partition("/")[0] else rest
    return rest.removesuffix("/").removesuffix(".git").lower()


def _written(node: Node | None) -> Scalar | None:
    if not isinstance(node, Scalar) or node.is_null or is_placeholder(node.text) or "$(" in node.text:
        return None
    return node
