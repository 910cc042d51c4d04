"""How the failure of a command gets lost before the step can notice it."""

import re
from enum import StrEnum
from typing import Final, NamedTuple

from rollsafe.artefacts.github_workflow.step import Activity, Step
from rollsafe.formats.shell import ShellCommand, Surroundings
from rollsafe.text import Edit, Span

_TOP: Final = Surroundings()
_STRICT_SHELLS: Final = frozenset({"bash"})
"""Shells GitHub starts with `pipefail` when a step or its defaults name them."""

_PASSING_ON: Final = frozenset({"tee", "cat", "sed", "grep", "awk", "tail", "head", "ts", "logger", "perl"})
_EXAMINED: Final = re.compile(r"\$\?|PIPESTATUS|\$LASTEXITCODE")
_KEPT: Final = re.compile(r"GITHUB_(OUTPUT|ENV|STATE)")
_SUFFIX: Final = re.compile(r"[ \t]*\|\|[ \t]*(?:true|:|exit 0|(?:echo|printf) [^\r\n;&|$]*)")


class Way(StrEnum):
    """What swallows the failure."""

    ALTERNATIVE = "alternative"
    """`|| true` and the like."""
    PIPE = "pipe"
    """The status of a pipeline is its last command's."""
    CHAIN = "chain"
    """In `a && b` a failure of `a` does not end the script, and more commands follow."""
    SWITCHED_OFF = "switched off"
    """`set +e`, and nothing looks at the status."""
    STATUS = "status"
    """`curl` succeeds on an error response."""


class Loss(NamedTuple):
    """How a command's failure is lost; `by` is the word that does it, `edit` what ends it."""

    way: Way
    by: str
    edit: Edit | None


def loss_of(activity: Activity) -> Loss | None:
    """Return how the failure of a step's command is lost; None when it fails the step."""
    index, raw = activity.index, activity.raw_command
    if index is None or raw is None or raw.surroundings.condition:
        return None
    step = activity.step
    commands = step.script.commands
    following = commands[index + 1 :]
    if raw.or_true:
        return _alternative(step, index, following)
    if raw.surroundings.substitution:
        return None
    if raw.separator_after == "|":
        return _pipe(step, raw, following)
    if raw.separator_after == "&&" and _goes_on(raw, following):
        return Loss(Way.CHAIN, "&&", None)
    if raw.options.errexit is False and following and not _EXAMINED.search(_text(step)):
        return Loss(Way.SWITCHED_OFF, "set +e", None)
    if raw.name == "curl" and _ignores_status(raw):
        return Loss(Way.STATUS, "curl", _fail_flag(step, index))
    return None


def _text(step: Step) -> str:
    return step.script_node.text if step.script_node is not None else ""


def _alternative(step: Step, index: int, following: tuple[ShellCommand, ...]) -> Loss | None:
    """Describe `|| true`; an alternative that notes the failure for later steps loses nothing."""
    first = following[0] if following else None
    if first is not None and any(_KEPT.search(redirect.target.text) for redirect in first.redirects):
        return None
    command = step.commands[index]
    match = _SUFFIX.match(step.file.text, command.end)
    edit = Edit(Span(match.start(), match.end()), "") if match and match.end() > match.start() else None
    return Loss(Way.ALTERNATIVE, f"|| {first.name}" if first is not None else "||", edit)


def _pipe(step: Step, raw: ShellCommand, following: tuple[ShellCommand, ...]) -> Loss | None:
    reader = following[0] if following else None
    if reader is None or reader.name not in _PASSING_ON or "-q" in reader.texts or raw.remote:
        return None
    if raw.options.pipefail or step.run is None or step.shell in _STRICT_SHELLS or "pipefail" in step.shell:
        return None
    return Loss(Way.PIPE, reader.name, None)


def _goes_on(raw: ShellCommand, following: tuple[ShellCommand, ...]) -> bool:
    """Say whether a script goes on after the `&&` list a command at its top level is in."""
    if raw.surroundings != _TOP or raw.remote:
        return False
    for at, command in enumerate(following):
        if command.surroundings != _TOP:
            return False
        if command.separator_after not in ("&&", "|"):
            rest = following[at + 1 :]
            return command.separator_after != "||" and any(one.texts for one in rest)
    return False


def _ignores_status(raw: ShellCommand) -> bool:
    asks = raw.has_letter("f") or raw.has_flag("--fail", "--fail-with-body")
    return not asks and not any("http_code" in text or "response_code" in text for text in raw.texts)


def _fail_flag(step: Step, index: int) -> Edit:
    name = step.commands[index].word(0)
    return Edit(Span.at(name.end), " --fail-with-body")
