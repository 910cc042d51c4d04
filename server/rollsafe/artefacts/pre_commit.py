"""The configuration of pre-commit: which repositories its hooks come from."""

from collections.abc import Sequence
from typing import ClassVar, Final

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Scalar, Tree
from rollsafe.formats.problems import Problem
from rollsafe.text.patterns import lazily

_PATH: Final = lazily(r"(^|/)\.pre-commit-config\.ya?ml$")
_GITHUB: Final = lazily(r"\w+://(?:www\.)?github\.com/([^/\s]+/[^/\s]+?)(?:\.git)?/?")


class HookRepository(Element):
    """One entry of `repos:` that names a repository; `url` is that name."""

    family: ClassVar[str] = "workflows"

    def __init__(self, file: SourceFile, node: Mapping, url: Scalar) -> None:
        super().__init__(file, node.start, node.end)
        self.node = node
        self.url = url

    def __repr__(self) -> str:
        return f"HookRepository({self.url.text!r})"

    @property
    def repository(self) -> str:
        """`owner/repo` on GitHub; empty for any other place."""
        match = _GITHUB.fullmatch(self.url.text)
        return match[1] if match is not None else ""


class HookFile(Artefact):
    """A configuration file; its elements are the repositories it takes hooks from."""

    kind: ClassVar[str] = "pre-commit"

    def __init__(self, file: SourceFile, root: Mapping, problems: Sequence[Problem]) -> None:
        found: list[Element] = []
        for node in root.items_at("repos"):
            url = node.at("repo")
            if isinstance(node, Mapping) and isinstance(url, Scalar) and "://" in url.text:
                found.append(HookRepository(file, node, url))
        super().__init__(file, found, problems)


def recognise(file: SourceFile, tree: Tree) -> Artefact | None:
    """Return the view of pre-commit's configuration, known by its name, else None."""
    root = tree.documents[0] if tree.documents else None
    if not _PATH.search(file.path) or not isinstance(root, Mapping):
        return None
    return HookFile(file, root, tree.problems)
