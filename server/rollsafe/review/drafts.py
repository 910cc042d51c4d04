"""A fix or an explanation that a user asks for, of one finding or one remark.

What a model writes as a fix is offered only after the rules have looked at the result; otherwise it is
text to read.
"""

import difflib
from datetime import date

import msgspec

from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.discovery import installed_agents
from rollsafe.engine.found import Found
from rollsafe.engine.project import Project
from rollsafe.review.anchoring import Provenance, Remark
from rollsafe.review.asking import ask
from rollsafe.review.draft_prompt import DRAFT_VERSION, EXPLAIN_VERSION, draft_payload, explain_payload
from rollsafe.review.plain import plain
from rollsafe.review.process import Cancel
from rollsafe.review.questions import Reviewed, review_file, within_reason
from rollsafe.review.redaction import secrets_in
from rollsafe.review.replacement import ReplacementError, edits_for
from rollsafe.review.request import KnownFinding, NodeRange, ReviewFile, ReviewRequest
from rollsafe.review.settings import ReviewSettings
from rollsafe.review.verification import IsGone, finding_is_gone, line_is_gone, objections_to
from rollsafe.text import Edit, apply_edits
from rollsafe.text.records import record
from rollsafe.text.tuples import NamedTuple

_WHOLE = "whole-file"
_PARAGRAPHS = 12


class Hazard(NamedTuple):
    """What is asked about: a finding of a rule, or a remark of a model, in a file of a project."""

    path: str
    agent: str
    about: Found | Remark

    @property
    def name(self) -> str:
        """The name of the rule, or of the remark's key."""
        return self.about.rule.name if isinstance(self.about, Found) else self.about.name

    @property
    def is_remark(self) -> bool:
        """Whether a model said it, and no rule."""
        return isinstance(self.about, Remark)


@record
class Draft:
    """A fix as a model wrote it. `edits` may be offered only where there are any.

    `diff` is redacted, `why` plain text; `objections` say why a diff is not offered. `reason` says why there
    is no draft at all.
    """

    reason: str = ""
    origin: Provenance | None = None
    why: str = ""
    diff: str = ""
    edits: tuple[Edit, ...] = ()
    objections: tuple[str, ...] = ()


@record
class Explanation:
    """What a model says of a hazard, as paragraphs of plain text; `reason` says why it says nothing."""

    reason: str = ""
    origin: Provenance | None = None
    paragraphs: tuple[str, ...] = ()


class _Written(msgspec.Struct):
    node_id: str
    replacement: str
    why: str


class _Said(msgspec.Struct):
    explanation: str


def explain(
    project: Project, hazard: Hazard, today: date, settings: ReviewSettings, cancel: Cancel | None = None
) -> Explanation:
    """Ask what a hazard means. `project` is analysed; blocks like `run_review`."""
    asked = ask(_request(project, hazard, today), explain_payload, EXPLAIN_VERSION, _Said, settings, cancel)
    if isinstance(asked, str):
        return Explanation(asked)
    said = msgspec.json.decode(asked.called.answer.text, type=_Said)
    lines = (plain(line, 600) for line in said.explanation.splitlines())
    return Explanation("", asked.origin, tuple(line for line in lines if line)[:_PARAGRAPHS])


def draft(
    project: Project, hazard: Hazard, today: date, settings: ReviewSettings, cancel: Cancel | None = None
) -> Draft:
    """Ask for a fix and try it. `project` is analysed and belongs to the caller alone; it is changed."""
    asked = ask(_request(project, hazard, today), draft_payload, DRAFT_VERSION, _Written, settings, cancel)
    if isinstance(asked, str):
        return Draft(asked)
    written = msgspec.json.decode(asked.called.answer.text, type=_Written)
    why = plain(written.why, 600)
    file, sent = project.snapshot.files[hazard.path], asked.redacted.sent.files[0]
    node = next((own for own in sent.nodes if own.id == written.node_id), None)
    try:
        if node is None or not node.first_line <= sent.findings[0].line <= node.last_line:
            raise ReplacementError("the model changes something else")
        edits = edits_for(file, sent, node, written.replacement)
    except ReplacementError as error:
        return Draft("", asked.origin, why, "", (), (str(error),))
    objections = ["nothing is changed"] if not edits else []
    objections += objections_to(project, file.path, apply_edits(file.text, edits), _gone(hazard, project))
    diff = _diff([line.text for line in sent.lines if _within(node, line.number)], written.replacement)
    return Draft("", asked.origin, why, diff, () if objections else tuple(edits), tuple(objections))


def _gone(hazard: Hazard, project: Project) -> IsGone:
    if isinstance(hazard.about, Found):
        return finding_is_gone(hazard.about, project)
    line = project.snapshot.files[hazard.path].lines.line_text(hazard.about.line - 1)
    return line_is_gone(hazard.path, line, project)


def _within(node: NodeRange, line: int) -> bool:
    return node.first_line <= line <= node.last_line


def _diff(before: list[str], replacement: str) -> str:
    """Return the difference as the model saw it, secrets replaced; empty lines left out."""
    after = [line.rstrip() for line in replacement.splitlines() if line.strip()]
    lines = list(difflib.unified_diff([line.rstrip() for line in before], after, n=2, lineterm=""))
    return "\n".join(line for line in lines[2:] if not line.startswith("@@"))


def _request(project: Project, hazard: Hazard, today: date) -> ReviewRequest:
    """Return a question about one file, whose first finding is the hazard."""
    agent = next((one for one in installed_agents() if one.name == hazard.agent), None)
    file = _file(project, hazard, today)
    secrets = secrets_in((file, *within_reason(project.snapshot.files.values())))
    return ReviewRequest(hazard.agent, agent.persona if agent else "", (), (file,), secrets=secrets)


def _file(project: Project, hazard: Hazard, today: date) -> ReviewFile:
    artefact = project.engine.artefact(hazard.path)
    if artefact is None:
        return ReviewFile(hazard.path, "")
    file = review_file(Reviewed(hazard.path, artefact, project.engine.findings(hazard.path)), today)
    target = _target(hazard, artefact.file)
    others = tuple(one for one in file.findings if (one.rule, one.line) != (target.rule, target.line))
    nodes = file.nodes
    if not any(_within(node, target.line) for node in nodes):
        nodes = (*nodes, NodeRange(_WHOLE, 1, len(artefact.file.lines)))
    return msgspec.structs.replace(file, findings=(target, *others), nodes=nodes)


def _target(hazard: Hazard, file: SourceFile) -> KnownFinding:
    if isinstance(hazard.about, Found):
        return KnownFinding(hazard.name, file.line_number(hazard.about.span), hazard.about.message)
    return KnownFinding(hazard.name, hazard.about.line, hazard.about.message)
