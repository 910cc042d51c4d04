"""Types and formats of two schemas, null, and types that are given as a list of alternatives."""

from collections.abc import Sequence
from typing import Final

from rollsafe.artefacts.contracts.changes.comparison import BODIES, INPUTS, NESTED, Comparison, Frame, Scope
from rollsafe.artefacts.contracts.changes.documents import At, Revision
from rollsafe.artefacts.contracts.changes.model import Direction, Effect
from rollsafe.artefacts.contracts.changes.values import NOTES, listed, shown, text_of
from rollsafe.formats.nodes import Sequence as Items

_WIDER: Final = {
    ("number", "float"): ("double",),
    ("integer", "int32"): ("int64", "bigint"),
    ("integer", "int64"): ("bigint",),
}
_NULLS: Final = INPUTS | {Scope.HEADER, Scope.PARAMETER_PROPERTY}


def types_of(at: At) -> tuple[str, ...]:
    """Return the types a schema names, `null` among them where it is one; none where it names none."""
    found = at.get("type")
    if found is None:
        return ()
    if isinstance(found.node, Items):
        return tuple(dict.fromkeys(at.texts("type")))
    text = text_of(found.node)
    return (text,) if text else ("null",)


def compare_types(comparison: Comparison, frame: Frame, was: At, now: At) -> bool:
    """Tell types and nulls that break somebody; say whether a list of alternatives stands for the type."""
    then, since = types_of(was), types_of(now)
    _compare_null(comparison, frame, (was, now), (then, since))
    if _compare_lists(comparison, frame, was, now):
        return True
    then, since = _plain(then), _plain(since)
    formats = was.text("format"), now.text("format")
    if set(then) == set(since) and formats[0] == formats[1]:
        return False
    effect = _effect((then, since), formats, frame.is_strict)
    if _is_repeated(comparison, frame, then, now):
        effect = Effect.WIDENS
    if effect is None or not frame.harmed_by(effect):
        return False
    there = now.get("type") or now
    if set(then) == set(since):
        there = now.get("format") or there
    words = f"is {_named(since, formats[1])} instead of {_named(then, formats[0])}"
    is_both = set(then) != set(since) and formats[0] != formats[1]
    comparison.differs(
        frame,
        effect,
        words,
        there,
        was.get(there.key) or was.get("type") or was,
        _peers(frame, effect),
        mend=(now, was) if is_both else None,
    )
    return False


def _is_repeated(comparison: Comparison, frame: Frame, then: tuple[str, ...], now: At) -> bool:
    """Say whether a parameter became a list of what it was: one value is a list of one there."""
    if frame.scope is not Scope.PARAMETER or _plain(types_of(now)) != ("array",):
        return False
    items = comparison.after.get(now, "items")
    if items is None or not then or not _says_only(now, "type", "items") or not _says_only(items, "type"):
        return False
    return _takes(types_of(items), then, is_strict=False)


def _says_only(at: At, *keys: str) -> bool:
    return all(key in keys or key in NOTES or key.startswith("x-") for key, _ in at.pairs())


def _plain(types: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one for one in types if one != "null") if len(types) > 1 else types


def _named(types: Sequence[str], form: str) -> str:
    words = listed([shown(one) for one in types]) or "any type"
    return f"{words} ({shown(form)})" if form else words


def _peers(frame: Frame, effect: Effect) -> tuple[str, ...]:
    if frame.scope is Scope.PARAMETER_PROPERTY:
        return frame.peers("type-changed", NESTED) + frame.peers("type-specialized", NESTED)
    names = frame.peers("type-changed", INPUTS | {Scope.HEADER})
    if frame.direction is Direction.RESPONSE and effect is Effect.WIDENS:
        names += frame.peers("type-generalized", BODIES | {Scope.HEADER})
    return names


def _effect(
    types: tuple[tuple[str, ...], tuple[str, ...]], formats: tuple[str, str], is_strict: bool
) -> Effect | None:
    """Return what other types and formats do to the values; None where readers take both alike."""
    then, since = types
    widens, narrows = _takes(since, then, is_strict), _takes(then, since, is_strict)
    if set(then) != set(since):
        if widens and narrows:
            return None
        if {*then, *since} == {"integer", "number"}:
            return Effect.WIDENS if widens else Effect.NARROWS
        if widens and (not since or _format_takes(since, formats[1], formats[0])):
            return Effect.WIDENS
        if narrows and (not then or _format_takes(then, formats[0], formats[1])):
            return Effect.NARROWS
        return Effect.REPLACES
    if _format_takes(since, formats[1], formats[0]):
        return Effect.WIDENS
    return Effect.NARROWS if _format_takes(then, formats[0], formats[1]) else Effect.REPLACES


def _takes(wide: tuple[str, ...], narrow: tuple[str, ...], is_strict: bool) -> bool:
    """Say whether every value of some types is one of other types, none standing for all."""
    if not wide or (wide == ("string",) and not is_strict):
        return True
    if not narrow:
        return False
    return all(one in wide or (one == "integer" and "number" in wide) for one in narrow)


def _format_takes(types: tuple[str, ...], wide: str, narrow: str) -> bool:
    if wide in ("", narrow):
        return True
    return len(types) == 1 and wide in _WIDER.get((types[0], narrow), ())


def _compare_null(
    comparison: Comparison, frame: Frame, pair: tuple[At, At], types: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    then, since = _takes_null(pair[0]), _takes_null(pair[1])
    if then != since and (types[0] if since else types[1]):
        _tell_null(comparison, frame, pair, is_new=since)


def _tell_null(comparison: Comparison, frame: Frame, pair: tuple[At, At], *, is_new: bool) -> None:
    was, now = pair
    there = now.get("nullable") or now.get("type") or now
    old = was.get("nullable") or was.get("type") or was
    if is_new:
        peers = frame.peers("became-nullable", _NULLS)
        comparison.differs(frame, Effect.WIDENS, "may be null now", there, old, peers)
    else:
        peers = frame.peers("became-not-nullable", _NULLS)
        comparison.differs(frame, Effect.NARROWS, "takes no null any more", there, old, peers)


def compare_shells(comparison: Comparison, frame: Frame, shells: tuple[At, At], inner: tuple[At, At]) -> None:
    """Tell a null that is taken around the schema itself, in a list that holds nothing else."""
    if shells == inner:
        return
    then, since = (_takes_null(shell) or _takes_null(one) for shell, one in zip(shells, inner, strict=True))
    own = _takes_null(inner[0]), _takes_null(inner[1])
    if then == since or own == (then, since):
        return
    _tell_null(comparison, frame, shells, is_new=since)


def _takes_null(at: At) -> bool:
    return at.flag("nullable") or "null" in types_of(at)


def _compare_lists(comparison: Comparison, frame: Frame, was: At, now: At) -> bool:
    """Tell types that are listed under `oneOf` or `anyOf`, or were; say whether that is the case."""
    (then, in_list), (since, is_list) = _listed(comparison.before, was), _listed(comparison.after, now)
    if not then or not since or not (in_list or is_list):
        return False
    gone = [one for one in then if one not in since]
    added = [one for one in since if one not in then]
    if not gone and not added:
        return False
    there = now.get("type") or now.get("oneOf") or now.get("anyOf") or now
    is_request = frame.direction is Direction.REQUEST
    if gone and is_request:
        words, peers = f"takes no {listed([shown(one) for one in gone])} any more", "list-of-types-narrowed"
        comparison.differs(frame, Effect.NARROWS, words, there, was, frame.peers(peers, NESTED))
    elif added and not is_request:
        words, peers = f"may be {listed([shown(one) for one in added])} too", "list-of-types-widened"
        comparison.differs(frame, Effect.WIDENS, words, there, was, frame.peers(peers))
    return True


def _listed(revision: Revision, at: At) -> tuple[list[str], bool]:
    """Return the types a schema takes, and whether each is an alternative; none where it is no such list."""
    if any(at.get(key) is not None for key in ("not", "allOf", "properties")):
        return [], False
    types = types_of(at)
    if types:
        return [types[0]], False
    for key in ("oneOf", "anyOf"):
        parts = at.get(key)
        found = [_simple(revision.follow(part)) for part in parts.items()] if parts is not None else []
        if found and all(found):
            return list(dict.fromkeys(found)), True
    return [], False


def _simple(at: At | None) -> str:
    if at is None or any(at.get(key) is not None for key in ("properties", "oneOf", "anyOf", "allOf")):
        return ""
    types = types_of(at)
    return types[0] if len(types) == 1 else ""
