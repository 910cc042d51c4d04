"""One call of a model: kept answers first, then the ledger's leave, then the worker."""

import os
from collections.abc import Callable
from enum import StrEnum

import msgspec

from rollsafe.review.cache import Cache, key_of
from rollsafe.review.dry_run import write_requests
from rollsafe.review.ledger import Cost, Ending, Entry, Ledger, LedgerError
from rollsafe.review.payload import body_of
from rollsafe.review.process import Cancel, CancelledError, LateError, exchange
from rollsafe.review.redaction import Redacted, still_holds_a_secret
from rollsafe.review.request import AnswerStatus, Payload, WorkerAnswer, WorkerJob
from rollsafe.review.settings import ReviewSettings, objection_to
from rollsafe.text.records import record

_BYTES_PER_TOKEN = 3
"""Fewer than any text of ours has, so that an estimate is too high rather than too low."""


Agrees = Callable[[str], bool]
"""Says whether what a model wrote has the agreed form; otherwise it is no answer, and not kept."""


class ReviewStatus(StrEnum):
    """What became of a question; only `reviewed` says anything about the files."""

    OFF = "off"
    SKIPPED = "skipped"
    REVIEWED = "reviewed"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"


_NOTHING = WorkerAnswer(AnswerStatus.FAILED)


@record
class Called:
    """What became of a call; `answer` is empty unless there was one. `cached` means nothing was sent."""

    status: ReviewStatus
    reason: str = ""
    answer: WorkerAnswer = _NOTHING
    cached: bool = False


def objection(settings: ReviewSettings) -> Called | None:
    """Return what becomes of any question before it is put together; None when it may be asked."""
    if not settings.enabled:
        return Called(ReviewStatus.OFF)
    reason = objection_to(settings.base_url)
    if reason is not None:
        return Called(ReviewStatus.FAILED, reason)
    if not (settings.dry_run or _key(settings)):
        return Called(ReviewStatus.SKIPPED, f"`{settings.api_key_env}` is not set")
    return None


def call(
    redacted: Redacted,
    payload: Payload,
    prompt_version: str,
    agrees: Agrees,
    settings: ReviewSettings,
    run: str,
    cancel: Cancel | None = None,
) -> Called:
    """Ask what `payload` asks, made of `redacted`, as part of the run of that name.

    Blocks until the answer, the deadline or `cancel`; the worker and what it started are gone when this
    returns. A kept answer starts none.
    """
    refused = objection(settings)
    if refused is not None:
        return refused
    if still_holds_a_secret(redacted):
        return Called(ReviewStatus.FAILED, "a secret was left in the request")
    written = body_of(payload, settings.model_id, settings.max_tokens, settings.provider)
    if settings.dry_run:
        return Called(ReviewStatus.SKIPPED, write_requests(settings.dry_run, [written]))
    body = msgspec.json.encode(written)
    cache = Cache(settings.cache) if settings.cache else None
    key = key_of(prompt_version, settings.service, body)
    kept = cache.get(key) if cache is not None else None
    if kept is not None and agrees(kept.text):
        return Called(ReviewStatus.REVIEWED, answer=kept, cached=True)
    asking = _Asking(_job(payload, settings), agrees, cancel)
    called = _counted(asking, len(body), settings, run)
    if cache is not None and called.status is ReviewStatus.REVIEWED:
        cache.put(key, called.answer)
    return called


def _key(settings: ReviewSettings) -> str:
    return os.environ.get(settings.api_key_env, "").strip()


def _job(payload: Payload, settings: ReviewSettings) -> WorkerJob:
    return WorkerJob(
        payload=payload,
        model=settings.model_id,
        base_url=settings.base_url,
        api_key=_key(settings),
        max_tokens=settings.max_tokens,
        max_retries=settings.max_retries,
        deadline_s=settings.deadline_s,
        provider=settings.provider,
        region=settings.region,
        project=settings.project,
    )


def _counted(asking: "_Asking", size: int, settings: ReviewSettings, run: str) -> Called:
    """Make a call when the ledger leaves room for the most it can cost, and enter what it did cost."""
    if not settings.ledger:
        return asking.called()
    job = asking.job
    ledger = Ledger(settings.ledger, run, settings.service, settings.budget)
    most = Cost(1 + job.max_retries, size // _BYTES_PER_TOKEN + job.max_tokens)
    try:
        entry = ledger.enter(most)
    except LedgerError as error:
        return Called(ReviewStatus.SKIPPED, str(error))
    called = Called(ReviewStatus.CANCELLED)
    try:
        called = asking.called()
    finally:
        ledger.settle(entry, _cost(called, entry), _ending(called))
    return called


def _cost(called: Called, entry: Entry) -> Cost:
    """Return what a call did cost; the most it could where nobody knows."""
    answer = called.answer
    if not (answer.attempts or answer.reason):
        return entry.most
    told = answer.input_tokens + answer.output_tokens
    return Cost(answer.attempts, entry.most.tokens if answer.is_open and answer.attempts else told)


def _ending(called: Called) -> Ending:
    match called.status:
        case ReviewStatus.FAILED:
            return Ending.FAILED
        case ReviewStatus.CANCELLED:
            return Ending.STOPPED
        case _:
            return Ending.ANSWERED


@record
class _Asking:
    """A call that is ready to be made."""

    job: WorkerJob
    agrees: Agrees
    cancel: Cancel | None

    def called(self) -> Called:
        try:
            printed = exchange(msgspec.json.encode(self.job), self.job.deadline_s, self.cancel)
            answer = msgspec.json.decode(printed, type=WorkerAnswer)
        except CancelledError:
            return Called(ReviewStatus.CANCELLED, "cancelled")
        except LateError:
            return Called(ReviewStatus.FAILED, f"no answer within {self.job.deadline_s:g} s")
        except OSError:
            failed = WorkerAnswer(AnswerStatus.FAILED, "the worker did not start")
            return Called(ReviewStatus.FAILED, failed.reason, failed)
        except msgspec.DecodeError:
            return Called(ReviewStatus.FAILED, "the worker ended without an answer")
        if answer.status is AnswerStatus.ANSWERED and not self.agrees(answer.text):
            reason = "the answer did not have the agreed form"
            return Called(ReviewStatus.FAILED, reason, msgspec.structs.replace(answer, reason=reason))
        return Called(_STATUS[answer.status], answer.reason, answer)


_STATUS = {
    AnswerStatus.ANSWERED: ReviewStatus.REVIEWED,
    AnswerStatus.REFUSED: ReviewStatus.REFUSED,
    AnswerStatus.FAILED: ReviewStatus.FAILED,
}
