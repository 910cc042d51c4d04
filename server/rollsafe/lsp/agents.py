"""The agents of a project as an editor offers them: who takes part, and who reviews a document."""

from collections.abc import Iterator, Sequence
from typing import Final, TypedDict

from rollsafe.engine.reach import looks_at
from rollsafe.engine.roster import Consent, Member, members_of
from rollsafe.lsp.configuration import Configuration
from rollsafe.lsp.roots import Root
from rollsafe.lsp.session import Located, Session
from rollsafe.lsp.uris import uri_of
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.agent_files import FoundFile, Scope, project_agent_files, user_agent_files
from rollsafe.workspace.settings import AgentSource, ConfigurationError
from rollsafe.workspace.user_settings import UserAgents, own_user_settings

_HOW: Final = "by the editor, or by `agents.trusted` of your own settings"


class Offered(TypedDict):
    """An agent as the command `rollsafe.agents` tells of it; `reviews` is about the document asked for."""

    name: str
    purpose: str
    scope: str
    source: str
    standing: str
    reason: str
    path: str
    uri: str | None
    kind: str
    color: str
    takesPart: bool
    reviews: bool


class _Known(NamedTuple):
    """What was made of these files under this consent."""

    files: tuple[FoundFile, ...]
    sources: tuple[AgentSource, ...]
    consent: Consent
    members: list[Member]


class Agents:
    """The agents of each project by its newest texts; users' own directories as they last were looked at."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, _Known] = {}
        self._own: dict[str, tuple[UserAgents, list[FoundFile]]] = {}

    def refresh(self) -> None:
        """Look at users' own directories and settings once more when they are asked for."""
        self._own.clear()

    def of(self, root: Root) -> list[Member]:
        """Return all agents of a project."""
        own, files = self._own.get(root.path) or self._look(root)
        consent = consent_of(self._session.configuration, own, root)
        found = (*project_agent_files(root.snapshot), *files)
        sources = root.configured.settings.agents.sources
        known = self._known.get(root.path)
        if known is None or not _is_same(known, found, sources, consent):
            known = _Known(found, sources, consent, members_of(found, sources, consent))
            self._known[root.path] = known
        return known.members

    def reviewers(self, located: Located) -> list[Member]:
        """Return the agents of files that can be asked to review a document."""
        kind = _kind(located)
        members = self.of(located.root)
        return [one for one in members if looks_at(one, located.file.path, kind, by_name=True)]

    def offered(self, root: Root, located: Located | None) -> Iterator[Offered]:
        """Yield all agents of a project, as seen from a document of it."""
        for one in self.of(root):
            yield {
                "name": one.profile.name,
                "purpose": one.profile.purpose[:300],
                "scope": one.scope.value,
                "source": one.source,
                "standing": one.standing.value,
                "reason": one.reason,
                "path": one.shown_path,
                "uri": self._uri(root, one),
                "kind": one.profile.role.kind,
                "color": one.profile.color,
                "takesPart": one.takes_part,
                "reviews": located is not None and _reviews(one, located),
            }

    def _look(self, root: Root) -> tuple[UserAgents, list[FoundFile]]:
        try:
            own = own_user_settings(root.path).agents
        except ConfigurationError:
            own = UserAgents()
        looked = self._own[root.path] = own, user_agent_files(own.sources, root.path)
        return looked

    def _uri(self, root: Root, member: Member) -> str | None:
        if not member.path:
            return None
        return uri_of(member.path) if member.scope is Scope.USER else self._session.uri(root, member.path)


def consent_of(configuration: Configuration, own: UserAgents, root: Root) -> Consent:
    """Return what the user agreed to: nothing of a project where the workspace is not trusted at all."""
    is_trusted = configuration.trusts_agents or own.trusts(root.path)
    return Consent(configuration.trusted and is_trusted, own.sources, _HOW)


def _is_same(
    known: _Known, files: Sequence[FoundFile], sources: Sequence[AgentSource], consent: Consent
) -> bool:
    if (known.sources, known.consent) != (sources, consent) or len(known.files) != len(files):
        return False
    pairs = zip(known.files, files, strict=True)
    return all(one.path == two.path and one.source is two.source for one, two in pairs)


def _kind(located: Located) -> str:
    artefact = located.root.artefact(located.file.path)
    return artefact.kind if artefact is not None else ""


def _reviews(member: Member, located: Located) -> bool:
    kind = _kind(located)
    if member.agent is not None:
        return any(kind in check.kinds for check in member.agent.checks)
    return bool(kind) and looks_at(member, located.file.path, kind, by_name=True)
