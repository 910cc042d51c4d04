"""The places where tools look for agent files, and what each tool needs to find in one."""

import re
from typing import Final

from rollsafe.artefacts.agent_file.fields import CLAUDE, COPILOT, CURSOR, OPENCODE, ROLLSAFE
from rollsafe.text.tuples import NamedTuple


class AgentPlace(NamedTuple):
    """Where one tool looks: its name in settings, what people call it, which paths, which fields it reads.

    `path` is where agents of a project lie, in one of `directories` or, for a tool that `is_deep`, below.
    `own` is where those of a user lie, by default. Without one of the `required` fields the tool leaves an
    agent out. `strict_tools` tells that a tool list which names nothing is an error there.
    """

    name: str
    tool: str
    path: re.Pattern[str]
    own: re.Pattern[str]
    directories: tuple[str, ...]
    fields: frozenset[str]
    required: tuple[str, ...]
    strict_tools: bool = False
    is_deep: bool = False

    def home_in(self, path: str) -> str:
        """Return the directory whose agents are read together: the one that holds `.claude` or the like."""
        match = self.path.search(path) or self.own.search(path)
        return path[: match.start()] if match else ""


_NAME_AND_PURPOSE: Final = ("name", "description")

PLACES: Final = (
    AgentPlace(
        "rollsafe",
        "rollsafe",
        re.compile(r"(?:^|/)\.rollsafe/agents/[^/]+\.md$"),
        re.compile(r"(?:^|/)\.config/rollsafe/agents/[^/]+\.md$"),
        (".rollsafe/agents",),
        ROLLSAFE,
        _NAME_AND_PURPOSE,
    ),
    AgentPlace(
        "claude",
        "Claude Code",
        re.compile(r"(?:^|/)\.claude/agents/(?:[^/]+/)*[^/]+\.md$"),
        re.compile(r"(?:^|/)\.claude/agents/(?:[^/]+/)*[^/]+\.md$"),
        (".claude/agents",),
        CLAUDE,
        _NAME_AND_PURPOSE,
        strict_tools=True,
        is_deep=True,
    ),
    AgentPlace(
        "copilot",
        "Copilot",
        re.compile(r"(?:^|/)\.github/agents/[^/]+\.agent\.md$"),
        re.compile(r"(?:^|/)\.copilot/agents/[^/]+\.agent\.md$"),
        (".github/agents",),
        COPILOT,
        ("description",),
    ),
    AgentPlace(
        "cursor",
        "Cursor",
        re.compile(r"(?:^|/)\.cursor/agents/[^/]+\.md$"),
        re.compile(r"(?:^|/)\.cursor/agents/[^/]+\.md$"),
        (".cursor/agents",),
        CURSOR,
        (),
    ),
    AgentPlace(
        "opencode",
        "opencode",
        re.compile(r"(?:^|/)\.opencode/agents?/[^/]+\.md$"),
        re.compile(r"(?:^|/)\.config/opencode/agents?/[^/]+\.md$"),
        (".opencode/agent", ".opencode/agents"),
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
    """Return the place a path lies in, of a project or of a user; None for any other file."""
    if ("/agents" not in path and "/agent/" not in path) or not is_agent_name(path.rpartition("/")[2]):
        return None
    return next((place for place in PLACES if place.path.search(path) or place.own.search(path)), None)


def is_agent_name(name: str) -> bool:
    """Say whether a file of that name among agents is meant to be one, and no document about them."""
    return name.lower().partition(".")[0].lstrip("_") not in _DOCUMENTS
