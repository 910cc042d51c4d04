"""Strategic merge patches: an object laid over another, lists merged by the key their items have."""

from typing import Final

from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.built.tree import Leaf, Member, Place, Row, Table, Value

_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "imagePullSecrets": ("name",),
    "resourceClaims": ("name",),
    "webhooks": ("name",),
    "secrets": ("name",),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "ownerReferences": ("uid",),
    "conditions": ("type",),
}
"""By the name of a list, the keys by which its items are told apart; other lists are replaced."""

_PORT_KEYS: Final = ("containerPort", "port")
_DIRECTIVE: Final = "$patch"
_UNREAD: Final = ("$setElementOrder/", "$deleteFromPrimitiveList/", "$retainKeys")
_PLAIN_GROUPS: Final = frozenset({"", "apps", "batch", "extensions", "policy", "autoscaling"})


class UnknownError(Exception):
    """A patch that does what is not followed here."""


class Laid(NamedTuple):
    """An object after a patch, None where deleted; `touched` is what the patch changes, removals first."""

    tree: Table | None
    touched: tuple[Place, ...]


def laid_over(target: Table, patch: Table) -> Laid:
    """Lay a patch over an object; what names the object is not changed.

    Raises `UnknownError` for directives that are not followed.
    """
    group = (target.text("apiVersion") or "").rpartition("/")[0]
    merge = _Merge(by_key=group in _PLAIN_GROUPS or group.endswith(".k8s.io"))
    if patch.text(_DIRECTIVE) == "delete":
        return Laid(None, (patch.place,))
    found = merge.value(target, _without_identity(patch))
    tree = found if isinstance(found, Table) else None
    return Laid(tree, (*merge.removed, *merge.changed))


def _without_identity(patch: Table) -> Table:
    metadata = patch.at("metadata")
    kept = patch.without("apiVersion").without("kind")
    if isinstance(metadata, Table):
        return kept.holding("metadata", metadata.without("name").without("namespace"))
    return kept


class _Merge:
    """One patch being laid over one object; `by_key` where lists of objects are merged."""

    def __init__(self, *, by_key: bool) -> None:
        self._by_key = by_key
        self.removed: list[Place] = []
        self.changed: list[Place] = []

    def value(self, below: Value | None, above: Value, name: str = "") -> Value | None:
        """Return what two values come to; None where the upper one takes the lower away."""
        if isinstance(above, Leaf):
            return self._leaf(below, above)
        if isinstance(above, Row):
            return self._list(below, above, name)
        directive = above.text(_DIRECTIVE)
        if directive == "delete":
            self.removed.append(above.place)
            return None
        if directive not in (None, "merge", "replace"):
            raise UnknownError
        if directive == "replace" or not isinstance(below, Table):
            return self._new(above.without(_DIRECTIVE))
        return self._table(below, above.without(_DIRECTIVE))

    def _leaf(self, below: Value | None, above: Leaf) -> Value | None:
        if above.is_null:
            self.removed.append(above.place)
            return None
        if isinstance(below, Leaf) and _is_same(below, above):
            return below
        self.changed.append(above.place)
        return above

    def _table(self, below: Table, above: Table) -> Table:
        members = dict(below.members)
        for name, (key, value) in above.members.items():
            if name.startswith(_UNREAD):
                raise UnknownError
            known = members.get(name)
            found = self.value(known.value if known is not None else None, value, name)
            if found is None:
                members.pop(name, None)
            elif known is None or found is not known.value:
                members[name] = Member(known.key if known is not None else key, found)
        return below if members == below.members else Table(below.place, members)

    def _new(self, above: Value) -> Value:
        self.changed.append(above.place)
        return _clean(above)

    def _list(self, below: Value | None, above: Row, name: str) -> Value:
        keys = _keys(name, above) if self._by_key else ()
        replaces = any(isinstance(one, Table) and one.text(_DIRECTIVE) == "replace" for one in above.items)
        if not isinstance(below, Row) or not keys or replaces:
            return self._new(above)
        items = list(below.items)
        added: list[Value] = []
        for item in above.items:
            at = next((n for n, one in enumerate(items) if _matches(one, item, keys)), None)
            found = self.value(items[at] if at is not None else None, item)
            if at is None:
                added += [found] if found is not None else []
            elif found is None:
                del items[at]
            else:
                items[at] = found
        merged = (*added, *items)
        return below if merged == below.items else Row(below.place, merged)


def _is_same(below: Leaf, above: Leaf) -> bool:
    return below.text == above.text and (below.scalar.plain == above.scalar.plain or below.said is not None)


def _clean(value: Value) -> Value:
    """Return what a patch adds, without the nulls and directives in it."""
    if isinstance(value, Table):
        kept = {
            name: Member(one.key, _clean(one.value))
            for name, one in value.members.items()
            if not (isinstance(one.value, Leaf) and one.value.is_null) and name != _DIRECTIVE
        }
        return Table(value.place, kept)
    if isinstance(value, Row):
        items = (one for one in value.items if not _is_directive(one))
        return Row(value.place, tuple(_clean(one) for one in items))
    return value


def _is_directive(item: Value) -> bool:
    return isinstance(item, Table) and item.text(_DIRECTIVE) in ("delete", "replace")


def _keys(name: str, above: Row) -> tuple[str, ...]:
    """Return by which keys the items of a list are told apart; none where it is replaced."""
    if not all(isinstance(one, Table) for one in above.items):
        return ()
    if name != "ports":
        return _KEYS.get(name, ())
    first = next((one for one in above.items if isinstance(one, Table)), None)
    key = next((one for one in _PORT_KEYS if first is not None and one in first.members), None)
    return (key, "protocol") if key is not None else ()


def _matches(item: Value, other: Value, keys: tuple[str, ...]) -> bool:
    if not isinstance(item, Table) or not isinstance(other, Table):
        return False
    first, *rest = keys
    if item.text(first) is None or item.text(first) != other.text(first):
        return False
    # Without a protocol either side means the usual one.
    return all(None in (item.text(key), other.text(key)) or item.text(key) == other.text(key) for key in rest)
