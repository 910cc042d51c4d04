"""Edits of the front matter of agent files."""

from rollsafe.artefacts.agent_file import PROSE, AgentDefinition
from rollsafe.formats.front_matter import Field, read_front_matter
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import eol_of
from rollsafe.rules.api import Fix, Safety
from rollsafe.text import Edit, Span, apply_edits

_INDENT = "  "


def as_block_scalars(agent: AgentDefinition) -> Fix | None:
    """Return the fix that writes every text YAML refuses as a block scalar.

    None where something else is wrong as well, or the text would not be the same afterwards.
    """
    refused = [field for field in agent.front.fields if field.refused]
    if not refused or any(field.name not in PROSE for field in refused):
        return None
    edits = tuple(_block_edit(agent, field) for field in refused)
    again = read_front_matter(apply_edits(agent.file.text, edits), frozenset())
    if again.problems or [f.name for f in again.fields] != [f.name for f in agent.front.fields]:
        return None
    for before, after in zip(agent.front.fields, again.fields, strict=True):
        if before.refused and _words(before) != _words(after):
            return None
    named = ", ".join(f"`{field.name}`" for field in refused)
    return Fix(f"Write {named} as a block scalar", Safety.SAFE, edits=edits)


def remove_field(agent: AgentDefinition, field: Field, title: str) -> Fix:
    """Return the unsafe fix that takes a field out, with its lines."""
    lines = agent.file.lines
    first, last = lines.line_of(field.start), lines.line_of(max(field.end - 1, field.start))
    edit = Edit(Span(lines.line_start(first), lines.line_start(last + 1)), "")
    return Fix(title, Safety.UNSAFE, edits=(edit,))


def _words(field: Field) -> str | None:
    return field.value.text if isinstance(field.value, Scalar) else None


def _block_edit(agent: AgentDefinition, field: Field) -> Edit:
    words = _words(field) or ""
    # A first line that begins with a blank would set the indentation; the digit sets it instead.
    header = "|2-" if words[:1] in " \n" else "|-"
    lines = (f"{_INDENT}{line}" if line.strip() else "" for line in words.split("\n"))
    text = f" {header}\n" + "\n".join(lines)
    after = agent.file.text.find(":", field.key.end) + 1
    return Edit(Span(after, field.end), text.replace("\n", eol_of(agent.file.text)))
