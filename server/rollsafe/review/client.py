"""Asks a model to review files and checks what comes back.

Every failure is an outcome: no answer, a wrong answer and no worker at all leave the deterministic
findings as they are.
"""

from collections.abc import Mapping
from hashlib import sha256
from uuid import uuid4

from rollsafe.review.anchoring import Dismissed, DropReason, Provenance, Remark, verify
from rollsafe.review.calling import Called, ReviewStatus, call, objection
from rollsafe.review.claims import read_claims
from rollsafe.review.dismissals import dismissed_in
from rollsafe.review.payload import payload_of
from rollsafe.review.process import Cancel
from rollsafe.review.prompt import PROMPT_VERSION
from rollsafe.review.redaction import Redacted, redact
from rollsafe.review.request import AnswerStatus, ReviewRequest, WorkerAnswer
from rollsafe.review.settings import ReviewSettings, with_model
from rollsafe.review.withheld import Withheld
from rollsafe.text.records import field, record


@record
class ReviewOutcome:
    """The result of one review.

    Without remarks the files were found clean only if `status` is `reviewed`; in every other case
    they were not looked at. `dropped` counts what the model said and nobody gets to see. A `cached`
    answer cost no tokens.
    """

    status: ReviewStatus
    reason: str = ""
    remarks: tuple[Remark, ...] = ()
    dropped: Mapping[DropReason, int] = field(default_factory=dict[DropReason, int])
    withheld: tuple[Withheld, ...] = ()
    model: str = ""
    request_id: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cached: bool = False

    @property
    def note(self) -> str:
        """One line for the user about a review that did not happen; empty otherwise."""
        if self.status in (ReviewStatus.OFF, ReviewStatus.REVIEWED):
            return ""
        return f"AI review skipped: {self.reason}"


def new_run() -> str:
    """Return a name for calls that share the budget of one run."""
    return uuid4().hex


def run_review(
    request: ReviewRequest, settings: ReviewSettings, cancel: Cancel | None = None, run: str = ""
) -> ReviewOutcome:
    """Ask the model about `request`, as part of `run`, and return what survives checking.

    Starts nothing and reads no key unless `settings.enabled`. Blocks until the answer, the
    deadline or `cancel`; the worker and what it started are gone when this returns.
    """
    refused = objection(settings)
    if refused is not None:
        return ReviewOutcome(refused.status, refused.reason)
    redacted = redact(request)
    if not redacted.sent.files:
        reason = "no file may be shown"
        return ReviewOutcome(ReviewStatus.SKIPPED, reason, withheld=redacted.withheld)
    payload, version = payload_of(redacted.sent), f"{PROMPT_VERSION} {digest_of(request)}"
    settings = with_model(settings, request.model)
    called = call(redacted, payload, version, _agrees, settings, run or new_run(), cancel)
    roots = {file.root for file in redacted.sources}
    return _outcome(request, redacted, called, dismissed_in(roots, settings.memory))


def judged(request: ReviewRequest, redacted: Redacted, text: str) -> ReviewOutcome:
    """Return what survives of an answer that came another way than by a call, such as a simulated one."""
    answer = WorkerAnswer(AnswerStatus.ANSWERED, model="none", text=text)
    return _outcome(request, redacted, Called(ReviewStatus.REVIEWED, answer=answer), frozenset())


def _agrees(text: str) -> bool:
    return read_claims(text) is not None


def origin_of(request: ReviewRequest, called: Called, prompt_version: str) -> Provenance:
    """Return where an answer to a question about `request` comes from."""
    answer = called.answer
    return Provenance(
        model=answer.model,
        request_id=answer.request_id,
        agent=request.agent,
        prompt_version=prompt_version,
        persona=digest_of(request),
        cached=called.cached,
        origin=request.origin,
    )


def digest_of(request: ReviewRequest) -> str:
    """Return what stands for all an agent is told, also where a model is shown less of it."""
    return sha256(request.persona.encode("utf-8", "replace")).hexdigest()[:12]


def _outcome(
    request: ReviewRequest,
    redacted: Redacted,
    called: Called,
    dismissed: frozenset[tuple[str, Dismissed]],
) -> ReviewOutcome:
    answer = called.answer
    read = read_claims(answer.text) if called.status is ReviewStatus.REVIEWED else None
    if read is None:
        return ReviewOutcome(
            called.status,
            called.reason,
            withheld=redacted.withheld,
            model=answer.model,
            request_id=answer.request_id,
            input_tokens=answer.input_tokens,
            output_tokens=answer.output_tokens,
        )
    shown = zip(redacted.sent.files, redacted.sources, strict=True)
    verified = verify(read.claims, request, shown, origin_of(request, called, PROMPT_VERSION), dismissed)
    dropped = dict(verified.dropped)
    if read.malformed:
        dropped[DropReason.MALFORMED] = read.malformed
    return ReviewOutcome(
        ReviewStatus.REVIEWED,
        remarks=verified.remarks,
        dropped=dropped,
        withheld=redacted.withheld,
        model=answer.model,
        request_id=answer.request_id,
        input_tokens=0 if called.cached else answer.input_tokens,
        output_tokens=0 if called.cached else answer.output_tokens,
        cached=called.cached,
    )
