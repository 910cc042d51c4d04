"""How the failure of a command gets lost before what runs it can notice."""

import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final

from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.shell import ShellCommand, Surroundings
from rollsafe.text import Edit, Span
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_TOP: Final = Surroundings()
_PASSING_ON: Final = frozenset({"tee", "cat", "sed", "grep", "awk", "tail", "head", "ts", "logger", "perl"})
_EXAMINED: Final = lazily(r"\$\?|PIPESTATUS|\$LASTEXITCODE")
_HEROKU: Final = "heroku run"
_PASSES_ON: Final = lazily(r"--exit-code|\s-\w*x\b|--detached")
_STATUS_READ: Final = lazily(r"exit[-_]?code", re.I)
_STOPPED: Final = ["aws", "ecs", "wait", "tasks-stopped"]
_KEPT: Final = lazily(r"GITHUB_(OUTPUT|ENV|STATE)")
_SUFFIX: Final = lazily(
    r"[ \t]*\|\|[ \t]*(?:true|:|exit 0|(?:echo|printf) "
    r"(?:\"[^\"\r\n$]*\"|'[^'\r\n]*'|[^\r\n;&|$#\"'])*?(?=[\"']?[ \t]*(?:[ \t]#|[\r\n;]|$)))"
)


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
    FAR = "far"
    """What runs it elsewhere does not pass its status on."""
    LAX = "lax"
    """The shell does not stop at errors, and more commands follow."""


class Loss(NamedTuple):
    """How a command's failure is lost; `by` is the word that does it, `edit` what ends it."""

    way: Way
    by: str
    edit: Edit | None


class Scripted(NamedTuple):
    """A command of a script: `commands[at]` with offsets of `text`, `placed` those with offsets of `file`.

    `pipefail` and `errexit` say how the shell is started.
    """

    commands: Sequence[ShellCommand]
    at: int
    text: str
    placed: Callable[[], Sequence[ShellCommand]]
    file: SourceFile
    pipefail: bool = False
    errexit: bool = True

    @property
    def following(self) -> Sequence[ShellCommand]:
        """The commands after it."""
        return self.commands[self.at + 1 :]


def loss_in(script: Scripted) -> Loss | None:
    """Return how the failure of a command is lost; None when it fails its script."""
    raw, following = script.commands[script.at], script.following
    if raw.surroundings.condition:
        return None
    if raw.or_true:
        return _alternative(script)
    far = _far_away(script)
    if far is not None:
        return far
    if raw.surroundings.substitution:
        return None
    if raw.separator_after == "|":
        return _pipe(script)
    if raw.separator_after == "&&" and _goes_on(raw, following):
        return Loss(Way.CHAIN, "&&", None)
    if raw.options.errexit is False and following and not _EXAMINED.search(script.text):
        return Loss(Way.SWITCHED_OFF, "set +e", None)
    if not script.errexit and _is_passed_over(script):
        return Loss(Way.LAX, "", None)
    if raw.name == "curl" and _ignores_status(raw):
        return Loss(Way.STATUS, "curl", _fail_flag(script))
    return None


def _far_away(script: Scripted) -> Loss | None:
    """Describe `heroku run`, which succeeds whatever it ran, and a wait for a task to stop either way."""
    raw = script.commands[script.at]
    if _HEROKU in raw.wrappers:
        line = _line_around(script.text, raw.start, raw.end)
        return None if _PASSES_ON.search(line) else Loss(Way.FAR, _HEROKU, _exit_code_flag(script))
    if raw.texts[:3] != ["aws", "ecs", "run-task"] or _STATUS_READ.search(script.file.text):
        return None
    waits = any(one.texts[:4] == _STOPPED for one in script.following)
    return Loss(Way.FAR, " ".join(_STOPPED), None) if waits else None


def _line_around(text: str, start: int, end: int) -> str:
    close = text.find("\n", end)
    return text[text.rfind("\n", 0, start) + 1 : len(text) if close < 0 else close]


def _exit_code_flag(script: Scripted) -> Edit | None:
    start = script.placed()[script.at].start
    there = script.file.text.startswith(f"{_HEROKU} ", start)
    return Edit(Span.at(start + len(_HEROKU)), " --exit-code") if there else None


def _is_passed_over(script: Scripted) -> bool:
    """Say whether a command at the top of a script that goes on after errors is followed by others."""
    raw = script.commands[script.at]
    if raw.options.errexit or raw.surroundings != _TOP or raw.remote or raw.separator_after in ("&&", "||"):
        return False
    return any(one.texts for one in script.following) and not _EXAMINED.search(script.text)


def _alternative(script: Scripted) -> Loss | None:
    """Describe `|| true`; an alternative that notes the failure for later steps loses nothing."""
    first = script.following[0] if script.following else None
    if first is not None and any(_KEPT.search(redirect.target.text) for redirect in first.redirects):
        return None
    command = script.placed()[script.at]
    match = _SUFFIX.match(script.file.text, command.end)
    edit = Edit(Span(match.start(), match.end()), "") if match and match.end() > match.start() else None
    return Loss(Way.ALTERNATIVE, f"|| {first.name}" if first is not None else "||", edit)


def _pipe(script: Scripted) -> Loss | None:
    raw = script.commands[script.at]
    reader = script.following[0] if script.following else None
    if reader is None or reader.name not in _PASSING_ON or "-q" in reader.texts or raw.remote:
        return None
    if raw.options.pipefail or script.pipefail:
        return None
    return Loss(Way.PIPE, reader.name, None)


def _goes_on(raw: ShellCommand, following: Sequence[ShellCommand]) -> bool:
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


def _fail_flag(script: Scripted) -> Edit:
    name = script.placed()[script.at].word(0)
    return Edit(Span.at(name.end), " --fail-with-body")
