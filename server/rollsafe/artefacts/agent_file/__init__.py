"""Agents written as Markdown files, in the places where tools look for them; `recognise` is the way in."""

from rollsafe.artefacts.agent_file.definition import (
    AgentDefinition,
    AgentFile,
    agent_file_of,
    recognise,
    stem_of,
)
from rollsafe.artefacts.agent_file.fields import ALL_FIELDS, HONOURED, PROSE
from rollsafe.artefacts.agent_file.names import identity_of, objection_to_name
from rollsafe.artefacts.agent_file.places import PLACES, AgentPlace, is_agent_name, place_of
from rollsafe.artefacts.agent_file.profile import AgentProfile, profile_of
from rollsafe.artefacts.agent_file.role import Role, RoleProblem

__all__ = [
    "ALL_FIELDS",
    "HONOURED",
    "PLACES",
    "PROSE",
    "AgentDefinition",
    "AgentFile",
    "AgentPlace",
    "AgentProfile",
    "Role",
    "RoleProblem",
    "agent_file_of",
    "identity_of",
    "is_agent_name",
    "objection_to_name",
    "place_of",
    "profile_of",
    "recognise",
    "stem_of",
]
