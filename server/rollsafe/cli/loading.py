"""Reading what a check needs: whole projects for the context, asked files whatever leaves them out."""

import os

from rollsafe.artefacts.source import SourceFile
from rollsafe.cli.failures import CommandError
from rollsafe.cli.overlay import SettingsSource
from rollsafe.cli.progress import Progress
from rollsafe.cli.targets import Asked, Scope, Target
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.disk import load_projects, read_file
from rollsafe.workspace.snapshot import Snapshot


class Loaded(NamedTuple):
    """A project that was read, and what is asked of it."""

    snapshot: Snapshot
    scope: Scope
    is_project: bool


def load(asked: Asked, settings_of: SettingsSource, progress: Progress | None) -> list[Loaded]:
    """Read every project that something is asked of, each once; those nested come after their outer one.

    Raises:
        CommandError: a file named explicitly cannot be read, or a configuration file is not valid.
    """
    told = progress.reading if progress else None
    projects: dict[str, Snapshot] = {}
    for root in sorted(asked.projects):
        if root not in projects:
            found = load_projects(root, progress=told, settings_of=settings_of, wanted=asked.wants)
            projects |= {snapshot.root: snapshot for snapshot in found if snapshot.root not in projects}
    loaded = [
        Loaded(_with_files(snapshot, asked), asked.scope(root, projects), is_project=True)
        for root, snapshot in projects.items()
    ]
    for root in sorted(asked.loose):
        alone = _with_files(Snapshot(root, settings_of(root)), asked)
        loaded.append(Loaded(alone, asked.scope(root, ()), is_project=False))
    return loaded


def _with_files(snapshot: Snapshot, asked: Asked) -> Snapshot:
    """Add the files that were named, also those that a walk leaves out."""
    for target in asked.files(snapshot.root):
        path = os.path.relpath(target.path, snapshot.root).replace(os.sep, "/")
        if target.text is not None:
            snapshot = snapshot.with_file(path, target.text)
        elif path not in snapshot.files:
            snapshot = snapshot.with_file(path, _read(snapshot.root, path, target))
    return snapshot


def _read(root: str, path: str, target: Target) -> str:
    read = read_file(root, path)
    if isinstance(read, SourceFile):
        return read.text
    raise CommandError(f"{target.given}: {read.reason if read else 'it vanished'}")
