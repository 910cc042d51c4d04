"""Operations of two OpenAPI documents: which are gone, and what the others take and answer."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.contracts.changes.comparison import PEER, Comparison
from rollsafe.artefacts.contracts.changes.documents import At, Revision
from rollsafe.artefacts.contracts.changes.inputs import compare_inputs
from rollsafe.artefacts.contracts.changes.lifecycle import compare_lifecycle, is_without_promise
from rollsafe.artefacts.contracts.changes.model import Hazard
from rollsafe.artefacts.contracts.changes.outputs import compare_outputs
from rollsafe.artefacts.contracts.changes.security import compare_operation_security
from rollsafe.artefacts.contracts.changes.sunsets import Leave, leave_of, sunset_of

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_NAME = re.compile(r"\{([^{}]*)\}")


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
            other = after.get(new_item, method)
            if other is None or new_item is None:
                place = _entry(since, new_path) if new_item is not None else None
                _tell_gone(comparison, operation, place or around, is_path=new_item is None)
            else:
                _compare(comparison, (operation, item), (other, new_item), names)
    comparison.operation = ""
    comparison.is_announced = False
    _compare_webhooks(comparison)


def is_internal(at: At) -> bool:
    """Say whether something is marked as used by nobody outside."""
    return at.flag("x-internal")


def _template(path: str) -> str:
    """Return a path without the names of its parameters."""
    return _NAME.sub("{}", path)


def _operations(revision: Revision, item: At) -> Iterator[tuple[str, At]]:
    for method in METHODS:
        found = revision.get(item, method)
        if found is not None and found.is_map:
            yield method, found


def _entry(at: At | None, key: str) -> At | None:
    return at.get(key) if at is not None else None


def _tell_gone(comparison: Comparison, operation: At, place: At, *, is_path: bool) -> None:
    """Tell an operation that is gone, unless it made no promise or was announced to go."""
    leave = leave_of(operation, comparison.today)
    if is_without_promise(operation) or leave is Leave.ALLOWED:
        return
    kind = "api-path" if is_path else "api"
    what = comparison.operation
    if leave is Leave.EARLY:
        until = sunset_of(operation)
        message, peers = f"{what} is gone before its sunset on `{until}`", f"{kind}-removed-before-sunset"
    elif leave is Leave.UNREADABLE:
        message, peers = f"{what} is gone, and its sunset is no date", "api-path-sunset-parse"
    else:
        message = f"{what} is gone, and nothing announced it"
        peers = f"{kind}-removed-without-deprecation"
    comparison.tell(Hazard.REMOVED_OPERATION, message, place, operation, (f"{PEER}{peers}",))


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


def _compare_webhooks(comparison: Comparison) -> None:
    before, after = comparison.before, comparison.after
    then, since = before.get(before.root, "webhooks"), after.get(after.root, "webhooks")
    kept = dict(since.pairs()) if since is not None else {}
    for name, one in then.pairs() if then is not None else ():
        if name not in kept and not is_internal(one):
            message = f"the webhook `{name}` is gone"
            peers = (f"{PEER}webhook-removed",)
            comparison.tell(Hazard.REMOVED_OPERATION, message, since or after.root, one, peers)
