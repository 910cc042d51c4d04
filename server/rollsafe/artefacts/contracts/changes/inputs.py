"""What two revisions of an operation take: parameters and bodies."""

from typing import Final

from rollsafe.artefacts.contracts.changes.comparison import PEER, Comparison, Frame, Scope
from rollsafe.artefacts.contracts.changes.documents import At, Revision
from rollsafe.artefacts.contracts.changes.lifecycle import compare_sunset
from rollsafe.artefacts.contracts.changes.media import compare_media
from rollsafe.artefacts.contracts.changes.model import Direction, Hazard
from rollsafe.artefacts.contracts.changes.schemas import compare_schemas
from rollsafe.artefacts.contracts.changes.sunsets import Leave, leave_of, sunset_of

_BODIES: Final = frozenset({"body", "formData"})
"""Kinds of parameters of Swagger that are a body."""
_Key = tuple[str, str]


def compare_inputs(
    comparison: Comparison, was: tuple[At, At], now: tuple[At, At], names: dict[str, str]
) -> None:
    """Tell parameters and bodies that break clients; `names` says what those of the path are called now.

    The braces of a path are filled in whether or not its parameters are declared: one that is declared for
    the first time, or no longer, is only a remark.
    """
    then, since = _parameters(comparison.before, *was), _parameters(comparison.after, *now)
    shared = _parameters(comparison.after, now[1])
    own = {id(one.node) for one in _parameters(comparison.before, was[0]).values()}
    renamed = {_called(key, since, names): at for key, at in then.items()}
    promise = comparison.is_announced
    for key, one in renamed.items():
        if key in since:
            _compare_parameter(comparison, key, one, since[key])
        else:
            place = now[0].get("parameters") or now[1].get("parameters") or now[0]
            comparison.is_announced = promise or key[0] == "path"
            _tell_gone(comparison, key, one, place, is_own=id(one.node) in own)
    for key, one in since.items():
        if key not in renamed:
            comparison.is_announced = promise or key[0] == "path"
            _tell_new(comparison, key, one, is_shared=key in shared)
    comparison.is_announced = promise
    _compare_bodies(comparison, was[0], now[0])


def _called(key: _Key, since: dict[_Key, At], names: dict[str, str]) -> _Key:
    """Return what a parameter is called now: those of the path may go by another name."""
    kind, name = key
    return key if kind != "path" or key in since else (kind, names.get(name, name))


def _parameters(revision: Revision, *places: At) -> dict[_Key, At]:
    """Return the parameters of an operation by kind and name; its own come before those of its path."""
    found: dict[_Key, At] = {}
    for place in places:
        listed = place.get("parameters")
        for item in listed.items() if listed is not None else ():
            one = revision.follow(item)
            if one is None or not one.text("name"):
                continue
            kind, name = one.text("in"), one.text("name")
            found.setdefault((kind, name.lower() if kind == "header" else name), one)
    return found


def _what(key: _Key, at: At) -> str:
    kind = {"body": "the body", "formData": "the form field"}.get(key[0], f"{key[0]} parameter")
    return f"{kind} `{at.text('name')}`"


def _tell_gone(comparison: Comparison, key: _Key, one: At, place: At, *, is_own: bool) -> None:
    leave = leave_of(one, comparison.today)
    if leave is Leave.ALLOWED:
        return
    what = f"{_what(key, one)} of {comparison.operation}"
    if leave is Leave.EARLY:
        message = f"{what} is gone before its sunset on `{sunset_of(one)}`"
        name = "request-parameter-removed-before-sunset"
    elif leave is Leave.UNREADABLE:
        message, name = f"{what} is gone, and its sunset is no date", "request-parameter-sunset-parse"
    else:
        says = "is declared no longer" if key[0] == "path" else "is gone"
        message, name = f"{what} {says}", "request-parameter-removed"
    is_sure = leave is not Leave.SUDDEN
    peers = (f"{PEER}{name}",) if key[0] not in _BODIES and is_own else ()
    comparison.tell(Hazard.REMOVED_INPUT, message, place, one, peers, is_sure=is_sure)


def _tell_new(comparison: Comparison, key: _Key, one: At, *, is_shared: bool) -> None:
    kind = key[0]
    if kind != "path" and not one.flag("required"):
        return
    if kind == "path":
        name = "new-request-path-parameter"
    elif is_shared:
        name = "new-required-request-default-parameter-to-existing-path"
    else:
        name = "new-required-request-parameter"
    peers = (f"{PEER}request-body-added-required",) if kind in _BODIES else (f"{PEER}{name}",)
    says = "is declared now, and was not" if kind == "path" else "is new and required"
    message = f"{_what(key, one)} of {comparison.operation} {says}"
    comparison.tell(Hazard.NEW_REQUIREMENT, message, one, None, peers)


def _compare_parameter(comparison: Comparison, key: _Key, was: At, now: At) -> None:
    kind, what = key[0], _what(key, now)
    subject = f"{what} of {comparison.operation}"
    if now.flag("required") and not was.flag("required") and kind != "path":
        name = "request-body-became-required" if kind in _BODIES else "request-parameter-became-required"
        there = now.get("required") or now
        comparison.tell(Hazard.NEW_REQUIREMENT, f"{subject} is required now", there, was, (f"{PEER}{name}",))
    compare_sunset(comparison, subject, was, now, "request-parameter-")
    then, since = _schema(comparison.before, was), _schema(comparison.after, now)
    scope = Scope.BODY if kind == "body" else Scope.PARAMETER
    frame = Frame(Direction.REQUEST, scope, what, is_strict=kind == "body", kind=kind)
    compare_schemas(comparison, frame, then, since)


def _schema(revision: Revision, parameter: At) -> At | None:
    """Return the schema of a parameter; in Swagger that is the parameter itself."""
    found = parameter.get("schema")
    if found is not None:
        return found
    forms = revision.get(parameter, "content")
    if forms is not None:
        return next((form.get("schema") for _, form in forms.pairs()), None)
    return parameter if parameter.get("type") is not None else None


def _compare_bodies(comparison: Comparison, was: At, now: At) -> None:
    old, new = comparison.before.get(was, "requestBody"), comparison.after.get(now, "requestBody")
    subject = f"the request body of {comparison.operation}"
    if old is None and new is not None:
        if new.flag("required"):
            peers = (f"{PEER}request-body-added-required",)
            message = f"{subject} is new and required"
            comparison.tell(Hazard.NEW_REQUIREMENT, message, now.get("requestBody") or new, None, peers)
    elif old is not None and new is None:
        peers = (f"{PEER}request-body-removed",)
        comparison.tell(Hazard.REMOVED_INPUT, f"{subject} is gone", now, old, peers)
    elif old is not None and new is not None:
        if new.flag("required") and not old.flag("required"):
            peers = (f"{PEER}request-body-became-required",)
            there = new.get("required") or new
            comparison.tell(Hazard.NEW_REQUIREMENT, f"{subject} is required now", there, old, peers)
        frame = Frame(Direction.REQUEST, Scope.BODY, "the request body")
        for name, one in compare_media(comparison, frame, old, new):
            message = f"{subject} takes no `{name}` any more"
            peers = (f"{PEER}request-body-media-type-removed",)
            comparison.tell(Hazard.NARROWED_INPUT, message, new.get("content") or new, one, peers)
