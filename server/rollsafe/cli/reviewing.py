"""`check --ai`: which files a model is asked about, and where its remarks are."""

import os
from collections.abc import Iterator

from rollsafe.artefacts.source import SourceFile
from rollsafe.cli.added import added_agents
from rollsafe.cli.failures import CommandError
from rollsafe.cli.output.json import encoded
from rollsafe.cli.report import Place, Point, RemarkAt, Review
from rollsafe.cli.session import Opened, Session
from rollsafe.cli.wish import Wish
from rollsafe.review import Remark, Reviewed, questions_about, run_reviews
from rollsafe.review.facts import facts_by_path
from rollsafe.review.payload import bodies
from rollsafe.text.records import replace
from rollsafe.workspace.git import GitError, changed_paths, merge_base


def review(session: Session, opened: list[Opened], wish: Wish) -> Review | None:
    """Ask about what is asked for; None where the wish covers no project.

    Raises:
        CommandError: the revision to compare with does not exist.
    """
    covered = [one for one in opened if wish.covers(one.root)]
    if not covered:
        return None
    files = list(_files(session, covered))
    added = added_agents(session, files)
    asked = (reviewed for reviewed, _ in files)
    questions = questions_about(asked, session.today, _beside(covered), added.looking)
    progress = session.progress
    if progress and questions:
        progress.reviewing(0, len(questions))
    run = run_reviews(questions, wish.settings, on_answer=progress.reviewing if progress else None)
    run = replace(run, notes=(*_forbidden(session, covered), *added.notes, *run.notes))
    sources = {reviewed.path: (reviewed.artefact.file, one.root) for reviewed, one in files}
    return Review(run, tuple(_placed(remark, *sources[remark.path]) for remark in run.remarks))


def requests(session: Session, opened: list[Opened], wish: Wish) -> bytes:
    """Return, as a JSON list, the body of every call that `review` would make; makes none.

    Raises:
        CommandError: as for `review`.
    """
    covered = [one for one in opened if wish.covers(one.root)]
    files = list(_files(session, covered))
    asked, added = (reviewed for reviewed, _ in files), added_agents(session, files)
    questions = questions_about(asked, session.today, _beside(covered), added.looking)
    return encoded(bodies(questions, wish.settings))


def _beside(opened: list[Opened]) -> Iterator[SourceFile]:
    """Yield everything that was read: what it holds that is secret, asked files may repeat."""
    for one in opened:
        yield from one.project.snapshot.files.values()


def _forbidden(session: Session, opened: list[Opened]) -> Iterator[str]:
    """Yield a line about each project that allows no review."""
    for one in opened:
        if not one.project.snapshot.settings.ai.allowed:
            place = session.settings_of.place(one.root) or session.shown(one.root)
            yield f"AI review skipped: {place} allows none"


def _files(session: Session, opened: list[Opened]) -> Iterator[tuple[Reviewed, Opened]]:
    """Yield the files that are asked for, by path; with a revision to compare with, those that differ."""
    for one in opened:
        if not one.project.snapshot.settings.ai.allowed:
            continue
        changed, engine = _changed(session, one), one.project.engine
        paths = sorted(filter(one.scope.holds, one.project.snapshot.files))
        asked = [path for path in paths if changed is None or path in changed]
        facts = facts_by_path(one.project, asked)
        for path in asked:
            artefact = engine.artefact(path)
            if artefact is not None:
                shown = session.shown(one.root, path)
                yield Reviewed(shown, artefact, engine.findings(path), one.root, facts[path]), one


def _changed(session: Session, opened: Opened) -> frozenset[str] | None:
    options = session.options
    branched, base = options.filters.diff_base, options.base
    try:
        if branched is not None:
            return changed_paths(opened.root, merge_base(opened.root, branched))
        return changed_paths(opened.root, base) if base is not None else None
    except GitError as error:
        raise CommandError(f"--ai: {error}") from None


def _placed(remark: Remark, file: SourceFile, root: str) -> RemarkAt:
    start, end = file.lines.position(remark.start), file.lines.position(remark.end)
    place = Place(remark.path, Point(start.line + 1, start.column + 1), Point(end.line + 1, end.column + 1))
    return RemarkAt(remark, place, os.path.join(root, file.path))
