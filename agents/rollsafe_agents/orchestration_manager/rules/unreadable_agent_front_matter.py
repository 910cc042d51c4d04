"""The front matter of an agent file is not valid YAML, so tools leave the agent out.

## What it does
Reports front matter of agent files that a YAML reader refuses: an unquoted text with `: ` in it, a line that belongs to
nothing, a mark that is missing, a field that is given twice.

## Why it matters
Tools that run agents drop a file they cannot read, most of them without a word. The agent that was to look at a change
is not there, and nobody sees that it is not.

## Bad
```markdown title=".claude/agents/release-reviewer.md"
---
name: release-reviewer
description: Use before a release. Example: user: "is 2.4 ready?" <!-- <- -->
model: inherit
---

You read the changes since the last release and say what can go wrong.
```

## Good
```markdown title=".claude/agents/release-reviewer.md"
---
name: release-reviewer
description: |-
  Use before a release. Example: user: "is 2.4 ready?"
model: inherit
---

You read the changes since the last release and say what can go wrong.
```

## Fix
Writes the text as a block scalar: every reader gets the same words. Where something else is wrong there is none.

## References
- [YAML 1.2: plain scalars](https://yaml.org/spec/1.2.2/#733-plain-style)

## Equivalent rules
- `skillsaw:claude-agent-frontmatter`
"""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from rollsafe.artefacts.agent_file import AgentDefinition
from rollsafe.rules import Finding, Severity, Span, rule
from rollsafe.rules.agent_edits import as_block_scalars
from rollsafe.rules.api import Safety

_MOST: Final = 20


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.SAFE)
def check(agent: AgentDefinition) -> Iterator[Finding]:
    """Yield a finding for front matter that is refused, and for each field that is repeated."""
    refused = next((field for field in agent.front.fields if field.refused), None)
    problem = next(iter(agent.front.problems), None)
    if problem is not None and not agent.is_refused_for_line_ends:
        fix = as_block_scalars(agent)
        subject = f"`{refused.name}` of `{agent.name}`" if refused else f"front matter of `{agent.name}`"
        yield Finding(
            refused.key if refused else Span(problem.start, agent.line_end(problem.start)),
            f"{subject} is not valid YAML: {_words(problem.message, agent)}",
            fixes=(fix,) if fix else (),
            detail=f"a reader that takes YAML at its word leaves the agent out; {agent.place.tool} may say nothing",
        )
    for field in islice(agent.front.repeated(), _MOST):
        yield Finding(
            field.key,
            f"`{field.name}` is given twice in the front matter of `{agent.name}`",
            detail="some readers refuse the file, others take the first or the last of the two",
        )


def _words(message: str, agent: AgentDefinition) -> str:
    if "mapping values are not allowed" in message:
        return "a `: ` in text without quotes begins another field"
    return message
