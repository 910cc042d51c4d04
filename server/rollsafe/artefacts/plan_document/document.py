"""A plan as a document: its sections, its status, and whether it speaks of rollback, risks and proof."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.markdown import Cell, Heading, Markdown
from rollsafe.text import Located, Span
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_LABEL_SIGNS: Final = r"[\s>*_+\-\[\]xX\d.)]*"
_PLACEHOLDER = lazily(
    r"[\W_]*(?:tb[da]|to[\s-]?do|wip|fill (?:me )?in|coming soon"
    r"|to be (?:done|determined|defined|written|added|decided|filled in|discussed))?[\W_]*",
    re.I,
)
_LOOKING_BACK = lazily(
    r"\b(?:context|background|history|motivation|problem|status quo|current (?:state|situation))\b",
    re.I,
)
_STATUS = lazily(_LABEL_SIGNS + r"status\b[*_\s]*:[*_\s]*(?P<value>[^\r\n|]{1,200})", re.I)
_STRUCK = lazily(r"~~[^~]{0,200}~~")
_WORD = lazily(r"[A-Za-z][\w-]*")
_SETTLED: Final = frozenset(
    (
        *("superseded", "rejected", "deprecated", "withdrawn", "abandoned", "obsolete", "declined"),
        *("cancelled", "canceled", "replaced", "archived", "closed", "retired"),
        *("implemented", "done", "complete", "completed", "finished", "shipped", "released"),
    )
)


_OPERATIONAL = lazily(
    r"\b(?:roll(?:ing)?[\s-]?outs?|deploy(?:ment|ments|ing)?|migrations?|cut-?overs?|backfills?|releases?"
    r"|go[\s-]?live|launch|production|downtime|maintenance window|switch-?over)\b",
    re.I,
)


class PlanKind(StrEnum):
    """What sort of plan a document is."""

    PLAN = "plan"
    ADR = "adr"
    RFC = "rfc"
    DESIGN = "design"
    ROLLOUT = "rollout"


class Topic:
    """Something a plan has to speak of: by heading, label or column, or in passing in its prose."""

    def __init__(self, named: str, said: str) -> None:
        """Make a topic from two regular expressions: what headings call it, what prose says."""
        self.heading = re.compile(rf"\b(?:{named})\b", re.I)
        self.label = re.compile(rf"{_LABEL_SIGNS}(?:{named})\b[^:\r\n|]{{0,60}}:", re.I)
        self.prose = re.compile(rf"\b(?:{said})\b", re.I)


ROLLBACK: Final = Topic(
    r"roll(?:ing|ed|s)?[\s-]?backs?|back(?:ing)?[\s-]?out|revert(?:ing)?|undo(?:ing)?|recovery"
    r"|abort(?:ing)?|fall[\s-]?backs?|restore|contingency|reversib(?:le|ility)|point of no return",
    r"roll(?:ing|ed|s)?[\s-]?backs?|back(?:ing|ed)?[\s-]out|revert(?:ing|ed|s)?|rollout undo"
    r"|undone|irreversible",
)
RISKS: Final = Topic(
    r"risks?|mitigations?|failure (?:modes?|scenarios?)|what (?:can|could|might|may) go wrong"
    r"|drawbacks?|concerns?|downsides?|hazards?|trade-?offs?|consequences|pre-?mortem",
    r"risks?|risky|mitigat(?:e|es|ed|ion|ions)",
)
VALIDATION: Final = Topic(
    r"validat(?:e|ion|ing)|verif(?:y|ying|ication)|tests?|testing|acceptance|exit criteria|smoke"
    r"|success (?:criteria|metrics)|done[\s-]when|definition of done|health checks?|checks?"
    r"|checklist|qa|quality assurance",
    r"verif(?:y|ies|ied|ication)|validat(?:e|es|ed|ion)|smoke[\s-]tests?|(?:confirm|check) that",
)


class Status(NamedTuple):
    """The status a document gives itself, as written."""

    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """The first word that is not struck out, in lower case."""
        found = _WORD.search(_STRUCK.sub("", self.text))
        return found[0].lower() if found else ""

    @property
    def is_settled(self) -> bool:
        """Whether nobody will carry the plan out any more: done, dropped or replaced."""
        return self.word in _SETTLED


class Section:
    """A heading and what is under it, deeper headings included; `start` and `end` bound the body."""

    __slots__ = ("document", "end", "heading", "start")

    def __init__(self, document: "PlanDocument", heading: Heading, end: int) -> None:
        self.document = document
        self.heading = heading
        self.start = heading.end
        self.end = end

    def __repr__(self) -> str:
        return f"Section({self.heading.text!r})"

    @property
    def text(self) -> str:
        """The body as written."""
        return self.document.file.text[self.start : self.end]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said in it but `TBD` and the like."""
        texts = map(self.document.file.slice, self.document.parts_between(self.start, self.end))
        return all(_PLACEHOLDER.fullmatch(text[:200].strip()) for text in texts)


class PlanDocument(Element):
    """A plan, decision record, RFC, design or rollout document."""

    family = "plan-documents"

    def __init__(self, file: SourceFile, markdown: Markdown, kind: PlanKind) -> None:
        super().__init__(file, 0, len(file.text))
        self.markdown = markdown
        self.kind = kind

    @cached_property
    def title(self) -> Heading | None:
        """The first heading of the highest level there is."""
        return min(self.markdown.headings, key=lambda heading: heading.level, default=None)

    @property
    def title_node(self) -> Heading | Span:
        """Where to point when the document as a whole is meant: its title, else its beginning."""
        return self.title or Span(0, self.file.lines.line_end(0))

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The sections in source order, the title's left out; deeper ones are inside of others too."""
        ends: list[int] = []
        behind: list[Heading] = []
        for heading in reversed(self.markdown.headings):
            while behind and behind[-1].level > heading.level:
                behind.pop()
            ends.append(behind[-1].start if behind else len(self.file.text))
            behind.append(heading)
        pairs = zip(self.markdown.headings, reversed(ends), strict=True)
        return tuple(Section(self, h, end) for h, end in pairs if h is not self.title)

    def parts_between(self, start: int, end: int) -> list[Located]:
        """Return the paragraphs, items, tables and fenced blocks that begin in a stretch of text."""
        at = bisect_left(self._parts, start, key=_start_of)
        return self._parts[at : bisect_left(self._parts, end, key=_start_of)]

    @cached_property
    def _parts(self) -> list[Located]:
        markdown = self.markdown
        parts: list[Located] = [*markdown.blocks, *markdown.tables, *markdown.fences]
        return sorted(parts, key=_start_of)

    def section_named(self, *patterns: str) -> Section | None:
        """Return the first section whose heading has words matching one of the regular expressions."""
        wanted = re.compile(rf"\b(?:{'|'.join(patterns)})\b", re.I)
        return next((s for s in self.sections if wanted.search(s.heading.text)), None)

    def section_about(self, topic: Topic) -> Section | None:
        """Return the first section that is about `topic`."""
        return next((s for s in self.sections if topic.heading.search(s.heading.text)), None)

    @cached_property
    def has_rollback(self) -> bool:
        """Whether it says anywhere how to go back."""
        return self.speaks_of(ROLLBACK)

    @cached_property
    def has_risks(self) -> bool:
        """Whether it says anywhere what can go wrong."""
        return self.speaks_of(RISKS)

    @cached_property
    def has_validation(self) -> bool:
        """Whether it says anywhere how to see that it worked."""
        return self.speaks_of(VALIDATION)

    def speaks_of(self, topic: Topic) -> bool:
        """Say whether `topic` has a section, a label or a column, or is spoken of in the plan itself.

        Prose about the past (context, background) does not count.
        """
        if self.section_about(topic) is not None:
            return True
        if any(topic.heading.search(cell.text) for cell in self._leading_cells()):
            return True
        return any(topic.label.match(part) or topic.prose.search(part) for part in self._prose())

    @cached_property
    def status(self) -> Status | None:
        """The status the document gives itself: in front matter, a label, a table or a section."""
        for field in self.markdown.fields:
            if field.name.casefold() == "status" and field.value:
                return Status(field.value, field.start, field.end)
        return self._labelled_status() or self._tabled_status() or self._status_section()

    @property
    def is_live(self) -> bool:
        """Whether the plan may still be carried out, as far as its status tells."""
        return self.status is None or not self.status.is_settled

    @property
    def is_proposal(self) -> bool:
        """Whether it argues for something, so that what carries it out may be written later and elsewhere."""
        return self.kind in (PlanKind.ADR, PlanKind.RFC, PlanKind.DESIGN)

    @cached_property
    def is_operational(self) -> bool:
        """Whether carrying it out changes what runs: it is, or has a section about, a rollout."""
        if self.kind is PlanKind.ROLLOUT:
            return True
        return any(_OPERATIONAL.search(heading.text) for heading in self.markdown.headings)

    def places_naming(self, names: Iterable[str]) -> Iterator[tuple[str, Span]]:
        """Yield every whole word of the prose and tables that is one of `names`, with its place."""
        words = sorted(map(re.escape, set(names) - {""}), key=len, reverse=True)
        if not words:
            return
        wanted = re.compile(rf"(?<![\w-])(?:{'|'.join(words)})(?![\w-])")
        parts: list[Located] = [*self.markdown.blocks, *self.markdown.tables]
        for part in sorted(parts, key=_start_of):
            for found in wanted.finditer(self.file.text, part.start, part.end):
                yield found[0], Span(*found.span())

    def graph_keys(self) -> Iterable[str]:
        """Return `document:` its kind."""
        return (f"document:{self.kind}",)

    def _leading_cells(self) -> Iterator[Cell]:
        """Yield the cells that name something: those of headers, and the first of every row."""
        for table in self.markdown.tables:
            yield from table.header
            yield from (row[0] for row in table.rows if row)

    def _prose(self) -> Iterator[str]:
        """Yield what is said outside of sections about the past."""
        at = 0
        for section in self.sections:
            if section.start >= at and _LOOKING_BACK.search(section.heading.text):
                yield from map(self.file.slice, self.parts_between(at, section.start))
                at = section.end
        yield from map(self.file.slice, self.parts_between(at, len(self.file.text) + 1))

    def _labelled_status(self) -> Status | None:
        """Return the status of a `Status: …` line before the second section."""
        end = self.sections[1].start if len(self.sections) > 1 else len(self.file.text)
        for block in self.markdown.blocks:
            if block.start >= end:
                break
            lines = self.file.lines
            for line in range(lines.line_of(block.start), lines.line_of(block.end) + 1):
                found = _STATUS.match(self.file.text, lines.line_start(line), lines.line_end(line))
                if found is not None:
                    return _status(found["value"], found.start("value"))
        return None

    def _tabled_status(self) -> Status | None:
        for table in self.markdown.tables[:1]:
            for row in (table.header, *table.rows):
                if len(row) > 1 and row[0].text.strip("*_ :").casefold() == "status":
                    return _status(row[1].text, row[1].start)
        return None

    def _status_section(self) -> Status | None:
        section = next((s for s in self.sections if s.heading.text.casefold() == "status"), None)
        if section is None:
            return None
        for block in self.markdown.blocks:
            if section.start <= block.start < section.end:
                first_line = self.file.slice(block).split("\n", 1)[0]
                return _status(first_line, block.start)
        return None


def _status(text: str, start: int) -> Status | None:
    value = text.strip("*_`[] \t\r")
    start += text.find(value)
    return Status(value, start, start + len(value)) if value else None


def _start_of(part: Located) -> int:
    return part.start
