"""What two revisions of an operation answer: statuses, headers and bodies."""

from rollsafe.artefacts.contracts.changes.comparison import PEER, Comparison, Frame, Scope
from rollsafe.artefacts.contracts.changes.documents import At
from rollsafe.artefacts.contracts.changes.media import compare_media
from rollsafe.artefacts.contracts.changes.model import Direction, Hazard
from rollsafe.artefacts.contracts.changes.schemas import compare_schemas


def compare_outputs(comparison: Comparison, was: At, now: At) -> None:
    """Tell answers that are gone, and what breaks those who read the others."""
    old, new = was.get("responses"), now.get("responses")
    then, since = dict(comparison.before.pairs(old)), dict(comparison.after.pairs(new))
    for status, one in then.items():
        other = since.get(status)
        if other is not None:
            _compare_answer(comparison, status, one, other)
        elif status.startswith("2") and not (f"{status[0]}XX" in since or f"{status[0]}xx" in since):
            message = f"{comparison.operation} answers no `{status}` any more"
            peers = (f"{PEER}response-success-status-removed",)
            comparison.tell(Hazard.REMOVED_OUTPUT, message, new or now, one, peers)


def _compare_answer(comparison: Comparison, status: str, was: At, now: At) -> None:
    what = f"the `{status}` response"
    frame = Frame(Direction.RESPONSE, Scope.BODY, what)
    _compare_headers(comparison, status, was, now)
    for name, one in compare_media(comparison, frame, was, now):
        message = f"{what} of {comparison.operation} comes no longer as `{name}`"
        peers = (f"{PEER}response-media-type-removed",)
        comparison.tell(Hazard.REMOVED_OUTPUT, message, now.get("content") or now, one, peers)
    compare_schemas(comparison, frame, was.get("schema"), now.get("schema"))


def _compare_headers(comparison: Comparison, status: str, was: At, now: At) -> None:
    before, after = comparison.before, comparison.after
    then = dict(before.pairs(before.get(was, "headers")))
    since = {name.lower(): at for name, at in after.pairs(after.get(now, "headers"))}
    for name, one in then.items():
        what, other = f"header `{name}` of the `{status}` response", since.get(name.lower())
        subject = f"{what} of {comparison.operation}"
        if other is None:
            if one.flag("required"):
                peers = (f"{PEER}required-response-header-removed",)
                there = now.get("headers") or now
                comparison.tell(Hazard.REMOVED_OUTPUT, f"{subject} is gone", there, one, peers)
            continue
        if one.flag("required") and not other.flag("required"):
            peers = (f"{PEER}response-header-became-optional",)
            there = other.get("required") or other
            comparison.tell(Hazard.REMOVED_OUTPUT, f"{subject} may be missing now", there, one, peers)
        frame = Frame(Direction.RESPONSE, Scope.HEADER, what, is_strict=False)
        schema, new = one.get("schema") or one, other.get("schema") or other
        compare_schemas(comparison, frame, schema, new)
