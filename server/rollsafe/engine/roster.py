"""Which agents there are: the built-in ones, those of a project's files, and those of a user's own.

Files add agents and take nothing away: a built-in one keeps its name, its rules and its findings whatever
a file says. Every file that lies where agents are kept is listed, with the reason where it is left out.
"""

import os
from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum

from rollsafe.artefacts.agent_file import (
    AgentDefinition,
    AgentFile,
    AgentProfile,
    agent_file_of,
    identity_of,
    objection_to_name,
    profile_of,
    stem_of,
)
from rollsafe.artefacts.agent_file.hidden import ordering_comments, unseen
from rollsafe.engine.discovery import installed_agents
from rollsafe.engine.rule_index import cards_of
from rollsafe.rules.agent import Agent
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.agent_files import FoundFile, Scope, project_agent_files, user_agent_files
from rollsafe.workspace.snapshot import Snapshot
from rollsafe.workspace.user_directories import shown_path


class Standing(StrEnum):
    """Whether an agent takes part."""

    BUILT_IN = "built-in"
    LOADED = "loaded"
    SHADOWED = "shadowed"
    OFF = "off"
    UNTRUSTED = "untrusted"
    UNREADABLE = "unreadable"


class Consent(NamedTuple):
    """What a user agreed to: agents of a project's files, and sources of the user's own directories.

    `how` tells how to agree to the first.
    """

    project: bool = False
    own_sources: Collection[str] = ()
    how: str = "`--trust`"


class Member(NamedTuple):
    """One agent. `source` is the tool whose file it is, `path` its file; `reason` says why it takes no part.

    `path` is relative to the project, absolute for a user's own. `agent` is there for built-in ones,
    `definition` for those of files that could be read.
    """

    profile: AgentProfile
    scope: Scope
    source: str
    standing: Standing
    path: str = ""
    reason: str = ""
    agent: Agent | None = None
    definition: AgentDefinition | None = None

    @property
    def takes_part(self) -> bool:
        """Whether tasks are given to the agent."""
        return self.standing in (Standing.BUILT_IN, Standing.LOADED)

    @property
    def shown_path(self) -> str:
        """The path as people write it."""
        return shown_path(self.path)


def roster(snapshot: Snapshot, consent: Consent) -> list[Member]:
    """Return all agents of a project: built-in ones by name, then those of files in the order of the search.

    A project's files come before a user's own, and in each the sources in their order. A file's agent
    takes part where its source is asked for, by the project's settings or by the user's, and for a project
    a user agreed to that; of one name the first wins.
    """
    files = project_agent_files(snapshot)
    known = {os.path.realpath(os.path.join(snapshot.root, one.path)) for one in files}
    own = user_agent_files(consent.own_sources, snapshot.root)
    files += [one for one in own if one.source or os.path.realpath(one.path) not in known]
    return members_of(files, snapshot.settings.agents.sources, consent)


def members_of(files: Iterable[FoundFile], sources: Collection[str], consent: Consent) -> list[Member]:
    """Return the built-in agents and those of `files`; `sources` are those of the project's settings."""
    members = [_built_in(agent) for agent in installed_agents()]
    taken = {
        identity_of(name): member
        for member in members
        for name in (member.profile.name, *member.profile.aliases)
    }
    for file in files:
        member = _member(file, taken, sources, consent)
        members.append(member)
        if member.takes_part:
            taken[identity_of(member.profile.name)] = member
    return members


def find_member(members: Sequence[Member], name: str) -> Member | None:
    """Return the agent of that name, alias or file; one that takes part before one that does not."""
    fitting = [
        [one for one in members if name in (one.profile.name, *one.profile.aliases)],
        [one for one in members if name in (one.path, one.shown_path)],
        [one for one in members if identity_of(name) == identity_of(one.profile.name)],
    ]
    best = next(filter(None, fitting), fitting[0])
    return min(best, key=lambda member: not member.takes_part, default=None)


def _built_in(agent: Agent) -> Member:
    hazards = (card.name.replace("-", " ") for card in cards_of(agent))
    profile = agent.profile._replace(duties=(*(one.item for one in agent.responsibilities), *hazards))
    return Member(profile, Scope.BUILT_IN, Scope.BUILT_IN, Standing.BUILT_IN, agent=agent)


def _member(file: FoundFile, taken: dict[str, Member], sources: Collection[str], consent: Consent) -> Member:
    name = stem_of(file.path.replace(os.sep, "/").rpartition("/")[2])
    blank = Member(AgentProfile(name), file.scope, file.place.name, Standing.UNREADABLE, file.path)
    if file.source is None:
        return blank._replace(reason=file.reason)
    artefact = agent_file_of(file.source, file.place)
    definition = _definition(artefact)
    if definition is None:
        return blank._replace(reason="neither has front matter with a field of agents nor speaks to one")
    profile = profile_of(definition)._replace(aliases=(), commands=())
    member = blank._replace(profile=profile, definition=definition)
    standing, reason = _standing(member, definition, taken, sources, consent)
    return member._replace(standing=standing, reason=reason)


def _definition(artefact: AgentFile | None) -> AgentDefinition | None:
    elements = artefact.elements if artefact else ()
    return next((one for one in elements if isinstance(one, AgentDefinition)), None)


def _standing(
    member: Member,
    definition: AgentDefinition,
    taken: dict[str, Member],
    sources: Collection[str],
    consent: Consent,
) -> tuple[Standing, str]:
    objection = _objection(definition, member.profile)
    if objection:
        return Standing.UNREADABLE, objection
    if member.scope is Scope.PROJECT and member.source not in sources:
        return Standing.OFF, f"`[agents] sources` of the project does not name `{member.source}`"
    if member.scope is Scope.PROJECT and not consent.project:
        return Standing.UNTRUSTED, f"the project is not trusted: {consent.how}"
    other = taken.get(identity_of(member.profile.name))
    if other is None:
        return Standing.LOADED, ""
    whose = "a built-in agent, which no file replaces" if other.agent else f"the one in {other.shown_path}"
    return Standing.SHADOWED, f"the name belongs to {whose}"


def _objection(definition: AgentDefinition, profile: AgentProfile) -> str:
    """Say why a file cannot be an agent here; empty when it can."""
    fatal = next((problem for problem in definition.front.problems if problem.fatal), None)
    if fatal is not None:
        return fatal.message
    if not profile.description:
        return "has no description, so nothing tells when to call it"
    if profile.role.problems:
        return f"its field `rollsafe`: {profile.role.problems[0].message}"
    if any(one.is_hostile for one in unseen(definition.file.text)) or any(
        one.is_hostile for one in ordering_comments(definition)
    ):
        return "holds orders or characters that nobody sees: `hidden-agent-instructions`"
    return objection_to_name(profile.name)
