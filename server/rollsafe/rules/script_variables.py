"""Passing a text to a script as an environment variable instead of pasting it into the code."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.expressions import Expression, context_path, find_expressions
from rollsafe.artefacts.github_workflow import Job, Step
from rollsafe.artefacts.recognition.code_inputs import takes_javascript
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.scalar_text import ScalarOffsets, script_offsets
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.rules.api import Fix, Safety
from rollsafe.text import Edit, Span
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily
from rollsafe.text.records import open_record

_NOT_WORD: Final = lazily(r"[^A-Z0-9]+")
_DROPPED: Final = frozenset({"GITHUB", "EVENT", "INPUTS", "ENV"})
_SHELLS: Final = frozenset({"bash", "sh", "zsh"})
_POWERSHELLS: Final = frozenset({"pwsh", "powershell"})
_OF_ENVIRONMENT: Final = 2
_LONGEST_NAME: Final = 4
"""Words of an expression that make the name of its variable."""


@open_record
class PastedText:
    """An expression in the code of a step; `scalar` is the whole code."""

    step: Step
    scalar: Scalar
    expression: Expression

    @cached_property
    def offsets(self) -> ScalarOffsets:
        """Maps offsets in the code to offsets in the file."""
        return script_offsets(self.step.file.text_for(self.scalar), self.scalar)

    @property
    def place(self) -> Span:
        """Where the expression stands in the file."""
        return self.place_of(self.expression)

    def place_of(self, expression: Expression) -> Span:
        """Return where an expression of the code stands in the file."""
        return Span(self.offsets(expression.start), self.offsets(expression.end))

    @property
    def text(self) -> str:
        """The inside of the expression as written."""
        return self.scalar.text[self.expression.inner_start : self.expression.inner_end].strip()


def pass_as_variable(pasted: PastedText) -> Iterator[Fix]:
    """Yield the fix that reads the text from a variable, where the language and the place allow it."""
    step, scalar = pasted.step, pasted.scalar
    shared = not step.start <= scalar.start < step.end
    if shared or scalar.block == ">":
        return
    source = step.file.slice(pasted.place)
    if not (source.startswith("${{") and source.endswith("}}")):
        return
    own = _own_variable(pasted)
    name = own or _variable(source)
    env = () if own else _environment(step, name, source)
    if env is None:
        return
    if step.run is None:
        yield from _in_javascript(pasted, name, env)
        return
    shell = shell_of(step)
    quote = quote_before(scalar.text, pasted.expression.start)
    if quote == "'" or shell not in _SHELLS | _POWERSHELLS:
        return
    value = _read(name, quote, shell)
    if step.file.text[scalar.start] == '"':
        value = value.replace('"', '\\"')
    edits = tuple(Edit(span, value) for span in _alike(pasted, source, quote))
    safety = Safety.SAFE if quote == '"' or shell in _POWERSHELLS else Safety.UNSAFE
    title = f"Read the variable `{name}`" if own else f"Pass it through the variable `{name}`"
    yield Fix(title, safety, edits=(*edits, *env))


def shell_of(step: Step) -> str:
    """Return the name of the shell a step runs in."""
    return shell_name(step.shell) or ("pwsh" if step.owner.runs_on_windows else "bash")


def shell_name(shell: str) -> str:
    """Return the name of a shell without its directory, options and `.exe`; nothing for nothing."""
    first, *_ = (*shell.split(), "")
    return re.split(r"[/\\]", first)[-1].removesuffix(".exe")


def _read(name: str, quote: str, shell: str) -> str:
    if shell in _POWERSHELLS:
        return f"${{env:{name}}}"
    return f"${{{name}}}" if quote == '"' else f'"${{{name}}}"'


def _alike(pasted: PastedText, source: str, quote: str) -> list[Span]:
    """Return the places of the same expression in the same quotes."""
    text = pasted.scalar.text
    places = ((pasted.place_of(other), quote_before(text, other.start)) for other in find_expressions(text))
    return [place for place, found in places if pasted.step.file.slice(place) == source and found == quote]


def _in_javascript(pasted: PastedText, name: str, env: tuple[Edit, ...]) -> Iterator[Fix]:
    """Yield the fix for JavaScript: a string that is nothing but the expression, or a template with it."""
    step, text, found = pasted.step, pasted.scalar.text, pasted.expression
    if not takes_javascript(step.uses_text) or step.file.text[pasted.scalar.start] in "\"'":
        return
    before, after = text[found.start - 1 : found.start], text[found.end : found.end + 1]
    place = pasted.place
    if before and before == after and before in "\"'`":
        edit = Edit(Span(place.start - 1, place.end + 1), f"process.env.{name}")
    elif text.count("`", text.rfind("\n", 0, found.start) + 1, found.start) % 2:
        edit = Edit(place, f"${{process.env.{name}}}")
    else:
        return
    yield Fix(f"Pass it through the variable `{name}`", Safety.SAFE, edits=(edit, *env))


def quote_before(script: str, at: int) -> str:
    """Return the quote that is open at an offset of a script's line, or an empty string."""
    line = script[script.rfind("\n", 0, at) + 1 : at]
    quote = ""
    for index, char in enumerate(line):
        escaped = index > 0 and line[index - 1] == "\\" and quote != "'"
        if char in "\"'" and not escaped:
            quote = "" if quote == char else (quote or char)
    return quote


def _variable(source: str) -> str:
    words = [word for word in _NOT_WORD.split(source.upper()) if word and word not in _DROPPED]
    name = "_".join(words[-_LONGEST_NAME:]) or "VALUE"
    return f"VALUE_{name}" if name[0].isdigit() else name


def _own_variable(pasted: PastedText) -> str:
    """Return the variable that the expression reads, as it is declared; nothing for any other expression."""
    path = context_path(pasted.expression.root) or ()
    if len(path) != _OF_ENVIRONMENT or path[0] != "env":
        return ""
    owner = pasted.step.owner
    job = owner if isinstance(owner, Job) else None
    holders = (pasted.step.env, job.env if job else {}, job.workflow.env if job else {})
    declared = (name for env in holders for name in env if name.lower() == path[1])
    return next(declared, "")


def _environment(step: Step, name: str, value: str) -> tuple[Edit, ...] | None:
    """Return the edit that gives the step the variable; None where it has another of that name.

    Nothing is added to variables that an alias stands for: others have them too.
    """
    env = step.env_node
    if env is None:
        if step.node.flow:
            return None
        return (add_entry(step.file.text, step.node, "env", f"{name}: {value}"),)
    is_its_own = step.node.start <= env.start and env.end <= step.node.end
    if not is_its_own or env.flow or any(entry.name.lower() == name.lower() for entry in env.entries):
        return None
    return (add_entry(step.file.text, env, name, value),)
