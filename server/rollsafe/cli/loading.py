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


def load(asked: Asked, settings_of: SettingsSource, progress: Progress | None) -> list[Loaded]:
    """Read every project that something is asked of, each once; those nested come after their outer one.

    Raises:
        CommandError: a file named explicitly cannot be read, or a configuration file is not valid.
    """
    told = progress.reading if progress else None
    loaded: dict[str, Loaded] = {}
    for root in sorted(asked.projects):
        if root not in loaded:
            found = load_projects(root, progress=told, settings_of=settings_of, wanted=asked.wants)
            for snapshot in found:
                loaded.setdefault(snapshot.root, _loaded(snapshot, asked, is_project=True))
    alone = [Snapshot(root, settings_of(root)) for root in sorted(asked.loose)]
    return [*loaded.values(), *(_loaded(snapshot, asked, is_project=False) for snapshot in alone)]


def _loaded(snapshot: Snapshot, asked: Asked, *, is_project: bool) -> Loaded:
    """Add the files that were named, also those that a walk leaves out."""
    scope = asked.scope(snapshot.root)
    for target in asked.files(snapshot.root):
        path = os.path.relpath(target.path, snapshot.root).replace(os.sep, "/")
        if target.text is not None:
            snapshot = snapshot.with_file(path, target.text)
        elif path not in snapshot.files:
            snapshot = snapshot.with_file(path, _read(snapshot.root, path, target))
    return Loaded(snapshot, scope, is_project)


def _read(root: str, path: str, target: Target) -> str:
    read = read_file(root, path)
    if isinstance(read, SourceFile):
        return read.text
    raise CommandError(f"{target.given}: {read.reason if read else 'it vanished'}")
