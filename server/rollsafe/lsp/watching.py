"""Files that change behind the editor's back: on events of the client, or by looking at the disk."""

import os
from collections.abc import Iterable, Mapping
from typing import Final

from rollsafe.artefacts.source import SourceFile
from rollsafe.lsp.from_lsp import FileEvent
from rollsafe.lsp.indexing import DECISIVE, NOTHING, Stamp, stamp
from rollsafe.lsp.roots import Root
from rollsafe.lsp.territory import Territory
from rollsafe.lsp.uris import inside, path_of, uri_of
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.disk import belongs, is_judged, list_files, read_inside
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.user_directories import runs_journal

CREATED: Final = 1
CHANGED: Final = 2
DELETED: Final = 3

MAX_EVENTS: Final = 100
"""More events than this at once, such as a branch being checked out, are one reading in the background."""

PATTERNS: Final = (
    "**/*.{yaml,yml,json,toml,sql,xml,md,env,sh,bash,mk,py,rb,prisma,tpl,proto}",
    "**/{Dockerfile,Containerfile,Procfile,CODEOWNERS,Makefile,GNUmakefile}*",
    "**/*.{Dockerfile,dockerfile}",
    "**/*{migrat,Migrat}*/**/*.{js,mjs,cjs,ts,mts,cts}",
    "**/{.env,.gitignore,.rollsafe.toml,sqitch.plan,atlas.sum}*",
    "**/*.sql.conf",
    "**/.git/logs/HEAD",
)
"""What clients are asked to watch: everything that may be read, or decides what is read."""

_GIT_LOG: Final = os.path.join(".git", "logs", "HEAD")
"""Changes with every commit, checkout and merge, and with them what a project is compared with."""


def is_journal(event: FileEvent) -> bool:
    """Say whether an event is about the file in which runs are recorded."""
    path = path_of(event.uri)
    return path is not None and os.path.normcase(path) == os.path.normcase(runs_journal())


def take_in(territory: Territory, events: Iterable[FileEvent]) -> set[str]:
    """Take in what happened to files; return the tops that have to be read once more."""
    again: set[str] = set()
    few: list[tuple[Root, str, int]] = []
    for event in events:
        path = path_of(event.uri)
        root = territory.known(path) if path is not None else None
        if path is None or root is None:
            continue
        if path.endswith(_GIT_LOG):
            again |= {root.top} if territory.configuration.trusted else set()
        elif os.path.basename(path) in DECISIVE:
            again.add(root.top)
        elif root.project is not None:
            few.append((root, inside(path, root.path) or "", event.kind))
    if len(few) > MAX_EVENTS:
        return again | {root.top for root, _, _ in few}
    for root, path, kind in few:
        if root.top not in again and not _take_in(root, path, kind):
            again.add(root.top)
    return again


def _take_in(root: Root, path: str, kind: int) -> bool:
    """Take in one event; say False when it is about a directory that has to be looked through."""
    snapshot = root.snapshot
    if kind == DELETED:
        for gone in [path] if path in snapshot.paths else _below(path, snapshot.paths):
            root.replace(gone, None, exists=False)
        return True
    if os.path.isdir(os.path.join(root.path, path)):
        return False
    if path in snapshot.paths or belongs(root.path, snapshot.settings, path):
        source = read_inside(root.path, path) if is_judged(path) else None
        root.replace(path, source if isinstance(source, SourceFile) else None, exists=True)
    return True


def _below(directory: str, paths: Iterable[str]) -> list[str]:
    return [path for path in paths if path.startswith(directory + "/")]


class Difference(NamedTuple):
    """A file that is not what was read; `stamp` is None for one that is gone."""

    path: str
    event: FileEvent
    stamp: Stamp | None


def differences(root: str, settings: Settings, stamps: Mapping[str, Stamp]) -> list[Difference]:
    """Return what is different on disk from what was read; for clients that cannot watch files."""
    candidates, _ = list_files(root, settings)
    found: list[Difference] = []
    for path in (*candidates, *DECISIVE):
        full = os.path.join(root, path)
        seen, known = stamp(full), stamps.get(path, NOTHING)
        if seen != known:
            kind = DELETED if seen == NOTHING else CREATED if known == NOTHING else CHANGED
            found.append(Difference(path, FileEvent(uri_of(full), kind), seen))
    for path in stamps.keys() - set(candidates) - set(DECISIVE):
        found.append(Difference(path, FileEvent(uri_of(os.path.join(root, path)), DELETED), None))
    return found
