"""The places where tools look for agent files, and what each tool needs to find in one."""

import re
from typing import Final, NamedTuple

from rollsafe.artefacts.agent_file.fields import CLAUDE, COPILOT, CURSOR, OPENCODE, ROLLSAFE


class AgentPlace(NamedTuple):
    """Where one tool looks: its name in settings, what people call it, which paths, which fields it reads.

    Without one of the `required` fields the tool leaves an agent out. `strict_tools` tells that a tool list
    which names nothing is an error there.
    """

    name: str
    tool: str
    path: re.Pattern[str]
    fields: frozenset[str]
    required: tuple[str, ...]
    strict_tools: bool = False


_NAME_AND_PURPOSE: Final = ("name", "description")

PLACES: Final = (
    AgentPlace(
        "rollsafe",
        "rollsafe",
        re.compile(r"(?:^|/)\.rollsafe/agents/[^/]+\.md$"),
        ROLLSAFE,
        _NAME_AND_PURPOSE,
    ),
    AgentPlace(
        "claude",
        "Claude Code",
        re.compile(r"(?:^|/)\.claude/agents/(?:[^/]+/)*[^/]+\.md$"),
        CLAUDE,
        _NAME_AND_PURPOSE,
        strict_tools=True,
    ),
    AgentPlace(
        "copilot",
        "Copilot",
        re.compile(r"(?:^|/)\.github/agents/[^/]+\.agent\.md$"),
        COPILOT,
        ("description",),
    ),
    AgentPlace("cursor", "Cursor", re.compile(r"(?:^|/)\.cursor/agents/[^/]+\.md$"), CURSOR, ()),
    AgentPlace(
        "opencode",
        "opencode",
        re.compile(r"(?:^|/)\.opencode/agents?/[^/]+\.md$"),
        OPENCODE,
        ("description",),
    ),
)
"""In the order in which sources are searched."""

_DOCUMENTS: Final = frozenset(
    {"readme", "changelog", "contributing", "license", "index", "claude", "agents", "template", "security"}
)
"""Names of documents about agents rather than of agents."""


def place_of(path: str) -> AgentPlace | None:
    """Return the place a path lies in, None for any other file."""
    name = path.rpartition("/")[2].lower().partition(".")[0].lstrip("_")
    if name in _DOCUMENTS or ("/agents" not in path and "/agent/" not in path):
        return None
    return next((place for place in PLACES if place.path.search(path)), None)
