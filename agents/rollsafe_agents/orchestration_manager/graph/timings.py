"""How long things took, from a file the user names: JSON, CSV or JUnit XML.

The file may come from anywhere: its size is bounded by who reads it, XML with a document type is refused
(so there are no entities to expand), and what is not understood is counted and left out.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Final, cast
from xml.parsers import expat

import orjson

from rollsafe.plans.kind import PlanRequestError
from rollsafe.plans.times import milliseconds, stamp
from rollsafe.text.records import open_record
from rollsafe.text.tuples import NamedTuple

_NAMES: Final = ("name", "job", "node", "step", "suite", "test", "id")
_LENGTHS: Final = ("seconds", "duration", "duration_seconds", "time", "elapsed")
_BEGINS: Final = ("started_at", "startedAt", "start")
_ENDS: Final = ("completed_at", "completedAt", "end")
_MOST_ROWS: Final = 100_000
_MOST_DEPTH: Final = 50


class Row(NamedTuple):
    """One measurement: a name as the file has it, its length in milliseconds, its line where known."""

    name: str
    length: int
    line: int


@open_record
class Timings:
    """All measurements of the file a user named; of repeated names the longest counts."""

    file: str
    lengths: Mapping[str, Row]
    left_out: int

    def of(self, names: Iterator[str] | tuple[str, ...]) -> Row | None:
        """Return the measurement of the first of `names` that has one, case ignored."""
        return next((self.lengths[name.lower()] for name in names if name.lower() in self.lengths), None)


class _UnfitError(Exception):
    """Why a file gives no timings."""


def read_timings(file: str, text: str) -> Timings:
    """Return what a file says; `file` is how the user called it.

    Raises:
        PlanRequestError: it is none of the three kinds, or holds no timing at all.
    """
    try:
        rows = _rows(text.removeprefix("\ufeff"))
    except _UnfitError as error:
        raise PlanRequestError(f"{file}: {error}") from None
    read = [row for row in rows if row is not None]
    if not read:
        raise PlanRequestError(f"{file}: no name with a number of seconds in it")
    lengths: dict[str, Row] = {}
    for row in read:
        known = lengths.get(row.name.lower())
        if known is None or known.length < row.length:
            lengths[row.name.lower()] = row
    return Timings(file, lengths, len(rows) - len(read))


def _rows(text: str) -> list[Row | None]:
    head = text.lstrip()[:1]
    if head in ("{", "["):
        return _limited(_json(text))
    if head == "<":
        return _limited(iter(_xml(text)))
    return _limited(_csv(text))


def _limited(rows: Iterator[Row | None]) -> list[Row | None]:
    found: list[Row | None] = []
    for row in rows:
        found.append(row)
        if len(found) > _MOST_ROWS:
            raise _UnfitError(f"more than {_MOST_ROWS} timings")
    return found


# JSON --------------------------------------------------------------------------------------------


def _json(text: str) -> Iterator[Row | None]:
    """Read `{"name": seconds}`, a list of rows, or the jobs of `gh run view --json jobs`."""
    try:
        value: object = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _UnfitError(f"no JSON: line {error.lineno}") from None
    if isinstance(value, dict):
        table = cast("dict[str, object]", value)
        rows = next((table[key] for key in ("jobs", "timings") if isinstance(table.get(key), list)), None)
        if rows is None:
            yield from (_row(name, length) for name, length in table.items())
            return
        value = rows
    for one in cast("list[object]", value) if isinstance(value, list) else []:
        yield _record(cast("dict[str, object]", one)) if isinstance(one, dict) else None


def _record(one: Mapping[str, object]) -> Row | None:
    name = next((one[key] for key in _NAMES if isinstance(one.get(key), str)), None)
    length = next((one[key] for key in _LENGTHS if one.get(key) is not None), None)
    if length is None:
        begin, end = (
            next((one[k] for k in keys if isinstance(one.get(k), str)), "") for keys in (_BEGINS, _ENDS)
        )
        first, last = stamp(str(begin)), stamp(str(end))
        if isinstance(name, str) and first is not None and last is not None and last >= first:
            return Row(name, last - first, 1)
    return _row(name, length) if isinstance(name, str) else None


def _row(name: str, length: object, line: int = 1) -> Row | None:
    if isinstance(length, bool) or not isinstance(length, int | float | str):
        return None
    read = milliseconds(f"{length:f}" if isinstance(length, float) else str(length))
    return Row(name, read, line) if read is not None and name else None


# CSV ---------------------------------------------------------------------------------------------


def _csv(text: str) -> Iterator[Row | None]:
    """Read rows of a name and seconds, with or without a head."""
    columns = (0, 1)
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        for at, row in enumerate(reader):
            if not any(row):
                continue
            if at == 0 and (head := _columns([cell.strip().lower() for cell in row])) is not None:
                columns = head
            elif len(row) <= max(columns):
                yield None
            else:
                yield _row(row[columns[0]].strip(), row[columns[1]].strip(), reader.line_num)
    except csv.Error as error:
        raise _UnfitError(f"no CSV: {error}") from None


def _columns(head: list[str]) -> tuple[int, int] | None:
    name = next((head.index(key) for key in _NAMES if key in head), None)
    length = next((head.index(key) for key in _LENGTHS if key in head), None)
    return (name, length) if name is not None and length is not None else None


# JUnit XML ---------------------------------------------------------------------------------------


class _Suites:
    """Collects the times of test suites, and of the test cases in each of them."""

    def __init__(self) -> None:
        self.rows: list[Row | None] = []
        self.parser = expat.ParserCreate("utf-8")
        self._open: list[str] = []
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _refuse(self, *_: object) -> None:
        raise _UnfitError("XML with a document type is not read")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._open.append(tag)
        if len(self._open) > _MOST_DEPTH or len(self.rows) > _MOST_ROWS:
            raise _UnfitError("the XML is too deep or too long")
        if tag in ("testsuite", "testsuites", "testcase") and "name" in attributes:
            line = self.parser.CurrentLineNumber
            name = attributes["name"]
            if tag == "testcase" and attributes.get("classname"):
                name = f"{attributes['classname']}.{name}"
            self.rows.append(_row(name, attributes.get("time", ""), line))

    def _end(self, _tag: str) -> None:
        self._open.pop()


def _xml(text: str) -> list[Row | None]:
    suites = _Suites()
    try:
        suites.parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        raise _UnfitError(f"no XML: line {error.lineno}") from None
    return suites.rows
