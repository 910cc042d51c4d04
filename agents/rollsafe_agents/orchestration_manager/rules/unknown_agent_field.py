"""An agent file has a field that its tool does not read.

## What it does
Reports fields in the front matter of agent files that are a misspelling of one the tool reads. With level `pedantic` also
fields of other tools and fields nobody reads.

## Why it matters
Tools ignore what they do not know. A misspelt `disallowedTools` forbids nothing, and nothing tells.

## Bad
```markdown title=".claude/agents/log-reader.md"
---
name: log-reader
description: Finds the first error in a log
disalowedTools: Bash, Write  # <-
---

You read logs and change nothing.
```

## Good
```markdown title=".claude/agents/log-reader.md"
---
name: log-reader
description: Finds the first error in a log
disallowedTools: Bash, Write
---

You read logs and change nothing.
```

## Fix
Uses the nearest field there is. Unsafe: from then on it has an effect.

## References
- [Claude Code: subagents](https://docs.anthropic.com/en/docs/claude-code/sub-agents)
- [GitHub: custom agents](https://docs.github.com/en/copilot/reference/custom-agents-configuration)

## Equivalent rules
- `skillsaw:copilot-agent-valid`
"""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from rollsafe.artefacts.agent_file import ALL_FIELDS, PLACES, AgentDefinition
from rollsafe.formats.front_matter import Field
from rollsafe.rules import Edit, Finding, Fix, Level, Severity, Span, rule
from rollsafe.rules.api import Safety
from rollsafe.text import nearest

_MOST: Final = 20
_RESTRICTING: Final = frozenset(
    {"tools", "disallowedTools", "permissionMode", "permission", "readonly", "disable", "isolation", "hooks"}
)
"""Fields whose absence gives an agent more than its author meant."""


@rule(severity=Severity.INFO, since="0.1.0", fix=Safety.UNSAFE)
def check(agent: AgentDefinition) -> Iterator[Finding]:
    """Yield a finding for each field that has no effect."""
    known = agent.place.fields
    unknown = (field for field in agent.front.fields if field.name and field.name not in known)
    for field in islice((field for field in unknown if not field.name.startswith("x-")), _MOST):
        yield _misspelt(agent, field) or _foreign(agent, field)


def _misspelt(agent: AgentDefinition, field: Field) -> Finding | None:
    if field.name in ALL_FIELDS:
        return None
    close = nearest(field.name, agent.place.fields)
    if close is None or agent.front.field(close) is not None:
        return None
    edit = Edit(Span.of(field.key), close)
    return Finding(
        field.key,
        f"`{field.name}` is no field that {agent.place.tool} reads; the nearest is `{close}`",
        fixes=(Fix(f"Write `{close}`", Safety.UNSAFE, edits=(edit,)),),
        detail=f"an unknown field is ignored without a word, so `{agent.name}` runs as if it were not there",
        severity=Severity.WARNING if close in _RESTRICTING else None,
    )


def _foreign(agent: AgentDefinition, field: Field) -> Finding:
    others = [place.tool for place in PLACES if field.name in place.fields]
    whose = f"; it is one of {' and '.join(others)}" if others else ""
    return Finding(
        field.key,
        f"`{field.name}` is no field that {agent.place.tool} reads{whose}",
        detail="an unknown field is ignored without a word",
        severity=Severity.HINT,
        level=Level.PEDANTIC,
    )
