"""What a model is asked about files that were analysed: one question for each agent that looks at them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.discovery import installed_agents
from rollsafe.engine.found import Found
from rollsafe.review.added import Looking, question_for
from rollsafe.review.redaction import secrets_in
from rollsafe.review.request import (
    Dismissal,
    KnownFact,
    KnownFinding,
    NodeRange,
    ReviewFile,
    ReviewKey,
    ReviewRequest,
)
from rollsafe.rules.agent import Agent
from rollsafe.rules.ignores import IgnoreComment, read_ignores
from rollsafe.text import Located
from rollsafe.text.tuples import NamedTuple

_MOST_NODES = 200
_NAMES = ("id", "name")
_LONGEST_NAME = 60
_LOOKED_AT = 2_000_000


class Reviewed(NamedTuple):
    """A file of the project at `root` that was analysed, and what was found; `path` is what it is called."""

    path: str
    artefact: Artefact
    findings: tuple[Found, ...]
    root: str = ""
    facts: tuple[KnownFact, ...] = ()


def questions_about(
    files: Iterable[Reviewed],
    today: date,
    beside: Iterable[SourceFile] = (),
    added: Iterable[Looking] = (),
) -> list[ReviewRequest]:
    """Return one question for each agent that has review keys for any of the files, in their order.

    Each file goes to every agent that looks at its kind. Ignore comments in force on `today` count. Secrets
    of the files `beside` are looked for in those that are shown. Agents that files have `added` come last.
    """
    shown = [review_file(one, today) for one in files]
    if not shown:
        return []
    secrets = secrets_in((*shown, *within_reason(beside)))
    asked = [_question(agent, shown, secrets) for agent in installed_agents()]
    asked += (question_for(one, shown, secrets) for one in added)
    return [request for request in asked if request is not None]


def within_reason(files: Iterable[SourceFile]) -> Iterator[ReviewFile]:
    """Yield files to look for secrets in, while a look at them takes a second at most."""
    left = _LOOKED_AT
    for file in files:
        left -= len(file.text)
        if left < 0:
            return
        yield ReviewFile(file.path, file.text)


def _question(agent: Agent, files: Sequence[ReviewFile], secrets: frozenset[str]) -> ReviewRequest | None:
    """Return what is asked for one agent: all its keys, so that the question begins the same each time."""
    wanted = {kind for check in agent.checks for kind in check.kinds}
    own = tuple(file for file in files if file.kind in wanted)
    keys = tuple(ReviewKey(*check) for check in agent.checks)
    return ReviewRequest(agent.name, agent.persona, keys, own, secrets=secrets) if own else None


def review_file(reviewed: Reviewed, today: date) -> ReviewFile:
    """Return an analysed file as a question about it has it."""
    path, artefact, findings, root, facts = reviewed
    file, elements = artefact.file, artefact.elements[:_MOST_NODES]
    nodes = tuple(_nodes(file, elements))
    ids = {(e.start, e.end): node.id for e, node in zip(elements, nodes, strict=True)}
    known = tuple(
        KnownFinding(it.rule.name, file.line_number(it.span), it.message, ids.get(it.subject, ""))
        for it in findings
    )
    return ReviewFile(
        path=path,
        text=file.text,
        nodes=nodes,
        findings=known,
        dismissed=tuple(_dismissals(file, nodes, today)),
        kind=artefact.kind,
        secrets=tuple(file.slice(it.span) for it in findings if it.sensitive),
        root=root,
        own_path=file.path,
        facts=facts,
    )


def _nodes(file: SourceFile, elements: Sequence[Element]) -> Iterator[NodeRange]:
    """Yield the things of a file, each called by its class and name, and by a number where several are."""
    met: Counter[str] = Counter()
    for element in elements:
        named = _called(element)
        met[named] += 1
        unique = f"{named}#{met[named]}" if met[named] > 1 else named
        yield NodeRange(unique, *_lines(file, element))


def _called(element: Element) -> str:
    """Return what an element is called, as far as its class gives it a name."""
    names = (getattr(element, attribute, None) for attribute in _NAMES)
    name = next((name for name in names if isinstance(name, str) and name), "")
    short = " ".join(name.replace("#", " ").split())[:_LONGEST_NAME]
    return f"{type(element).__name__}:{short}" if short else type(element).__name__


def _lines(file: SourceFile, where: Located) -> tuple[int, int]:
    lines = file.lines
    return lines.line_of(where.start) + 1, lines.line_of(max(where.start, where.end - 1)) + 1


def _dismissals(file: SourceFile, nodes: Sequence[NodeRange], today: date) -> Iterator[Dismissal]:
    """Yield what the ignore comments of a file silence, and for which lines."""
    for comment in read_ignores(file):
        if comment.in_force(today):
            first, last = _spoken_of(comment, file, nodes)
            yield from (Dismissal(named.name, first, last) for named in comment.names)


def _spoken_of(comment: IgnoreComment, file: SourceFile, nodes: Sequence[NodeRange]) -> tuple[int, int]:
    """Return the lines a comment speaks of: the file, or a line and what begins there."""
    if comment.line is None:
        return 1, len(file.lines)
    ends = (node.last_line for node in nodes if node.first_line == comment.line)
    return comment.line, max(ends, default=comment.line)
