"""Files with Avro schemas."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from rollsafe.artefacts.base import Artefact
from rollsafe.artefacts.contracts.document import LARGEST, ContractPart
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Sequence, Tree
from rollsafe.text.cached import cached_property

if TYPE_CHECKING:
    from rollsafe.artefacts.contracts.avro.model import AvroText


class AvroFile(ContractPart):
    """A `.avsc` file: one schema, or a union of several."""

    def __init__(self, file: SourceFile, tree: Tree) -> None:
        super().__init__(file)
        self.is_whole = not tree.problems
        self._tree = tree

    @property
    def root(self) -> Node | None:
        """The value of the file."""
        return self._tree.documents[0] if self._tree.documents else None

    @cached_property
    def schemas(self) -> "AvroText":
        """What the file describes."""
        from rollsafe.artefacts.contracts.avro.reading import read_avro  # few projects have one

        return read_avro(self.root)

    def graph_keys(self) -> Iterable[str]:
        """Return `contract:path`, and `avro:` with the full name of each type that is defined here."""
        return (*super().graph_keys(), *(f"avro:{name}" for name in self.schemas.named))


class AvroArtefact(Artefact):
    """A file with an Avro schema; its one element is the file."""

    kind: ClassVar[str] = "avro"


def recognise(file: SourceFile) -> AvroArtefact | None:
    """Return the view of a `.avsc` file; None for a template, one that is too large, or no schema at all."""
    if len(file.text) > LARGEST:
        return None
    from rollsafe.formats.yaml import read_yaml

    tree = read_yaml(file.text)
    root = tree.documents[0] if tree.documents else None
    if tree.templated or not isinstance(root, Mapping | Sequence):
        return None
    return AvroArtefact(file, (AvroFile(file, tree),))
