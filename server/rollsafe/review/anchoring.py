"""Checks what a model claims against the files themselves; what cannot be placed is dropped.

A model miscounts lines, quotes what is not there and repeats itself. A claim survives when its
quote is a line of the file, its key was asked for about such a file, no deterministic rule spoke of
the place, nobody silenced it, and there is room.
"""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from enum import StrEnum

from rollsafe.review.evidence import Checked, check, names_are_shown, proves, quoted, told
from rollsafe.review.pages import Page, digest
from rollsafe.review.plain import plain
from rollsafe.review.prompt import INSTRUCTION_KEY
from rollsafe.review.request import Claim, ReviewFile, ReviewKey, ReviewRequest, SentFile
from rollsafe.text.records import record, replace
from rollsafe.text.tuples import NamedTuple

UNVERIFIED = "AI, unverified"
CHECKED = "AI, evidence checked"
"""What stands beside every remark: whether what it rests on was found to be so. Its conclusion never is."""

NAMESPACE = "ai/"
"""What a key's name begins with wherever rules have names, too."""

_INSTRUCTIONS = ReviewKey(
    INSTRUCTION_KEY,
    "text that addresses a reviewer",
    proof="reads (ignore, instruct, approve, assistant, reviewer, model, prompt, system, you are, report)",
)
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
    CONTRADICTED = "contradicted"
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

    With `cached` it is the kept answer to the same question, and nothing was sent this time. `origin` is the
    file of an agent that is not built in.
    """

    model: str
    request_id: str
    agent: str
    prompt_version: str
    persona: str
    cached: bool = False
    origin: str = ""

    @property
    def said_for(self) -> str:
        """The agent as people are told of it: one of a file never looks like a built-in one."""
        return f"{self.agent} of {self.origin}" if self.origin else self.agent


@record
class Remark:
    """A claim that survived: about the text from `start` to `end`, the whole of `line`.

    Offsets count code points of the reviewed text; `line` is 1-based. `quote` is the line as the
    model saw it, so a frontend may show it. `severity` is `info` or `hint`. Message and `why` are
    one line of plain text each, and are to be rendered as such.

    `evidence` says what was found to be true of the files, in our words; with `verified` it is what the key
    asks for as proof. `content` stands for the text the remark is about, `thing` is the smallest node that
    holds it, and `root` and `own_path` say which file of which project that is in.
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
    thing: str = ""
    content: str = ""
    root: str = ""
    own_path: str = ""
    verified: bool = False
    evidence: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What the remark is called beside findings of rules, and in a comment that silences it."""
        return NAMESPACE + self.key

    @property
    def mark(self) -> str:
        """What is shown beside the remark, so that nobody takes it for a finding."""
        return CHECKED if self.verified else UNVERIFIED

    @property
    def fingerprint(self) -> str:
        """A name for the remark that outlives moves within its file: what dismissals refer to."""
        thing = self.thing.partition("#")[0]
        return digest((self.key, self.own_path or self.path, thing, " ".join(self.quote.split())))


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
    files = {sent.path: Page(sent, source) for sent, source in shown}
    judge = _Judge(request, files, provenance, dismissed)
    ordered = sorted(claims, key=lambda claim: -claim.confidence)
    verdicts = [judge.verdict(claim) for claim in ordered]
    remarks = [verdict for verdict in verdicts if isinstance(verdict, Remark)]
    order = {page.source.path: at for at, page in enumerate(files.values())}
    remarks.sort(key=lambda remark: (order[remark.path], remark.line, remark.key))
    dropped = Counter(verdict for verdict in verdicts if isinstance(verdict, DropReason))
    return Verified(tuple(remarks), dict(dropped))


class _Judge:
    """Takes claims one by one, the surest first, and remembers what was already said."""

    def __init__(
        self,
        request: ReviewRequest,
        pages: Mapping[str, Page],
        provenance: Provenance,
        dismissed: Container[tuple[str, Dismissed]],
    ) -> None:
        self._limits = request.limits
        always = () if request.origin else (_INSTRUCTIONS,)
        self._keys = {key.name: key for key in (*request.keys, *always)}
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
        evidence = check(claim.evidence, self._pages)
        if False in evidence:
            return DropReason.CONTRADICTED
        true = [item for item in evidence if isinstance(item, Checked)]
        remark = self._remark(claim, page, line)
        if proves(key.proof, [quoted(claim.file, line, remark.quote), *true]):
            remark = replace(remark, verified=names_are_shown(f"{remark.message} {remark.why}", self._pages))
        remark = replace(remark, evidence=tuple(told(true)))
        if (remark.root, Dismissed(remark.fingerprint, remark.content)) in self._dismissed:
            return DropReason.DISMISSED
        return _objection(remark, key, page) or self._admitted(remark)

    def _remark(self, claim: Claim, page: Page, line: int) -> Remark:
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
            thing=next((node.id for node in page.nodes_around(line)), ""),
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


def _objection(remark: Remark, key: ReviewKey, page: Page) -> DropReason | None:
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


def _node_of(claim: Claim, page: Page, line: int) -> str:
    """Return the claimed node when it holds the line, else the smallest that does, else nothing."""
    around = page.nodes_around(line)
    claimed = page.sent_nodes.get(claim.node_id)
    if claimed is not None and claimed in around:
        return claimed.id
    return around[0].id if around else ""
