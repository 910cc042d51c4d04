"""All questions of one review together: asked two at a time, bounded, and their answers made one."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import TypeVar

from rollsafe.review.anchoring import DropReason, Remark
from rollsafe.review.calling import ReviewStatus
from rollsafe.review.client import ReviewOutcome, new_run, run_review
from rollsafe.review.dry_run import write_requests
from rollsafe.review.memory import Memory
from rollsafe.review.payload import bodies
from rollsafe.review.process import Cancel
from rollsafe.review.request import ReviewLimits, ReviewRequest
from rollsafe.review.settings import ReviewSettings
from rollsafe.review.withheld import Withheld
from rollsafe.text.records import field, record

MOST_CALLS = 10
"""Questions that are asked in one run; each is one call of the service, and a few more when it is busy."""

T = TypeVar("T")

_AT_ONCE = 2
_PATIENCE = 2

OnAnswer = Callable[[int, int], None]
"""Takes how many questions are settled, and of how many."""


@record
class ReviewRun:
    """What became of all questions of one review.

    Only `reviewed` of `asked` questions say anything about the files; `notes` say what became of the
    others, one line each. `dropped` counts what models said and nobody gets to see. `cached` answers were
    kept from an earlier run: nothing was sent for them.
    """

    asked: int = 0
    reviewed: int = 0
    remarks: tuple[Remark, ...] = ()
    notes: tuple[str, ...] = ()
    dropped: Mapping[DropReason, int] = field(default_factory=dict[DropReason, int])
    withheld: tuple[Withheld, ...] = ()
    models: tuple[str, ...] = ()
    input_tokens: int = 0
    output_tokens: int = 0
    cached: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether every question was answered: without that, no remarks mean nothing."""
        return self.reviewed == self.asked

    @property
    def _checked(self) -> str:
        """How many of the remarks rest on evidence that was found."""
        checked = sum(remark.verified for remark in self.remarks)
        if not self.remarks:
            return ""
        return f", {checked} with evidence that was checked" if checked else ", unverified"

    @property
    def line(self) -> str:
        """What happened, in one line."""
        by = f" by {', '.join(self.models)}" if self.models else ""
        parts = [
            f"AI review{by}: {_count(len(self.remarks), 'remark')}{self._checked}",
            f"{self.reviewed} of {_count(self.asked, 'question')} answered",
            f"{self.input_tokens:,} tokens in, {self.output_tokens:,} out",
        ]
        if self.cached:
            parts[1] += f", {self.cached} from the cache"
        if self.dropped:
            parts.append(f"{_count(sum(self.dropped.values()), 'claim')} dropped")
        if self.withheld:
            parts.append(f"{_count(len(self.withheld), 'file')} not shown")
        return "; ".join(parts)


def run_reviews(
    requests: Sequence[ReviewRequest],
    settings: ReviewSettings,
    cancel: Cancel | None = None,
    on_answer: OnAnswer | None = None,
) -> ReviewRun:
    """Ask all questions and return what survives, over all of them within the limits of one run.

    Blocks; when this returns, also by an exception, every worker is gone. After two failures no further
    question is asked: what fails twice fails again.
    """
    asked = requests[:MOST_CALLS] if settings.enabled else ()
    if asked and settings.dry_run:
        told = write_requests(settings.dry_run, bodies(asked, settings))
        return ReviewRun(len(requests), notes=(f"AI review skipped: {told}",))
    asking = _Asking(settings, cancel, on_answer, len(asked))
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        try:
            outcomes = list(threads.map(asking.ask, asked))
        except BaseException:
            asking.stop.set()
            raise
    left_out = len(requests) - len(asked) if settings.enabled else 0
    run = _run(asked, outcomes, left_out)
    if settings.memory:
        Memory(settings.memory).note(run.remarks, date.today())
    return run


async def run_reviews_async(
    requests: Sequence[ReviewRequest], settings: ReviewSettings, on_answer: OnAnswer | None = None
) -> ReviewRun:
    """Do what `run_reviews` does in a thread; cancelling the task ends the workers first."""
    return await in_thread(lambda cancel: run_reviews(requests, settings, cancel, on_answer))


async def in_thread(work: Callable[[Cancel], T]) -> T:
    """Do work that blocks in a thread; cancelling the task raises the work's flag and waits for its end."""
    cancel = threading.Event()
    running = asyncio.ensure_future(asyncio.to_thread(work, cancel))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        cancel.set()
        await asyncio.wait([running])
        raise


class _Asking:
    """Asks questions from several threads; is itself the flag that ends the calls that still run."""

    def __init__(
        self, settings: ReviewSettings, cancel: Cancel | None, on_answer: OnAnswer | None, total: int
    ) -> None:
        self._settings = settings
        self._cancel = cancel
        self._on_answer = on_answer
        self._total = total
        self._done = 0
        self._run = new_run()
        self._failures = 0
        self._lock = threading.Lock()
        self.stop = threading.Event()

    def is_set(self) -> bool:
        """Say whether the review is no longer wanted."""
        return self.stop.is_set() or (self._cancel is not None and self._cancel.is_set())

    def ask(self, request: ReviewRequest) -> ReviewOutcome | None:
        """Return what became of a question; None when it was not asked any more."""
        if self._failures >= _PATIENCE or self.is_set():
            return None
        outcome = run_review(request, self._settings, self, self._run)
        with self._lock:
            self._done += 1
            self._failures += outcome.status in (ReviewStatus.FAILED, ReviewStatus.CANCELLED)
            if self._on_answer is not None:
                self._on_answer(self._done, self._total)
        return outcome


def _run(
    requests: Sequence[ReviewRequest], answered: Sequence[ReviewOutcome | None], left_out: int
) -> ReviewRun:
    outcomes = [outcome for outcome in answered if outcome is not None]
    dropped: Counter[DropReason] = Counter()
    for outcome in outcomes:
        dropped.update(outcome.dropped)
    limits = _limits([request.limits for request in requests])
    remarks = _within(limits, [remark for outcome in outcomes for remark in outcome.remarks], dropped)
    return ReviewRun(
        asked=len(requests) + left_out,
        reviewed=sum(outcome.status is ReviewStatus.REVIEWED for outcome in outcomes),
        remarks=tuple(sorted(remarks, key=lambda it: (it.path, it.line, it.key))),
        notes=tuple(_notes(answered, left_out)),
        dropped=dict(dropped),
        withheld=tuple(dict.fromkeys(one for outcome in outcomes for one in outcome.withheld)),
        models=tuple(dict.fromkeys(outcome.model for outcome in outcomes if outcome.model)),
        input_tokens=sum(outcome.input_tokens for outcome in outcomes),
        output_tokens=sum(outcome.output_tokens for outcome in outcomes),
        cached=sum(outcome.cached for outcome in outcomes),
    )


def _notes(answered: Sequence[ReviewOutcome | None], left_out: int) -> list[str]:
    """Return a line for each way in which questions were not answered."""
    said = Counter(outcome.note for outcome in answered if outcome is not None and outcome.note)
    notes = [f"{note} ({count} questions)" if count > 1 else note for note, count in said.items()]
    unasked = sum(outcome is None for outcome in answered)
    if unasked:
        notes.append(f"AI review ended early: {_count(unasked, 'question')} not asked")
    if left_out:
        notes.append(f"AI review: {_count(left_out, 'question')} more than one run may ask, not asked")
    return notes


def _limits(several: Sequence[ReviewLimits]) -> ReviewLimits:
    """Return the limits of a run whose questions have these."""
    usual = ReviewLimits()
    per_file = max((one.per_file for one in several), default=usual.per_file)
    return ReviewLimits(per_file, max((one.per_run for one in several), default=usual.per_run))


def _within(limits: ReviewLimits, said: Sequence[Remark], dropped: Counter[DropReason]) -> list[Remark]:
    """Return what one run may say of what all agents said: the surest, and once about a line.

    What is said for built-in agents comes first; those that files add take what room is left.
    """
    kept: list[Remark] = []
    per_file: Counter[str] = Counter()
    for remark in sorted(said, key=lambda it: (bool(it.provenance.origin), -it.confidence)):
        if any((it.path, it.line) == (remark.path, remark.line) for it in kept):
            dropped[DropReason.REPEATED] += 1
        elif per_file[remark.path] >= limits.per_file:
            dropped[DropReason.FILE_FULL] += 1
        elif len(kept) >= limits.per_run:
            dropped[DropReason.RUN_FULL] += 1
        else:
            kept.append(remark)
            per_file[remark.path] += 1
    return kept


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
