"""Baseline files: which findings they hold, and writing what is found into them."""

import os
from collections.abc import Iterable

from rollsafe.cli.failures import CommandError
from rollsafe.cli.known import Known
from rollsafe.cli.output.text import plural
from rollsafe.cli.session import Opened, Session, passes, reported
from rollsafe.cli.writing import write_file
from rollsafe.engine.baseline import BASELINE_NAME, BaselineError, Entry, baseline_text, read_baseline
from rollsafe.text.tuples import NamedTuple


class _Baseline(NamedTuple):
    """A baseline file: its absolute path and its entries; `exists` says whether it is there."""

    file: str
    entries: list[Entry]
    exists: bool

    def own_path(self, root: str, path: str) -> str:
        """Return how the file calls `path` of the project at `root`."""
        relative = os.path.relpath(os.path.join(root, path), os.path.dirname(self.file))
        return relative.replace(os.sep, "/")


def in_baselines(session: Session, opened: list[Opened]) -> Known:
    """Return what the baselines of the projects, or the one that was named, accept.

    Raises:
        CommandError: a baseline cannot be read.
    """
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
                entries.append(Entry(path, it.found.rule.name, it.fingerprint))
    return entries


def _speaks_of(entry: Entry, baseline: _Baseline, inside: str, opened: Opened) -> bool:
    absolute = os.path.normpath(os.path.join(os.path.dirname(baseline.file), entry.path))
    path = absolute[len(inside) :].replace(os.sep, "/")
    return absolute.startswith(inside) and opened.scope.holds(path)


def _told(file: str, before: list[Entry], after: list[Entry]) -> str:
    old, new = {entry.key for entry in before}, {entry.key for entry in after}
    return f"{file}: {plural(len(new), 'finding')} ({len(new - old)} added, {len(old - new)} removed)."
