"""`full`: the finding, its source, what happens because of it, the other half, and the fix."""

from collections.abc import Iterator

from rollsafe.artefacts.source import SourceFile
from rollsafe.cli.console import Paint
from rollsafe.cli.output.excerpt import excerpt
from rollsafe.cli.output.text import plain, wrap
from rollsafe.cli.report import Report, Reported
from rollsafe.engine import Found
from rollsafe.rules.pages import page_url

_INDENT = "  "


def lines(report: Report, paint: Paint, width: int) -> Iterator[str]:
    """Yield the blocks of all findings, an empty line after each."""
    for one in report.findings:
        yield "\n".join(_block(one, paint, width)) + "\n\n"


def _block(one: Reported, paint: Paint, width: int) -> Iterator[str]:
    found = one.found
    yield _headline(one, paint)
    shown = excerpt(_showable(found), found.span, width - 12)
    number = str(shown.number)
    yield f"{_INDENT}{paint.dim(f'{number} |')} {shown.text}"
    yield f"{_INDENT}{paint.dim(' ' * len(number) + ' |')} {paint.severity(found.severity, shown.carets)}"
    yield wrap(plain(found.message), width, _INDENT)
    if found.detail:
        yield wrap(plain(found.detail), width, _INDENT)
    for related in found.related:
        place = one.place_of(related.file, related.where)
        where = f"{plain(place.path)}:{place.start.line}:{place.start.column}"
        yield f"{_INDENT}see {where}  {plain(related.message)}"
    yield from _closing(one, paint)


def _showable(found: Found) -> SourceFile:
    """Return the file to quote from: a secret's characters are replaced, place and length stay."""
    if not found.sensitive:
        return found.file
    start, end = found.span
    text = found.file.text
    return SourceFile(found.path, text[:start] + "\u2022" * (end - start) + text[end:])


def _headline(one: Reported, paint: Paint) -> str:
    found, start = one.found, one.place.start
    severity = paint.severity(found.severity, found.severity)
    place = paint.bold(f"{plain(one.path)}:{start.line}:{start.column}")
    rule = paint.link(found.rule.name, page_url(found.rule))
    return f"{severity}  {place}  {rule}   {paint.dim(found.rule.agent)}"


def _closing(one: Reported, paint: Paint) -> Iterator[str]:
    hint = paint.dim(f"rollsafe explain {one.found.rule.name}")
    fixes = [f"fix: {plain(fix.title)}  [{fix.safety}]" for fix in one.found.fixes]
    for line in fixes[:-1]:
        yield f"{_INDENT}{line}"
    yield f"{_INDENT}{fixes[-1]}      {hint}" if fixes else f"{_INDENT}{hint}"
