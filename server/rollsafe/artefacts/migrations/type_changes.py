"""Whether changing a column's type rewrites the table, where the type before is known."""

from typing import Final

from rollsafe.artefacts.migrations.pieces import TypeRef

_TEXTS: Final = frozenset({"text", "varchar"})
_TIMES: Final = frozenset({"timestamp", "timestamptz", "time", "timetz"})


def rewrites(old: TypeRef, new: TypeRef) -> bool:
    """Say whether `ALTER COLUMN … TYPE new` writes every row again; widening does not.

    `timestamp` to `timestamptz` counts as a rewrite: only a session in UTC is spared it.
    """
    if old.is_array != new.is_array:
        return True
    if old.name in _TEXTS and new.name in _TEXTS:
        return not _as_wide(old, new)
    if old.name == new.name == "numeric":
        return not _as_precise(old, new)
    if old.name == new.name and (old.name in _TIMES or old.name == "bit varying"):
        return not _as_wide(old, new)
    if old.name == "text" and new.name == "citext":
        return False
    return (old.name, old.schema, old.modifiers) != (new.name, new.schema, new.modifiers)


def _as_wide(old: TypeRef, new: TypeRef) -> bool:
    """Say whether `new` takes any length, or at least the length of `old`."""
    if not new.modifiers or new.name == "text":
        return True
    return bool(old.modifiers) and old.name == new.name and new.modifiers[0] >= old.modifiers[0]


def _as_precise(old: TypeRef, new: TypeRef) -> bool:
    if not new.modifiers:
        return True
    if not old.modifiers:
        return False
    scale_before, scale_after = ((*one.modifiers, 0)[1] for one in (old, new))
    return scale_before == scale_after and new.modifiers[0] >= old.modifiers[0]
