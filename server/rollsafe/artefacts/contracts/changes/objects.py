"""The properties of two object schemas: which are new, gone, needed."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.contracts.changes.comparison import PEER, Comparison, Frame, Scope
from rollsafe.artefacts.contracts.changes.documents import At, Revision
from rollsafe.artefacts.contracts.changes.model import Direction, Hazard
from rollsafe.artefacts.contracts.changes.sunsets import Leave, leave_of
from rollsafe.artefacts.contracts.changes.values import text_of

_MOST_PARTS: Final = 500
"""Schemas that one is put together of, at any depth."""


def compare_properties(comparison: Comparison, frame: Frame, was: At, now: At) -> None:
    """Tell properties that are gone, new and needed, or needed where they were not."""
    then, since = dict(_own(was)), dict(_own(now))
    if not then and not since:
        return
    needs = frozenset(was.texts("required")), frozenset(now.texts("required"))
    inherited = dict(_inherited(comparison.after, now)) if then.keys() - since.keys() else {}
    for name, one in then.items():
        if name not in since and name not in inherited:
            _tell_gone(comparison, frame, now, (name, one), is_needed=name in needs[0])
    known = dict(_inherited(comparison.before, was)) if since.keys() - then.keys() else {}
    for name, one in since.items():
        if name in needs[1] and name not in then and name not in known:
            _tell_new(comparison, frame, (was, now), name, one)
    for name in sorted(then.keys() & since.keys()):
        is_needed = name in needs[0], name in needs[1]
        _compare_access(comparison, frame, (name, *is_needed), (then[name], since[name]))
    common = {name: since[name] for name in since if name in then}
    if needs[0] != needs[1]:
        _compare_required(comparison, frame, (was, now), needs, common)


def _own(at: At) -> Iterator[tuple[str, At]]:
    found = at.get("properties")
    return found.pairs() if found is not None else iter(())


def _inherited(revision: Revision, at: At) -> Iterator[tuple[str, At]]:
    """Yield the properties a schema has from the schemas it is put together of."""
    waiting, seen = [at], {id(at.node)}
    while waiting:
        one = waiting.pop()
        for key in ("allOf", "oneOf", "anyOf"):
            parts = one.get(key)
            for part in parts.items() if parts is not None else ():
                found = revision.follow(part)
                if found is not None and id(found.node) not in seen and len(seen) < _MOST_PARTS:
                    seen.add(id(found.node))
                    yield from _own(found)
                    waiting.append(found)


def _tell_gone(
    comparison: Comparison, frame: Frame, now: At, gone: tuple[str, At], *, is_needed: bool
) -> None:
    name, one = gone
    value = comparison.before.follow(one) or one
    leave = leave_of(value, comparison.today)
    if leave is Leave.ALLOWED:
        return
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
    if frame.direction is Direction.RESPONSE:
        return
    value = comparison.after.follow(one) or one
    if value.flag("readOnly"):
        return
    peers: tuple[str, ...] = ()
    if frame.below(name).scope is Scope.PROPERTY:
        default = "-with-default" if value.get("default") is not None else ""
        peers = (f"{PEER}new-required-request-property{default}",)
    elif frame.kind == "header":
        peers = (
            f"{PEER}new-required-request-header-property",
            f"{PEER}request-header-property-became-required",
        )
    subject = comparison.subject(frame.below(name))
    message, needs = f"{subject} is new and required", now.get("required")
    mend = (needs, was.get("required")) if needs is not None else None
    comparison.tell(Hazard.NEW_REQUIREMENT, message, one, None, peers, mend=mend)


def _compare_access(
    comparison: Comparison, frame: Frame, named: tuple[str, bool, bool], pair: tuple[At, At]
) -> None:
    """Tell a property that only one side may write now; `named` says where it is required as well."""
    was, now = comparison.before.follow(pair[0]), comparison.after.follow(pair[1])
    if was is None or now is None:
        return
    marks = was.get("readOnly"), was.get("writeOnly"), now.get("readOnly"), now.get("writeOnly")
    if marks == (None, None, None, None):
        return
    inner, needed = frame.below(named[0]), named[1:]
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


def _compare_required(
    comparison: Comparison,
    frame: Frame,
    pair: tuple[At, At],
    needs: tuple[frozenset[str], frozenset[str]],
    common: dict[str, At],
) -> None:
    """Tell properties that are required now, or no longer, of those that both sides know."""
    was, now = pair
    if frame.direction is Direction.REQUEST:
        fresh = needs[1] - needs[0]
        _tell_needed(comparison, frame, pair, {name: common[name] for name in common if name in fresh})
        return
    there, old = now.get("required") or now, was.get("required")
    for name in sorted(needs[0] - needs[1]):
        value = comparison.after.follow(common.get(name))
        if value is None or value.flag("writeOnly"):
            continue
        inner = frame.below(name)
        peers = inner.peers("became-optional", frozenset({Scope.PROPERTY}))
        message = f"{comparison.subject(inner)} may be missing now"
        comparison.tell(Hazard.REMOVED_OUTPUT, message, there, old, peers)


def _tell_needed(comparison: Comparison, frame: Frame, pair: tuple[At, At], needed: dict[str, At]) -> None:
    was, now = pair
    items = now.get("required")
    places = {text_of(item.node): item for item in items.items()} if items is not None else {}
    for name, one in needed.items():
        value = comparison.after.follow(one) or one
        if value.flag("readOnly") or items is None:
            continue
        inner = frame.below(name)
        default = "-with-default" if value.get("default") is not None else ""
        peers = inner.peers(f"became-required{default}", frozenset({Scope.PROPERTY}))
        if frame.kind == "header":
            peers = (f"{PEER}request-header-property-became-required",)
        message = f"{comparison.subject(inner)} is required now"
        mend = items, was.get("required")
        there = places.get(name, items)
        comparison.tell(Hazard.NEW_REQUIREMENT, message, there, None, peers, mend=mend)
