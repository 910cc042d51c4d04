"""Who may call an interface, at two revisions."""

from typing import Final

from rollsafe.artefacts.contracts.changes.comparison import PEER, Comparison
from rollsafe.artefacts.contracts.changes.documents import METHODS, At, Revision
from rollsafe.artefacts.contracts.changes.model import Hazard
from rollsafe.artefacts.contracts.changes.values import listed, shown, text_of, value_of

_Needs = dict[str, frozenset[str]]
_FIELDS: Final = (
    ("type", "type-changed"), ("name", "api-key-name-changed"), ("in", "api-key-in-changed"),
    ("scheme", "http-scheme-changed"), ("openIdConnectUrl", "openid-connect-url-changed"),
)  # fmt: skip
_URLS: Final = (
    ("authorizationUrl", "oauth-url-changed"), ("tokenUrl", "oauth-token-url-changed"),
    ("refreshUrl", "oauth-refresh-url-changed"),
)  # fmt: skip


def compare_security(comparison: Comparison) -> None:
    """Tell schemes that are other ones, and what became of the requirement that holds for all."""
    before, after = comparison.before, comparison.after
    _compare_schemes(comparison, _schemes(before), _schemes(after))
    old, new = before.root.get("security"), after.root.get("security")
    if (old is not None or new is not None) and _is_inherited(after):
        comparison.operation = ""
        _compare(comparison, "the interface", (old, new), new or after.root, "api-global-security", old)


def _is_inherited(revision: Revision) -> bool:
    """Say whether what holds for all is asked of any operation, rather than a requirement of its own."""
    paths = revision.pairs(revision.get(revision.root, "paths"))
    own = (call.get("security") for _, item in paths for name, call in item.pairs() if name in METHODS)
    return any(one is None for one in own)


def compare_operation_security(comparison: Comparison, was: At, now: At) -> None:
    """Tell who may call an operation that could not, and the other way round."""
    own, other = was.get("security"), now.get("security")
    if own is None and other is None:
        return
    pair = own or comparison.before.root.get("security"), other or comparison.after.root.get("security")
    _compare(comparison, comparison.operation, pair, other or now, "api-security", own)


def _alternatives(at: At | None) -> list[_Needs]:
    """Return the ways to be let in; one that needs nothing where nothing is asked for."""
    items = list(at.items()) if at is not None else []
    return [{name: _scopes(one) for name, one in item.pairs()} for item in items] or [{}]


def _scopes(at: At) -> frozenset[str]:
    return frozenset(text for item in at.items() if (text := text_of(item.node)) is not None)


def _compare(
    comparison: Comparison,
    what: str,
    pair: tuple[At | None, At | None],
    place: At,
    kind: str,
    own: At | None = None,
) -> None:
    then, since = _renamed(comparison, _alternatives(pair[0])), _alternatives(pair[1])
    old = pair[0]
    was_open, is_open = {} in then, {} in since
    if is_open and not was_open:
        names = listed([shown(" and ".join(one)) for one in then])
        peers = (f"{PEER}{kind}-removed", f"{PEER}api-security-anonymous-access-added")
        message = f"{what} asks nobody for {names} any more"
        mend = (place, own) if place.key == "security" else None
        comparison.tell(Hazard.LOOSENED_SECURITY, message, place, old, peers, mend=mend)
    elif was_open and not is_open:
        names = listed([shown(" and ".join(one)) for one in since])
        removed = (f"{PEER}{kind}-added", f"{PEER}api-security-anonymous-access-removed")
        message = f"{what} asks for {names}, and asked for nothing before"
        comparison.tell(Hazard.TIGHTENED_SECURITY, message, place, old, removed)
    elif not is_open:
        _compare_ways(comparison, what, (then, since), (place, old), kind)


def _renamed(comparison: Comparison, ways: list[_Needs]) -> list[_Needs]:
    """Return ways to be let in with the names that schemes have now which say what those of old said."""
    then, since = _schemes(comparison.before), _schemes(comparison.after)
    gone = {name for way in ways for name in way} & then.keys() - since.keys()
    if not gone:
        return ways
    known = {value_of(one.node): name for name, one in since.items() if name not in then}
    names = {name: known.get(value_of(then[name].node), name) for name in gone}
    return [{names.get(name, name): scopes for name, scopes in way.items()} for way in ways]


def _compare_ways(
    comparison: Comparison,
    what: str,
    ways: tuple[list[_Needs], list[_Needs]],
    place: tuple[At, At | None],
    kind: str,
) -> None:
    then, since = ways
    for one in then:
        other = next((way for way in since if way.keys() == one.keys()), None)
        if other is None:
            message = f"{what} lets nobody in with {shown(' and '.join(one))} any more"
            peers = (f"{PEER}{kind}-removed",)
            comparison.tell(Hazard.TIGHTENED_SECURITY, message, *place, peers)
            continue
        for scheme, scopes in one.items():
            _compare_scopes(comparison, (what, scheme), (scopes, other[scheme]), place, kind)


def _compare_scopes(
    comparison: Comparison,
    names: tuple[str, str],
    scopes: tuple[frozenset[str], frozenset[str]],
    place: tuple[At, At | None],
    kind: str,
) -> None:
    what, scheme = names
    added, gone = sorted(scopes[1] - scopes[0]), sorted(scopes[0] - scopes[1])
    if added:
        message = f"{what} asks `{scheme}` for {listed([shown(one) for one in added])} as well"
        comparison.tell(Hazard.TIGHTENED_SECURITY, message, *place, (f"{PEER}{kind}-scope-added",))
    if gone:
        message = f"{what} asks `{scheme}` for {listed([shown(one) for one in gone])} no longer"
        comparison.tell(Hazard.LOOSENED_SECURITY, message, *place, (f"{PEER}{kind}-scope-removed",))


def _schemes(revision: Revision) -> dict[str, At]:
    held = revision.get(revision.root, "components")
    found = held.get("securitySchemes") if held is not None else revision.root.get("securityDefinitions")
    return dict(revision.pairs(found))


def _compare_schemes(comparison: Comparison, then: dict[str, At], since: dict[str, At]) -> None:
    for name, one in then.items():
        other = since.get(name)
        if other is None:
            continue
        for key, peer in _FIELDS:
            _compare_field(comparison, f"the scheme `{name}`", (one, other), key, peer)
        flows, others = one.get("flows"), other.get("flows")
        for flow, held in flows.pairs() if flows is not None else ():
            new = others.get(flow) if others is not None else None
            for key, peer in _URLS if new is not None else ():
                what = f"flow `{flow}` of the scheme `{name}`"
                _compare_field(comparison, what, (held, new or other), key, peer)


def _compare_field(comparison: Comparison, what: str, pair: tuple[At, At], key: str, peer: str) -> None:
    then, since = pair[0].text(key), pair[1].text(key)
    if key == "scheme":
        then, since = then.lower(), since.lower()
    if then == since:
        return
    message = f"{what} has the `{key}` {shown(since or 'none')} instead of {shown(then or 'none')}"
    peers = (f"{PEER}api-security-component-{peer}",)
    is_sure = not peer.endswith("url-changed")
    there = pair[1].get(key) or pair[1]
    comparison.tell(Hazard.TIGHTENED_SECURITY, message, there, pair[0].get(key), peers, is_sure=is_sure)
