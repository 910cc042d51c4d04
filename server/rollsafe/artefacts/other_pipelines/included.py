"""Files that make up one pipeline."""

from typing import TYPE_CHECKING

from rollsafe.artefacts.source import SourceFile
from rollsafe.text.cached import cached_property
from rollsafe.text.tuples import NamedTuple

if TYPE_CHECKING:
    from rollsafe.artefacts.other_pipelines.model import OtherPipeline


class Included(NamedTuple):
    """The file a pipeline of GitLab begins with, and the texts of all its files by path."""

    root: str
    texts: tuple[tuple[str, str], ...]


class Templates:
    """The file a pipeline of Azure begins with, and the texts of all its files by path.

    There are no texts around a template that holds no job of its own. `pipelines` is what has been read.
    """

    def __init__(self, root: str, texts: tuple[tuple[str, str], ...]) -> None:
        self.root = root
        self.texts = texts
        self.pipelines: list[OtherPipeline] | None = None

    @cached_property
    def files(self) -> dict[str, SourceFile]:
        """The files by path, all of them with what is told around them."""
        return {path: SourceFile(path, text, self) for path, text in self.texts}

    def tells_as(self, other: object) -> bool:
        """Say whether another one tells the same."""
        same = isinstance(other, Templates) and other.root == self.root
        return same and isinstance(other, Templates) and other.texts == self.texts
