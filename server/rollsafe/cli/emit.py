"""Handing a report over: each form to where it goes."""

import os
from collections.abc import Iterator

from rollsafe.cli.console import WIDTH, Console, Paint
from rollsafe.cli.options import CheckOptions, Output
from rollsafe.cli.output.summary import summary
from rollsafe.cli.output.text import plain
from rollsafe.cli.report import Report
from rollsafe.cli.writing import write_file


def emit(report: Report, options: CheckOptions, console: Console) -> None:
    """Write the report to every output.

    Raises:
        CommandError: a file cannot be written.
    """
    for output in options.outputs:
        if output.file is None:
            _to_console(report, output, options, console)
        else:
            _to_file(report, output.form, output.file, options)
    tell_failures(report, console)
    for note in report.review.run.notes if report.review else ():
        console.note(note)


def tell_failures(report: Report, console: Console) -> None:
    """Name each rule that crashed."""
    for failure in report.failures:
        console.note(f"rule {failure.rule} crashed on {plain(failure.path)}: {plain(failure.error)}")


def _to_console(report: Report, output: Output, options: CheckOptions, console: Console) -> None:
    document = _document(report, output.form, options)
    if document is not None:
        console.write_document(document)
        return
    paint = console.paint(options.color)
    for part in _lines(report, output.form, options, paint, console.width()):
        console.write(part)
    if not console.quiet:
        for line in summary(report, verbose=console.verbose):
            console.write(line)


def _to_file(report: Report, form: str, file: str, options: CheckOptions) -> None:
    document = _document(report, form, options)
    if document is None:
        text = "".join(_lines(report, form, options, Paint(enabled=False), WIDTH))
        document = text.encode("utf-8", "backslashreplace")
    write_file(os.path.abspath(file), document, file)


def _document(report: Report, form: str, options: CheckOptions) -> bytes | None:
    """Return the report in a form for programs, None when the form is one of lines."""
    if form == "json":
        from rollsafe.cli.output import json, statistics

        return statistics.document(report) if options.statistics else json.document(report)
    if form == "sarif":
        from rollsafe.cli.output import sarif

        return sarif.document(report)
    return None


def _lines(report: Report, form: str, options: CheckOptions, paint: Paint, width: int) -> Iterator[str]:
    # Each form is imported when it is asked for: a short run pays for the one it prints.
    if options.statistics:
        from rollsafe.cli.output import statistics

        return statistics.lines(report, paint)
    if form == "full":
        from rollsafe.cli.output import full

        return full.lines(report, paint, width)
    if form == "github":
        from rollsafe.cli.output import github

        return github.lines(report)
    from rollsafe.cli.output import concise

    return concise.lines(report, paint)
