"""The properties of two object schemas: which are new, gone, needed."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.contracts.changes.comparison import PEER, Comparison, Frame, Scope
from rollsafe.artefacts.contracts.changes.documents import At, Revision
from rollsafe.artefacts.contracts.changes.model import Direction, Hazard
from rollsafe.artefacts.contracts.changes.sunsets import Leave, leave_of

_LAYERS: Final = 6


def compare_properties(comparison: Comparison, frame: Frame, was: At, now: At) -> None:
    """Tell properties that are gone, new and needed, or needed where they were not."""
    then, since = dict(_own(was)), dict(_own(now))
    if not then and not since:
        return
    inherited = dict(_inherited(comparison.after, now)) if then.keys() - since.keys() else {}
    for name, one in then.items():
        if name not in since and name not in inherited:
            _tell_gone(comparison, frame, (was, now), name, one)
    known = dict(_inherited(comparison.before, was)) if since.keys() - then.keys() else {}
    for name, one in since.items():
        if name not in then and name not in known:
            _tell_new(comparison, frame, (was, now), name, one)
    for name in then.keys() & since.keys():
        _compare_access(comparison, frame, (was, now), name, (then[name], since[name]))
    _compare_required(comparison, frame, (was, now), then.keys() & since.keys())


def _own(at: At) -> Iterator[tuple[str, At]]:
    found = at.get("properties")
    return found.pairs() if found is not None else iter(())


def _inherited(revision: Revision, at: At, layers: int = 0) -> Iterator[tuple[str, At]]:
    """Yield the properties a schema has from the schemas it is put together of."""
    for key in ("allOf", "oneOf", "anyOf"):
        parts = at.get(key)
        for part in parts.items() if parts is not None and layers < _LAYERS else ():
            found = revision.follow(part)
            if found is not None:
                yield from _own(found)
                yield from _inherited(revision, found, layers + 1)


def _tell_gone(comparison: Comparison, frame: Frame, pair: tuple[At, At], name: str, one: At) -> None:
    was, now = pair
    value = comparison.before.follow(one) or one
    leave = leave_of(value, comparison.today)
    if leave is Leave.ALLOWED:
        return
    is_needed = name in was.texts("required")
    there = now.get("properties") or now
    subject = comparison.subject(frame.below(name))
    if frame.direction is Direction.REQUEST:
        if value.flag("readOnly"):
            return
        verb = "removed-before-sunset" if leave is Leave.EARLY else "removed"
        peers = frame.below(name).peers(f"{verb}", frozenset({Scope.PROPERTY}))
        comparison.tell(
            Hazard.REMOVED_INPUT, f"{subject} is gone", there, one, peers, is_sure=leave is Leave.EARLY
        )
    elif not value.flag("writeOnly"):
        kind = "required" if is_needed else "optional"
        early = "-before-sunset" if leave is Leave.EARLY else ""
        inside = frame.below(name).scope is Scope.PROPERTY
        peers = (f"{PEER}response-{kind}-property-removed{early}",) if inside else ()
        comparison.tell(
            Hazard.REMOVED_OUTPUT, f"{subject} is gone", there, one, peers, is_sure=is_needed or bool(early)
        )


def _tell_new(comparison: Comparison, frame: Frame, pair: tuple[At, At], name: str, one: At) -> None:
    was, now = pair
    if frame.direction is Direction.RESPONSE or name not in now.texts("required"):
        return
    value = comparison.after.follow(one) or one
    if value.flag("readOnly"):
        return
    peers: tuple[str, ...] = ()
    if frame.below(name).scope is Scope.PROPERTY:
        default = "-with-default" if value.get("default") is not None else ""
        peers = (f"{PEER}new-required-request-property{default}",)
    elif frame.kind == "header":
        peers = (f"{PEER}new-required-request-header-property",)
    subject = comparison.subject(frame.below(name))
    message, needs = f"{subject} is new and required", now.get("required")
    mend = (needs, was.get("required")) if needs is not None else None
    comparison.tell(Hazard.NEW_REQUIREMENT, message, one, None, peers, mend=mend)


def _compare_access(
    comparison: Comparison, frame: Frame, around: tuple[At, At], name: str, pair: tuple[At, At]
) -> None:
    """Tell a property that only one side may write now."""
    was, now = comparison.before.follow(pair[0]), comparison.after.follow(pair[1])
    if was is None or now is None:
        return
    inner, needed = frame.below(name), [name in at.texts("required") for at in around]
    subject, scopes = comparison.subject(inner), frozenset({Scope.PROPERTY})
    if frame.direction is Direction.RESPONSE:
        if now.flag("writeOnly") and not was.flag("writeOnly") and needed[0]:
            peers = inner.peers("became-write-only", scopes)
            there = now.get("writeOnly") or now
            names = tuple(one.replace("response-", "response-required-") for one in peers)
            comparison.tell(Hazard.REMOVED_OUTPUT, f"{subject} is not sent any more", there, was, names)
        return
    kind = "required" if all(needed) else "optional"
    if now.flag("readOnly") and not was.flag("readOnly"):
        peers = inner.peers("became-read-only", scopes)
        names = tuple(one.replace("request-", f"request-{kind}-") for one in peers)
        there = now.get("readOnly") or now
        message = f"{subject} is not taken any more"
        comparison.tell(Hazard.REMOVED_INPUT, message, there, was, names, is_sure=False)
    elif was.flag("readOnly") and not now.flag("readOnly") and all(needed):
        peers = inner.peers("became-not-read-only", scopes)
        names = tuple(one.replace("request-", "request-required-") for one in peers)
        comparison.tell(Hazard.NEW_REQUIREMENT, f"{subject} has to be sent now", now, was, names)


def _compare_required(comparison: Comparison, frame: Frame, pair: tuple[At, At], common: "set[str]") -> None:
    was, now = pair
    then, since = was.texts("required"), now.texts("required")
    if then == since:
        return
    if frame.direction is Direction.REQUEST:
        _tell_needed(comparison, frame, pair, [name for name in since if name not in then and name in common])
        return
    properties = dict(_own(now))
    there, old = now.get("required") or now, was.get("required")
    for name in then:
        value = comparison.after.follow(properties.get(name)) if name in common else None
        if name in since or value is None or value.flag("writeOnly"):
            continue
        inner = frame.below(name)
        peers = inner.peers("became-optional", frozenset({Scope.PROPERTY}))
        comparison.tell(
            Hazard.REMOVED_OUTPUT, f"{comparison.subject(inner)} may be missing now", there, old, peers
        )


def _tell_needed(comparison: Comparison, frame: Frame, pair: tuple[At, At], names: list[str]) -> None:
    was, now = pair
    properties, items = dict(_own(now)), now.get("required")
    for name in names:
        value = comparison.after.follow(properties[name]) or properties[name]
        if value.flag("readOnly") or items is None:
            continue
        inner = frame.below(name)
        default = "-with-default" if value.get("default") is not None else ""
        peers = inner.peers(f"became-required{default}", frozenset({Scope.PROPERTY}))
        if frame.kind == "header":
            peers = (f"{PEER}request-header-property-became-required",)
        there = next((item for item in items.items() if _is(item, name)), items)
        message = f"{comparison.subject(inner)} is required now"
        mend = items, was.get("required")
        comparison.tell(Hazard.NEW_REQUIREMENT, message, there, None, peers, mend=mend)


def _is(item: At, name: str) -> bool:
    return getattr(item.node, "text", None) == name
