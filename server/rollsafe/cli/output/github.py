"""`github`: workflow commands that become annotations of a pull request."""

import os
from collections.abc import Iterator
from typing import Final

from rollsafe.cli.report import Place, Report, Reported
from rollsafe.rules import Severity

_COMMANDS: Final = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
    Severity.HINT: "notice",
}


def lines(report: Report) -> Iterator[str]:
    """Yield one command per finding."""
    for one in report.findings:
        properties = ",".join(f"{key}={_property(value)}" for key, value in _properties(one))
        message = "\n".join(_message(one))
        yield f"::{_COMMANDS[one.found.severity]} {properties}::{_data(message)}\n"
    for at in report.review.remarks if report.review else ():
        title = f"{at.remark.name} ({at.remark.mark}, {at.remark.provenance.said_for})"
        named = (*_position(_workspace_path(at.file, at.place.path), at.place), ("title", title))
        properties = ",".join(f"{key}={_property(value)}" for key, value in named)
        found = (f"found: {told}" for told in at.remark.evidence)
        message = "\n".join(filter(None, (at.remark.message, at.remark.why, *found)))
        yield f"::notice {properties}::{_data(message)}\n"


def _properties(one: Reported) -> Iterator[tuple[str, str]]:
    absolute = os.path.join(one.snapshot.root, one.found.path)
    yield from _position(_workspace_path(absolute, one.path), one.place)
    yield "title", one.found.rule.name


def _position(path: str, place: Place) -> Iterator[tuple[str, str]]:
    _, start, end = place
    yield "file", path
    yield "line", str(start.line)
    # A column of the end says something only on the line of the start.
    if start.line == end.line:
        yield "col", str(start.column)
        yield "endColumn", str(end.column)
    else:
        yield "endLine", str(end.line)


def _workspace_path(absolute: str, shown: str) -> str:
    """Return the path relative to the repository's checkout, where annotations are looked up."""
    workspace = os.environ.get("GITHUB_WORKSPACE")
    if workspace:
        inside = os.path.join(os.path.normpath(workspace), "")
        if absolute.startswith(inside):
            return absolute[len(inside) :].replace(os.sep, "/")
    return shown


def _message(one: Reported) -> Iterator[str]:
    yield one.found.message
    if one.found.detail:
        yield one.found.detail
    for related in one.found.related:
        place = one.place_of(related.file, related.where)
        yield f"{place.path}:{place.start.line}: {related.message}"
    for fix in one.found.fixes:
        yield f"fix: {fix.title} [{fix.safety}]"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
