"""`.github/actionlint.yaml`: what its owner says of labels of runners and of configuration variables.

Patterns of labels are those of `path.Match` in Go, as the file's own reader takes them.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import ClassVar

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Scalar, Sequence, Tree, resolve
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily

_PATH = lazily(r"(?:^|(?P<root>.*)/)\.github/actionlint\.ya?ml\Z")
_MAX_NAMES = 2_000


class ActionlintConfig(Element):
    """The whole of the file; `root` is the repository's directory, as the file's path names it."""

    family: ClassVar[str] = "workflows"

    def __init__(self, file: SourceFile, node: Mapping, root: str) -> None:
        super().__init__(file, node.start, node.end)
        self.node = node
        self.root = root

    def __repr__(self) -> str:
        return f"ActionlintConfig({self.file.path!r})"

    def graph_keys(self) -> Iterable[str]:
        """Return `of:` with the repository's directory."""
        return (f"of:{self.root}",)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Patterns of the labels that runners of its owner have."""
        return tuple(_texts(self.node, "self-hosted-runner", "labels") or ())

    @cached_property
    def variables(self) -> tuple[str, ...] | None:
        """The names of all configuration variables there are; None where nothing is said of them."""
        found = _texts(self.node, "config-variables")
        return None if found is None else tuple(found)

    def knows_label(self, label: str) -> bool:
        """Say whether a label is one of those that are listed."""
        return any(fnmatchcase(label, pattern) for pattern in self.labels)


class ActionlintFile(Artefact):
    """The file as its only element."""

    kind: ClassVar[str] = "actionlint-config"


def recognise(file: SourceFile, tree: Tree) -> ActionlintFile | None:
    """Return the view of the file, known by its path; one that is empty says nothing."""
    found = _PATH.match(file.path)
    if found is None:
        return None
    root = tree.documents[0] if tree.documents else None
    node = root if isinstance(root, Mapping) else Mapping(0, 0)
    return ActionlintFile(file, [ActionlintConfig(file, node, found["root"] or "")], tree.problems)


def _texts(node: Mapping, *path: str) -> list[str] | None:
    found = resolve(node.at(*path))
    if not isinstance(found, Sequence):
        return None
    items = (resolve(item) for item in found.items[:_MAX_NAMES])
    return [item.text for item in items if isinstance(item, Scalar)]
