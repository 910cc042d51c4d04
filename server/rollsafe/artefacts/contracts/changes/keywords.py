"""Keywords of a schema that bound its values: what their coming, going and changing does to those values."""

from collections.abc import Callable
from itertools import islice
from typing import Final

from rollsafe.artefacts.contracts.changes.comparison import (
    BODIES,
    ENDS,
    INPUTS,
    NESTED,
    PEER,
    Comparison,
    Frame,
    Scope,
)
from rollsafe.artefacts.contracts.changes.documents import At
from rollsafe.artefacts.contracts.changes.model import Direction, Effect
from rollsafe.artefacts.contracts.changes.values import (
    Value,
    flag_of,
    listed,
    number_of,
    shown,
    text_of,
    told,
    value_of,
)

_BOUNDS: Final = (
    ("maximum", "max", True), ("minimum", "min", False),
    ("exclusiveMaximum", "exclusive-max", True), ("exclusiveMinimum", "exclusive-min", False),
    ("maxLength", "max-length", True), ("minLength", "min-length", False),
    ("maxItems", "max-items", True), ("minItems", "min-items", False),
    ("maxProperties", "max-properties", True), ("minProperties", "min-properties", False),
    ("maxContains", "max-contains", True), ("minContains", "min-contains", False),
)  # fmt: skip
"""Keyword, its part of a peer's name, and whether it bounds from above."""
_OF_CONTAINS: Final = frozenset({"minContains", "maxContains"})
"""Bounds that say nothing without `contains`."""
_COUNTS: Final = frozenset({"minLength", "minItems", "minProperties"})
"""Lower bounds for which 0 says nothing."""
_PRESENT: Final = (
    ("contains", "contains"), ("if", "if"), ("then", "then"), ("else", "else"),
    ("propertyNames", "property-names"), ("contentSchema", "content-schema"),
    ("unevaluatedItems", "unevaluated-items"), ("unevaluatedProperties", "unevaluated-properties"),
)  # fmt: skip
"""Schemas whose being there narrows, and their part of a peer's name."""
_KEYED: Final = (("patternProperties", "pattern-property"), ("dependentSchemas", "dependent-schema"))
_FORMS: Final = (("contentMediaType", "content-media-type"), ("contentEncoding", "content-encoding"))
_ANYTHING: Final = frozenset({".*", "^.*$"})
"""Patterns that every text fits."""
_MOST_VALUES: Final = 20
"""New values of one enum that are told."""


def compare_keywords(comparison: Comparison, frame: Frame, was: At, now: At) -> None:
    """Tell which bounds of a schema break somebody."""
    for check in _CHECKS:
        check(comparison, frame, was, now)


def _bounds(comparison: Comparison, frame: Frame, was: At, now: At) -> None:
    for keyword, part, is_upper in _BOUNDS:
        (then, old), (since, new) = _bound(was, keyword), _bound(now, keyword)
        if then == since or (
            keyword in _OF_CONTAINS and (was.get("contains") is None or now.get("contains") is None)
        ):
            continue
        if since is None:
            verb, effect, words = "unset", Effect.WIDENS, f"has no `{keyword}` any more"
        elif then is None:
            verb, effect = "set", Effect.NARROWS
            words = f"has a new `{keyword}` of {shown(since)}"
        else:
            effect = Effect.NARROWS if (since < then) == is_upper else Effect.WIDENS
            verb = "increased" if since > then else "decreased"
            words = f"has a `{keyword}` of {shown(since)} instead of {shown(then)}"
        peers = _of_items(frame, keyword).peers(f"{part}-{verb}", ENDS)
        comparison.differs(frame, effect, words, new or now, old, peers, is_sure=verb != "set")


def _of_items(frame: Frame, keyword: str) -> Frame:
    """Return the frame peers take the items of a parameter for, whose lengths they count as its own."""
    is_inner = frame.scope is Scope.PARAMETER_PROPERTY and frame.names == ("items",)
    return frame._replace(scope=Scope.PARAMETER) if is_inner and keyword.endswith("Items") else frame


def _bound(at: At, keyword: str) -> tuple[float | None, At | None]:
    found = at.get(keyword)
    if found is None:
        return None, None
    if flag_of(found.node) is True and keyword.startswith("exclusive"):
        inner = at.get("minimum" if keyword == "exclusiveMinimum" else "maximum")
        return (number_of(inner.node) if inner is not None else None), found
    value = number_of(found.node)
    return (None if value == 0 and keyword in _COUNTS else value), found


def _pattern(comparison: Comparison, frame: Frame, was: At, now: At) -> None:
    then, since = was.text("pattern"), now.text("pattern")
    if then == since:
        return
    scopes = frozenset({Scope.PROPERTY, Scope.PARAMETER})
    if not since:
        peers = frame.peers("pattern-removed", scopes)
        comparison.differs(frame, Effect.WIDENS, "has no `pattern` any more", now, was.get("pattern"), peers)
    elif not then:
        words = f"has a new pattern {shown(since)}"
        peers = frame.peers("pattern-added", scopes)
        comparison.differs(frame, Effect.NARROWS, words, now.get("pattern") or now, None, peers)
    else:
        effect = Effect.WIDENS if since in _ANYTHING else Effect.REPLACES
        words = f"has the pattern {shown(since)} instead of {shown(then)}"
        peers = frame.peers("pattern-changed", scopes)
        there = now.get("pattern") or now
        comparison.differs(frame, effect, words, there, was.get("pattern"), peers, is_sure=False)


def _enum(comparison: Comparison, frame: Frame, was: At, now: At) -> None:
    then, since = _values(was, "enum"), _values(now, "enum")
    old, new = was.get("enum"), now.get("enum")
    if then is None and since is not None and new is not None:
        words = f"takes only {listed([told(one) for one in since])} now"
        if frame.direction is Direction.RESPONSE:
            return
        comparison.differs(frame, Effect.NARROWS, words, new, None, _became_enum(frame))
    elif then is not None and since is None:
        peers = _enum_peers(frame, "became-not-enum")
        comparison.differs(frame, Effect.WIDENS, "is no longer bound to a list of values", now, old, peers)
    elif then is not None and since is not None and new is not None:
        gone, added = _without(then, since), _without(since, then)
        if gone:
            words = f"takes {listed(gone)} no longer"
            peers = frame.peers("enum-value-removed", NESTED)
            comparison.differs(frame, Effect.NARROWS, words, new, old, peers)
        if added:
            _tell_added(comparison, frame, (old or was, new), then)


def _tell_added(comparison: Comparison, frame: Frame, pair: tuple[At, At], then: list[Value]) -> None:
    """Tell each value of an enum that is new, at its own place."""
    old, new = pair
    known = frozenset(then)
    fresh = (item for item in new.items() if value_of(item.node) not in known)
    for item in islice(fresh, _MOST_VALUES):
        if value_of(item.node)[0] != "null":
            words = f"may be {told(value_of(item.node))}, which it never was"
            peers = _enum_peers(frame, "enum-value-added")
            comparison.differs(frame, Effect.WIDENS, words, item, old, peers, mend=(new, old))


def _enum_peers(frame: Frame, suffix: str) -> tuple[str, ...]:
    """Return the name of a change of values of a response, whose body peers call otherwise."""
    scope = "mediatype" if frame.scope is Scope.BODY else "property"
    return (f"{PEER}response-{scope}-{suffix}",) if frame.scope in BODIES else ()


def _became_enum(frame: Frame) -> tuple[str, ...]:
    own = frame.peers("became-enum", INPUTS)
    is_header = frame.kind == "header" and frame.scope in (Scope.PARAMETER, Scope.PARAMETER_PROPERTY)
    return (*own, f"{PEER}request-header-property-became-enum") if is_header else own


def _values(at: At, key: str) -> list[Value] | None:
    found = at.get(key)
    values = [value_of(item.node) for item in found.items()] if found is not None else []
    return [one for one in values if one[0] != "null"] or None


def _without(some: list[Value], others: list[Value]) -> list[str]:
    known = frozenset(others)
    return [told(one) for one in some if one not in known]


def _extensible_enum(comparison: Comparison, frame: Frame, was: At, now: At) -> None:
    then, since = _values(was, "x-extensible-enum"), _values(now, "x-extensible-enum")
    new = now.get("x-extensible-enum")
    if then is None or since is None or new is None or frame.direction is Direction.RESPONSE:
        return
    gone = _without(then, since)
    if gone:
        peers = frame.peers("x-extensible-enum-value-removed", frozenset({Scope.PARAMETER, Scope.PROPERTY}))
        words = f"takes {listed(gone)} no longer"
        comparison.differs(frame, Effect.NARROWS, words, new, was.get("x-extensible-enum"), peers)


def _constant(comparison: Comparison, frame: Frame, was: At, now: At) -> None:
    old, new = was.get("const"), now.get("const")
    then = value_of(old.node) if old is not None else None
    since = value_of(new.node) if new is not None else None
    if then == since:
        return
    if since is None:
        words, effect, verb = "is no longer one fixed value", Effect.WIDENS, "removed"
    elif then is None:
        words, effect, verb = f"takes only {told(since)} now", Effect.NARROWS, "added"
    else:
        words, effect, verb = f"is {told(since)} instead of {told(then)}", Effect.REPLACES, "changed"
    comparison.differs(frame, effect, words, new or now, old, frame.peers(f"const-{verb}"))


def _unique(comparison: Comparison, frame: Frame, was: At, now: At) -> None:
    then, since = was.flag("uniqueItems"), now.flag("uniqueItems")
    there, peers = now.get("uniqueItems") or now, frame.peers(f"unique-items-{'set' if since else 'unset'}")
    if since and not then:
        comparison.differs(frame, Effect.NARROWS, "takes no item twice now", there, None, peers)
    elif then and not since:
        old = was.get("uniqueItems")
        comparison.differs(frame, Effect.WIDENS, "may have an item twice", there, old, peers)


def _multiple(comparison: Comparison, frame: Frame, was: At, now: At) -> None:
    (then, old), (since, new) = _bound(was, "multipleOf"), _bound(now, "multipleOf")
    if then == since:
        return
    if since is None:
        effect, verb, words = Effect.WIDENS, "unset", "need not be a multiple of anything any more"
    elif then is None:
        effect, verb, words = Effect.NARROWS, "set", f"takes only multiples of {shown(since)} now"
    else:
        effect, verb = _factor(then, since), "changed"
        words = f"is a multiple of {shown(since)} instead of {shown(then)}"
    comparison.differs(frame, effect, words, new or now, old, frame.peers(f"multiple-of-{verb}", ENDS))


def _factor(then: float, since: float) -> Effect:
    if since and (then / since).is_integer():
        return Effect.WIDENS
    return Effect.NARROWS if then and (since / then).is_integer() else Effect.REPLACES


def _present(comparison: Comparison, frame: Frame, was: At, now: At) -> None:
    for keyword, part in _PRESENT:
        _presence(comparison, frame, keyword, (_said(was, keyword), _said(now, keyword), now), part)


def _presence(
    comparison: Comparison, frame: Frame, keyword: str, place: tuple[At | None, At | None, At], part: str
) -> None:
    old, new, around = place
    if new is not None and old is None:
        is_told = part and flag_of(new.node) is None
        words, peers = f"has a new `{keyword}`", frame.peers(f"{part}-added") if is_told else ()
        comparison.differs(frame, Effect.NARROWS, words, new, None, peers)
    elif old is not None and new is None:
        is_told = part and flag_of(old.node) is None
        words, peers = f"has no `{keyword}` any more", frame.peers(f"{part}-removed") if is_told else ()
        comparison.differs(frame, Effect.WIDENS, words, around, old, peers)


def _said(at: At, keyword: str) -> At | None:
    """Return the schema under a keyword; None for one that takes everything."""
    found = at.get(keyword)
    return (
        None
        if found is None or flag_of(found.node) is True or value_of(found.node) == ("object", ())
        else found
    )


def _closed(comparison: Comparison, frame: Frame, was: At, now: At) -> None:
    """Tell an object that takes no further properties; those that are no longer refused only widen."""
    then, since = was.get("additionalProperties"), now.get("additionalProperties")
    if (
        since is None
        or flag_of(since.node) is not False
        or (then is not None and flag_of(then.node) is False)
    ):
        return
    if frame.direction is Direction.REQUEST and was.get("properties") is not None:
        words = "takes no properties but those it names now"
        comparison.differs(frame, Effect.NARROWS, words, since, then, is_sure=False)


def _keyed(comparison: Comparison, frame: Frame, was: At, now: At) -> None:
    for keyword, part in _KEYED:
        old, new = was.get(keyword), now.get(keyword)
        then = dict(old.pairs()) if old is not None else {}
        since = dict(new.pairs()) if new is not None else {}
        for name in {**since, **then}:
            place = then.get(name), since.get(name), new or now
            _presence(comparison, frame, f"{keyword}/{name}", place, part)


def _dependent_required(comparison: Comparison, frame: Frame, was: At, now: At) -> None:
    old, new = was.get("dependentRequired"), now.get("dependentRequired")
    then = dict(old.pairs()) if old is not None else {}
    since = dict(new.pairs()) if new is not None else {}
    for name, one in since.items():
        words = f"needs further properties beside `{name}`"
        if name not in then:
            peers = frame.peers("dependent-required-added")
            comparison.differs(frame, Effect.NARROWS, words, one, None, peers)
        elif value_of(then[name].node) != value_of(one.node):
            peers = frame.peers("dependent-required-changed")
            words = f"needs other properties beside `{name}` than it did"
            comparison.differs(frame, Effect.REPLACES, words, one, then[name], peers)
    for name in then.keys() - since.keys():
        words, peers = f"need not have more beside `{name}`", frame.peers("dependent-required-removed")
        comparison.differs(frame, Effect.WIDENS, words, new or now, then[name], peers)


def _form(comparison: Comparison, frame: Frame, was: At, now: At) -> None:
    for keyword, part in _FORMS:
        old, new = was.get(keyword), now.get(keyword)
        then = text_of(old.node) if old is not None else None
        since = text_of(new.node) if new is not None else None
        if then != since:
            words = f"has the `{keyword}` {shown(since or 'none')} instead of {shown(then or 'none')}"
            comparison.differs(frame, Effect.REPLACES, words, new or now, old, frame.peers(f"{part}-changed"))


def _tuples(comparison: Comparison, frame: Frame, was: At, now: At) -> None:
    old, new = was.get("prefixItems"), now.get("prefixItems")
    then = list(old.items()) if old is not None else []
    since = list(new.items()) if new is not None else []
    if len(since) < len(then):
        words, peers = "has fewer leading items than it had", frame.peers("prefix-items-removed")
        comparison.differs(frame, Effect.REPLACES, words, new or now, then[len(since)], peers, is_sure=False)
    elif len(since) > len(then):
        words, peers = "has more leading items than it had", frame.peers("prefix-items-added")
        comparison.differs(frame, Effect.REPLACES, words, since[len(then)], old, peers, is_sure=False)


def _negation(comparison: Comparison, frame: Frame, was: At, now: At) -> None:
    old, new = was.get("not"), now.get("not")
    _presence(comparison, frame, "not", (old, new, now), "")
    if old is not None and new is not None and value_of(old.node) != value_of(new.node):
        words = "has another `not` than it had"
        comparison.differs(frame, Effect.REPLACES, words, new, old, is_sure=False)


_CHECKS: Final[tuple[Callable[[Comparison, Frame, At, At], None], ...]] = (
    _bounds, _pattern, _enum, _extensible_enum, _constant, _unique, _multiple, _present, _closed, _keyed,
    _dependent_required, _form, _tuples, _negation,
)  # fmt: skip
