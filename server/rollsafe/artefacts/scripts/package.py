"""`package.json`: the scripts a package manager runs by name."""

from collections.abc import Iterable
from typing import ClassVar, Final

from rollsafe.artefacts.base import Artefact
from rollsafe.artefacts.scripts.runnable import Runnable
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Scalar, Tree, resolve
from rollsafe.formats.scalar_text import script_offsets
from rollsafe.formats.shell import Offsets
from rollsafe.text.cached import cached_property

_MAX_SCRIPTS: Final = 2_000


class PackageScript(Runnable):
    """A script of a `package.json`; `key` is its name."""

    def __init__(self, file: SourceFile, key: Scalar, value: Scalar) -> None:
        super().__init__(file, key.start, value.end, value.text, key.text)
        self.key = key
        self.value = value

    def graph_keys(self) -> Iterable[str]:
        """The script as a package manager is asked for it in the package's directory."""
        return (f"script:{self.directory}#{self.name}",)

    @cached_property
    def offsets(self) -> Offsets:
        """Maps offsets in `text` to offsets in the file."""
        return script_offsets(self.file.text, self.value)


class PackageManifest(Artefact):
    """A `package.json`; its elements are its scripts."""

    kind: ClassVar[str] = "package-json"


def recognise_package(file: SourceFile, tree: Tree) -> PackageManifest | None:
    """Return the view of a `package.json`; None when it has no scripts."""
    root = tree.documents[0] if tree.documents else None
    scripts = root.map_at("scripts") if isinstance(root, Mapping) else None
    if scripts is None:
        return None
    found: list[PackageScript] = []
    for entry in scripts.entries[:_MAX_SCRIPTS]:
        value = resolve(entry.value)
        if isinstance(entry.key, Scalar) and isinstance(value, Scalar):
            found.append(PackageScript(file, entry.key, value))
    return PackageManifest(file, found, tree.problems)
