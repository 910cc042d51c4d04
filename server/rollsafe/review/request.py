"""What a review is about, what is sent of it, and what comes back; plain values, JSON both ways.

Lines are 1-based and ranges include their last line, as a model and a person count them.
"""

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta, Struct

from rollsafe.workspace.user_settings import Provider

Name = Annotated[str, Meta(max_length=300)]
Prose = Annotated[str, Meta(max_length=4_000)]


class LineRange(Struct, frozen=True):
    """The lines `first` to `last`."""

    first: int
    last: int


class NodeRange(Struct, frozen=True):
    """A thing in a file that a remark can be about: a service, a job, a statement.

    `id` is unique in its file, such as `ComposeService:web`. What follows a `#` in it counts things of one
    name; without that it stays the same while others come and go.
    """

    id: str
    first_line: int
    last_line: int


class KnownFinding(Struct, frozen=True):
    """What a deterministic rule said; it stands, whatever the model answers."""

    rule: str
    line: int
    message: str
    node_id: str = ""


class KnownFact(Struct, frozen=True):
    """What is known of a line by reading all files together: a lock, or what a service connects to."""

    line: int
    text: str


class Dismissal(Struct, frozen=True):
    """What a person silenced: the name of a rule, or `ai/` and a key, for the lines `first` to `last`."""

    name: str
    first: int
    last: int


class ReviewFile(Struct, frozen=True):
    """A file under review; `kind` is that of its artefact.

    `text` is the whole file: a secret is often recognised by lines that are not shown. `secrets` are
    values that rules know to be secret. `slices` are the lines to show, all of them when empty. `root` is
    its project, absolute, and `own_path` its path in there; a file without them is of no project.
    """

    path: str
    text: str
    nodes: tuple[NodeRange, ...] = ()
    findings: tuple[KnownFinding, ...] = ()
    dismissed: tuple[Dismissal, ...] = ()
    slices: tuple[LineRange, ...] = ()
    kind: str = ""
    secrets: tuple[str, ...] = ()
    root: str = ""
    own_path: str = ""
    facts: tuple[KnownFact, ...] = ()


class ReviewKey(Struct, frozen=True):
    """A kind of remark the agent may make, with what proves one and what does not.

    `kinds` are the kinds of file it is about, all of them when empty. `rules` report the same hazard: where
    one of them spoke or was silenced, the remark is not made. `proof` says which evidence has to be there for
    a remark to count as verified; without one, none does.
    """

    name: str
    question: str
    evidence: str = ""
    no_evidence: str = ""
    kinds: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    proof: str = ""


class ReviewLimits(Struct, frozen=True):
    """How much a review may show and say.

    `shown_bytes` bounds what is sent of all files together, as JSON; what does not fit is withheld.
    """

    per_file: int = 3
    per_run: int = 10
    confidence: float = 0.8
    shown_bytes: int = 60_000


class ReviewRequest(Struct, frozen=True):
    """One agent's question about some files; `persona` is its own description of its work.

    `secrets` are those of files that are not shown, which those that are may repeat. `origin` is the file of
    an agent that is not built in, which may ask for a cheaper `model` than the user's.
    """

    agent: str
    persona: str
    keys: tuple[ReviewKey, ...]
    files: tuple[ReviewFile, ...]
    limits: ReviewLimits = ReviewLimits()
    secrets: frozenset[str] = frozenset()
    origin: str = ""
    model: str = ""


class NumberedLine(Struct, frozen=True):
    """A line as the model sees it: redacted, cut to a length, invisible characters spelled out."""

    number: int
    text: str


class SentFile(Struct, frozen=True):
    """What is sent of a file; `nodes` has the order of the file's own nodes."""

    path: str
    nodes: tuple[NodeRange, ...]
    findings: tuple[KnownFinding, ...]
    lines: tuple[NumberedLine, ...]
    kind: str = ""
    facts: tuple[KnownFact, ...] = ()


class SentRequest(Struct, frozen=True):
    """A request without its secrets: the only form the worker ever holds.

    `is_added` tells that a file has added the agent to the built-in ones.
    """

    agent: str
    persona: str
    keys: tuple[ReviewKey, ...]
    files: tuple[SentFile, ...]
    is_added: bool = False


class Payload(Struct, frozen=True):
    """What one call says; `system` goes first and stays the same from call to call.

    `schema` is the form the answer has to have.
    """

    system: str
    configuration: str
    question: str
    schema: dict[str, object]


class WorkerJob(Struct, frozen=True):
    """What the worker reads from its standard input."""

    payload: Payload
    model: str
    base_url: str
    api_key: str
    max_tokens: int
    max_retries: int
    deadline_s: float
    provider: Provider = "anthropic"
    region: str = ""
    project: str = ""

    def __repr__(self) -> str:
        return f"WorkerJob(model={self.model!r})"


class Evidence(Struct, frozen=True):
    """What a claim says of a file; an empty `node_id` means all of it.

    `text` is a line, words or a dotted path, by what is said of it; `other` a second line, path, or a value.
    """

    says: Literal["reads", "before", "mentions", "never-mentions", "unset", "value", "exceeds"]
    file: Name
    text: Prose
    node_id: Name = ""
    other: Prose = ""


class Claim(Struct, frozen=True):
    """One item of the model's answer, its shape checked and nothing else."""

    file: Name
    node_id: Name
    line: int
    quote: Prose
    key: Name
    message: Prose
    why: Prose
    confidence: Annotated[float, Meta(ge=0, le=1)]
    severity: Name = "info"
    evidence: tuple[Evidence, ...] = ()


class AnswerStatus(StrEnum):
    """How the call ended; only `answered` says anything about the files."""

    ANSWERED = "answered"
    REFUSED = "refused"
    FAILED = "failed"


class WorkerAnswer(Struct, frozen=True):
    """What the worker prints: one line of JSON.

    `text` is what the model wrote, nothing of it checked. `reason` is one of the worker's own sentences,
    never text of the service or of an exception. `attempts` counts what was sent; when an attempt got no
    answer at all, the service may have charged for it, and `is_open` says so.
    """

    status: AnswerStatus
    reason: str = ""
    model: str = ""
    request_id: str = ""
    text: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    attempts: int = 0
    is_open: bool = False
