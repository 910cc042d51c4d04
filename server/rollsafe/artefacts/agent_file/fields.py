"""The fields of agent files, by the tool that reads them."""

from typing import Final

CLAUDE: Final = frozenset({
    "name", "description", "tools", "disallowedTools", "model", "effort", "permissionMode", "mcpServers",
    "hooks", "maxTurns", "skills", "initialPrompt", "memory", "background", "isolation", "color",
})  # fmt: skip
COPILOT: Final = frozenset({
    "name", "description", "tools", "model", "agents", "handoffs", "argument-hint", "user-invocable",
    "user-invokable", "disable-model-invocation", "infer", "target", "mcp-servers", "hooks", "metadata",
})  # fmt: skip
CURSOR: Final = frozenset({"name", "description", "model", "readonly", "is_background"})
OPENCODE: Final = frozenset({
    "name", "description", "mode", "model", "variant", "prompt", "temperature", "top_p", "tools",
    "permission", "disable", "hidden", "color", "steps", "maxSteps", "options",
})  # fmt: skip
ROLLSAFE: Final = frozenset({
    "name", "title", "description", "artefacts", "plan-sections", "triggers", "examples", "aliases",
    "commands",
    "model", "effort", "color", "tools", "disallowedTools", "maxTurns", "rollsafe",
})  # fmt: skip
CUSTOMARY: Final = frozenset({
    "version", "license", "author", "category", "tags", "priority", "displayName", "display_name",
    "when_to_use", "capabilities", "proactive", "globs", "alwaysApply", "applyTo", "allowed-tools",
    "disallowed-tools", "model_tier", "type", "role", "keywords", "title", "id", "status", "created",
    "updated", "extends", "includes", "imports",
})  # fmt: skip
"""What people write for themselves, or for tools of their own; nobody takes it for a misspelling."""

ALL_FIELDS: Final = CLAUDE | COPILOT | CURSOR | OPENCODE | ROLLSAFE | CUSTOMARY
HONOURED: Final = frozenset({
    "name", "description", "title", "triggers", "examples", "artefacts", "model", "color", "rollsafe",
})  # fmt: skip
"""What has an effect here in a file that adds an agent; everything else is read and told to have none."""

PROSE: Final = frozenset({"description", "when_to_use", "argument-hint", "initialPrompt", "prompt"})
"""Fields that hold sentences."""
