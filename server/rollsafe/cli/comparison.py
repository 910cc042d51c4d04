"""What was accepted before: the findings of a git revision, and those in a baseline file."""

import os
from collections.abc import Callable, Iterable
from typing import NamedTuple

from rollsafe.artefacts.registry import is_candidate
from rollsafe.artefacts.source import SourceFile
from rollsafe.cli.failures import CommandError
from rollsafe.cli.loading import Loaded
from rollsafe.cli.output.text import plural
from rollsafe.cli.report import Report, Reported
from rollsafe.cli.session import Opened, Session, open_project, passes, reported
from rollsafe.cli.writing import write_file
from rollsafe.engine.baseline import BASELINE_NAME, BaselineError, Entry, baseline_text, read_baseline
from rollsafe.workspace.facts import Base
from rollsafe.workspace.snapshot import Snapshot


class Known:
    """Findings that were there before, by project and fingerprint; counts those that were met again."""

    def __init__(self, description: str) -> None:
        self._description = description
        self._keys: set[tuple[str, str, str]] = set()
        self._met: set[tuple[str, str, str]] = set()

    def add(self, root: str, path: str, fingerprint: str) -> None:
        """Take in a finding; `path` is relative to the project."""
        self._keys.add((root, path, fingerprint))

    def holds(self, one: Reported) -> bool:
        """Say whether a finding was there before."""
        key = (one.snapshot.root, one.found.path, one.fingerprint)
        if key in self._keys:
            self._met.add(key)
        return key in self._keys

    @property
    def line(self) -> str | None:
        """What to say about findings that are not shown for this reason."""
        return f"{plural(len(self._met), 'finding')} {self._description}, not shown." if self._met else None


def known_before(session: Session, opened: list[Opened]) -> list[Known]:
    """Return what the options say was there before.

    Raises:
        CommandError: a revision does not exist, or a baseline cannot be read.
    """
    filters = session.options.filters
    known: list[Known] = []
    if filters.diff_base is not None:
        known.append(_at_revision(session, opened, filters.diff_base))
    if not filters.update_baseline:
        known.append(_in_baselines(session, opened))
    return known


def _at_revision(session: Session, opened: list[Opened], ref: str) -> Known:
    from rollsafe.workspace.git import GitError

    known = Known(f"already in {ref}")
    try:
        for one in opened:
            loaded = Loaded(_snapshot_at(session, one, ref), one.scope, is_project=True)
            then = Opened(open_project(session, loaded, one.base), one.scope, one.base)
            for it in reported(session, then):
                known.add(one.root, it.found.path, it.fingerprint)
    except GitError as error:
        raise CommandError(f"--diff-base: {error}") from None
    return known


def _snapshot_at(session: Session, opened: Opened, ref: str) -> Snapshot:
    """Return the project as of where the branch left `ref`; files that did not change are shared."""
    from rollsafe.workspace.git import changed_paths, merge_base, resolve_base

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


class _Baseline(NamedTuple):
    """A baseline file: its absolute path and its entries; `exists` says whether it is there."""

    file: str
    entries: list[Entry]
    exists: bool

    def own_path(self, root: str, path: str) -> str:
        """Return how the file calls `path` of the project at `root`."""
        relative = os.path.relpath(os.path.join(root, path), os.path.dirname(self.file))
        return relative.replace(os.sep, "/")


def _in_baselines(session: Session, opened: list[Opened]) -> Known:
    known = Known("in the baseline")
    explicit = session.options.filters.baseline
    for one in opened:
        baseline = _baseline(session, one.root)
        if explicit is not None and not baseline.exists:
            raise CommandError(f"{explicit}: no such file; --update-baseline writes it")
        directory = os.path.dirname(baseline.file)
        for entry in baseline.entries:
            absolute = os.path.normpath(os.path.join(directory, entry.path))
            path = os.path.relpath(absolute, one.root).replace(os.sep, "/")
            known.add(one.root, path, entry.fingerprint)
    return known


def _baseline(session: Session, root: str) -> _Baseline:
    named = session.options.filters.baseline
    file = os.path.join(session.shown.directory, named) if named else os.path.join(root, BASELINE_NAME)
    file = os.path.normpath(file)
    try:
        with open(file, encoding="utf-8") as stream:
            return _Baseline(file, read_baseline(stream.read()), exists=True)
    except FileNotFoundError:
        return _Baseline(file, [], exists=False)
    except (OSError, UnicodeDecodeError, BaselineError) as error:
        raise CommandError(f"{session.shown(file)}: {error}") from None


def update_baselines(session: Session, opened: list[Opened]) -> list[str]:
    """Write what is found to the baseline files; return a line about each.

    Entries of files that were not asked for stay.

    Raises:
        CommandError: a file cannot be read or written.
    """
    told: list[str] = []
    by_file: dict[str, list[Opened]] = {}
    for one in opened:
        by_file.setdefault(_baseline(session, one.root).file, []).append(one)
    for file, projects in by_file.items():
        before = _baseline(session, projects[0].root)
        after = _updated(session, before, projects)
        if not after and not before.exists:
            continue
        write_file(file, baseline_text(after).encode(), session.shown(file))
        told.append(_told(session.shown(file), before.entries, after))
    return told or ["Nothing to put into a baseline."]


def _updated(session: Session, before: _Baseline, projects: Iterable[Opened]) -> list[Entry]:
    entries = list(before.entries)
    for one in projects:
        inside = os.path.join(one.root, "")
        entries = [entry for entry in entries if not _speaks_of(entry, before, inside, one)]
        for it in reported(session, one):
            if passes(session, it.found):
                path = before.own_path(one.root, it.found.path)
                entries.append(Entry(path, it.fingerprint, it.found.rule.name))
    return entries


def _speaks_of(entry: Entry, baseline: _Baseline, inside: str, opened: Opened) -> bool:
    absolute = os.path.normpath(os.path.join(os.path.dirname(baseline.file), entry.path))
    path = absolute[len(inside) :].replace(os.sep, "/")
    return absolute.startswith(inside) and opened.scope.holds(path)


def _told(file: str, before: list[Entry], after: list[Entry]) -> str:
    old, new = {entry.key for entry in before}, {entry.key for entry in after}
    return f"{file}: {plural(len(new), 'finding')} ({len(new - old)} added, {len(old - new)} removed)."


def hides(known: list[Known]) -> Callable[[Reported], bool]:
    """Return the test whether a finding was there before, in any sense."""
    return lambda one: any(it.holds(one) for it in known)


def tell_withheld(report: Report, known: list[Known]) -> None:
    """Note in the report what is not shown."""
    report.withheld += [it.line for it in known if it.line]
