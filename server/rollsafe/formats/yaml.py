"""YAML and JSON into the positioned model of `nodes`, from libyaml's events.

Events keep aliases unexpanded and give exact marks; depth, size and event count are bounded, so no input
can stall or crash the reader. A text libyaml rejects is read again with the suspect line blanked
(`recover`), because a half-typed file is the normal state of a file in an editor.
"""

import re
from functools import lru_cache
from itertools import islice, pairwise
from typing import Any, Final, Protocol, TypeAlias, cast

import yaml
from yaml import cyaml

from rollsafe.formats.nodes import Alias, Entry, Mapping, Node, Scalar, Sequence, Tree, walk
from rollsafe.formats.problems import Problem
from rollsafe.formats.yaml_mask import Masked, is_clean, mask
from rollsafe.formats.yaml_parts import LONG, read_by_entries, read_part_once
from rollsafe.text import Span
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

MAX_CHARS: Final = 1_048_576
MAX_DEPTH: Final = 200
MAX_ITEMS: Final = 50_000
"""Line breaks and commas a text may hold: counting them is cheap, and nodes cannot outnumber them much."""
MAX_EVENTS: Final = 200_000
MAX_DOCUMENTS: Final = 2_000
_REMEMBERED: Final = 2
_DOCUMENT = lazily(r"^---(?=[ \t\r\n])", re.M)
_BLOCK: Final = frozenset({"|", ">"})
_PLAIN_TAGS: Final = frozenset(
    {"str", "int", "float", "bool", "null", "map", "seq", "set", "omap", "pairs", "binary", "timestamp"}
)
_PROPERTIES = lazily(r"(?:[&!][^\s,\[\]{}]*(?:\s+(?:#[^\r\n]*[\r\n]\s*)*)?)+")
"""The anchor and the tag before a node."""
_ROUNDS: Final = 4
_RECOVERY_CHARS: Final = 400_000
"""How many characters the attempts of one recovery may read together; at least two attempts are made."""


class Attempt(NamedTuple):
    """One parse: what was read, and where it stopped (`error` None when it did not)."""

    documents: list[Node]
    nodes: int
    error: "Failure | None"


class Failure(NamedTuple):
    """Why a parse stopped: 0-based lines of the problem and its context, offset, libyaml's words."""

    line: int
    context_line: int | None
    offset: int
    message: str
    fatal: bool = False


class _Parser(Protocol):
    def get_event(self) -> Any: ...


def _parser(text: str) -> _Parser:
    # The stubs of PyYAML do not know the name under which it exports libyaml's parser.
    return cast("_Parser", vars(cyaml)["CParser"](text))


@lru_cache(maxsize=_REMEMBERED)
def read_yaml(text: str) -> Tree:
    """Read every document of a YAML (or JSON) text; never raises.

    Each document is read by itself, so that an error in one costs nothing of the others. Input that is
    too large, too deep or has too many nodes gives the complete documents before the limit and a fatal
    problem. What was read last is remembered: several views of one file ask for it, one after the other.
    """
    if len(text) > MAX_CHARS:
        return Tree([], [Problem(0, 0, f"larger than {MAX_CHARS} characters", fatal=True)])
    if text.count("\n") + text.count(",") + text.count("\r") > MAX_ITEMS:
        return Tree([], [Problem(0, 0, f"more than {MAX_ITEMS} lines or items", fatal=True)])
    bounds = _document_bounds(text)
    if len(bounds) == 1:
        return read_by_entries(text, _read_document, _stop) or _read_document(text, 0)
    trees = [read_part_once(text[start:end], start, _read_document) for start, end in bounds]
    documents = [root for tree in trees for root in tree.documents]
    problems = [problem for tree in trees for problem in tree.problems]
    return Tree(documents, problems, any(tree.templated for tree in trees))


def read_part(text: str, offset: int) -> Tree:
    """Read YAML that stands at `offset` of a larger text, with positions of that text; never raises.

    Unlike `read_yaml` this is strict: reading stops at the first error, there is one document at most and no
    template, and what other readers refuse is a problem: control characters, tags of programs, and aliases
    that stand for nothing.
    """
    if text.count("\n") + text.count(",") + text.count("\r") > MAX_ITEMS:
        return Tree([], [Problem(offset, offset, f"more than {MAX_ITEMS} lines or items", fatal=True)])
    attempt = _parse(mask(text, offset, templates=False))
    error = attempt.error
    problems = [Problem(error.offset, error.offset, error.message, error.fatal)] if error else []
    if not is_clean(text):
        problems.append(Problem(offset, offset, "holds control characters"))
    refused = (_refused(node) for document in attempt.documents for node in walk(document))
    problems += islice((problem for problem in refused if problem is not None), 1)
    return Tree(attempt.documents, problems)


def _refused(node: Node) -> Problem | None:
    """Say why readers refuse a node that libyaml takes."""
    if isinstance(node, Alias):
        words = f"`*{node.name}` stands for nothing"
        return None if node.target is not None else Problem(node.start, node.end, words)
    tag = node.tag if isinstance(node, Scalar | Mapping | Sequence) else None
    if tag is None or tag == "!" or tag.removeprefix("tag:yaml.org,2002:") in _PLAIN_TAGS:
        return None
    return Problem(
        node.start, node.end, f"the tag `{tag.removeprefix('tag:yaml.org,2002:')}` is a program's own"
    )


def _document_bounds(text: str) -> list[tuple[int, int]]:
    """Return where documents begin and end: at every line that begins with `---`, which nothing else can."""
    starts = [match.start() for match in _DOCUMENT.finditer(text)] if "\n---" in text else []
    # A `%` line belongs to the document after it.
    if len(starts) > MAX_DOCUMENTS or text.startswith("%") or "\n%" in text:
        starts = []
    edges = [0, *(start for start in starts if start), len(text)]
    return list(pairwise(edges))


def _read_document(text: str, offset: int) -> Tree:
    masked = mask(text, offset)
    attempt = _parse(masked)
    if attempt.error is not None and masked.templated:
        # Braces that open in a script and close far below are none of a template.
        plain = mask(text, offset, templates=False)
        as_written = _parse(plain)
        if as_written.error is None:
            masked, attempt = plain, as_written
    problems: list[Problem] = []
    if attempt.error is not None:
        error = attempt.error
        at = min(error.offset, offset + len(text))
        problems.append(Problem(at, at, error.message, error.fatal))
        around = _read_around(text, masked, error) if not offset and not error.fatal else None
        if around is not None:
            return Tree(around.documents, problems, damaged=around.damaged)
        if not error.fatal:
            attempt = _recover(masked, attempt)
    return Tree(attempt.documents, problems, masked.templated)


def _read_around(text: str, masked: Masked, error: Failure) -> Tree | None:
    """Return what is left of a document without the entries, or the line, that are damaged."""
    if masked.templated or masked.base:
        return None
    long = LONG if len(text) >= LONG else 0
    by_entries = read_by_entries(text, _read_document, _stop, long) if not long else None
    if by_entries is not None:
        return by_entries
    found: list[Tree] = []
    for line in _suspects(masked, error):
        start, end = masked.lines.line_start(line), masked.lines.line_end(line)
        if start == end:
            continue
        without = text[:start] + "#" + " " * (end - start - 1) + text[end:]
        tree = read_by_entries(without, _read_document, lambda _: None, long)
        if tree is not None:
            tree.damaged = (Span(start, end),)
            found.append(tree)
    return max(found, key=_size) if len(found) > 1 else found[0] if found else None


def _size(tree: Tree) -> int:
    return sum(1 for root in tree.documents for _ in walk(root))


def _stop(text: str) -> Problem | None:
    """Return where reading a document stops, without looking for what it may mean; None if it does not."""
    masked = mask(text)
    error = _parse(masked).error if not masked.templated else None
    return Problem(error.offset, error.offset, error.message) if error and not error.fatal else None


def _recover(masked: Masked, first: Attempt) -> Attempt:
    """Blank one suspect line at a time and keep what reads best, at most `_ROUNDS` times."""
    best = first
    attempts = max(2, _RECOVERY_CHARS // (len(masked.text) + 1))
    for _ in range(_ROUNDS):
        if best.error is None or best.error.fatal or attempts <= 0:
            break
        suspects = _suspects(masked, best.error)[:attempts]
        attempts -= len(suspects)
        found = _best_candidate(masked, suspects)
        if found is None or not _reads_better(found[1], best):
            break
        masked, best = found
    return best


def _reads_better(one: Attempt, other: Attempt) -> bool:
    return _rank(one) > _rank(other)


def _rank(attempt: Attempt) -> tuple[bool, int, int]:
    """Order attempts: complete ones first, then by how far they came, then by how much they hold."""
    error = attempt.error
    reached = error.offset if error is not None else 0
    return (error is None, reached, attempt.nodes)


def _best_candidate(masked: Masked, suspects: list[int]) -> tuple[Masked, Attempt] | None:
    found: tuple[Masked, Attempt] | None = None
    for line in suspects:
        candidate = masked.without_line(line)
        if candidate is None:
            continue
        attempt = _parse(candidate)
        if found is None or _reads_better(attempt, found[1]):
            found = (candidate, attempt)
    return found


def _suspects(masked: Masked, error: Failure) -> list[int]:
    """Return the lines that may be at fault: the problem's, the one before it, the context's."""
    before = masked.content_line_before(error.line)
    suspects = [error.line, before, error.context_line]
    return list(dict.fromkeys(line for line in suspects if line is not None))


def _parse(masked: Masked) -> Attempt:
    builder = _Builder(masked)
    try:
        error = builder.run(_parser(masked.text))
    except yaml.MarkedYAMLError as raised:
        error = _failure(raised, masked)
    except (yaml.YAMLError, ValueError, RecursionError) as raised:
        error = Failure(0, None, 0, str(raised).partition("\n")[0], fatal=True)
    builder.close()
    return Attempt(builder.documents, builder.nodes, error)


def _failure(raised: yaml.MarkedYAMLError, masked: Masked) -> Failure:
    mark = raised.problem_mark or raised.context_mark
    context = raised.context_mark
    message = " ".join(part for part in (raised.context, raised.problem) if part)
    return Failure(
        line=mark.line if mark else 0,
        context_line=context.line if context else None,
        offset=(mark.index if mark else 0) + masked.base,
        message=message or "not valid YAML",
    )


class _Mark(Protocol):
    index: int
    line: int
    column: int


class _Event(Protocol):
    """The attributes of libyaml's events that the builder reads."""

    start_mark: _Mark
    end_mark: _Mark
    anchor: str | None
    tag: str | None
    value: str
    style: str | None
    flow_style: bool


_Open: TypeAlias = tuple[Mapping | Sequence, list[Node]]


class _Builder:
    """Builds nodes from events.

    The children of an open container gather in a flat list (keys and values in turn for a mapping);
    closing it gives them their shape. `run` is the hottest loop of the program, hence its length.
    """

    def __init__(self, masked: Masked) -> None:
        self.documents: list[Node] = []
        self.nodes = 0
        self._masked = masked
        self._base = masked.base
        self._open: list[_Open] = []
        self._roots: list[Node] = []
        self._anchors: dict[str, Node] = {}

    def run(self, parser: _Parser) -> Failure | None:
        """Consume all events; return why reading stopped early, if it did."""
        get, base, templated = parser.get_event, self._base, self._masked.templated
        scalar_event, mapping_end, sequence_end = (
            yaml.ScalarEvent,
            yaml.MappingEndEvent,
            yaml.SequenceEndEvent,
        )
        children = self._roots
        for count in range(MAX_EVENTS):
            event = get()
            kind = event.__class__
            if kind is scalar_event:
                style = event.style
                if templated or style in _BLOCK or event.anchor is not None or event.tag is not None:
                    children.append(self._special_scalar(event))
                    continue
                start, end = event.start_mark.index + base, event.end_mark.index + base
                children.append(Scalar(start, end, event.value, not style, "", event.tag))
            elif kind is mapping_end or kind is sequence_end:
                children = self._close_one(event.end_mark.index)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                children = self._open_one(event, children, kind is yaml.MappingStartEvent)
                if len(self._open) > MAX_DEPTH:
                    return self._refuse(f"nested deeper than {MAX_DEPTH}", event.start_mark)
            elif kind is yaml.AliasEvent:
                children.append(self._alias(event))
            elif kind is yaml.DocumentStartEvent:
                self._anchors = {}
            elif kind is yaml.StreamEndEvent:
                self.nodes = count
                return None
        return self._refuse(f"more than {MAX_EVENTS} events", get().start_mark)

    def close(self) -> None:
        """Close what a stopped parse left open, at the end of its last child."""
        while self._open:
            self._close_one(None)
        self.documents = [
            root for root in self._roots if root.end > root.start or not isinstance(root, Scalar)
        ]
        self.nodes = self.nodes or sum(1 for root in self.documents for _ in walk(root))

    def _refuse(self, message: str, mark: _Mark) -> Failure:
        # The document at hand is dropped: half of a hostile document answers nothing.
        if self._open:
            self._roots.pop()
            self._open.clear()
        return Failure(mark.line, None, mark.index + self._base, message, fatal=True)

    def _start(self, event: _Event) -> int:
        """Return where a node begins, its anchor and its tag left out: an edit of it keeps them."""
        at = event.start_mark.index
        if event.anchor is not None or event.tag is not None:
            found = _PROPERTIES.match(self._masked.text, at, event.end_mark.index)
            at = found.end() if found is not None else at
        return at + self._base

    def _special_scalar(self, event: _Event) -> Scalar:
        start, end = self._start(event), event.end_mark.index + self._base
        style = event.style or ""
        node = Scalar(start, end, event.value, not style, "", event.tag)
        if style in _BLOCK:
            node.block = style
            node.end = self._masked.trimmed_end(start, end)
        if self._masked.templated:
            node.text = self._masked.restore(node.text, start, end)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _open_one(self, event: _Event, siblings: list[Node], is_mapping: bool) -> list[Node]:
        start = self._start(event)
        make = Mapping if is_mapping else Sequence
        node = make(start, start, bool(event.flow_style), event.tag)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        siblings.append(node)
        children: list[Node] = []
        self._open.append((node, children))
        return children

    def _alias(self, event: _Event) -> Alias:
        name = event.anchor or ""
        start, end = event.start_mark.index + self._base, event.end_mark.index + self._base
        return Alias(start, end, name, self._anchors.get(name))

    def _close_one(self, mark: int | None) -> list[Node]:
        """Give the innermost container its children; return the list its siblings gather in."""
        node, children = self._open.pop()
        if isinstance(node, Mapping):
            if len(children) % 2:
                # The parse stopped between a key and its value.
                children.append(Scalar(children[-1].end, children[-1].end, ""))
            node.entries = list(map(Entry, children[::2], children[1::2]))
        else:
            node.items = children
        if node.flow and mark is not None:
            node.end = mark + self._base
        elif children:
            node.end = children[-1].end
        return self._open[-1][1] if self._open else self._roots
