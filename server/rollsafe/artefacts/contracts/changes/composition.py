"""Schemas put together of others: which parts belong together, which are new, which are gone."""

from collections.abc import Callable, Iterator
from typing import Final

from rollsafe.artefacts.contracts.changes.comparison import BODIES, Comparison, Frame, Scope
from rollsafe.artefacts.contracts.changes.documents import At, Revision
from rollsafe.artefacts.contracts.changes.flattening import flattened, is_contained, untyped
from rollsafe.artefacts.contracts.changes.model import Effect
from rollsafe.artefacts.contracts.changes.types import types_of
from rollsafe.artefacts.contracts.changes.values import shown, value_of
from rollsafe.text.tuples import NamedTuple

_NOTES: Final = frozenset(
    {"description", "title", "example", "examples", "summary", "externalDocs", "deprecated"}
)
_BESIDE: Final = _NOTES | {"nullable", "readOnly", "writeOnly", "default"}
"""Keys beside the one schema of a list that leave it what it is, but for the marks."""
_KINDS: Final = {
    "allOf": ("all-of", Effect.NARROWS),
    "anyOf": ("any-of", Effect.WIDENS),
    "oneOf": ("one-of", Effect.WIDENS),
}
"""Keyword, its part of a peer's name, and what a further part does to the values."""


class _Part(NamedTuple):
    """An alternative: as it is written, and what it stands for."""

    written: At
    meant: At | None

    @property
    def ref(self) -> str:
        return self.written.text("$ref")

    @property
    def name(self) -> str:
        title = self.meant.text("title") if self.meant is not None else ""
        return self.ref.rpartition("/")[2] or title


def unwrapped(revision: Revision, at: At, other: At) -> At:
    """Return the one schema in an `allOf`, `oneOf` or `anyOf` that only adds words or marks to it.

    Where the other side has such a list as well, parts are compared with parts.
    """
    said = [name for name, _ in at.pairs() if name not in _BESIDE and not name.startswith("x-")]
    if len(said) != 1 or said[0] not in _KINDS or other.get(said[0]) is not None:
        return at
    parts = at.get(said[0])
    items = list(parts.items()) if parts is not None else []
    return (revision.follow(items[0]) or at) if len(items) == 1 else at


def wrapping(comparison: Comparison, frame: Frame, was: At, now: At) -> tuple[At, At] | None:
    """Tell a schema that became `oneOf` itself and null, or was; return the pair that is left to compare."""
    inner = _nullable(comparison.after, now) if _accepts_no_null(was) else None
    if inner is not None:
        peers = frame.peers("became-nullable", BODIES)
        there = now.get("oneOf") or now
        comparison.differs(frame, Effect.WIDENS, "may be null now", there, was, peers)
        return was, inner
    inner = _nullable(comparison.before, was) if _accepts_no_null(now) else None
    if inner is not None:
        scopes = BODIES | {Scope.PARAMETER, Scope.PARAMETER_PROPERTY}
        peers = frame.peers("became-not-nullable", scopes)
        comparison.differs(frame, Effect.NARROWS, "takes no null any more", now, was, peers)
        return inner, now
    return None


def _accepts_no_null(at: At) -> bool:
    mixed = any(at.get(key) is not None for key in ("oneOf", "anyOf", "allOf", "not"))
    return not mixed and not at.flag("nullable") and "null" not in types_of(at)


def _nullable(revision: Revision, at: At) -> At | None:
    """Return what is beside null in a `oneOf` of two that says nothing else."""
    said = [name for name, _ in at.pairs() if name not in _NOTES and not name.startswith("x-")]
    parts = at.get("oneOf")
    items = (
        [revision.follow(item) for item in parts.items()] if parts is not None and said == ["oneOf"] else []
    )
    if len(items) != 2:
        return None
    others = [item for item in items if item is not None and types_of(item) != ("null",)]
    return others[0] if len(others) == 1 and None not in items else None


def alternatives(comparison: Comparison, frame: Frame, was: At, now: At) -> Iterator[tuple[str, At, At]]:
    """Tell parts that came and went; yield those that are to be compared, with a name."""
    for keyword, (word, effect) in _KINDS.items():
        old, new = was.get(keyword), now.get(keyword)
        if old is None and new is None:
            continue
        then, since = _parts(comparison.before, old), _parts(comparison.after, new)
        pairs, gone, added = _matched(comparison, then, since)
        for one in added:
            if keyword != "allOf" or _says_something(one):
                peers = frame.peers(f"{word}-added")
                words = f"has {_named(one)} in `{keyword}` as well"
                comparison.differs(frame, effect, words, one.written, old, peers)
        for one in gone:
            if keyword != "allOf" or _says_something(one):
                turned = Effect.NARROWS if effect is Effect.WIDENS else Effect.WIDENS
                words = f"has {_named(one)} in `{keyword}` no longer"
                comparison.differs(
                    frame, turned, words, new or now, one.written, frame.peers(f"{word}-removed")
                )
        for one, other in pairs:
            yield f"{keyword}[{one.name or 'inline'}]", one.written, other.written


def _flat(revision: Revision, part: _Part) -> At | None:
    return flattened(revision, part.meant) if part.meant is not None else None


def as_objects(comparison: Comparison, was: At, now: At) -> tuple[At, At]:
    """Return both as plain objects where one is put together of parts that the other side has written out."""
    old, new = was.get("allOf"), now.get("allOf")
    if (old is None) == (new is None):
        return was, now
    then, since = flattened(comparison.before, was), flattened(comparison.after, now)
    if then is None or since is None or then.get("properties") is None or since.get("properties") is None:
        return was, now
    mine, whole = (comparison.after, then) if old is None else (comparison.before, since)
    if not all(is_contained(_flat(mine, one), whole) for one in _parts(mine, old or new)):
        return was, now
    has_type = then.get("type") is not None and since.get("type") is not None
    return (then, since) if has_type else (untyped(then), untyped(since))


def compare_split(comparison: Comparison, frame: Frame, was: At, now: At) -> bool:
    """Tell an object that became one of several; say whether it did."""
    held, parts = was.get("properties"), now.get("oneOf")
    if held is None or parts is None or was.get("oneOf") is not None:
        return False
    if now.get("properties") is not None or types_of(now):
        return False
    names = {name for name, _ in held.pairs()}
    others = [comparison.after.follow(part) for part in parts.items()]
    kept = (other.get("properties") for other in others if other is not None)
    if not any(name in names for one in kept if one is not None for name, _ in one.pairs()):
        return False
    is_kept = any(other is not None and value_of(other.node) == value_of(was.node) for other in others)
    is_body = frame.scope is Scope.BODY
    suffix = "wrapped-in-one-of" if is_body else "one-of-added"
    effect = Effect.REPLACES if is_body and not is_kept else Effect.WIDENS
    peers = frame.peers(f"{suffix}-original-preserved" if is_kept and is_body else suffix)
    words = "is one of several objects where it was one"
    comparison.differs(frame, effect, words, parts, was, peers, is_sure=not is_kept)
    return True


def _parts(revision: Revision, at: At | None) -> list[_Part]:
    return [_Part(item, revision.follow(item)) for item in at.items()] if at is not None else []


def _matched(
    comparison: Comparison, then: list[_Part], since: list[_Part]
) -> tuple[list[tuple[_Part, _Part]], list[_Part], list[_Part]]:
    """Return the parts that belong together, those that are gone and those that are new."""
    pairs: list[tuple[_Part, _Part]] = []
    rest, left = _take(pairs, then, since, lambda one: one.ref or None)
    inline, others = [one for one in rest if not one.ref], [one for one in left if not one.ref]
    gone, new = _take(pairs, inline, others, lambda one: value_of(one.written.node))
    gone, new = _take(pairs, gone, new, lambda one: one.meant.text("title") or None if one.meant else None)
    if len(gone) == len(new) == 1 and not gone[0].name and not new[0].name:
        pairs.append((gone[0], new[0]))
        gone, new = [], []
    gone, new = [one for one in rest if one.ref] + gone, [one for one in left if one.ref] + new
    moved = [one for one in gone if _is_alone(comparison.after, one)]
    fresh = [one for one in new if _is_alone(comparison.before, one)]
    _take(pairs, moved, fresh, _content)
    _take(pairs, _left(gone, pairs, is_inline=True), _left(new, pairs), _content)
    _take(pairs, _left(gone, pairs), _left(new, pairs, is_inline=True), _content)
    return pairs, _left(gone, pairs), _left(new, pairs)


def _left(parts: list[_Part], pairs: list[tuple[_Part, _Part]], *, is_inline: bool = False) -> list[_Part]:
    """Return the parts that are in no pair yet; of those that are no references alone, if so asked."""
    taken = {id(one.written) for pair in pairs for one in pair}
    return [one for one in parts if id(one.written) not in taken and not (is_inline and one.ref)]


def _content(one: _Part) -> object:
    return value_of(one.meant.node) if one.meant is not None else None


def _is_alone(other: Revision, one: _Part) -> bool:
    """Say whether a part has no namesake at the other revision, so that it may go by another name there."""
    return not one.ref or other.follow(one.written) is None


def _take(
    pairs: list[tuple[_Part, _Part]],
    then: list[_Part],
    since: list[_Part],
    key: "Callable[[_Part], object]",
) -> tuple[list[_Part], list[_Part]]:
    """Move the parts with equal keys to the pairs, those without a key aside; return what is left of both."""
    known: dict[object, list[_Part]] = {}
    for other in since:
        known.setdefault(key(other), []).append(other)
    rest: list[_Part] = []
    for one in then:
        wanted = key(one)
        others = known.get(wanted) if wanted is not None else None
        if others:
            pairs.append((one, others.pop(0)))
        else:
            rest.append(one)
    return rest, _left(since, pairs)


def _says_something(one: _Part) -> bool:
    return one.meant is None or any(
        name not in _NOTES and not name.startswith("x-") for name, _ in one.meant.pairs()
    )


def _named(one: _Part) -> str:
    return shown(one.name) if one.name else "a schema without a name"
