"""`agent.md`: who an agent is, and what a model may be asked on its behalf.

The section `Review keys` holds one heading for each thing a model may remark on: its question, and a list
of what counts as evidence, what does not, which kinds of file it looks at, which rules report the same, and
what proves it.
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.agent_file import AgentProfile, profile_of
from rollsafe.artefacts.agent_file.definition import agent_of
from rollsafe.formats.markdown import Heading, Markdown, read_markdown
from rollsafe.text.tuples import NamedTuple

_SECTION: Final = "Review keys"
_NAME: Final = re.compile(r"[a-z]+(?:-[a-z]+)+")
_PART: Final = re.compile(
    r"[-*+]\s+(?P<label>Evidence|No evidence|Looks at|Rules|Proof):\s*(?P<text>.*)", re.S
)


class ReviewCheck(NamedTuple):
    """What a model may remark on. `kinds` are kinds of artefacts; `rules` report the same hazard.

    `proof` is what has to be found in the files for a remark to count as checked; without one, none does.
    """

    name: str
    question: str
    evidence: str
    no_evidence: str
    kinds: tuple[str, ...]
    rules: tuple[str, ...]
    proof: str = ""


class AgentFile(NamedTuple):
    """The parts of an `agent.md`; `persona` is what it says besides front matter and review keys."""

    persona: str
    checks: tuple[ReviewCheck, ...]
    profile: AgentProfile


def read_agent_file(text: str) -> AgentFile:
    """Read an `agent.md`. A review key that lacks a part a model needs is left out."""
    text = text.replace("\r\n", "\n").removeprefix("\ufeff")
    document = read_markdown(text)
    section = next((n for n, h in enumerate(document.headings) if (h.level, h.text) == (2, _SECTION)), None)
    agent = agent_of(text)
    begin, profile = agent.front.body.start, profile_of(agent)
    if section is None:
        return AgentFile(text[begin:].strip(), (), profile)
    start, end = document.headings[section].start, _end_of(document, section)
    persona = f"{text[begin:start].rstrip()}\n{text[end:]}".strip()
    keys = [(n, h) for n, h in enumerate(document.headings) if h.level == 3 and start < h.start < end]
    found = (_check(document, heading, _end_of(document, n)) for n, heading in keys)
    return AgentFile(persona, tuple(check for check in found if check is not None), profile)


def _end_of(document: Markdown, at: int) -> int:
    """Return where the section of a heading ends: at the next heading of its level or above."""
    level = document.headings[at].level
    return next((h.start for h in document.headings[at + 1 :] if h.level <= level), len(document.text))


def _check(document: Markdown, heading: Heading, end: int) -> ReviewCheck | None:
    blocks = [block for block in document.blocks if heading.end <= block.start < end]
    question = next((_words(document.text[b.start : b.end]) for b in blocks if not b.is_item), "")
    parts = dict(_parts(document.text[b.start : b.end] for b in blocks if b.is_item))
    evidence, no_evidence = parts.get("Evidence", ""), parts.get("No evidence", "")
    kinds = _listed(parts.get("Looks at", ""))
    if not (_NAME.fullmatch(heading.text) and question and evidence and no_evidence and kinds):
        return None
    rules, proof = _listed(parts.get("Rules", "")), parts.get("Proof", "")
    return ReviewCheck(heading.text, question, evidence, no_evidence, kinds, rules, proof)


def _parts(items: Iterator[str]) -> Iterator[tuple[str, str]]:
    for item in items:
        match = _PART.match(item.strip())
        if match:
            yield match["label"], _words(match["text"])


def _words(text: str) -> str:
    return " ".join(text.split())


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part for name in text.split(",") if (part := name.strip()))
