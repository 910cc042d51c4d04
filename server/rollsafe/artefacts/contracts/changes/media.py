"""The forms in which a body is sent."""

from collections.abc import Iterator

from rollsafe.artefacts.contracts.changes.comparison import Comparison, Frame
from rollsafe.artefacts.contracts.changes.documents import At
from rollsafe.artefacts.contracts.changes.model import Effect
from rollsafe.artefacts.contracts.changes.schemas import compare_schemas
from rollsafe.artefacts.contracts.changes.values import value_of


def is_strict(media: str) -> bool:
    """Say whether a form tells `1` from `"1"`, as JSON does."""
    bare = media.partition(";")[0].strip().lower()
    return bare == "application/json" or bare.endswith("+json")


def compare_media(comparison: Comparison, frame: Frame, was: At, now: At) -> Iterator[tuple[str, At]]:
    """Compare the schemas of two bodies; yield the forms that are gone."""
    then = dict(comparison.before.pairs(comparison.before.get(was, "content")))
    since = {_plain(name): at for name, at in comparison.after.pairs(comparison.after.get(now, "content"))}
    for name, one in then.items():
        other = since.get(_plain(name)) or _wider(name, since)
        if other is None:
            yield name, one
            continue
        inner = frame._replace(is_strict=is_strict(name))
        for key in ("schema", "itemSchema"):
            compare_schemas(comparison, inner, one.get(key), other.get(key))
        _compare_presence(comparison, inner, name, one, other)


def _compare_presence(comparison: Comparison, frame: Frame, name: str, was: At, now: At) -> None:
    """Tell a form that has a schema for the first time, or none any more."""
    old, new = was.get("schema"), now.get("schema")
    if old is None and new is not None and value_of(new.node) != ("object", ()):
        peers = frame.peers("media-type-schema-added")
        comparison.differs(frame, Effect.NARROWS, f"has a schema for `{name}` now", new, was, peers)
    elif new is None and old is not None and value_of(old.node) != ("object", ()):
        peers = frame.peers("media-type-schema-removed")
        comparison.differs(frame, Effect.WIDENS, f"has no schema for `{name}` any more", now, old, peers)


def _plain(media: str) -> str:
    """Return a media type without spaces, in lower case."""
    return "".join(media.split()).lower()


def _wider(name: str, since: dict[str, At]) -> At | None:
    """Return the form another charset or another vendor's name makes of one, or the range it is in."""
    bare = _plain(name).partition(";")[0]
    kind, _, form = bare.partition("/")
    for other, at in since.items():
        plain = other.partition(";")[0]
        if plain in (bare, "*/*", f"{kind}/*") or plain.rpartition("+")[2] == form.rpartition("+")[2]:
            return at
    return None
