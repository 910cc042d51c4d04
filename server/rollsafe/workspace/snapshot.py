"""The files of one project at one moment."""

from collections.abc import Mapping

from rollsafe.artefacts.source import SourceFile
from rollsafe.text.records import field, open_record, replace
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.settings import Settings


class Skipped(NamedTuple):
    """A file that was not read, and why; `path` is relative to the project."""

    path: str
    reason: str


@open_record
class Snapshot:
    """An immutable project: texts of the files we read, names of all of them, settings.

    Paths are posix and relative to `root`, an absolute path. `paths` names every file of the project
    that version control would keep, read or not; a rule that asks whether a file exists asks there.
    """

    root: str
    settings: Settings = field(default_factory=Settings)
    files: Mapping[str, SourceFile] = field(default_factory=dict[str, SourceFile])
    paths: frozenset[str] = frozenset()
    skipped: tuple[Skipped, ...] = ()

    def with_file(self, path: str, text: str | None) -> "Snapshot":
        """Return the project with `path` holding `text`, or without it for None."""
        files = dict(self.files)
        if text is None:
            files.pop(path, None)
            return replace(self, files=files, paths=self.paths - {path})
        files[path] = SourceFile(path, text)
        paths = self.paths if path in self.paths else self.paths | {path}
        return replace(self, files=files, paths=paths)
