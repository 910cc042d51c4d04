"""Which agents there are: the built-in ones, and those of files a project offers and a user trusts.

Files add agents and take nothing away: a built-in one keeps its name, its rules and its findings whatever
a file says. Every file that lies where agents are kept is listed, with the reason where it is left out.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final, NamedTuple

from rollsafe.artefacts.agent_file import (
    PLACES,
    AgentDefinition,
    AgentPlace,
    AgentProfile,
    place_of,
    profile_of,
)
from rollsafe.artefacts.registry import read
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.discovery import installed_agents
from rollsafe.engine.rule_index import cards_of
from rollsafe.rules.agent import Agent
from rollsafe.workspace.snapshot import Snapshot

BUILT_IN: Final = "built-in"


class Standing(StrEnum):
    """Whether an agent takes part."""

    BUILT_IN = "built-in"
    LOADED = "loaded"
    SHADOWED = "shadowed"
    OFF = "off"
    UNTRUSTED = "untrusted"
    UNREADABLE = "unreadable"


class Member(NamedTuple):
    """One agent. `source` is the place it comes from, `path` its file; `reason` says why it takes no part.

    `agent` is there for built-in ones, `definition` for those of files that could be read.
    """

    profile: AgentProfile
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


def roster(snapshot: Snapshot, *, trusted: bool) -> list[Member]:
    """Return all agents: the built-in ones by name, then those of files in the order they are searched.

    A file's agent takes part where the project's settings name its source and `trusted` tells that a user
    agreed to that; of one name the first wins.
    """
    members = [
        Member(_with_duties(agent), BUILT_IN, Standing.BUILT_IN, agent=agent) for agent in installed_agents()
    ]
    taken = {name: member for member in members for name in (member.profile.name, *member.profile.aliases)}
    for place, file in _files(snapshot.files.values()):
        member = _member(place, file, snapshot, taken, trusted=trusted)
        members.append(member)
        if member.takes_part:
            taken[member.profile.name] = member
    return members


def _with_duties(agent: Agent) -> AgentProfile:
    hazards = (card.name.replace("-", " ") for card in cards_of(agent))
    return agent.profile._replace(duties=(*(one.item for one in agent.responsibilities), *hazards))


def find_member(members: Iterable[Member], name: str) -> Member | None:
    """Return the agent of that name or alias, one that takes part before one that does not."""
    fitting = [member for member in members if name in (member.profile.name, *member.profile.aliases)]
    return min(fitting, key=lambda member: not member.takes_part, default=None)


def _files(files: Iterable[SourceFile]) -> Iterator[tuple[AgentPlace, SourceFile]]:
    found = ((place, file) for file in files if (place := place_of(file.path)) is not None)
    yield from sorted(found, key=lambda one: (PLACES.index(one[0]), one[1].path))


def _member(
    place: AgentPlace, file: SourceFile, snapshot: Snapshot, taken: dict[str, Member], *, trusted: bool
) -> Member:
    artefact = read(file)
    definition = (
        next((one for one in artefact.elements if isinstance(one, AgentDefinition)), None)
        if artefact
        else None
    )
    if definition is None:
        profile = AgentProfile(file.name.removesuffix(".md").removesuffix(".agent"))
        reason = "neither has front matter with a field of agents nor speaks to one"
        return Member(profile, place.name, Standing.UNREADABLE, file.path, reason)
    profile = profile_of(definition)
    standing, reason = _standing(definition, profile, snapshot, taken, trusted=trusted)
    return Member(profile, place.name, standing, file.path, reason, definition=definition)


def _standing(
    definition: AgentDefinition,
    profile: AgentProfile,
    snapshot: Snapshot,
    taken: dict[str, Member],
    *,
    trusted: bool,
) -> tuple[Standing, str]:
    source = definition.place.name
    fatal = next((problem for problem in definition.front.problems if problem.fatal), None)
    if fatal is not None:
        return Standing.UNREADABLE, fatal.message
    if not profile.description:
        return Standing.UNREADABLE, "has no description, so nothing tells when to call it"
    if source not in snapshot.settings.agents.sources:
        return Standing.OFF, f"`[agents] sources` does not name `{source}`"
    if not trusted:
        return Standing.UNTRUSTED, "the project is not trusted: `--trust`"
    other = taken.get(profile.name)
    if other is None:
        return Standing.LOADED, ""
    whose = "a built-in agent" if other.agent else f"the one in {other.path}"
    return Standing.SHADOWED, f"the name belongs to {whose}"
