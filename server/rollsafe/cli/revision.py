"""The findings of another git revision, analysed in memory."""

import os

from rollsafe.artefacts.registry import is_candidate
from rollsafe.artefacts.source import SourceFile
from rollsafe.cli.failures import CommandError
from rollsafe.cli.known import Known
from rollsafe.cli.loading import Loaded
from rollsafe.cli.session import Opened, Session, open_project, reported
from rollsafe.workspace.facts import Base
from rollsafe.workspace.git import GitError, changed_paths, merge_base, resolve_base
from rollsafe.workspace.snapshot import Snapshot


def at_revision(session: Session, opened: list[Opened], ref: str) -> Known:
    """Return what was found where the branch left `ref`, with the same settings and rules.

    Raises:
        CommandError: there is no such revision, no repository or no git.
    """
    known = Known(f"already in {ref}")
    try:
        for one in opened:
            loaded = Loaded(_snapshot_at(session, one, ref), one.scope, one.is_project)
            then = Opened(open_project(session, loaded, one.base), one.scope, one.base, one.is_project)
            for it in reported(session, then):
                known.add(one.root, it.found.path, it.fingerprint)
    except GitError as error:
        raise CommandError(f"--diff-base: {error}") from None
    return known


def _snapshot_at(session: Session, opened: Opened, ref: str) -> Snapshot:
    """Return the project as of where the branch left `ref`; files that did not change are shared."""
    snapshot, root = opened.project.snapshot, opened.root
    base = resolve_base(root, merge_base(root, ref))
    changed = changed_paths(root, base.ref or ref)
    if session.options.stdin_filename is not None:
        changed |= opened.scope.files
    files: dict[str, SourceFile] = {}
    for path in base.list_paths():
        if path in snapshot.files and path not in changed:
            files[path] = snapshot.files[path]
        elif path in snapshot.files or _was_removed(root, path):
            files |= _file_at(base, path)
    return Snapshot(root, snapshot.settings, files, base.list_paths())


def _was_removed(root: str, path: str) -> bool:
    return is_candidate(path) and not os.path.lexists(os.path.join(root, path))


def _file_at(base: Base, path: str) -> dict[str, SourceFile]:
    text = base.read(path)
    return {} if text is None else {path: SourceFile(path, text)}
