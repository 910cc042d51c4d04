"""One question whose answer has a form of its own: a fix, an explanation, the words of a plan."""

from collections.abc import Callable

import msgspec

from rollsafe.review.anchoring import Provenance
from rollsafe.review.calling import Called, ReviewStatus, call, objection
from rollsafe.review.client import new_run, origin_of
from rollsafe.review.process import Cancel
from rollsafe.review.redaction import Redacted, redact
from rollsafe.review.request import Payload, ReviewRequest, SentRequest
from rollsafe.review.settings import ReviewSettings
from rollsafe.text.tuples import NamedTuple


class Asked(NamedTuple):
    """What became of a question: the answer, what was sent, and where the answer comes from."""

    called: Called
    redacted: Redacted
    origin: Provenance


def ask(
    request: ReviewRequest,
    payload: Callable[[SentRequest], Payload],
    version: str,
    form: type[msgspec.Struct],
    settings: ReviewSettings,
    cancel: Cancel | None,
) -> Asked | str:
    """Return the model's answer, of the given form; a line that says why there is none otherwise."""
    refused = objection(settings)
    if refused is not None:
        return f"AI skipped: {refused.reason or 'it is not enabled'}"
    redacted = redact(request)
    if not redacted.sent.files:
        return "AI skipped: the file may not be shown"

    def agrees(text: str) -> bool:
        try:
            msgspec.json.decode(text, type=form)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return False
        return True

    called = call(redacted, payload(redacted.sent), version, agrees, settings, new_run(), cancel)
    if called.status is not ReviewStatus.REVIEWED:
        return f"AI skipped: {called.reason}"
    return Asked(called, redacted, origin_of(request, called, version))
