"""Agents written as Markdown files, in the places where tools look for them; `recognise` is the way in."""

from rollsafe.artefacts.agent_file.definition import AgentDefinition, AgentFile, recognise
from rollsafe.artefacts.agent_file.fields import ALL_FIELDS, PROSE
from rollsafe.artefacts.agent_file.places import PLACES, AgentPlace, place_of
from rollsafe.artefacts.agent_file.profile import AgentProfile, profile_of

__all__ = [
    "ALL_FIELDS",
    "PLACES",
    "PROSE",
    "AgentDefinition",
    "AgentFile",
    "AgentPlace",
    "AgentProfile",
    "place_of",
    "profile_of",
    "recognise",
]
