"""What we have to say, as the protocol's JSON; the only place that puts it together."""

from collections.abc import Callable, Sequence
from typing import Final, cast

from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.found import Found, fingerprints
from rollsafe.lsp.client import Client
from rollsafe.lsp.shapes import Diagnostic, Location, Range, RelatedInformation, TextEdit
from rollsafe.rules import Edit, Related, Severity
from rollsafe.rules.pages import page_url
from rollsafe.text import Encoding, LineIndex, Located

SOURCE: Final = "rollsafe"
MAX_DIAGNOSTICS: Final = 500
"""Diagnostics sent per file; one more then says how many were left out."""

_SEVERITIES: Final = {Severity.ERROR: 1, Severity.WARNING: 2, Severity.INFO: 3, Severity.HINT: 4}

UriOf = Callable[[str], str]
"""Returns the URI of a path that is relative to the finding's project."""


def range_in(lines: LineIndex, place: Located, encoding: Encoding) -> Range:
    """Return the range of offsets as lines and columns of `encoding`."""
    line, column, end_line, end_column = lines.bounds(place.start, place.end, encoding)
    return {
        "start": {"line": line, "character": column},
        "end": {"line": end_line, "character": end_column},
    }


def text_edit(file: SourceFile, edit: Edit, encoding: Encoding) -> TextEdit:
    """Return an edit of `file`."""
    return {"range": range_in(file.lines, edit.span, encoding), "newText": edit.text}


def diagnostics(found: Sequence[Found], client: Client, uri_of: UriOf) -> list[Diagnostic]:
    """Return the findings of one file, at most `MAX_DIAGNOSTICS`, the worst ones if there are more.

    The findings keep their order. When some are left out, the last diagnostic says how many.
    """
    marks = fingerprints(list(found))
    shown: Sequence[int] = range(len(found))
    if len(found) > MAX_DIAGNOSTICS:
        severities = [_SEVERITIES[one.severity] for one in found]
        shown = sorted(sorted(shown, key=severities.__getitem__)[:MAX_DIAGNOSTICS])
    sent = [diagnostic(found[at], marks[at], client, uri_of) for at in shown]
    if len(shown) < len(found):
        sent.append(_summary(len(found) - len(shown)))
    return sent


def diagnostic(found: Found, fingerprint: str, client: Client, uri_of: UriOf) -> Diagnostic:
    """Return one finding as far as the client can show it.

    All but its place is the same wherever an edit moves it; thousands are shown again at a keystroke.
    """
    known = found.shown
    if known is not None and known[0] is client and known[1] == fingerprint:
        again = cast("Diagnostic", known[2]).copy()
        again["range"] = range_in(found.file.lines, found.span, client.encoding)
        return again
    made = _made(found, fingerprint, client, uri_of)
    if not found.related:
        found.keep_shown(client, fingerprint, made)
    return made


def _made(found: Found, fingerprint: str, client: Client, uri_of: UriOf) -> Diagnostic:
    made: Diagnostic = {
        "range": range_in(found.file.lines, found.span, client.encoding),
        "severity": _SEVERITIES[found.severity],
        "code": found.rule.name,
        "source": SOURCE,
        "message": found.message,
    }
    if client.code_description:
        made["codeDescription"] = {"href": page_url(found.rule)}
    if client.diagnostic_data:
        made["data"] = {"fingerprint": fingerprint}
    if found.related and client.related_information:
        made["relatedInformation"] = [_related(one, client.encoding, uri_of) for one in found.related]
    elif found.related:
        made["message"] += f" ({', '.join(map(_see, found.related[:3]))})"
    return made


def configuration_diagnostic(lines: LineIndex, line: int, message: str) -> Diagnostic:
    """Return a complaint about a line of a configuration file."""
    last = len(lines.line_text(line))
    return {
        "range": {"start": {"line": line, "character": 0}, "end": {"line": line, "character": last}},
        "severity": 1,
        "code": "invalid-configuration",
        "source": SOURCE,
        "message": message,
    }


def _related(related: Related, encoding: Encoding, uri_of: UriOf) -> RelatedInformation:
    location: Location = {
        "uri": uri_of(related.file.path),
        "range": range_in(related.file.lines, related.where, encoding),
    }
    return {"location": location, "message": related.message}


def _see(related: Related) -> str:
    return f"see {related.file.path}:{related.file.line_number(related.where)}"


def _summary(left_out: int) -> Diagnostic:
    return {
        "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}},
        "severity": 3,
        "code": "findings-left-out",
        "source": SOURCE,
        "message": f"{left_out} more findings in this file are not shown",
    }
