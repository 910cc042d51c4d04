"""Reading what a check needs: whole projects for the context, asked files whatever leaves them out."""

import os
from typing import NamedTuple

from rollsafe.artefacts.source import SourceFile
from rollsafe.cli.failures import CommandError
from rollsafe.cli.overlay import SettingsSource
from rollsafe.cli.progress import Progress
from rollsafe.cli.targets import Asked, Scope, Target
from rollsafe.workspace.disk import load_projects, read_file
from rollsafe.workspace.snapshot import Snapshot


class Loaded(NamedTuple):
    """A project that was read, and what is asked of it."""

    snapshot: Snapshot
    scope: Scope
    is_project: bool


def load(asked: list[Asked], settings_of: SettingsSource, progress: Progress | None) -> list[Loaded]:
    """Read every project that something is asked of, each once.

    Raises:
        CommandError: a file named explicitly cannot be read, or a configuration file is not valid.
    """
    loaded: dict[str, Loaded] = {}
    for one in asked:
        for snapshot in _snapshots(one, settings_of, progress):
            scope = one.scope(snapshot.root)
            if snapshot.root not in loaded or not one.is_project:
                held = _with_targets(snapshot, scope, one.targets)
                loaded[snapshot.root] = Loaded(held, scope, one.is_project)
    return list(loaded.values())


def _snapshots(asked: Asked, settings_of: SettingsSource, progress: Progress | None) -> list[Snapshot]:
    if not asked.is_project:
        return [Snapshot(asked.root, settings_of(asked.root))]
    told = progress.reading if progress else None
    return load_projects(asked.root, progress=told, settings_of=settings_of, wanted=asked.wants)


def _with_targets(snapshot: Snapshot, scope: Scope, targets: tuple[Target, ...]) -> Snapshot:
    """Return the project with the files that were named, also those that a walk leaves out."""
    for target in targets:
        path = os.path.relpath(target.path, snapshot.root).replace(os.sep, "/")
        if path not in scope.files:
            continue
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
