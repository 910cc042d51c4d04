"""How the repository itself says a backup is taken: in a pipeline or in its documentation."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.recognition import Role
from rollsafe.formats.markdown import read_markdown
from rollsafe.plans.commands import from_pipeline, words_of
from rollsafe.plans.contribution import PlanContext, derived, place_in
from rollsafe.plans.model import Claim
from rollsafe.text import Span
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.delivery import deploying_jobs, written
from rollsafe.workspace.pipelines import activities_of

_PROGRAMS: Final = ("pg_dump", "mysqldump")
_LONGEST: Final = 400_000
_FENCED = re.compile(r"^[ \t]*(?:\$ )?(?P<command>(?:pg_dump|mysqldump)\b[^\r\n|]*)$", re.M)


class Backup(NamedTuple):
    """A command that backs up the database, the file it writes if it names one, and where it is written."""

    command: str
    file: str | None
    claim: Claim


def documented_backup(context: PlanContext) -> Backup | None:
    """Return how the repository says the database is backed up; None where it does not say."""
    return next(_in_pipelines(context), None) or next(_in_documents(context), None)


def _in_pipelines(context: PlanContext) -> Iterator[Backup]:
    for job in deploying_jobs(context.after, context.environment):
        for act in activities_of(job, context.after.graph):
            if Role.BACKUP in act:
                command = from_pipeline(written(act) or "")
                if command is not None:
                    claim = derived(f"job `{job.id}` backs up so", place_in(act.file, act.where))
                    yield Backup(command, _file(command), claim)


def _in_documents(context: PlanContext) -> Iterator[Backup]:
    for path in sorted(context.after.paths):
        source = context.after.read(path) if path.lower().endswith((".md", ".markdown")) else None
        if source is None or len(source.text) > _LONGEST:
            continue
        if not any(program in source.text for program in _PROGRAMS):
            continue
        markdown = read_markdown(source.text)
        found = [(code.text, Span.of(code)) for code in markdown.codes]
        for fence in markdown.fences:
            inside = source.text[fence.start : fence.end]
            found += [
                (match["command"], Span(fence.start + match.start(), fence.start + match.end()))
                for match in _FENCED.finditer(inside)
            ]
        for text, span in sorted(found, key=lambda one: one[1]):
            command = from_pipeline(text) if words_of(text)[:1] and words_of(text)[0] in _PROGRAMS else None
            if command is not None:
                yield Backup(command, _file(command), derived("documented so", place_in(source, span)))


def _file(command: str) -> str | None:
    words = words_of(command)
    for at, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in ("--file", "--result-file") and equals:
            return value if "$" not in value else None
        if word in ("-f", "--file") and at + 1 < len(words):
            return words[at + 1] if "$" not in words[at + 1] else None
    return None
