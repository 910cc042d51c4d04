"""What was set aside in a project: by its user alone, or for everybody in a file of the project.

A remark is named by its fingerprint, and by the text it is about: when that changes, it may be made again.
"""

import os
from collections.abc import Iterable
from datetime import date
from typing import Final

import msgspec

from rollsafe.review.anchoring import Dismissed
from rollsafe.review.memory import DismissalError, Memory, SetAside, Shown
from rollsafe.review.whole_file import write_whole

DISMISSED_NAME: Final = "rollsafe-dismissed.json"
"""The name under which a project's file is looked up in its root."""

_SCHEMA: Final = "rollsafe/dismissed/1"
_LARGEST: Final = 1_000_000


class _Document(msgspec.Struct):
    schema: str
    dismissed: list[SetAside]


def dismissed_in(roots: Iterable[str], memory: str) -> frozenset[tuple[str, Dismissed]]:
    """Return what was set aside in projects, with their roots; an unreadable file sets nothing aside."""
    found: set[tuple[str, Dismissed]] = set()
    for root in filter(None, set(roots)):
        own = Memory(memory).dismissed(root) if memory else []
        found.update((root, Dismissed(one.fingerprint, one.content)) for one in (*own, *_shared(root)))
    return frozenset(found)


def dismiss(one: Shown, reason: str, today: date, memory: str, *, for_all: bool) -> str:
    """Set a remark aside, for the user or in its project's file; return the file that says so.

    Raises:
        DismissalError: it cannot be written down; the text says why.
    """
    entry = SetAside(one.fingerprint, one.content, one.path, one.name, one.message, reason, today.isoformat())
    if not for_all:
        Memory(memory).dismiss(one.root, entry)
        return memory
    before = [it for it in read_dismissed(one.root) if it.fingerprint != one.fingerprint]
    return _write_dismissed(one.root, (*before, entry))


def restore(root: str, fingerprint: str, memory: str) -> bool:
    """Let a remark be made again, whoever set it aside; say whether anybody had.

    Raises:
        DismissalError: it cannot be written down; the text says why.
    """
    shared = read_dismissed(root)
    left = [one for one in shared if one.fingerprint != fingerprint]
    if len(left) < len(shared):
        _write_dismissed(root, left)
    return Memory(memory).restore(root, fingerprint) or len(left) < len(shared)


def _write_dismissed(root: str, entries: Iterable[SetAside]) -> str:
    path = os.path.join(root, DISMISSED_NAME)
    try:
        write_whole(path, dismissed_text(entries).encode())
        os.chmod(path, 0o644)
    except OSError as error:
        raise DismissalError(f"{path}: cannot be written: {error.strerror}") from None
    return path


def read_dismissed(root: str) -> list[SetAside]:
    """Return what the file of a project sets aside; nothing without one.

    Raises:
        DismissalError: there is one, and it cannot be read.
    """
    path = os.path.join(root, DISMISSED_NAME)
    try:
        with open(path, "rb") as stream:
            document = msgspec.json.decode(stream.read(_LARGEST), type=_Document)
    except FileNotFoundError:
        return []
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DismissalError(f"{DISMISSED_NAME}: {error}") from None
    if document.schema != _SCHEMA:
        raise DismissalError(f"{DISMISSED_NAME}: its schema is `{document.schema}`, not `{_SCHEMA}`")
    return document.dismissed


def dismissed_text(entries: Iterable[SetAside]) -> str:
    """Return the text of a project's file: one remark to a line, sorted, so that it merges well."""
    ordered = sorted(entries, key=lambda one: (one.path, one.name, one.fingerprint, one.content))
    rows = ",\n".join(f"  {msgspec.json.encode(one).decode()}" for one in ordered)
    inside = f"\n{rows}\n " if rows else ""
    return f'{{\n "schema": "{_SCHEMA}",\n "dismissed": [{inside}]\n}}\n'


def _shared(root: str) -> list[SetAside]:
    try:
        return read_dismissed(root)
    except DismissalError:
        return []
