"""When an agent is to be called, as its file says it: words, examples, kinds of files."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.agent_file.definition import AgentDefinition
from rollsafe.artefacts.agent_file.role import Role
from rollsafe.artefacts.agent_file.subjects import kinds_spoken_of
from rollsafe.text.tuples import NamedTuple

_CHARS: Final = 20_000
_MOST: Final = 40
_BLOCK = re.compile(
    r"<(?P<tag>example|task_call)>(?P<body>(?:(?!<(?:example|task_call)>).){0,4000}?)</(?P=tag)>", re.S
)
_SAID = re.compile(
    r"^[ \t]*(?:user|context|task|description|prompt)[ \t]*[:=](?P<words>[^\n]+)$", re.I | re.M
)
_BULLET = re.compile(r"^[ \t]*(?:[-*+\u2022]|\d{1,2}[.)])[ \t]+(?P<words>\S[^\n]*)$", re.M)
_NEVER = re.compile(r"^## [^\n]*\b(?:never|not)\b[^\n]*\n(?:(?!## )[^\n]*(?:\n|\Z))*", re.M)
COLORS: Final = frozenset({"red", "blue", "green", "yellow", "purple", "orange", "pink", "cyan"})
"""What an agent's name may be shown in."""

_TAG = re.compile(r"</?[a-z_]{1,20}>")


class AgentProfile(NamedTuple):
    """What an agent says about itself.

    `purpose` is its description without the examples; `examples` are tasks it is called for; `triggers` are
    words of such tasks; `told` is what it is told, but for what it is told not to do; `kinds` are kinds of
    artefacts; `duties` is what it answers for, item by item. `aliases` are further names, `commands` of the
    command line belong to it. All but name and purpose may be empty. `role` is what part an agent of a file
    takes, `looks_at` the kinds of files that are shown to it where the role names no files.
    """

    name: str
    title: str = ""
    description: str = ""
    purpose: str = ""
    examples: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    model: str = ""
    color: str = ""
    told: str = ""
    duties: tuple[str, ...] = ()
    role: Role = Role()
    looks_at: tuple[str, ...] = ()


def profile_of(agent: AgentDefinition) -> AgentProfile:
    """Return what an agent's front matter says."""
    purpose, examples = _divided(agent.description[:_CHARS])
    kinds, title = agent.listed("artefacts"), agent.text_of("title")
    color = agent.text_of("color").lower()
    return AgentProfile(
        name=agent.name,
        title=title,
        description=agent.description,
        purpose=purpose,
        examples=(*agent.listed("examples"), *examples)[:_MOST],
        triggers=agent.listed("triggers"),
        kinds=kinds,
        aliases=agent.listed("aliases"),
        commands=agent.listed("commands"),
        model=agent.text_of("model"),
        color=color if color in COLORS else "",
        told=_NEVER.sub("", agent.body[:_CHARS]),
        role=agent.role,
        looks_at=kinds or kinds_spoken_of(f"{agent.name.replace('-', ' ')} {title} {purpose}"),
    )


def _divided(description: str) -> tuple[str, tuple[str, ...]]:
    """Return a description without its examples, and what a user says in each of those."""
    blocks = [match["body"] for match in _BLOCK.finditer(description)]
    rest = _TAG.sub(" ", _BLOCK.sub(" ", description)) if blocks else description
    bullets = [match["words"].strip() for match in _BULLET.finditer(rest)]
    said = (words for block in blocks for words in _said(block))
    return " ".join(_BULLET.sub(" ", rest).split()), tuple(dict.fromkeys([*said, *bullets]))


def _said(block: str) -> Iterator[str]:
    """Yield the lines of an example that say what the task is; all of it where no line is marked."""
    found = [match["words"].strip("\"' \t") for match in _SAID.finditer(block)]
    yield from found or [" ".join(_TAG.sub(" ", block).split())]
