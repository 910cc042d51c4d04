"""Runs a review in a worker process and checks what comes back.

Every failure is an outcome: no answer, a wrong answer and no worker at all leave the deterministic
findings as they are.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import msgspec

from rollsafe.review.anchoring import DropReason, Provenance, Remark, verify
from rollsafe.review.prompt import PROMPT_VERSION
from rollsafe.review.redaction import Redacted, redact, still_holds_a_secret
from rollsafe.review.request import AnswerStatus, ReviewRequest, WorkerAnswer, WorkerJob
from rollsafe.review.settings import ReviewSettings, objection_to
from rollsafe.review.withheld import Withheld

_POLL_S = 0.05
_INHERITED = (
    *("PATH", "SYSTEMROOT", "WINDIR", "TEMP", "TMP", "TMPDIR", "LANG", "LC_ALL"),
    *("LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR"),
)


class ReviewStatus(StrEnum):
    """What became of a review; only `reviewed` says anything about the files."""

    OFF = "off"
    SKIPPED = "skipped"
    REVIEWED = "reviewed"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ReviewOutcome:
    """The result of one review.

    Without remarks the files were found clean only if `status` is `reviewed`; in every other case
    they were not looked at. `dropped` counts what the model said and nobody gets to see.
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

    @property
    def note(self) -> str:
        """One line for the user about a review that did not happen; empty otherwise."""
        if self.status in (ReviewStatus.OFF, ReviewStatus.REVIEWED):
            return ""
        return f"AI review skipped: {self.reason}"


class Cancel(Protocol):
    """A flag another thread may raise, such as `threading.Event`."""

    def is_set(self) -> bool:
        """Say whether the review is no longer wanted."""
        ...


def run_review(
    request: ReviewRequest, settings: ReviewSettings, cancel: Cancel | None = None
) -> ReviewOutcome:
    """Ask the model about `request` and return what survives checking.

    Starts nothing and reads no key unless `settings.enabled`. Blocks until the answer, the
    deadline or `cancel`; the worker and what it started are gone when this returns.
    """
    if not settings.enabled:
        return ReviewOutcome(ReviewStatus.OFF)
    objection = objection_to(settings.base_url)
    if objection is not None:
        return ReviewOutcome(ReviewStatus.FAILED, objection)
    key = os.environ.get(settings.api_key_env, "").strip()
    if not key:
        return ReviewOutcome(ReviewStatus.SKIPPED, f"`{settings.api_key_env}` is not set")
    redacted = redact(request)
    if not redacted.sent.files:
        reason = "no file may be shown"
        return ReviewOutcome(ReviewStatus.SKIPPED, reason, withheld=redacted.withheld)
    return _reviewed(request, redacted, _job(redacted, settings, key), cancel)


def _job(redacted: Redacted, settings: ReviewSettings, key: str) -> WorkerJob:
    return WorkerJob(
        request=redacted.sent,
        model=settings.model_id,
        base_url=settings.base_url,
        api_key=key,
        max_tokens=settings.max_tokens,
        max_retries=settings.max_retries,
        deadline_s=settings.deadline_s,
    )


def _reviewed(
    request: ReviewRequest, redacted: Redacted, job: WorkerJob, cancel: Cancel | None
) -> ReviewOutcome:
    if still_holds_a_secret(redacted):
        reason = "a secret was left in the request"
        return ReviewOutcome(ReviewStatus.FAILED, reason, withheld=redacted.withheld)
    try:
        printed = _exchange(msgspec.json.encode(job), job.deadline_s, cancel)
        answer = msgspec.json.decode(printed, type=WorkerAnswer)
    except _EndedError as ended:
        return ReviewOutcome(ended.status, ended.reason, withheld=redacted.withheld)
    except OSError:
        reason = "the worker did not start"
        return ReviewOutcome(ReviewStatus.FAILED, reason, withheld=redacted.withheld)
    except msgspec.DecodeError:
        reason = "the worker ended without an answer"
        return ReviewOutcome(ReviewStatus.FAILED, reason, withheld=redacted.withheld)
    return _outcome(request, redacted, answer)


def _outcome(request: ReviewRequest, redacted: Redacted, answer: WorkerAnswer) -> ReviewOutcome:
    if answer.status is not AnswerStatus.ANSWERED:
        refused = answer.status is AnswerStatus.REFUSED
        return ReviewOutcome(
            ReviewStatus.REFUSED if refused else ReviewStatus.FAILED,
            answer.reason,
            withheld=redacted.withheld,
            model=answer.model,
            request_id=answer.request_id,
        )
    persona = sha256(request.persona.encode("utf-8", "replace")).hexdigest()[:12]
    origin = Provenance(answer.model, answer.request_id, request.agent, PROMPT_VERSION, persona)
    shown = zip(redacted.sent.files, redacted.sources, strict=True)
    verified = verify(answer.claims, request, shown, origin)
    dropped = dict(verified.dropped)
    if answer.malformed:
        dropped[DropReason.MALFORMED] = answer.malformed
    return ReviewOutcome(
        ReviewStatus.REVIEWED,
        remarks=verified.remarks,
        dropped=dropped,
        withheld=redacted.withheld,
        model=answer.model,
        request_id=answer.request_id,
        input_tokens=answer.input_tokens,
        output_tokens=answer.output_tokens,
    )


class _EndedError(Exception):
    """The exchange ended before the worker answered."""

    def __init__(self, status: ReviewStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def _exchange(job: bytes, deadline_s: float, cancel: Cancel | None) -> bytes:
    """Give `job` to a worker and return what it prints.

    Raises:
        _EndedError: the deadline passed or the review was cancelled.
        OSError: the worker could not be started.
    """
    ends = time.monotonic() + deadline_s
    worker = _start()
    given: bytes | None = job
    try:
        while True:
            try:
                printed, _ = worker.communicate(given, timeout=_POLL_S)
                return bytes(printed)
            except subprocess.TimeoutExpired:
                given = None
            if cancel is not None and cancel.is_set():
                raise _EndedError(ReviewStatus.CANCELLED, "cancelled")
            if time.monotonic() >= ends:
                raise _EndedError(ReviewStatus.FAILED, f"no answer within {deadline_s:g} s")
    except BaseException:
        _stop(worker)
        raise


def _start() -> "subprocess.Popen[bytes]":
    """Start a worker in a process group of its own.

    `-P` and the absolute path keep the directory rollsafe was started in, which belongs to the
    files under review, out of where the worker looks for modules.
    """
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "rollsafe.review.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parent,
        env=_environment(),
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    """Return what the worker inherits: nothing that holds a key, a proxy or another address."""
    package = Path(__file__).resolve().parents[2]
    paths = [str(package), *filter(os.path.isabs, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1"}


def _stop(worker: "subprocess.Popen[bytes]") -> None:
    """End the worker and everything in its group, and wait for it."""
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(worker.pid, signal.SIGKILL)
    worker.kill()
    worker.communicate()
