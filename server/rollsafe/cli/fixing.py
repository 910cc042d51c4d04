"""Applying fixes to files, or showing what they would change."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from rollsafe.cli.known import Hidden
from rollsafe.cli.output.text import plain, plural
from rollsafe.cli.session import Opened, Session, passes, reported
from rollsafe.cli.writing import Change
from rollsafe.engine.fixing import Applied, choose_by_safety, fix_project
from rollsafe.engine.found import Found
from rollsafe.rules import Fix
from rollsafe.text.tuples import NamedTuple

_LONE_NEWLINE: Final = re.compile(r"(?<!\r)\n")


class Fixed(NamedTuple):
    """What fixing a project did: the changes, and a line about each fix."""

    changes: list[Change]
    lines: list[str]

    @property
    def created(self) -> list[Change]:
        """The files that came into being."""
        return [change for change in self.changes if change.before is None]


def fix(session: Session, opened: Opened, hidden: Hidden) -> Fixed:
    """Fix in memory what is spoken of; the project goes forward, files stay as they are."""
    quiet = {
        _mark(it.found) for it in reported(session, opened) if passes(session, it.found) and hidden.holds(it)
    }

    def only(found: Found) -> bool:
        return passes(session, found) and _mark(found) not in quiet

    applied = fix_project(opened.project, _choice(session), only)
    root = opened.root
    changes = [
        Change(root, path, session.shown(root, path), applied.original[path], _with_line_ends(applied, path))
        for path in applied.changed
    ]
    return Fixed(changes, [_line(session, root, found, fix) for found, fix in applied.fixed])


def _choice(session: Session) -> Callable[[Found], Fix | None]:
    by_safety = choose_by_safety(unsafe=session.options.fixing.unsafe)
    if session.options.stdin_filename is None:
        return by_safety

    def in_one_file(found: Found) -> Fix | None:
        chosen = by_safety(found)
        return None if chosen is None or chosen.elsewhere or chosen.creates else chosen

    return in_one_file


def _mark(found: Found) -> tuple[str, str, str, str]:
    """Return what tells findings apart while their places move."""
    return (found.rule.name, found.path, found.message, found.file.slice(found.span))


def _with_line_ends(applied: Applied, path: str) -> str:
    """Return the fixed text with the line ends the file has throughout."""
    before, after = applied.original[path], applied.result[path]
    if before is not None and "\r\n" in before and not _LONE_NEWLINE.search(before):
        return _LONE_NEWLINE.sub("\r\n", after)
    return after


def _line(session: Session, root: str, found: Found, fix: Fix) -> str:
    line = found.file.line_number(found.span)
    path = session.shown(root, found.path)
    return f"{plain(path)}:{line}: {found.rule.name}: {plain(fix.title)} [{fix.safety}]"


def told(fixed: list[Fixed], *, each: bool) -> Iterator[str]:
    """Yield what was done: one line per file, with `each` one per fix, and the sum."""
    count = sum(len(one.lines) for one in fixed)
    if not count:
        yield "Nothing to fix.\n"
        return
    for one in fixed:
        if each:
            yield from (f"fixed  {line}\n" for line in one.lines)
        else:
            yield from (f"fixed  {plain(it.shown)}\n" for it in one.changes if it.before is not None)
        yield from (f"created  {plain(change.shown)}\n" for change in one.created)
    yield f"Fixed {_sum(fixed)}.\n\n"


def would(fixed: list[Fixed]) -> str:
    """Return what would be done, in one line."""
    return f"Would fix {_sum(fixed)}." if any(one.lines for one in fixed) else "Nothing to fix."


def _sum(fixed: list[Fixed]) -> str:
    count = sum(len(one.lines) for one in fixed)
    created = sum(len(one.created) for one in fixed)
    changed = sum(len(one.changes) for one in fixed) - created
    more = f", {plural(created, 'file')} created" if created else ""
    return f"{plural(count, 'finding')} in {plural(changed, 'file')}{more}"
