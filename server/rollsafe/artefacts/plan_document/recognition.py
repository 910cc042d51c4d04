"""Which Markdown files are plans: by where they lie or what they are called, and by their headings."""

import re
from typing import ClassVar, Final

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.plan_document.document import PlanDocument, PlanKind
from rollsafe.artefacts.plan_document.mentions import mentions_of
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.markdown import Markdown, read_markdown
from rollsafe.text.patterns import lazily

_WORDS = lazily(r"[a-z]+|\d+")
_NEVER: Final = frozenset(
    (
        *("readme", "changelog", "changes", "contributing", "license", "security", "support"),
        *("history", "authors", "maintainers", "governance", "notice", "index", "summary", "toc"),
        *("agents", "claude", "copilot", "template", "templates", "codeowners", "glossary"),
    )
)
_NEVER_BELOW: Final = frozenset(
    (
        *("node_modules", "vendor", "third_party", "site-packages"),
        *("template", "templates", "skills", "prompts", "fixtures", "testdata"),
    )
)
_DIRECTORIES: Final[dict[str, PlanKind]] = {
    **dict.fromkeys(("adr", "adrs", "decisions", "decision-records"), PlanKind.ADR),
    **dict.fromkeys(("architecture-decisions", "architecture_decisions"), PlanKind.ADR),
    **dict.fromkeys(("rfc", "rfcs", "proposals", "enhancements", "keps"), PlanKind.RFC),
    **dict.fromkeys(("plan", "plans", "implementation-plans"), PlanKind.PLAN),
    **dict.fromkeys(("rollout", "rollouts", "release-plans", "migration-plans"), PlanKind.ROLLOUT),
    **dict.fromkeys(("design", "designs", "design-docs", "design_docs"), PlanKind.DESIGN),
}
_NAMES: Final = (
    ({"rollout", "cutover"}, PlanKind.ROLLOUT),
    ({"adr"}, PlanKind.ADR),
    ({"rfc"}, PlanKind.RFC),
    ({"plan"}, PlanKind.PLAN),
    ({"design"}, PlanKind.DESIGN),
)
_ROLLOUT_PLANS: Final = frozenset({"release", "deployment", "deploy", "migration", "upgrade", "launch"})

_ACTION: Final = (
    r"plans?|roll-?outs?|implementation|steps?|phases?|stages?|milestones?|deploy(?:ment)?|migration"
    r"|cut-?over|backfill|release|tasks?|timeline|procedure|execution|sequence|work breakdown"
)
_REASONING: Final = (
    r"context|background|summary|abstract|overview|motivation|problem|goals?|non-goals?|objectives?"
    r"|scope|requirements|proposal|proposed|approach|strategy|design|architecture|alternatives"
    r"|options|drawbacks|trade-?offs?|open questions|unresolved|decision|rationale|data model"
    r"|data flow"
)
_CARE: Final = (
    r"risks?|consequences|status|compatibility|security|testing|test|validation|verification|checks?"
    r"|checklist|monitoring|rollback|roll back|dependencies|prerequisites|success criteria|owners?"
)
_RECORD: Final = r"context|decision|consequences|status|options|drivers|alternatives|rationale|problem"


def _headings(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words})\b", re.I)


_ACTION_HEADING = _headings(_ACTION)
_PLAN_HEADING = _headings(f"{_ACTION}|{_REASONING}|{_CARE}")
_DESIGN_HEADING = _headings(_REASONING)
_RECORD_HEADING = _headings(_RECORD)
_FILL_IN = lazily(
    r"\[[^\]\r\n]{0,60}\b(?:title|name|number|feature|project|decision|short|xx+)\b[^\]\r\n]{0,60}\]"
    r"|\{[^}\r\n]{1,80}\}|X{3}|N{3}|\btemplate\b",
    re.I,
)
_CHOICE_OF_STATUS = lazily(r"\b(?:draft|proposed|accepted)\]?\s*[|/]\s*\[?[A-Za-z]", re.I)


class PlanFile(Artefact):
    """The view of a plan: the document, followed by what it mentions."""

    kind: ClassVar[str] = "plan-document"


def recognise(file: SourceFile) -> PlanFile | None:
    """Return the view of a Markdown file that is a plan, else None."""
    kind = _kind_by_path(file)
    if kind is None:
        return None
    markdown = read_markdown(file.text)
    if not _reads_like(kind, markdown) or _is_template(markdown):
        return None
    document = PlanDocument(file, markdown, kind)
    elements: list[Element] = [document, *mentions_of(document)]
    return PlanFile(file, elements, markdown.problems)


def _kind_by_path(file: SourceFile) -> PlanKind | None:
    parts = file.directory.lower().split("/")
    words = _WORDS.findall(file.name.rpartition(".")[0].lower())
    if not words or words[0] in _NEVER or {"template", "prompt", "skill"}.intersection(words):
        return None
    if _NEVER_BELOW.intersection(parts) or any(part.startswith(".") for part in parts):
        return None
    if "plan" in words and _ROLLOUT_PLANS.intersection(words):
        return PlanKind.ROLLOUT
    for names, kind in _NAMES:
        if names.intersection(words):
            return kind
    return next((_DIRECTORIES[part] for part in reversed(parts) if part in _DIRECTORIES), None)


def _reads_like(kind: PlanKind, markdown: Markdown) -> bool:
    """Say whether the headings below the title are those of a plan of this kind."""
    headings = [heading.text for heading in markdown.headings[1:]]
    if kind is PlanKind.ADR:
        return _matching(_RECORD_HEADING, headings) >= 2
    if kind in (PlanKind.RFC, PlanKind.DESIGN):
        return _matching(_DESIGN_HEADING, headings) >= 2
    has_action = _matching(_ACTION_HEADING, headings) >= 1
    return has_action and _matching(_PLAN_HEADING, headings) >= 2


def _matching(pattern: re.Pattern[str], texts: list[str]) -> int:
    return sum(pattern.search(text) is not None for text in texts)


def _is_template(markdown: Markdown) -> bool:
    """Say whether the document is a form: its title has a blank, or its status is a choice."""
    for heading in markdown.headings[:1]:
        if _FILL_IN.search(markdown.text, heading.start, heading.end):
            return True
    head = markdown.text[: markdown.headings[1].end] if len(markdown.headings) > 1 else ""
    return _CHOICE_OF_STATUS.search(head[:2_000]) is not None
