"""Whether a change a model wrote may be offered: applied in memory, read again, judged by every agent."""

from collections import Counter
from collections.abc import Callable, Iterator

from rollsafe.artefacts.base import Artefact
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.found import Found
from rollsafe.engine.project import Project
from rollsafe.rules.foreign_ignores import read_foreign_ignores
from rollsafe.rules.ignores import read_ignores

IsGone = Callable[[Project], bool]
"""Says whether a hazard is no longer in a project that was changed."""


def objections_to(project: Project, path: str, text: str, is_gone: IsGone) -> list[str]:
    """Say what speaks against giving the file at `path` this text; empty when nothing does.

    `project` is analysed, belongs to the caller alone, and has the new text afterwards.
    """
    file, artefact = project.snapshot.files[path], project.engine.artefact(path)
    before = Counter(map(identity, project.engine.all_findings()))
    crashed = set(project.engine.failures)
    project.replace({path: text})
    return [
        *_changes_of_kind(artefact, project.engine.artefact(path)),
        *_silences(file, project.snapshot.files[path]),
        *(["the finding is still there"] if not is_gone(project) else []),
        *_new_findings(before, project),
        *(["a rule fails on the new text"] if set(project.engine.failures) - crashed else []),
    ]


def identity(found: Found) -> tuple[str, str, str, str]:
    """Return what makes two findings the same, wherever they stand in their file."""
    words = " ".join(found.file.slice(found.span).split())
    return (found.rule.name, found.path, found.message, words)


def finding_is_gone(target: Found, project: Project) -> IsGone:
    """Return whether fewer findings like `target` are left than in `project` as it is now.

    Like it are those of its rule in its file: one that only changed its words has not gone.
    """

    def count(one: Project) -> int:
        return sum(found.rule.name == target.rule.name for found in one.engine.findings(target.path))

    before = count(project)
    return lambda changed: count(changed) < before


def line_is_gone(path: str, line: str, project: Project) -> IsGone:
    """Return whether fewer lines of the file read `line` than in `project` as it is now."""

    def count(one: Project) -> int:
        lines = one.snapshot.files[path].lines
        return sum(lines.line_text(row).strip() == line.strip() for row in range(len(lines)))

    before = count(project)
    return lambda changed: count(changed) < before


def _changes_of_kind(before: Artefact | None, after: Artefact | None) -> Iterator[str]:
    if before is None or after is None or before.kind != after.kind:
        yield "the file is no longer what it was"
        return
    if len(after.problems) > len(before.problems):
        yield "the file can no longer be read as a whole"
    if _things(before) - _things(after):
        yield "something is no longer in the file"


def _things(artefact: Artefact) -> Counter[str]:
    return Counter(type(element).__name__ for element in artefact.elements)


def _silences(before: SourceFile, after: SourceFile) -> Iterator[str]:
    for read in (read_ignores, read_foreign_ignores):
        if len(read(after)) > len(read(before)):
            yield "a comment silences a rule"
            return


def _new_findings(before: Counter[tuple[str, str, str, str]], project: Project) -> Iterator[str]:
    left = before.copy()
    for found in project.engine.all_findings():
        known = identity(found)
        left[known] -= 1
        if left[known] < 0:
            yield f"`{found.rule.name}` finds something new in {found.path}"
