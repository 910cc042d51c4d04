"""An agent file holds words that a reviewer does not see.

## What it does
Reports characters in agent files that take no room or turn the direction of text (tag characters, zero-width and bidi
marks, runs of variation selectors), and HTML comments that give orders. Characters that writing needs are left alone:
joiners within emoji and scripts that use them, flags, direction marks next to right-to-left letters.

## Why it matters
A model reads them, a person who approves the file does not. What is told to an agent there was not agreed to.

## Bad
The word before the full stop is followed by eight characters without width.

```markdown title=".claude/agents/approver.md"
---
name: approver
description: Reviews a change before it is merged
---

You say what can go wrong\u200b\u200c\u200b\u200b\u200c\u200c\u200b\u200c. <!-- <- -->
```

## Good
```markdown title=".claude/agents/approver.md"
---
name: approver
description: Reviews a change before it is merged
---

You say what can go wrong.
```

## Fix
Takes invisible characters out; what is seen stays. Unsafe for a comment: the agent is told less afterwards.

## References
- [Unicode: security considerations](https://www.unicode.org/reports/tr36/)
- [OWASP: prompt injection](https://genai.owasp.org/llmrisk/llm01-prompt-injection/)

## Equivalent rules
- `skillsaw:security-hidden-instructions`
- `skillsaw:security-invisible-unicode`
"""

from collections.abc import Iterator

from rollsafe.artefacts.agent_file import AgentDefinition
from rollsafe.artefacts.agent_file.hidden import Hidden, ordering_comments, unseen
from rollsafe.rules import Confidence, Edit, Finding, Fix, Severity, Span, rule
from rollsafe.rules.api import Safety


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.SAFE)
def check(agent: AgentDefinition) -> Iterator[Finding]:
    """Yield a finding for each run of unseen characters and each comment that gives orders."""
    for one in unseen(agent.file.text):
        yield _invisible(agent, one)
    for comment in ordering_comments(agent):
        yield Finding(
            comment.span,
            f"this comment is shown to nobody and tells `{agent.name}` to `{comment.words}`",
            fixes=(Fix("Remove the comment", Safety.UNSAFE, edits=(_without(agent, comment.span),)),),
            detail="a rendered page hides the comment from whoever approves the file; a model reads it",
            severity=None if comment.is_hostile else Severity.WARNING,
            confidence=Confidence.HIGH if comment.is_hostile else Confidence.MEDIUM,
        )


def _without(agent: AgentDefinition, comment: Span) -> Edit:
    """Return the edit that removes a comment, with its lines when it is alone on them."""
    lines, text = agent.file.lines, agent.file.text
    first, last = lines.line_of(comment.start), lines.line_of(comment.end)
    start, end = lines.line_start(first), lines.line_start(last + 1)
    alone = not text[start : comment.start].strip() and not text[comment.end : end].strip()
    return Edit(Span(start, end) if alone else comment, "")


def _invisible(agent: AgentDefinition, one: Hidden) -> Finding:
    count = one.span.end - one.span.start
    spells = f", which spell `{one.words}`" if one.words else ""
    return Finding(
        Span.of(one.span),
        f"{count} {one.kind} in the file of `{agent.name}`{spells}",
        fixes=(Fix("Remove the characters nobody sees", Safety.SAFE, edits=(Edit(one.span, ""),)),),
        detail="a model reads these characters, whoever approves the file does not see them",
        severity=None if one.is_hostile else Severity.WARNING,
    )
