"""What every fix is held to, whatever file it is offered in.

Applied alone, a fix takes its finding away and brings no other: there are not more findings of any rule, of
any level, on any element than before. An element is known by its file and by where it stood before the fix;
what stands in text that the fix wrote is new. The file is understood as well as before, reads as the same
documents elsewhere, keeps its comments and its formatting. Applied together, fixes come to an end: a second
run has nothing to do.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from rollsafe.engine import Found
from rollsafe.engine.fixing import choose_by_safety, edits_by_path, fix_project
from rollsafe.engine.project import Project
from rollsafe.rules import Fix
from rollsafe.text import Edit, overlap
from tests.checking import Tried, seen, try_fix
from tests.fixing.texts import damage, faults, formatting, origin, place_before

Place = tuple[str, str, int]
"""Rule, path, and where the element that it speaks of begins in the text before."""


class Fault(NamedTuple):
    """What a fix did that no fix may do."""

    cause: str
    rule: str
    title: str
    safety: str
    path: str
    line: int
    detail: str


def judge_each(project: Project, chosen: Iterable[Found]) -> Iterator[tuple[Fix, list[Fault]]]:
    """Apply every fix of the chosen findings by itself; yield it with what is wrong with it."""
    before = project.engine.all_findings()
    offered = [(found, fix) for found in chosen for fix in found.fixes]
    for found, fix in offered:
        place = seen(found)
        wrong = list(_wrong(project, before, found, fix))
        yield (
            fix,
            [
                Fault(cause, found.rule.name, fix.title, fix.safety, place.path, place.line, detail)
                for cause, detail in wrong
            ],
        )


def _wrong(project: Project, before: list[Found], found: Found, fix: Fix) -> Iterator[tuple[str, str]]:
    edits = edits_by_path(found, fix)
    if any(overlap(own) for own in edits.values()):
        yield "edits one place twice", ""
        return
    texts = {path: project.snapshot.files[path].text for path in edits}
    tried = try_fix(project, before, found, fix)
    if all(tried.result[path] == text for path, text in texts.items()) and not fix.creates:
        yield "changes nothing", ""
    yield from _findings(tried, found, edits)
    for path, text in texts.items():
        yield from damage(path, text, tried.result[path])
        yield from formatting(path, text, tried.result[path], edits[path])
    for path in tried.created:
        if faults(path, tried.result[path]):
            yield "creates a file that is not understood", path


def _findings(tried: Tried, found: Found, edits: dict[str, list[Edit]]) -> Iterator[tuple[str, str]]:
    was = Counter(_before(one, edits) for one in tried.before)
    now = Counter(_after(one, edits) for one in tried.after)
    own = _before(found, edits)
    if now[own] >= was[own]:
        said = [one.message for one in tried.after if _after(one, edits) == own]
        yield "leaves its finding", "; ".join(said)[:200]
    known = {(_told(one), one.message) for one in tried.before}
    for place in now - was:
        told = [one for one in tried.after if _after(one, edits) == place]
        fresh = [one for one in told if _is_fresh(one, tried)]
        if place != own and fresh:
            one = next((it for it in fresh if (_told(it), it.message) not in known), fresh[0])
            yield "brings another finding", f"{one.rule.name} ({one.level}): {one.path}: {one.message}"


def _is_fresh(one: Found, tried: Tried) -> bool:
    """Say whether a finding at a new place is there because of the fix.

    What moved with its text, into another file too, is told as often as before, in the same words. A new
    file may lack what the file it comes from lacks.
    """
    if one.path in tried.created and (one.rule.name, tried.found.path) in map(_told, tried.before):
        return False
    if (_told(one), one.message) in {(_told(it), it.message) for it in tried.before}:
        return _is_more(_words, one, tried) and _is_more(_told, one, tried)
    return _is_more(_words, one, tried)


def _is_more(key: Callable[[Found], tuple[str, str]], one: Found, tried: Tried) -> bool:
    """Say whether there are more findings like `one`, by `key`, than before."""
    mine = key(one)
    return sum(key(it) == mine for it in tried.after) > sum(key(it) == mine for it in tried.before)


def _before(found: Found, edits: dict[str, list[Edit]]) -> Place:
    start = found.subject.start
    return (found.rule.name, found.path, place_before(edits.get(found.path, []), start))


def _after(found: Found, edits: dict[str, list[Edit]]) -> Place:
    return (found.rule.name, found.path, origin(edits.get(found.path, []), found.subject.start))


def judge_together(project: Project, *, unsafe: bool) -> Iterator[Fault]:
    """Apply all safe fixes, or the unsafe ones too, as the command does; yield what is wrong then.

    The project is brought back to where it was.
    """
    texts = {path: source.text for path, source in project.snapshot.files.items()}
    before = project.engine.all_findings()
    first = fix_project(project, choose_by_safety(unsafe=unsafe))
    after = project.engine.all_findings()
    again = fix_project(project, choose_by_safety(unsafe=unsafe))
    project.replace({path: texts.get(path) for path in {*first.result, *again.result}})
    mode = "unsafe" if unsafe else "safe"
    for path in again.changed:
        rules = sorted({found.rule.name for found, _ in again.fixed if found.path == path})
        yield Fault("does not come to an end", ", ".join(rules), "", mode, path, 0, "")
    for path in first.changed:
        for cause, detail in damage(path, texts.get(path, ""), first.result[path]):
            yield Fault(f"together: {cause}", "", "", mode, path, 0, detail)
    was, now = Counter(map(_told, before)), Counter(map(_told, after))
    for (rule, path), _ in (now - was).items():
        told = next(one for one in after if _told(one) == (rule, path))
        yield Fault("together: brings another finding", rule, "", mode, path, seen(told).line, told.message)


def _told(found: Found) -> tuple[str, str]:
    return found.rule.name, found.path


def _words(found: Found) -> tuple[str, str]:
    return found.rule.name, found.message
