"""Remarks of a model that were shown: finding one by its fingerprint, and saying where it comes from."""

import os
from collections.abc import Iterator
from typing import Final

from rollsafe.cli.console import Paint
from rollsafe.cli.failures import CommandError
from rollsafe.cli.output.json import Json
from rollsafe.cli.output.text import wrap
from rollsafe.review.dismissals import read_dismissed
from rollsafe.review.memory import DismissalError, Memory, SetAside, Shown
from rollsafe.review.settings import memory_file
from rollsafe.workspace.disk import find_root

_WIDTH: Final = 100


def here() -> str:
    """Return the root of the project in the current directory."""
    return find_root(os.path.abspath(os.curdir))


def remark_named(word: str) -> Shown:
    """Return the remark whose fingerprint begins with `word`, one of this project before those of others.

    Raises:
        CommandError: there is none, or more than one.
    """
    found = Memory(memory_file()).find(word)
    root = here()
    own = [one for one in found if one.root == root] or found
    names = {one.fingerprint for one in own}
    if not own:
        raise CommandError(f"no remark `{word}` was shown in the last 90 days")
    if len(names) > 1:
        raise CommandError(f"`{word}` stands for {len(names)} remarks: {', '.join(sorted(names))}")
    return own[0]


def set_aside(one: Shown) -> SetAside | None:
    """Return the entry that keeps a remark from being made again; None without one.

    Raises:
        CommandError: the project's file cannot be read.
    """
    entries = (*Memory(memory_file()).dismissed(one.root), *shared(one.root))
    same = (one.fingerprint, one.content)
    return next((entry for entry in entries if (entry.fingerprint, entry.content) == same), None)


def shared(root: str) -> list[SetAside]:
    """Return what the file of a project sets aside.

    Raises:
        CommandError: it cannot be read.
    """
    try:
        return read_dismissed(root)
    except DismissalError as error:
        raise CommandError(str(error)) from None


def origin_lines(one: Shown, paint: Paint) -> Iterator[str]:
    """Yield what was said, and where it comes from."""
    place = paint.bold(f"{one.path}:{one.line}")
    yield f"{paint.severity(one.severity, one.severity)}  {place}  {one.name}   {paint.dim(one.mark)}"
    for text in filter(None, (one.message, one.why)):
        yield wrap(text, _WIDTH, "  ")
    for told in one.evidence:
        yield wrap(f"found: {told}", _WIDTH, "  ")
    yield ""
    for key, value in _origin(one):
        yield f"  {key:<13}{value}"


def _origin(one: Shown) -> Iterator[tuple[str, str]]:
    aside = set_aside(one)
    version, _, persona = one.prompt.partition(" ")
    yield "fingerprint", one.fingerprint
    yield "project", one.root
    yield "agent", one.agent
    yield "model", one.model
    yield "request", one.request_id
    yield "prompt", f"{version}, description of the agent {persona}"
    yield "confidence", f"{one.confidence:g} by the model's own account"
    yield "answered", one.asked
    yield "shown last", f"{one.shown}, {'from the cache' if one.cached else 'fresh'}"
    yield "set aside", f"{aside.on}: {aside.reason or 'no reason given'}" if aside else "no"


def origin_record(one: Shown) -> Json:
    """Return the same as a record."""
    aside = set_aside(one)
    return {
        "schema": "rollsafe/remark/1",
        "source": "ai",
        "verified": one.verified,
        "evidence": list(one.evidence),
        "key": one.name,
        "path": one.path,
        "line": one.line,
        "message": one.message,
        "why": one.why,
        "severity": one.severity,
        "fingerprint": one.fingerprint,
        "project": one.root,
        "agent": one.agent,
        "model": one.model,
        "request_id": one.request_id,
        "prompt": one.prompt,
        "model_confidence": one.confidence,
        "answered": one.asked,
        "shown": one.shown,
        "cached": one.cached,
        "dismissed": {"on": aside.on, "reason": aside.reason} if aside else None,
    }
