"""The labelled files: each alone in a project of its own, and the questions about them."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.project import Project
from rollsafe.review import Reviewed, ReviewLimits, ReviewRequest, questions_about
from rollsafe.review.facts import facts_by_path
from rollsafe.review.request import Evidence
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.snapshot import Snapshot

TODAY = date(2026, 1, 1)
_CASES = Path(__file__).parent / "cases"
_CASE = re.compile(r"^### (?P<path>\S+)\n(?P<label>.*?)\n\n```\w*\n(?P<text>.*?)^```$", re.M | re.S)
_AT_ONCE = 10


class Label(NamedTuple):
    """What a right remark is about: its key, the line it quotes, the smallest thing around that."""

    key: str
    line: str
    node: str
    evidence: tuple[Evidence, ...]
    message: str


class Case(NamedTuple):
    """A file; without a label any remark about it is wrong, for the reason in `nothing`."""

    path: str
    text: str
    label: Label | None
    nothing: str


@cache
def all_cases() -> tuple[Case, ...]:
    """Return the cases by path."""
    texts = (file.read_text(encoding="utf-8") for file in sorted(_CASES.glob("*.md")))
    found = (_case(match) for text in texts for match in _CASE.finditer(text))
    return tuple(sorted(found, key=lambda case: case.path))


def _case(match: re.Match[str]) -> Case:
    pairs = [line.split(": ", 1) for line in match["label"].splitlines()]
    told = {key: value for key, value in pairs if key not in ("evidence", "on")}
    if "remark" not in told:
        return Case(match["path"], match["text"], None, told["nothing"])
    evidence = tuple(_evidence(match["path"], pairs))
    label = Label(told["remark"], told["line"], told.get("node", ""), evidence, told["says"])
    return Case(match["path"], match["text"], label, "")


def _evidence(path: str, pairs: list[list[str]]) -> Iterator[Evidence]:
    """Yield the items of evidence; `on` names the node of the one above it."""
    for number, (key, value) in enumerate(pairs):
        if key == "evidence":
            says, text, other, *_ = (*value.split(" | "), "")
            after = pairs[number + 1] if number + 1 < len(pairs) else ["", ""]
            node = after[1] if after[0] == "on" else ""
            yield msgspec.convert(
                {"says": says, "file": path, "text": text, "other": other, "node_id": node}, Evidence
            )


def questions(cases: Iterable[Case] | None = None) -> list[ReviewRequest]:
    """Return the questions about the cases, a few files in each; no remark is one too many for a run."""
    reviewed = [_reviewed(case) for case in (all_cases() if cases is None else cases)]
    reviewed.sort(key=lambda one: (one.artefact.kind, one.path))
    found: list[ReviewRequest] = []
    for first in range(0, len(reviewed), _AT_ONCE):
        for request in questions_about(reviewed[first : first + _AT_ONCE], TODAY):
            found.append(msgspec.structs.replace(request, limits=ReviewLimits(per_run=1_000)))
    return found


@cache
def _reviewed(case: Case) -> Reviewed:
    file = SourceFile(case.path, case.text)
    snapshot = Snapshot("/case", Settings(), {case.path: file}, frozenset({case.path}))
    project = Project.open(snapshot, TODAY)
    project.analyse()
    artefact = project.engine.artefact(case.path)
    assert artefact is not None, f"{case.path} is no kind of file that is read"
    facts = facts_by_path(project, [case.path])[case.path]
    return Reviewed(case.path, artefact, project.engine.findings(case.path), "", facts)
