"""Two schemas, keyword by keyword and all the way down."""

from typing import Final

from rollsafe.artefacts.contracts.changes.comparison import EVERYWHERE, Comparison, Frame
from rollsafe.artefacts.contracts.changes.composition import (
    alternatives,
    as_objects,
    compare_split,
    unwrapped,
    wrapping,
)
from rollsafe.artefacts.contracts.changes.documents import At
from rollsafe.artefacts.contracts.changes.keywords import compare_keywords
from rollsafe.artefacts.contracts.changes.lifecycle import compare_marks
from rollsafe.artefacts.contracts.changes.model import Direction, Effect
from rollsafe.artefacts.contracts.changes.objects import compare_properties
from rollsafe.artefacts.contracts.changes.types import compare_shells, compare_types
from rollsafe.artefacts.contracts.changes.values import flag_of

_DEPTH: Final = 48
_SINGLE: Final = (
    "items", "additionalProperties", "contains", "propertyNames", "if", "then", "else", "contentSchema",
    "unevaluatedItems", "unevaluatedProperties",
)  # fmt: skip
_KEYED: Final = ("patternProperties", "dependentSchemas")


def compare_schemas(comparison: Comparison, frame: Frame, was: At | None, now: At | None) -> None:
    """Tell what of a schema and of all below it breaks somebody; what is unknown on one side is left out."""
    was, now = comparison.before.follow(was), comparison.after.follow(now)
    if was is None or now is None or len(frame.names) > _DEPTH:
        return
    shells = was, now
    was, now = unwrapped(comparison.before, was, now), unwrapped(comparison.after, now, was)
    place = (was.path, was.node.start, now.path, now.node.start)
    way = frame.direction, frame.scope, frame.is_strict, comparison.is_announced
    if not comparison.enters(place, *way) or _is_silent(frame, now) or _is_silent(frame, shells[1]):
        return
    compare_shells(comparison, frame, shells, (was, now))
    was, now = as_objects(comparison, was, now)
    if not (was.is_map and now.is_map):
        _compare_booleans(comparison, frame, was, now)
        return
    compare_marks(comparison, frame, was, now)
    payload = wrapping(comparison, frame, was, now)
    if payload is not None:
        compare_schemas(comparison, frame, *payload)
        return
    is_split = compare_split(comparison, frame, was, now)
    is_listed = not is_split and compare_types(comparison, frame, was, now)
    compare_keywords(comparison, frame, was, now)
    compare_properties(comparison, frame, was, now)
    if not is_split and not is_listed:
        for step, one, other in alternatives(comparison, frame, was, now):
            compare_schemas(comparison, frame.below(step), one, other)
    _descend(comparison, frame, was, now)


def _is_silent(frame: Frame, now: At) -> bool:
    """Say whether a value is not sent in this direction at all."""
    return now.flag("readOnly" if frame.direction is Direction.REQUEST else "writeOnly")


def _compare_booleans(comparison: Comparison, frame: Frame, was: At, now: At) -> None:
    then, since = flag_of(was.node), flag_of(now.node)
    if then == since or (then is not False and since is not False):
        return
    if since is False:
        peers = frame.peers("schema-became-false", EVERYWHERE)
        comparison.differs(frame, Effect.NARROWS, "takes no value at all any more", now, was, peers)
    else:
        peers = frame.peers("schema-became-not-false", EVERYWHERE)
        comparison.differs(frame, Effect.WIDENS, "may have a value, where it had none", now, was, peers)


def _descend(comparison: Comparison, frame: Frame, was: At, now: At) -> None:
    before, after = dict(was.pairs()), dict(now.pairs())
    for key in _SINGLE:
        if key in before and key in after:
            compare_schemas(comparison, frame.below(key), before[key], after[key])
    for key in _KEYED:
        _compare_keyed(comparison, frame, before.get(key), after.get(key))
    if "properties" in before and "properties" in after:
        since = dict(after["properties"].pairs())
        for name, one in before["properties"].pairs():
            if name in since:
                compare_schemas(comparison, frame.below(name), one, since[name])
    if "prefixItems" in before and "prefixItems" in after:
        pairs = zip(before["prefixItems"].items(), after["prefixItems"].items(), strict=False)
        for number, (one, other) in enumerate(pairs):
            compare_schemas(comparison, frame.below(f"prefixItems[{number}]"), one, other)


def _compare_keyed(comparison: Comparison, frame: Frame, was: At | None, now: At | None) -> None:
    since = dict(now.pairs()) if now is not None else {}
    for name, one in was.pairs() if was is not None else ():
        if name in since:
            compare_schemas(comparison, frame.below(name), one, since[name])
