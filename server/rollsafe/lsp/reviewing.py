"""A model's review of one open file: asked for by command, shown as remarks until the text changes."""

import os
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine import RuleSet, installed_agents
from rollsafe.engine.found import Found
from rollsafe.lsp.configuration import UserSettings
from rollsafe.lsp.roots import Root
from rollsafe.lsp.shapes import Diagnostic
from rollsafe.lsp.to_lsp import range_in
from rollsafe.review import (
    MODELS,
    KnownFinding,
    NodeRange,
    PassedRule,
    Remark,
    ReviewFile,
    ReviewKey,
    ReviewRequest,
    ReviewSettings,
)
from rollsafe.review.anchoring import SOURCE
from rollsafe.rules import Rule
from rollsafe.rules.agent import Agent
from rollsafe.text import Encoding

_SEVERITIES: Final = {"info": 3, "hint": 4}


def settings_of(user: UserSettings) -> ReviewSettings:
    """Return how the user wants a model to be asked.

    Editors let a workspace add to the user's settings. The address comes from the environment, which a
    workspace has no part in, and a model has to be one of those with a name of ours.
    """
    standard = ReviewSettings()
    return ReviewSettings(
        enabled=user.ai_enabled,
        model=user.ai_model if user.ai_model in MODELS else standard.model,
        base_url=os.environ.get("ANTHROPIC_BASE_URL") or standard.base_url,
    )


def requests_for(root: Root, file: SourceFile) -> Iterator[ReviewRequest]:
    """Yield a question of each agent that has rules for something in the file."""
    artefact = root.artefact(file.path)
    if artefact is None:
        return
    running = RuleSet.of(installed_agents(), root.configured.settings).names
    for agent in installed_agents():
        rules = [rule for rule in agent.rules if rule.name in running]
        about = [rule for rule in rules if any(isinstance(e, rule.subjects) for e in artefact.elements)]
        if about:
            yield _request(agent, about, file, list(artefact.elements), root.findings(file.path))


def remark(file: SourceFile, said: Remark, encoding: Encoding) -> Diagnostic:
    """Return what is shown of a remark; it never looks like a finding of a rule."""
    return {
        "range": range_in(file.lines, said, encoding),
        "severity": _SEVERITIES.get(said.severity, 4),
        "code": said.key,
        "source": SOURCE,
        "message": f"{said.message}: {said.why}" if said.why else said.message,
    }


def _request(
    agent: Agent,
    rules: list[Rule],
    file: SourceFile,
    elements: list[Element],
    found: tuple[Found, ...],
) -> ReviewRequest:
    names = {id(element): f"{type(element).__name__}-{n}" for n, element in enumerate(elements, 1)}
    nodes = tuple(NodeRange(names[id(e)], *_lines(file, e)) for e in elements)
    known = tuple(KnownFinding(one.rule.name, file.line_number(one.span), one.message) for one in found)
    spoken = {(one.rule.name, one.subject.start, one.subject.end) for one in found}
    passed = tuple(
        PassedRule(rule.name, names[id(element)])
        for rule in rules
        for element in elements
        if isinstance(element, rule.subjects) and (rule.name, element.start, element.end) not in spoken
    )
    keys = tuple(ReviewKey(rule.name, rule.summary) for rule in rules)
    shown = ReviewFile(file.path, file.text, nodes, known, passed)
    return ReviewRequest(agent.name, agent.persona, keys, (shown,))


def _lines(file: SourceFile, element: Element) -> tuple[int, int]:
    lines = file.lines
    return lines.line_of(element.start) + 1, lines.line_of(max(element.start, element.end - 1)) + 1
