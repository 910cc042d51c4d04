"""The forms in which a body is sent."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.contracts.changes.comparison import Comparison, Frame
from rollsafe.artefacts.contracts.changes.documents import At
from rollsafe.artefacts.contracts.changes.model import Effect
from rollsafe.artefacts.contracts.changes.schemas import compare_schemas
from rollsafe.artefacts.contracts.changes.values import value_of

_VENDOR: Final = 2
"""Where the form with a vendor's name, or without it, comes among those that are looked for."""


def is_strict(media: str) -> bool:
    """Say whether a form tells `1` from `"1"`, as JSON does."""
    bare = media.partition(";")[0].strip().lower()
    return bare == "application/json" or bare.endswith("+json")


def compare_media(comparison: Comparison, frame: Frame, was: At, now: At) -> Iterator[tuple[str, At]]:
    """Compare the schemas of two bodies; yield the forms that are gone."""
    then = dict(comparison.before.pairs(comparison.before.get(was, "content")))
    since = _indexed(comparison.after.pairs(comparison.after.get(now, "content")))
    kept = frozenset(map(_plain, then))
    for name, one in then.items():
        other = _counterpart(name, since, kept)
        if other is None:
            yield name, one
            continue
        inner = frame._replace(is_strict=is_strict(name))
        for key in ("schema", "itemSchema"):
            compare_schemas(comparison, inner, _schema(one, key), _schema(other, key))
        _compare_presence(comparison, inner, name, one, other)


def _counterpart(name: str, since: dict[str, At], kept: frozenset[str]) -> At | None:
    """Return the body that took the place of a form; one that was there beside it takes no other's place."""
    for number, form in enumerate(_forms(name)):
        found = since.get(form)
        if found is not None and (number != _VENDOR or _plain(found.key) not in kept):
            return found
    return None


def _schema(at: At, key: str) -> At | None:
    """Return the schema under a key; a null says nothing."""
    found = at.get(key)
    return None if found is None or value_of(found.node)[0] == "null" else found


def _compare_presence(comparison: Comparison, frame: Frame, name: str, was: At, now: At) -> None:
    """Tell a form that has a schema for the first time, or none any more."""
    old, new = _schema(was, "schema"), _schema(now, "schema")
    if old is None and new is not None and value_of(new.node) != ("object", ()):
        peers = frame.peers("media-type-schema-added")
        comparison.differs(frame, Effect.NARROWS, f"has a schema for `{name}` now", new, was, peers)
    elif new is None and old is not None and value_of(old.node) != ("object", ()):
        peers = frame.peers("media-type-schema-removed")
        comparison.differs(frame, Effect.WIDENS, f"has no schema for `{name}` any more", now, old, peers)


def _plain(media: str) -> str:
    """Return a media type without spaces, in lower case."""
    return "".join(media.split()).lower()


def _indexed(forms: Iterator[tuple[str, At]]) -> dict[str, At]:
    """Return bodies by all that their forms are found as, the first of several."""
    found: dict[str, At] = {}
    for name, at in forms:
        whole, bare, *_ = _forms(name)
        for form in (whole, bare, *_of_vendor(bare)):
            found.setdefault(form, at)
    return found


def _of_vendor(bare: str) -> tuple[str, ...]:
    """Return what the form of a vendor is found as by the plain form that it is one of."""
    kind, _, form = bare.partition("/")
    return (f"{kind}/+{form.rpartition('+')[2]}",) if "+" in form else ()


def _forms(name: str) -> tuple[str, ...]:
    """Return a form, without its charset, with or without a vendor's name, and the ranges it is in."""
    whole = _plain(name)
    bare = whole.partition(";")[0]
    kind, _, form = bare.partition("/")
    _, plus, inner = form.rpartition("+")
    return whole, bare, f"{kind}/{inner}" if plus else f"{kind}/+{form}", f"{kind}/*", "*/*"
