"""A file of operations on an object (RFC 6902), as kustomizations name them among their patches."""

from collections.abc import Iterable
from typing import ClassVar, Final

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Sequence, Tree

_VERBS: Final = frozenset({"add", "remove", "replace", "move", "copy", "test"})


class PatchList(Element):
    """The operations of a file; which object they are for is said by those that name the file."""

    family = "kubernetes"

    def __init__(self, file: SourceFile, node: Sequence) -> None:
        super().__init__(file, node.start, node.end)
        self.node = node

    def graph_keys(self) -> Iterable[str]:
        """Return `file:path`."""
        return (f"file:{self.file.path}",)


class PatchListFile(Artefact):
    """The view of such a file."""

    kind: ClassVar[str] = "json-patch"


def recognise(file: SourceFile, tree: Tree) -> PatchListFile | None:
    """Return the view of a file that holds a list of operations and nothing else."""
    root = tree.documents[0] if len(tree.documents) == 1 else None
    if not isinstance(root, Sequence) or not root.items or tree.templated or tree.problems:
        return None
    is_operation = (item.text_at("op") in _VERBS and item.text_at("path") for item in root.items)
    return PatchListFile(file, [PatchList(file, root)]) if all(is_operation) else None
