"""Checks what a model claims against the files themselves; what cannot be placed is dropped.

A model miscounts lines, quotes what is not there and repeats itself. A claim survives when its
quote is a line of the file, its key was asked for about such a file, no deterministic rule spoke of
the place, nobody silenced it, and there is room.
"""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple

from rollsafe.review.plain import plain
from rollsafe.review.prompt import INSTRUCTION_KEY
from rollsafe.review.request import Claim, NodeRange, ReviewFile, ReviewKey, ReviewRequest, SentFile
from rollsafe.text import LineIndex
from rollsafe.text.secrets import PLACEHOLDER

SOURCE = "rollsafe (AI, unverified)"
"""What a frontend shows as the origin of a remark."""

NAMESPACE = "ai/"
"""What a key's name begins with wherever rules have names, too."""

_INSTRUCTIONS = ReviewKey(INSTRUCTION_KEY, "text that addresses a reviewer")
_NEAR = 10
_LARGE = 60
_MESSAGE_LIMIT = 200
_WHY_LIMIT = 600


class DropReason(StrEnum):
    """Why a claim is not shown."""

    MALFORMED = "malformed"
    UNKNOWN_FILE = "unknown-file"
    FOREIGN_KEY = "foreign-key"
    UNSURE = "unsure"
    NO_TEXT = "no-text"
    UNANCHORED = "unanchored"
    DISMISSED = "dismissed"
    ALREADY_FOUND = "already-found"
    REPEATED = "repeated"
    FILE_FULL = "file-full"
    RUN_FULL = "run-full"


class Dismissed(NamedTuple):
    """What was set aside: a remark, for as long as the text it is about stays the same."""

    fingerprint: str
    content: str


class Provenance(NamedTuple):
    """Where an answer comes from; `persona` is a digest of the agent's description.

    With `cached` it is the kept answer to the same question, and nothing was sent this time.
    """

    model: str
    request_id: str
    agent: str
    prompt_version: str
    persona: str
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """A claim that survived: about the text from `start` to `end`, the whole of `line`.

    Offsets count code points of the reviewed text; `line` is 1-based. `quote` is the line as the
    model saw it, so a frontend may show it. `severity` is `info` or `hint`. Message and `why` are
    one line of plain text each, and are to be rendered as such. `content` stands for the text the remark is
    about; `root` and `own_path` say which file of which project that is in.
    """

    path: str
    line: int
    start: int
    end: int
    node_id: str
    quote: str
    key: str
    message: str
    why: str
    severity: str
    confidence: float
    provenance: Provenance
    content: str = ""
    root: str = ""
    own_path: str = ""

    @property
    def name(self) -> str:
        """What the remark is called beside findings of rules, and in a comment that silences it."""
        return NAMESPACE + self.key

    @property
    def fingerprint(self) -> str:
        """A name for the remark that outlives moves within its file: what dismissals refer to."""
        node = self.node_id.partition("#")[0]
        return _digest(self.key, self.own_path or self.path, node, " ".join(self.quote.split()))


def _digest(*parts: str) -> str:
    """Return what stands for texts; secrets count as such, whatever number they had in a request."""
    same = (PLACEHOLDER.sub("<<SECRET>>", part) for part in parts)
    return sha256("\0".join(same).encode("utf-8", "replace")).hexdigest()[:16]


class Verified(NamedTuple):
    """The remarks in the order of the files, and how many claims were dropped for which reason."""

    remarks: tuple[Remark, ...]
    dropped: Mapping[DropReason, int]


def verify(
    claims: Sequence[Claim],
    request: ReviewRequest,
    shown: Iterable[tuple[SentFile, ReviewFile]],
    provenance: Provenance,
    dismissed: Container[tuple[str, Dismissed]] = (),
) -> Verified:
    """Return what survives of `claims`; `shown` pairs what was sent of a file with the file.

    `dismissed` holds what was set aside, with the root of its project.
    """
    files = {sent.path: _Page(sent, source) for sent, source in shown}
    judge = _Judge(request, files, provenance, dismissed)
    ordered = sorted(claims, key=lambda claim: -claim.confidence)
    verdicts = [judge.verdict(claim) for claim in ordered]
    remarks = [verdict for verdict in verdicts if isinstance(verdict, Remark)]
    order = {page.source.path: at for at, page in enumerate(files.values())}
    remarks.sort(key=lambda remark: (order[remark.path], remark.line, remark.key))
    dropped = Counter(verdict for verdict in verdicts if isinstance(verdict, DropReason))
    return Verified(tuple(remarks), dict(dropped))


class _Page:
    """A file as it was shown, ready to be searched."""

    def __init__(self, sent: SentFile, source: ReviewFile) -> None:
        self.source = source
        self.lines = {line.number: _bare(line.text) for line in sent.lines}
        self.sent_nodes = {node.id: own for node, own in zip(sent.nodes, source.nodes, strict=True)}

    @cached_property
    def index(self) -> LineIndex:
        """The lines of the file itself."""
        return LineIndex(self.source.text)

    def anchor(self, claim: Claim) -> int | None:
        """Return the 1-based line the claim's quote stands for, or None when that is open."""
        quote = _bare(claim.quote)
        if not any(map(str.isalnum, quote)):
            return None
        if self.lines.get(claim.line) == quote:
            return claim.line
        found = [number for number, text in self.lines.items() if text == quote]
        for first, last in self._ranges(claim):
            inside = [number for number in found if first <= number <= last]
            if len(inside) == 1:
                return inside[0]
        return found[0] if len(found) == 1 else None

    def _ranges(self, claim: Claim) -> Iterator[tuple[int, int]]:
        node = self.sent_nodes.get(claim.node_id)
        if node is not None:
            yield node.first_line, node.last_line
        yield claim.line - _NEAR, claim.line + _NEAR

    def content(self, line: int) -> str:
        """Return what stands for the text around a line: that of the smallest thing in the file it is in.

        Where that is large, or the whole file, it is the paragraph instead.
        """
        node = next(iter(self.nodes_around(line)), None)
        rows = [row for row in self.lines if node and node.first_line <= row <= node.last_line]
        if len(rows) in (0, len(self.lines)) or len(rows) > _LARGE:
            rows = list(self._paragraph(line))
        return _digest(*(self.lines[row] for row in rows))

    def _paragraph(self, line: int) -> Iterator[int]:
        first = last = line
        while first - 1 in self.lines:
            first -= 1
        while last + 1 in self.lines:
            last += 1
        yield from range(max(first, line - _LARGE), min(last, line + _LARGE) + 1)

    def nodes_around(self, line: int) -> list[NodeRange]:
        """Return the nodes that hold a line, the smallest first."""
        around = [n for n in self.source.nodes if n.first_line <= line <= n.last_line]
        return sorted(around, key=lambda node: node.last_line - node.first_line)


def _bare(text: str) -> str:
    return text.removesuffix("…").strip()


class _Judge:
    """Takes claims one by one, the surest first, and remembers what was already said."""

    def __init__(
        self,
        request: ReviewRequest,
        pages: Mapping[str, _Page],
        provenance: Provenance,
        dismissed: Container[tuple[str, Dismissed]],
    ) -> None:
        self._limits = request.limits
        self._keys = {key.name: key for key in (*request.keys, _INSTRUCTIONS)}
        self._pages = pages
        self._provenance = provenance
        self._dismissed = dismissed
        self._said: set[tuple[str, str, str]] = set()
        self._per_file: Counter[str] = Counter()

    def verdict(self, claim: Claim) -> Remark | DropReason:
        """Return the remark a claim becomes, or why it becomes none."""
        page = self._pages.get(claim.file)
        if page is None:
            return DropReason.UNKNOWN_FILE
        key = self._keys.get(claim.key)
        if key is None or (key.kinds and page.source.kind not in key.kinds):
            return DropReason.FOREIGN_KEY
        if claim.confidence < self._limits.confidence:
            return DropReason.UNSURE
        line = page.anchor(claim)
        if line is None:
            return DropReason.UNANCHORED
        remark = self._remark(claim, page, line)
        if (remark.root, Dismissed(remark.fingerprint, remark.content)) in self._dismissed:
            return DropReason.DISMISSED
        return _objection(remark, key, page) or self._admitted(remark)

    def _remark(self, claim: Claim, page: _Page, line: int) -> Remark:
        text = page.index.line_text(line - 1)
        start = page.index.line_start(line - 1)
        return Remark(
            path=page.source.path,
            line=line,
            start=start + len(text) - len(text.lstrip()),
            end=start + len(text.rstrip()),
            node_id=_node_of(claim, page, line),
            quote=page.lines[line],
            key=claim.key,
            message=plain(claim.message, _MESSAGE_LIMIT),
            why=plain(claim.why, _WHY_LIMIT),
            severity="hint" if claim.severity == "hint" else "info",
            confidence=claim.confidence,
            provenance=self._provenance,
            content=page.content(line),
            root=page.source.root,
            own_path=page.source.own_path,
        )

    def _admitted(self, remark: Remark) -> Remark | DropReason:
        """Return the remark when nothing like it was said and there is room for it."""
        identity = (remark.path, remark.key, remark.node_id or str(remark.line))
        if identity in self._said:
            return DropReason.REPEATED
        if self._per_file[remark.path] >= self._limits.per_file:
            return DropReason.FILE_FULL
        if self._per_file.total() >= self._limits.per_run:
            return DropReason.RUN_FULL
        self._said.add(identity)
        self._per_file[remark.path] += 1
        return remark


def _objection(remark: Remark, key: ReviewKey, page: _Page) -> DropReason | None:
    """Return what speaks against a placed remark: a person, a rule, or that it says nothing."""
    if not remark.message:
        return DropReason.NO_TEXT
    names = {f"{NAMESPACE}{remark.key}", *key.rules}
    if any(d.name in names and d.first <= remark.line <= d.last for d in page.source.dismissed):
        return DropReason.DISMISSED
    around = {node.id for node in page.nodes_around(remark.line)}
    for known in page.source.findings:
        if known.line == remark.line or (known.rule in key.rules and known.node_id in around):
            return DropReason.ALREADY_FOUND
    return None


def _node_of(claim: Claim, page: _Page, line: int) -> str:
    """Return the claimed node when it holds the line, else the smallest that does, else nothing."""
    around = page.nodes_around(line)
    claimed = page.sent_nodes.get(claim.node_id)
    if claimed is not None and claimed in around:
        return claimed.id
    return around[0].id if around else ""
