"""Operations of two OpenAPI documents: which are gone, and what the others take and answer."""

from collections.abc import Iterator

from rollsafe.artefacts.contracts.changes.comparison import PEER, Comparison, Frame, Scope
from rollsafe.artefacts.contracts.changes.documents import METHODS, At, Revision
from rollsafe.artefacts.contracts.changes.inputs import compare_inputs
from rollsafe.artefacts.contracts.changes.lifecycle import compare_lifecycle, is_without_promise
from rollsafe.artefacts.contracts.changes.media import compare_media
from rollsafe.artefacts.contracts.changes.model import Direction, Hazard
from rollsafe.artefacts.contracts.changes.outputs import compare_outputs
from rollsafe.artefacts.contracts.changes.security import compare_operation_security
from rollsafe.artefacts.contracts.changes.sunsets import Leave, leave_of, sunset_of
from rollsafe.text.patterns import lazily

_NAME = lazily(r"\{([^{}]*)\}")


def compare_operations(comparison: Comparison) -> None:
    """Tell operations that are gone, and what changed in those that are still there."""
    before, after = comparison.before, comparison.after
    then, since = before.get(before.root, "paths"), after.get(after.root, "paths")
    known = {_template(path): (path, item) for path, item in after.pairs(since)}
    for path, item in before.pairs(then):
        new_path, new_item = known.get(_template(path), ("", None))
        around = since or after.root
        names = dict(zip(_NAME.findall(path), _NAME.findall(new_path), strict=False))
        for method, operation in _operations(before, item):
            comparison.operation = f"`{method.upper()} {path}`"
            comparison.is_announced = is_internal(item) or is_internal(operation)
            other = dict(_operations(after, new_item)).get(method) if new_item is not None else None
            if _is_same(comparison, (operation, item), (other, new_item)):
                continue
            if other is None or new_item is None:
                place = _entry(since, new_path) if new_item is not None else None
                _tell_gone(comparison, operation, place or around, item if new_item is None else None)
            else:
                _compare(comparison, (operation, item), (other, new_item), names)
    comparison.operation = ""
    comparison.is_announced = False
    _compare_webhooks(comparison)


def is_internal(at: At) -> bool:
    """Say whether something is marked as used by nobody outside."""
    return at.flag("x-internal")


def _is_same(comparison: Comparison, was: tuple[At, At], now: tuple[At | None, At | None]) -> bool:
    """Say whether an operation is what it was, as far as it says itself and its path says for it."""
    if now[0] is None or now[1] is None or not comparison.sameness.holds(was[0], now[0]):
        return False
    return comparison.sameness.holds(was[1].get("parameters"), now[1].get("parameters"))


def _template(path: str) -> str:
    """Return a path without the names of its parameters."""
    return _NAME.sub("{}", path)


def _operations(revision: Revision, item: At) -> Iterator[tuple[str, At]]:
    for method in METHODS:
        found = revision.get(item, method)
        if found is not None and found.is_map:
            yield method, found
    for method, found in revision.pairs(item.get("additionalOperations")):
        if found.is_map:
            yield method.lower(), found


def _entry(at: At | None, key: str) -> At | None:
    return at.get(key) if at is not None else None


def _tell_gone(comparison: Comparison, operation: At, place: At, path: At | None) -> None:
    """Tell an operation that is gone, or with its whole path, if nothing announced it."""
    leave = leave_of(operation, comparison.today)
    if is_without_promise(operation) or leave is Leave.ALLOWED:
        return
    kind = "api-path" if path is not None else "api"
    what = comparison.operation
    if leave is Leave.EARLY:
        until = sunset_of(operation)
        message, peers = f"{what} is gone before its sunset on `{until}`", f"{kind}-removed-before-sunset"
    elif leave is Leave.UNREADABLE:
        message, peers = f"{what} is gone, and its sunset is no date", "api-path-sunset-parse"
    else:
        message = f"{what} is gone, and nothing announced it"
        peers = f"{kind}-removed-without-deprecation"
    mend = place, path or operation
    comparison.tell(Hazard.REMOVED_OPERATION, message, place, operation, (f"{PEER}{peers}",), mend=mend)


def _compare(comparison: Comparison, was: tuple[At, At], now: tuple[At, At], names: dict[str, str]) -> None:
    operation, other = was[0], now[0]
    if is_without_promise(operation):
        return
    compare_lifecycle(comparison, operation, other)
    if is_without_promise(other):
        return
    compare_inputs(comparison, was, now, names)
    compare_outputs(comparison, operation, other)
    compare_operation_security(comparison, operation, other)
    _compare_callbacks(comparison, operation, other)


def _compare_webhooks(comparison: Comparison) -> None:
    """Tell webhooks that are gone, and what breaks those who receive the others."""
    before, after = comparison.before, comparison.after
    then, since = before.get(before.root, "webhooks"), after.get(after.root, "webhooks")
    kept = dict(after.pairs(since))
    for name, one in before.pairs(then):
        comparison.is_announced = is_internal(one)
        if name in kept:
            _compare_calls(comparison, f"the webhook `{name}`", one, kept[name])
        else:
            message = f"the webhook `{name}` is gone"
            peers = (f"{PEER}webhook-removed",)
            comparison.tell(Hazard.REMOVED_OPERATION, message, since or after.root, one, peers)
    comparison.is_announced = False


def _compare_callbacks(comparison: Comparison, was: At, now: At) -> None:
    before, after = comparison.before, comparison.after
    since = dict(after.pairs(after.get(now, "callbacks")))
    for name, one in before.pairs(before.get(was, "callbacks")):
        places = dict(after.pairs(since.get(name)))
        for place, item in before.pairs(one):
            if place in places:
                _compare_calls(comparison, f"the callback `{name}`", item, places[place])


def _compare_calls(comparison: Comparison, what: str, was: At, now: At) -> None:
    """Compare the bodies that are sent to a client: what may be in them is for the client to read."""
    others = dict(_operations(comparison.after, now))
    for method, operation in _operations(comparison.before, was):
        old = comparison.before.get(operation, "requestBody")
        new = comparison.after.get(others.get(method), "requestBody")
        if old is not None and new is not None:
            frame = Frame(Direction.RESPONSE, Scope.EVENT, what)
            for _ in compare_media(comparison, frame, old, new):
                pass
