"""Environment files: which variables they set, never what to.

Values can be reached through `file.text`, but nothing here prints them.
"""

import re
from collections.abc import Iterable
from typing import Final

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.dotenv import DotenvTree, EnvEntry, read_dotenv
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily

_NAME = lazily(r"\.env(?:\..+)?\Z|.+\.env\Z")
_OTHER_SUFFIX = lazily(
    r"\.(?:js|ts|mjs|cjs|jsx|tsx|py|rb|php|go|sh|json|ya?ml|toml|md|enc|gpg|age|asc|vault|swp|lock)\Z",
    re.I,
)
_EXAMPLE: Final = frozenset(
    {"example", "examples", "sample", "template", "tpl", "dist", "defaults", "default", "schema"}
)
_WORD = lazily(r"[a-z0-9]+")


class EnvFile(Element):
    """An environment file. `entries` are in source order; of repeated names the last one counts."""

    family = "dotenv"

    def __init__(self, file: SourceFile, tree: DotenvTree) -> None:
        super().__init__(file, 0, len(file.text))
        self.tree = tree

    def __repr__(self) -> str:
        return f"EnvFile({self.file.path!r})"

    @property
    def entries(self) -> tuple[EnvEntry, ...]:
        """All entries, repeated names included."""
        return self.tree.entries

    @cached_property
    def names(self) -> dict[str, EnvEntry]:
        """The entry that counts for each name, in the order of their first occurrence."""
        return {entry.name: entry for entry in self.entries}

    @cached_property
    def repeated(self) -> tuple[EnvEntry, ...]:
        """The entries without effect, because the name is set again further down."""
        return tuple(entry for entry in self.entries if self.names[entry.name] is not entry)

    @cached_property
    def is_example(self) -> bool:
        """Whether it shows which variables there are, for others to copy and fill in."""
        return bool(set(_WORD.findall(self.file.name.lower())) & _EXAMPLE)

    def graph_keys(self) -> Iterable[str]:
        """Return `path:` with the file's path."""
        return (f"path:{self.file.path}",)


class DotenvArtefact(Artefact):
    """An environment file as its only element."""

    kind = "dotenv"

    def __init__(self, env_file: EnvFile) -> None:
        super().__init__(env_file.file, (env_file,), env_file.tree.problems)
        self.env_file = env_file


def recognise(file: SourceFile) -> DotenvArtefact | None:
    """Return the view of an environment file; None when the name says that it is something else."""
    name = file.name
    if _NAME.match(name) is None or _OTHER_SUFFIX.search(name) is not None:
        return None
    return DotenvArtefact(EnvFile(file, read_dotenv(file.text)))
