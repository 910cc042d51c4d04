"""An agent as its file describes it."""

import re
from collections.abc import Iterable
from typing import ClassVar, Final

from rollsafe.artefacts.agent_file.fields import ALL_FIELDS, PROSE
from rollsafe.artefacts.agent_file.places import PLACES, AgentPlace, place_of
from rollsafe.artefacts.agent_file.role import Role, role_of
from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.front_matter import Field, FrontMatter, read_front_matter, unescaped
from rollsafe.formats.nodes import Node, Scalar, Sequence, resolve
from rollsafe.text import Span
from rollsafe.text.cached import cached_property

_SPEAKS_TO_AN_AGENT: Final = re.compile(
    r"(?:#[^\r\n]*[\r\n]\s*)*(?:You are |You're |Act as |Your (?:role|task|job) )"
)


class AgentDefinition(Element):
    """One agent: who it is, when it is called, and what it is told."""

    family = "agent-files"

    def __init__(self, file: SourceFile, place: AgentPlace, front: FrontMatter) -> None:
        super().__init__(file, 0, len(file.text))
        self.place = place
        self.front = front

    @property
    def head(self) -> Span:
        """The file's first line: where a finding goes that is about something absent."""
        start = 1 if self.file.text.startswith("\ufeff") else 0
        return Span(start, max(self.file.lines.line_end(0), start))

    @property
    def home(self) -> str:
        """The directory whose agents are read together: the one that holds `.claude` or the like."""
        return self.place.home_in(self.file.path)

    @property
    def stem(self) -> str:
        """The file's name without its endings."""
        return stem_of(self.file.name)

    @cached_property
    def given_name(self) -> str:
        """The name the file gives; empty without one."""
        return self.text_of("name")

    @property
    def name(self) -> str:
        """What the agent is called: by itself, else by its file."""
        return self.given_name or self.stem

    @cached_property
    def description(self) -> str:
        r"""When the agent is to be called; line breaks written as `\\n` are line breaks."""
        return self.text_of("description")

    @property
    def body(self) -> str:
        """What the agent is told."""
        return self.file.slice(self.front.body).strip()

    @cached_property
    def role(self) -> Role:
        """What part the agent takes in rollsafe."""
        return role_of(self.front)

    def text_of(self, name: str) -> str:
        """Return the words of a field; empty where there is none, or something other than words."""
        field = self.front.field(name)
        value = resolve(field.value) if field else None
        if not isinstance(value, Scalar) or value.is_null:
            return ""
        return (unescaped(value.text) if value.plain else value.text).strip()

    def listed(self, name: str) -> tuple[str, ...]:
        """Return the entries of a field that is a list, or a text with commas."""
        field = self.front.field(name)
        value = resolve(field.value) if field else None
        if isinstance(value, Sequence):
            items = (resolve(item) for item in value.items)
            return tuple(item.text.strip() for item in items if isinstance(item, Scalar) and not item.is_null)
        if isinstance(value, Scalar) and not value.is_null:
            return tuple(part for word in value.text.split(",") if (part := word.strip()))
        return ()

    @cached_property
    def is_refused_for_line_ends(self) -> bool:
        """Whether YAML refuses a field in front matter with CRLF line ends."""
        refused = any(field.refused for field in self.front.fields)
        return refused and "\r\n" in self.file.slice(self.front.front)

    def line_end(self, offset: int) -> int:
        """Return where the line ends that holds `offset`."""
        return self.file.lines.line_end(self.file.lines.line_of(offset))

    def graph_keys(self) -> Iterable[str]:
        """Agents of one place are found under their names."""
        if self.given_name:
            yield f"agent:{self.place.name}:{self.given_name}"


class AgentFile(Artefact):
    """The view of a file that describes an agent."""

    kind: ClassVar[str] = "agent-file"


def stem_of(name: str) -> str:
    """Return a file's name without its endings."""
    return name.removesuffix(".md").removesuffix(".agent")


def agent_of(text: str) -> AgentDefinition:
    """Read an agent's file wherever it comes from, such as a package."""
    place = PLACES[0]
    return AgentDefinition(SourceFile("agent.md", text), place, read_front_matter(text, ALL_FIELDS, PROSE))


def recognise(file: SourceFile) -> AgentFile | None:
    """Return the view of a file that lies where agents are kept and reads like one, else None."""
    place = place_of(file.path)
    return agent_file_of(file, place) if place is not None else None


def agent_file_of(file: SourceFile, place: AgentPlace) -> AgentFile | None:
    """Return the view of a file that `place` is looked for agents in and that reads like one, else None."""
    front = read_front_matter(file.text, ALL_FIELDS, PROSE)
    fatal = [problem for problem in front.problems if problem.fatal]
    if not fatal and not _reads_like_an_agent(file.text, front):
        return None
    return AgentFile(file, [AgentDefinition(file, place, front)], fatal)


def _reads_like_an_agent(text: str, front: FrontMatter) -> bool:
    """Say whether the text has a field of agents, or speaks to one."""
    if any(field.name in ALL_FIELDS for field in front.fields):
        return True
    body = text[front.body.start : front.body.end].lstrip("\ufeff \t\r\n")
    return _SPEAKS_TO_AN_AGENT.match(body[:2_000]) is not None


def is_empty(field: Field) -> bool:
    """Say whether a field holds nothing: null, no words, or a list without entries."""
    value: Node | None = resolve(field.value)
    if isinstance(value, Scalar):
        return value.is_null or not value.text.strip()
    return isinstance(value, Sequence) and not value.items
