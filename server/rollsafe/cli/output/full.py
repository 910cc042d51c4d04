"""`full`: the finding, its source, what happens because of it, the other half, and the fix."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.source import SourceFile
from rollsafe.cli.console import Paint
from rollsafe.cli.output.excerpt import excerpt
from rollsafe.cli.output.text import plain, wrap
from rollsafe.cli.report import RemarkAt, Report, Reported
from rollsafe.rules.pages import page_url
from rollsafe.text import Span

_INDENT: Final = "  "
_MARK: Final = 8
"""As much of a fingerprint as tells one remark from the others."""
_NOT_A_LINE_END: Final = re.compile(r"[^\r\n]")


def lines(report: Report, paint: Paint, width: int) -> Iterator[str]:
    """Yield the blocks of all findings, an empty line after each."""
    quoted = _Quoted(report)
    for one in report.findings:
        yield "\n".join(_block(one, quoted.source(one.found.file), paint, width)) + "\n\n"
    remarks = report.review.remarks if report.review else ()
    if remarks:
        yield paint.bold("AI review") + paint.dim(": what a model said; no rule stands behind it") + "\n\n"
    for remark in remarks:
        yield "\n".join(_remark(remark, paint, width)) + "\n\n"


class _Quoted:
    """The files as they may be quoted: the characters of secrets are replaced, places stay."""

    def __init__(self, report: Report) -> None:
        self._secrets: dict[SourceFile, list[Span]] = {}
        self._known: dict[SourceFile, SourceFile] = {}
        for one in report.findings:
            if one.found.sensitive:
                self._secrets.setdefault(one.found.file, []).append(one.found.span)

    def source(self, file: SourceFile) -> SourceFile:
        """Return what to quote from instead of `file`; a line may hold another finding's secret."""
        spans = self._secrets.get(file)
        if spans is None:
            return file
        if file not in self._known:
            text = file.text
            for start, end in spans:
                text = text[:start] + _NOT_A_LINE_END.sub("\u2022", text[start:end]) + text[end:]
            self._known[file] = SourceFile(file.path, text)
        return self._known[file]


def _block(one: Reported, source: SourceFile, paint: Paint, width: int) -> Iterator[str]:
    found = one.found
    yield _headline(one, paint)
    shown = excerpt(source, found.span, width - 12)
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


def _remark(one: RemarkAt, paint: Paint, width: int) -> Iterator[str]:
    """Yield the lines about a remark; it quotes what the model was shown, without secrets."""
    remark, start = one.remark, one.place.start
    severity = paint.severity(remark.severity, remark.severity)
    place = paint.bold(f"{plain(one.place.path)}:{start.line}:{start.column}")
    yield f"{severity}  {place}  {remark.name}   {paint.dim(f'{remark.mark} · {remark.provenance.said_for}')}"
    quote = plain(remark.quote.strip())
    room = max(width - len(_INDENT) - len(str(start.line)) - 3, 20)
    shown = quote if len(quote) <= room else quote[: room - 1] + "…"
    yield f"{_INDENT}{paint.dim(f'{start.line} |')} {shown}"
    yield wrap(plain(remark.message), width, _INDENT)
    if remark.why:
        yield wrap(plain(remark.why), width, _INDENT)
    for told in remark.evidence:
        yield wrap(f"found: {plain(told)}", width, _INDENT)
    mark = remark.fingerprint[:_MARK]
    yield f"{_INDENT}{paint.dim(f'rollsafe explain {mark}      rollsafe dismiss {mark}')}"


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
