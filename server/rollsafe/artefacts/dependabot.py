"""Dependabot's configuration: which dependencies it updates, and how soon."""

import re
from collections.abc import Sequence
from typing import ClassVar, Final

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Scalar, Tree
from rollsafe.formats.problems import Problem

_PATH: Final = re.compile(r"(^|/)\.github/dependabot\.ya?ml$")
_DEFAULT_DAYS: Final = 3


class DependabotUpdate(Element):
    """One entry of `updates:`."""

    family: ClassVar[str] = "workflows"

    def __init__(self, file: SourceFile, node: Mapping) -> None:
        super().__init__(file, node.start, node.end)
        self.node = node

    def __repr__(self) -> str:
        return f"DependabotUpdate({self.ecosystem!r})"

    @property
    def ecosystem(self) -> str:
        """What it updates, such as `npm`; empty when that is not written."""
        return self.node.text_at("package-ecosystem") or ""

    @property
    def days_node(self) -> Scalar | None:
        """The value of `cooldown.default-days`."""
        node = self.node.at("cooldown", "default-days")
        return node if isinstance(node, Scalar) and not node.is_null else None

    @property
    def days(self) -> int | None:
        """How many days a release is left alone; None when what is written is no number."""
        node = self.days_node
        return _DEFAULT_DAYS if node is None else node.as_int()

    @property
    def execution(self) -> Scalar | None:
        """The value of `insecure-external-code-execution`."""
        node = self.node.at("insecure-external-code-execution")
        return node if isinstance(node, Scalar) else None


class DependabotFile(Artefact):
    """A configuration file; its elements are the entries of `updates:`."""

    kind: ClassVar[str] = "dependabot"

    def __init__(self, file: SourceFile, root: Mapping, problems: Sequence[Problem]) -> None:
        updates = [
            DependabotUpdate(file, one) for one in root.items_at("updates") if isinstance(one, Mapping)
        ]
        super().__init__(file, updates, problems)


def recognise(file: SourceFile, tree: Tree) -> Artefact | None:
    """Return the view of Dependabot's configuration, known by its path, else None."""
    root = tree.documents[0] if tree.documents else None
    if not _PATH.search(file.path) or not isinstance(root, Mapping):
        return None
    return DependabotFile(file, root, tree.problems)
