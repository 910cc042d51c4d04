"""Which agents of files are asked in a review besides the built-in ones, and in what state they are read.

A review of a change must not take orders from the change: with a revision to compare with, a project's agents
and the sources it names are those of the merge base.
"""

from collections.abc import Iterator, Sequence

from rollsafe.cli.consent import consent_for
from rollsafe.cli.failures import CommandError
from rollsafe.cli.session import Opened, Session
from rollsafe.engine.roster import Consent, Member, members_of, roster
from rollsafe.review.added import Looking, Seen, joined, looking
from rollsafe.review.questions import Reviewed
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.agent_files import agent_files_at, user_agent_files
from rollsafe.workspace.disk import CONFIG_NAMES
from rollsafe.workspace.facts import Base
from rollsafe.workspace.git import GitError, merge_base, resolve_base
from rollsafe.workspace.settings import AgentSource, ConfigurationError, parse_settings


class Added(NamedTuple):
    """The agents of files that are asked, and a line for whoever wonders why one is not."""

    looking: list[Looking]
    notes: tuple[str, ...]


def added_agents(session: Session, files: Sequence[tuple[Reviewed, Opened]]) -> Added:
    """Return the agents of files that look at any of the files under review.

    Raises:
        CommandError: the user's settings cannot be read, or there is no such revision.
    """
    found: list[Looking] = []
    notes: list[str] = []
    projects = {one.root: one for _, one in files}
    for root, one in projects.items():
        options = session.options
        consent = consent_for(root, trusted=options.reviewing.trust, isolated=options.overrides.isolated)
        ref = options.filters.diff_base or options.base
        members = _members(one, consent, ref)
        own = [reviewed for reviewed, opened in files if opened.root == root]
        seen = [Seen(it.path, it.artefact.file.path, it.artefact.kind) for it in own]
        found += looking(members, seen)
        if ref and consent.project:
            notes += _newer(one, members, consent)
    return Added(joined(found), tuple(notes))


def _members(opened: Opened, consent: Consent, ref: str | None) -> list[Member]:
    snapshot = opened.project.snapshot
    if ref is None or not consent.project:
        return roster(snapshot, consent)
    try:
        base = resolve_base(snapshot.root, merge_base(snapshot.root, ref))
        files = [*agent_files_at(base), *user_agent_files(consent.own_sources, snapshot.root)]
        return members_of(files, _sources_at(base), consent)
    except GitError as error:
        raise CommandError(f"--trust: {error}") from None


def _sources_at(base: Base) -> tuple[AgentSource, ...]:
    """Return the sources the project named at a revision; none where its settings were of no use."""
    for name in CONFIG_NAMES:
        text = base.read(name)
        if text is not None and (name != "pyproject.toml" or "[tool.rollsafe" in text):
            try:
                return parse_settings(text, name).agents.sources
            except ConfigurationError:
                return ()
    return ()


def _newer(opened: Opened, members: Sequence[Member], consent: Consent) -> Iterator[str]:
    """Yield a line about agents that the change adds or edits: they are not asked about it."""
    then = {one.path: one.definition.file.text for one in members if one.definition is not None}
    now = [one for one in roster(opened.project.snapshot, consent) if one.takes_part and one.definition]
    new = [one.path for one in now if one.definition and then.get(one.path) != one.definition.file.text]
    if new:
        yield f"AI review: agents as the change leaves them are not asked: {', '.join(new)}"
